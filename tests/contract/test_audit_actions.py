"""Every deed that administers, moderates, or lets somebody in leaves a row in the audit log."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pyotp
import pytest
from support.contract import client
from support.letters import code_for
from support.people import PASSWORD, Person
from support.rows import read_rows
from support.server import Salon
from support.transcripts import say

from salon.platform.audit import AuditEntry, record
from salon.platform.db import Database

NEW = "Another@Pass9"
AUTH, ADMIN, MEETINGS = "/api/v1/auth", "/api/v1/admin", "/api/v1/meetings"
ONE = f"{MEETINGS}/{{meeting_id}}"
TRANSCRIPT = "/api/v1/ai/transcripts/{meeting_id}"
PERSON = f"{ONE}/participants/{{user_id}}"

AUDITED: dict[str, str] = {
    f"POST {AUTH}/register": "user.registered",
    f"POST {AUTH}/login": "user.signed_in",
    f"POST {AUTH}/logout": "user.signed_out",
    f"POST {AUTH}/forgot-password": "user.reset_requested",
    f"POST {AUTH}/reset-password": "user.password_reset",
    f"POST {AUTH}/setup": "user.made_admin",
    f"POST {AUTH}/guest": "guest.entered",
    f"POST {AUTH}/totp/enable": "user.second_factor_enabled",
    f"POST {AUTH}/totp/recovery-codes": "user.recovery_codes_renewed",
    f"POST {AUTH}/totp/disable": "user.second_factor_disabled",
    "POST /api/v1/users/change-password": "user.password_changed",
    "PUT /api/v1/users/password": "user.password_changed",
    "DELETE /api/v1/users/account": "user.deleted",
    f"PUT {ADMIN}/users/{{user_id}}": "user.updated",
    f"DELETE {ADMIN}/users/{{user_id}}": "user.deleted",
    f"POST {ADMIN}/users/{{user_id}}/ban": "user.banned",
    f"POST {ADMIN}/users/{{user_id}}/unban": "user.unbanned",
    f"POST {ADMIN}/meetings/{{meeting_id}}/force-end": "meeting.force_ended",
    "POST /admin/cleanup/sessions": "sessions.cleaned_up",
    f"POST {MEETINGS}": "meeting.created",
    f"PUT {ONE}": "meeting.changed",
    f"DELETE {ONE}": "meeting.deleted",
    f"POST {ONE}/start": "meeting.started",
    f"POST {ONE}/end": "meeting.ended",
    f"POST {ONE}/lock": "meeting.locked",
    f"POST {ONE}/participants": "participant.invited",
    f"DELETE {PERSON}": "participant.removed",
    f"PUT {PERSON}/role": "participant.role_changed",
    f"POST {PERSON}/mute": "participant.muted",
    f"POST {PERSON}/unmute": "participant.unmuted",
    f"POST {ONE}/mute-all": "participant.muted_all",
    f"POST {ONE}/unmute-all": "participant.unmuted_all",
    f"POST {ONE}/lobby/admit": "participant.admitted",
    f"POST {ONE}/lobby/deny": "participant.denied",
    f"POST {ONE}/lobby/message": "lobby.messaged",
    f"POST {ONE}/room": "room.opened",
    f"DELETE {ONE}/room": "room.closed",
    f"POST {ONE}/invites": "invite.created",
    f"DELETE {ONE}/invites/{{invite_id}}": "invite.revoked",
    "POST /api/v1/invites/{token}/accept": "invite.accepted",
    f"POST {ONE}/invitations": "invitation.mailed",
    "POST /api/v1/ai/captions/{meeting_id}": "captions.switched_on",
    f"POST {ONE}/recording/start": "recording.started",
    f"POST {ONE}/recording/stop": "recording.stopped",
    f"DELETE {TRANSCRIPT}": "transcript.deleted",
    "PUT /api/v1/ai/consent": "consent.withdrawn",
}
"""What each endpoint that writes leaves behind."""

UNAUDITED: dict[str, str] = {
    f"POST {AUTH}/refresh": "goes on with a sign-in that is in the log",
    f"POST {AUTH}/session": "hands out the token of a sign-in that is in the log",
    f"POST {AUTH}/totp/setup": "nothing counts before `enable`",
    f"POST {AUTH}/oidc/link": "only sends the browser to the provider; coming back is in the log",
    f"DELETE {AUTH}/oidc/link": "in the log; needs a provider: test_oidc.py",
    "PUT /api/v1/users/profile": "how somebody shows themselves",
    "POST /api/v1/users/upload-avatar": "how somebody shows themselves",
    "DELETE /api/v1/users/avatar": "how somebody shows themselves",
    f"POST {ONE}/join": "taking part is no moderation; the table of participants keeps it",
    f"POST {ONE}/leave": "taking part is no moderation",
    f"POST {ONE}/knock": "asking is no deciding",
    f"DELETE {ONE}/knock": "asking is no deciding",
    f"POST {ONE}/messages": "the chat is its own record",
    "POST /api/v1/media/upload": "one's own file; the table of files keeps it",
    "POST /api/v1/media/process": "one's own file",
    "DELETE /api/v1/media/{file_id}": "nothing of a removed file is to be left",
    "POST /api/v1/ffmpeg/thumbnail": "one's own file",
    "POST /api/v1/media/tus": "begins an upload",
    "PATCH /api/v1/media/tus/{upload_id}": "goes on with an upload",
    "DELETE /api/v1/media/tus/{upload_id}": "gives an unfinished upload up",
}
"""The others, and why."""


def test_every_endpoint_that_writes_is_accounted_for() -> None:
    writes = {f"{method} {path}" for method, path in read_rows() if method != "GET"}
    assert writes == AUDITED.keys() | UNAUDITED.keys()
    assert not AUDITED.keys() & UNAUDITED.keys()


@pytest.fixture
async def own(make_salon: Callable[..., Salon]) -> Salon:
    return make_salon()


class Life:
    """Does things, and looks each time whether the log tells of it."""

    def __init__(self, own: Salon) -> None:
        self.own = own
        self.done: set[str] = set()
        self.admin: Person | None = None

    async def newest(self) -> list[dict[str, Any]]:
        assert self.admin is not None
        answer = await self.admin.request("GET", f"{ADMIN}/audit", params={"page_size": 5})
        found: list[dict[str, Any]] = answer.json()["data"]["list"]
        return found

    async def act(
        self, person: Person, endpoint: str, json: Any = None, *, by: int | None = None, **fill: int | str
    ) -> Any:
        """One request; its answer's data."""
        method, template = endpoint.split(" ")
        path = re.sub(r"\{(\w+)\}", lambda found: str(fill[found[1]]), template)
        answer = await person.request(method, path, json=json)
        assert answer.is_success, f"{endpoint}: {answer.text}"
        data = answer.json().get("data")
        if endpoint.endswith("/login"):
            person.token = data["token"]
        entry = next((one for one in await self.newest() if one["action"] == AUDITED[endpoint]), None)
        assert entry is not None, f"{endpoint} left nothing in the log"
        assert entry["outcome"] == "ok"
        assert entry["address"] == "127.0.0.1"
        if by is not None:
            assert entry["actor_id"] == by
        self.done.add(endpoint)
        return data


@pytest.fixture
async def life(own: Salon) -> AsyncIterator[Life]:
    life = Life(own)
    assert own.app is not None
    key = await own.inside(own.app.state.user.first_admin.offer())
    http = client(own.url)
    body = {"key": key, "username": "root_1", "email": "root@example.org", "password": PASSWORD}
    data = (await http.post(f"{AUTH}/setup", json=body)).json()["data"]
    http.cookies.clear()
    life.admin = Person(own.url, http, "root_1", data["user"]["id"], data["token"])
    actions = [one["action"] for one in await life.newest()]
    assert actions == ["user.made_admin", "user.registered"]
    life.done.add(f"POST {AUTH}/setup")
    yield life
    await life.admin.close()


async def test_each_leaves_its_row(life: Life, own: Salon) -> None:
    assert life.admin is not None
    ben, cat = await Person.register(own.url, "ben"), await Person.register(own.url, "cat")
    body = {"username": "dora_1", "email": "dora@example.org", "password": PASSWORD}
    await life.act(cat, f"POST {AUTH}/register", body)
    await _accounts(life, ben)
    await _meetings(life, ben, cat)
    await _administration(life, ben, cat)
    assert life.done == AUDITED.keys()
    verdict = (await life.admin.request("GET", f"{ADMIN}/audit/verify")).json()["data"]
    assert verdict["whole"] is True
    for person in (ben, cat):
        await person.close()


async def _accounts(life: Life, ben: Person) -> None:
    sign_in = {"username": ben.name, "password": PASSWORD}
    await life.act(ben, f"POST {AUTH}/logout", by=ben.user_id)
    await life.act(ben, f"POST {AUTH}/login", sign_in, by=ben.user_id)
    made = (await ben.request("POST", f"{AUTH}/totp/setup", {"password": PASSWORD})).json()["data"]
    totp = pyotp.TOTP(made["secret"])
    now = datetime.now(UTC)
    first = {"code": totp.at(now - timedelta(seconds=30))}
    codes = (await life.act(ben, f"POST {AUTH}/totp/enable", first, by=ben.user_id))["recovery_codes"]
    proof = {"password": PASSWORD, "code": codes[0]}
    codes = (await life.act(ben, f"POST {AUTH}/totp/recovery-codes", proof))["recovery_codes"]
    await life.act(ben, f"POST {AUTH}/totp/disable", {"password": PASSWORD, "code": codes[0]})
    change = {"old_password": PASSWORD, "new_password": NEW}
    await life.act(ben, "POST /api/v1/users/change-password", change, by=ben.user_id)
    await life.act(ben, f"POST {AUTH}/login", sign_in | {"password": NEW})
    back = {"old_password": NEW, "new_password": PASSWORD}
    await life.act(ben, "PUT /api/v1/users/password", back)
    address = f"{ben.name}@example.org"
    code = await code_for(life.own, ben.http, ben)
    assert (await life.newest())[0]["action"] == "user.reset_requested"
    life.done.add(f"POST {AUTH}/forgot-password")
    reset = {"email": address, "code": code, "password": PASSWORD}
    wrong = await ben.request("POST", f"{AUTH}/reset-password", reset | {"code": "AAAA-AAAA"})
    assert wrong.status_code == 400
    failed = (await life.newest())[0]
    assert (failed["action"], failed["outcome"]) == ("user.password_reset", "failed")
    await life.act(ben, f"POST {AUTH}/reset-password", reset)
    refused = await ben.request("POST", f"{AUTH}/login", sign_in | {"password": "Wrong@Pass1"})
    assert refused.status_code == 401
    failed = (await life.newest())[0]
    assert (failed["action"], failed["outcome"], failed["actor_name"]) == (
        "user.sign_in_failed",
        "failed",
        ben.name,
    )
    await life.act(ben, f"POST {AUTH}/login", sign_in)


async def _meetings(life: Life, ben: Person, cat: Person) -> None:
    plan = {"title": "x", "start_time": datetime.now(UTC).isoformat()}
    rules = {"require_approval": True, "allow_guests": True}
    plan["settings"] = rules  # type: ignore[assignment]
    meeting = (await life.act(ben, f"POST {MEETINGS}", plan, by=ben.user_id))["id"]
    one = {"meeting_id": meeting, "by": ben.user_id}
    await life.act(ben, f"PUT {ONE}", {"title": "y"}, **one)
    await life.act(ben, f"POST {ONE}/start", **one)
    for decision in ("deny", "admit"):
        await cat.request("POST", f"{MEETINGS}/{meeting}/knock")
        await life.act(ben, f"POST {ONE}/lobby/message", {"content": "soon"}, **one)
        await life.act(ben, f"POST {ONE}/lobby/{decision}", {"user_ids": [cat.user_id]}, **one)
    await cat.join(meeting)
    await life.act(ben, f"POST {ONE}/lock", {"locked": True}, **one)
    await ben.request("POST", f"{MEETINGS}/{meeting}/lock", json={"locked": False})
    assert (await life.newest())[0]["action"] == "meeting.unlocked"
    for verb in ("mute", "unmute"):
        await life.act(ben, f"POST {PERSON}/{verb}", user_id=cat.user_id, **one)
        await life.act(ben, f"POST {ONE}/{verb}-all", **one)
    await life.act(ben, f"PUT {PERSON}/role", {"role": 3}, user_id=cat.user_id, **one)
    await life.act(ben, f"DELETE {PERSON}", user_id=cat.user_id, **one)
    await life.act(ben, f"POST {ONE}/participants", {"user_id": cat.user_id}, **one)
    invite = await life.act(ben, f"POST {ONE}/invites", {"guests": True}, **one)
    await life.act(cat, "POST /api/v1/invites/{token}/accept", token=invite["token"], by=cat.user_id)
    await life.act(cat, f"POST {AUTH}/guest", {"invite": invite["token"], "nickname": "Gast"})
    await life.act(ben, f"DELETE {ONE}/invites/{{invite_id}}", invite_id=invite["id"], **one)
    await life.act(ben, f"POST {ONE}/invitations", {"emails": ["far@example.org"]}, **one)
    for verb in ("start", "stop"):
        await life.act(ben, f"POST {ONE}/recording/{verb}", **one)
    await life.act(ben, "POST /api/v1/ai/captions/{meeting_id}", {"enabled": True}, **one)
    await say(life.own, meeting, ["Hello, everybody."])
    await life.act(ben, f"DELETE {TRANSCRIPT}", **one)
    await life.act(ben, "PUT /api/v1/ai/consent", {"mood_from_voice": False}, by=ben.user_id)
    await life.act(ben, f"DELETE {ONE}/room", **one)
    await life.act(ben, f"POST {ONE}/room", **one)
    await life.act(ben, f"POST {ONE}/end", **one)
    await life.act(ben, f"DELETE {ONE}", **one)
    series = await ben.create_meeting(recurrence="FREQ=DAILY;COUNT=2")
    for method, action in (("PUT", "series.changed"), ("DELETE", "series.deleted")):
        await ben.request(method, f"{MEETINGS}/{series}?scope=all", json={"title": "z"})
        assert (await life.newest())[0]["action"] == action


async def _administration(life: Life, ben: Person, cat: Person) -> None:
    admin = life.admin
    assert admin is not None
    meeting = await ben.create_meeting()
    await life.act(
        admin, f"POST {ADMIN}/meetings/{{meeting_id}}/force-end", meeting_id=meeting, by=admin.user_id
    )
    await life.act(admin, "POST /admin/cleanup/sessions", by=admin.user_id)
    user = {"user_id": cat.user_id, "by": admin.user_id}
    await life.act(admin, f"PUT {ADMIN}/users/{{user_id}}", {"nickname": "n"}, **user)
    await life.act(admin, f"POST {ADMIN}/users/{{user_id}}/ban", **user)
    await life.act(admin, f"POST {ADMIN}/users/{{user_id}}/unban", **user)
    await life.act(admin, f"DELETE {ADMIN}/users/{{user_id}}", **user)
    await life.act(ben, "DELETE /api/v1/users/account", by=ben.user_id)


async def test_many_at_once_from_several_processes_make_one_chain(life: Life, own: Salon) -> None:
    admin = life.admin
    assert admin is not None
    before = (await admin.request("GET", f"{ADMIN}/audit/verify")).json()["data"]["rows"]
    # Two databases of the same address are what two processes have.
    others = [Database(own.settings.resolved_database_url) for _ in range(2)]

    async def append(number: int) -> None:
        entry = AuditEntry(action="test.appended", actor_id=None, actor_name=str(number))
        async with others[number % 2].begin() as tx:
            await record(tx, entry, now=datetime.now(UTC))

    async def create() -> None:
        await admin.create_meeting()

    work: list[Awaitable[None]] = [append(number) for number in range(30)]
    await asyncio.gather(*work, *(create() for _ in range(10)))
    for other in others:
        await other.close()
    verdict = (await admin.request("GET", f"{ADMIN}/audit/verify")).json()["data"]
    assert (verdict["whole"], verdict["fault"], verdict["rows"]) == (True, "", before + 40)


async def test_what_does_not_happen_leaves_nothing(life: Life, own: Salon) -> None:
    admin = life.admin
    assert admin is not None
    before = (await life.newest())[0]["id"]
    ben = await Person.register(own.url, "ben")
    mark = (await life.newest())[0]["id"]
    assert mark > before
    meeting = await admin.create_meeting()
    refused = await ben.request("POST", f"{MEETINGS}/{meeting}/end")
    assert refused.status_code == 403
    assert [one["action"] for one in await life.newest() if one["id"] > mark] == ["meeting.created"]
    await ben.close()
