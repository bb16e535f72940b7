"""Rows that need a set-up of their own: rates, full lobbies, providers that are not there, odd queries."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from support.clips import clip
from support.contract import client
from support.people import PASSWORD, Person
from support.server import Salon

from salon.platform.db import Database

Register = Callable[[str], Awaitable[Person]]
WRONG = "Wrong@Pass1"


async def wear_out(
    ask: Callable[[], Awaitable[httpx.Response]], *, least: int, most: int, first: int
) -> httpx.Response:
    """Ask until it is refused: not before `least`, not after `most`; all before are answered `first`."""
    for number in range(most + 1):
        answer = await ask()
        if answer.status_code == 429:
            assert number >= least
            assert int(answer.headers["retry-after"]) > 0
            assert answer.headers["x-ratelimit-remaining"] == "0"
            return answer
        assert answer.status_code == first, answer.text
    raise AssertionError("it was never refused")


@pytest.mark.timeout(300)
async def test_what_is_counted_is_refused_at_its_limit(make_salon: Callable[..., Salon]) -> None:
    own = make_salon(rate_limit="on")
    ben = await Person.register(own.url, "ben")
    meetings, auth = "/api/v1/meetings", "/api/v1/auth"

    def post(path: str, body: Any) -> Callable[[], Awaitable[httpx.Response]]:
        return lambda: ben.request("POST", path, body)

    taken = {"username": ben.name, "email": "other@example.org", "password": PASSWORD}
    await wear_out(post(f"{auth}/register", taken), least=50, most=60, first=400)
    past = {"title": "x", "start_time": "2001-01-01T00:00:00Z"}
    await wear_out(post(meetings, past), least=100, most=120, first=400)
    many = {"emails": [f"a{number}@example.org" for number in range(50)]}
    await wear_out(post(f"{meetings}/2147483647/invitations", many), least=3, most=5, first=404)
    guest = {"invite": "x", "nickname": "Gast"}
    await wear_out(post(f"{auth}/guest", guest), least=90, most=100, first=404)
    await wear_out(lambda: ben.http.get("/api/v1/invites/x"), least=90, most=100, first=404)
    empty = {"avatar": ("a.png", b"", "image/png")}
    await wear_out(
        lambda: ben.request("POST", "/api/v1/users/upload-avatar", files=empty), least=25, most=30, first=400
    )
    reset = {"email": "a@example.org", "code": "x", "password": PASSWORD}
    await wear_out(post(f"{auth}/reset-password", reset), least=8, most=10, first=400)
    await wear_out(post(f"{auth}/totp/setup", {"password": WRONG}), least=12, most=15, first=400)
    proof = {"password": WRONG, "code": "123456"}
    for path in ("enable", "disable", "recovery-codes"):
        assert (await ben.request("POST", f"{auth}/totp/{path}", proof)).status_code == 429
    change = {"old_password": WRONG, "new_password": "Other@Pass123"}
    await wear_out(post("/api/v1/users/change-password", change), least=25, most=30, first=400)
    assert (await ben.request("PUT", "/api/v1/users/password", change)).status_code == 429
    await ben.close()


@pytest.mark.timeout(300)
async def test_files_are_counted_whichever_way_they_come(make_salon: Callable[..., Salon]) -> None:
    own = make_salon(rate_limit="on")
    ben = await Person.register(own.url, "ben")
    film = {"file": ("a.mp4", clip("mp4"), "video/mp4")}
    kept = await ben.request("POST", "/api/v1/media/upload", files=film)
    strange = b64encode(b"999999999").decode()
    tus = {"Tus-Resumable": "1.0.0", "Upload-Length": "9", "Upload-Metadata": f"meeting_id {strange}"}
    await wear_out(
        lambda: ben.request("POST", "/api/v1/media/tus", headers=tus), least=290, most=330, first=404
    )
    work = {"file_id": kept.json()["media_file"]["file_id"], "operation": "extract_audio"}
    for path in ("media/process", "ffmpeg/thumbnail", "media/tus"):
        answer = await ben.request("POST", f"/api/v1/{path}", json=work, headers=tus)
        assert answer.status_code == 429, path
    assert (await ben.request("POST", "/api/v1/media/upload", files=film)).status_code == 429
    await ben.close()


async def test_a_lobby_has_an_end(make_salon: Callable[..., Salon]) -> None:
    own = make_salon()
    host, ben = await Person.register(own.url, "host"), await Person.register(own.url, "ben")
    meeting = await host.create_meeting(settings={"require_approval": True})
    db = Database(own.settings.resolved_database_url)
    async with db.begin() as tx:
        for number in range(200):
            await tx.execute(
                text(
                    "INSERT INTO meeting_knocks (meeting_id, user_id, state, asked_at) "
                    "VALUES (:meeting, :person, 'waiting', :now)"
                ),
                {"meeting": meeting, "person": 1_000_000 + number, "now": datetime.now(UTC)},
            )
    await db.close()
    refused = await ben.request("POST", f"/api/v1/meetings/{meeting}/knock")
    assert (refused.status_code, "Too many people" in refused.json()["message"]) == (409, True)
    for person in (host, ben):
        await person.close()


async def test_without_a_provider_there_is_nothing_to_connect(register: Register) -> None:
    ben = await register("ben")
    link = "/api/v1/auth/oidc/link"
    assert (await ben.request("GET", link)).json()["data"]["linked"] is False
    for method in ("POST", "DELETE"):
        assert (await ben.request(method, link)).status_code == 404


async def test_odd_queries_are_400(salon: Salon) -> None:
    admin = await Person.register_admin(salon, "admin")
    long = "x" * 600
    for path in (
        "/api/v1/admin/users?keyword=%00",
        "/api/v1/admin/meetings?status=9",
        "/admin/sessions?meeting_id=x",
        f"/api/v1/auth/oidc/login?return_to=/{long}",
        f"/api/v1/auth/oidc/callback?state={long}",
        "/api/v1/invites/no.such.link",
        "/api/v1/sessions/no%00session",
        "/api/v1/admin/audit/export?format=xml",
    ):
        assert (await admin.request("GET", path)).status_code == 400, path
    assert (await admin.request("POST", "/api/v1/invites/no.such.link/accept")).status_code == 400
    await admin.close()


async def test_the_cookies_token_is_for_ones_own_page(salon: Salon, register: Register) -> None:
    ben = await register("ben")
    path = "/api/v1/auth/session"
    async with client(salon.url, cookies={"access_token": ben.token}) as http:
        assert (await http.post(path)).json()["data"]["token"] == ben.token
        assert (await http.post(path, headers={"origin": "https://elsewhere.example"})).status_code == 403
    assert (await ben.http.post(path)).status_code == 401
