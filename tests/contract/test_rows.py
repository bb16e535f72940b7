"""The table of rows: it is complete, and what every row has in common holds for each of them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from support.contract import client
from support.people import PASSWORD, Person
from support.rows import CONTRACT, read_rows
from support.server import Salon

from salon.signaling.service import CLOSED, OVER, REMOVED, SIGNED_OUT
from salon.signaling.wire import MessageType

Register = Callable[[str], Awaitable[Person]]

UNKNOWN = "2147483647"
TOO_MUCH = b"x" * (1024 * 1024 + 1)
FOREIGN = {"origin": "https://elsewhere.example"}

ROWS = read_rows()
BY_SIGN_IN = {("POST", "/api/v1/auth/login"), ("POST", "/api/v1/auth/refresh")}
"""Their 401 is about what the body says, and stands in their own tests."""

BODIES: dict[str, dict[str, Any]] = {
    "/api/v1/auth/register": {"username": "somebody", "email": "some@example.org", "password": PASSWORD},
    "/api/v1/auth/login": {"username": "somebody", "password": PASSWORD},
    "/api/v1/auth/refresh": {"token": "x"},
    "/api/v1/auth/forgot-password": {"email": "some@example.org"},
    "/api/v1/auth/reset-password": {"email": "some@example.org", "code": "x", "password": PASSWORD},
    "/api/v1/auth/setup": {"key": "x", "username": "some", "email": "s@example.org", "password": PASSWORD},
    "/api/v1/auth/guest": {"invite": "x", "nickname": "Gast"},
    "/api/v1/auth/totp/setup": {"password": PASSWORD},
    "/api/v1/auth/totp/enable": {"code": "123456"},
    "/api/v1/auth/totp/disable": {"password": PASSWORD, "code": "123456"},
    "/api/v1/auth/totp/recovery-codes": {"password": PASSWORD, "code": "123456"},
    "/api/v1/users/change-password": {"old_password": PASSWORD, "new_password": "Other@Pass123"},
    "/api/v1/users/password": {"old_password": PASSWORD, "new_password": "Other@Pass123"},
    "/api/v1/meetings": {"title": "x", "start_time": "2200-01-01T00:00:00Z"},
    "lock": {"locked": True},
    "participants": {"user_ids": [1]},
    "role": {"role": 1},
    "deny": {"user_ids": [1]},
    "message": {"content": "x"},
    "messages": {"content": "x"},
    "invitations": {"emails": ["some@example.org"]},
    "process": {"file_id": "none", "operation": "transcode"},
    "thumbnail": {"file_id": "none"},
    "/api/v1/ai/captions/{meeting_id}": {"enabled": True},
    "consent": {"mood_from_voice": False},
}


def body_of(path: str) -> dict[str, Any]:
    return BODIES.get(path) or BODIES.get(path.rpartition("/")[2]) or {}


def rows_with(status: int) -> list[tuple[str, str]]:
    return [row for row, statuses in ROWS.items() if status in statuses]


@dataclass
class World:
    """A meeting, its host, one of its members, an outsider, a guest of another meeting, an administrator."""

    host: Person
    member: Person
    outsider: Person
    guest: Person
    admin: Person
    meeting: int
    token: str

    def path(self, template: str, **other: str) -> str:
        known = {
            "meeting_id": str(self.meeting),
            "user_id": str(self.member.user_id),
            "invite_id": "1",
            "token": self.token,
            "session_id": "none",
            "file_id": "none",
            "job_id": "none",
            "upload_id": "none",
            "stream_id": "none",
        }
        return re.sub(r"\{(\w+)\}", lambda found: (known | other)[found[1]], template)


@pytest.fixture
async def world(salon: Salon, register: Register) -> AsyncIterator[World]:
    host, member, outsider = [await register(name) for name in ("host", "member", "outsider")]
    admin = await Person.register_admin(salon, "admin")
    settings = {"allow_guests": True}
    meeting, other = [await host.create_meeting(settings=settings) for _ in range(2)]
    await member.join(meeting)
    tokens = []
    for number in (meeting, other):
        made = await host.request("POST", f"/api/v1/meetings/{number}/invites", json={"guests": True})
        tokens.append(made.json()["data"]["token"])
    http = client(salon.url)
    entered = await http.post("/api/v1/auth/guest", json={"invite": tokens[1], "nickname": "Gast"})
    http.cookies.clear()
    data = entered.json()["data"]
    guest = Person(salon.url, http, "guest", data["user"]["id"], data["token"])
    yield World(host, member, outsider, guest, admin, meeting, tokens[0])
    await admin.close()
    await guest.close()


async def send(
    person: Person, method: str, path: str, *, token: str = "", cookie: str = "", **kwargs: Any
) -> httpx.Response:
    """A request as that client sends it: with this token, this cookie, or neither."""
    headers: dict[str, str] = kwargs.pop("headers", {})
    if token:
        headers = headers | {"authorization": f"Bearer {token}"}
    if cookie:
        headers = headers | {"cookie": f"access_token={cookie}"}
    answer = await person.http.request(method, path, headers=headers, **kwargs)
    person.http.cookies.clear()
    return answer


def test_the_table_holds_everything_that_is_promised(salon: Salon) -> None:
    document = httpx.get(f"{salon.url}/openapi.json", timeout=60).json()
    table = tomllib.loads((CONTRACT / "rows.toml").read_text(encoding="utf-8"))
    exempt = set(table["exempt"])
    differences = []
    for (method, path), statuses in ROWS.items():
        operation = document["paths"].get(path, {}).get(method.lower())
        promised = set() if operation is None else {*operation["responses"]} - exempt
        asked = {str(status) for status in statuses} - exempt
        if promised != asked:
            differences.append(f"{method} {path}: {sorted(promised ^ asked)}")
    elsewhere = re.compile(r"/(health|status|metrics|avatars/.*)$|/(webrtc|media|recording|ffmpeg|ai)/")
    differences += [
        f"{method.upper()} {path}: is not there"
        for path, operations in document["paths"].items()
        for method in operations
        if (method.upper(), path) not in ROWS and not elsewhere.search(path)
    ]
    assert not differences, "the document and rows.toml differ in " + "; ".join(differences)


def test_the_table_has_an_endpoint_for_every_row_of_the_contract() -> None:
    tables = tomllib.loads((CONTRACT / "rows.toml").read_text(encoding="utf-8"))["rows"]
    # 17 and the second spelling of change-password; 27; 7.
    assert [len(tables[name]) for name in ("user", "meeting", "signaling")] == [18, 27, 7]


def test_the_page_about_the_wire_names_every_addition() -> None:
    page = (CONTRACT.parents[1] / "docs" / "wire.md").read_text(encoding="utf-8")
    tables = tomllib.loads((CONTRACT / "rows.toml").read_text(encoding="utf-8"))["rows"]
    added = [line.split()[1] for name in tables if name.endswith("additions") for line in tables[name]]
    tails = {re.sub(r"/\{\w+\}$", "", path).rpartition("/")[2] for path in added}
    assert len(tails) > 20
    assert [tail for tail in sorted(tails) if f"/{tail}" not in page] == []
    kinds = [f"| {int(kind)} | {kind.name} |" for kind in MessageType if kind > 17]
    codes = [f"| {code} |" for code, _ in (REMOVED, OVER, SIGNED_OUT, CLOSED)]
    assert [row for row in (*kinds, *codes) if row not in page] == []


async def _differing(rows: list[tuple[str, str]], want: int, ask: Callable[..., Any]) -> list[str]:
    differing = []
    for method, path in rows:
        answer = await ask(method, path)
        if answer.status_code != want:
            differing.append(f"{method} {path} -> {answer.status_code} {answer.text[:120]}")
    return differing


async def test_nobody_is_401_everywhere(world: World) -> None:
    rows = [row for row in rows_with(401) if row not in BY_SIGN_IN]

    async def ask(method: str, path: str) -> httpx.Response:
        return await send(world.host, method, world.path(path), json=body_of(path))

    assert await _differing(rows, 401, ask) == []


async def test_a_wrong_and_an_expired_token_are_401_everywhere(world: World) -> None:
    rows = [row for row in rows_with(401) if row not in BY_SIGN_IN]

    async def ask(method: str, path: str) -> httpx.Response:
        wrong = world.host.token[:-4] + ("AAAA" if world.host.token[-4:] != "AAAA" else "BBBB")
        return await send(world.host, method, world.path(path), token=wrong, json=body_of(path))

    assert await _differing(rows, 401, ask) == []


async def test_what_is_too_large_is_413_everywhere(world: World) -> None:
    async def ask(method: str, path: str) -> httpx.Response:
        if path.endswith(("/upload", "/tus", "/tus/{upload_id}")):
            # 100 MB are taken here; their own tests have the smaller limits of a server of their own.
            return httpx.Response(413)
        if path.startswith("/api/v1/ai/"):
            content = TOO_MUCH * 35  # sound is taken there
            return await send(world.host, method, world.path(path), token=world.host.token, content=content)
        if path.endswith("avatar"):
            files = {"avatar": ("big.png", TOO_MUCH * 7, "image/png")}
            return await send(world.host, method, path, token=world.host.token, files=files)
        return await send(world.host, method, world.path(path), token=world.host.token, content=TOO_MUCH)

    assert await _differing(rows_with(413), 413, ask) == []


@pytest.mark.parametrize("number", ["x", "-1", "1.5", "4294967296"])
async def test_what_is_no_number_is_400_everywhere(world: World, number: str) -> None:
    for name in ("meeting_id", "user_id", "invite_id"):
        rows = [row for row in rows_with(400) if f"{{{name}}}" in row[1]]

        async def ask(method: str, path: str, name: str = name) -> httpx.Response:
            filled = world.path(path, **{name: number})
            return await send(world.admin, method, filled, token=world.admin.token, json=body_of(path))

        assert rows
        assert await _differing(rows, 400, ask) == []


@pytest.mark.parametrize("content", [b"{", b"[]", b'"text"', b"\xff", b"[" * 5000])
async def test_what_is_no_object_is_400_everywhere(world: World, content: bytes) -> None:
    # What reads no JSON has its own tests.
    rows = [row for row in rows_with(413) if not row[1].endswith(("avatar", "/tus", "/tus/{upload_id}"))]

    async def ask(method: str, path: str) -> httpx.Response:
        person = world.admin if "/admin/" in path else world.host
        return await send(person, method, world.path(path), token=person.token, content=content)

    assert await _differing(rows, 400, ask) == []


async def test_an_unknown_meeting_is_404_everywhere(world: World) -> None:
    rows = [row for row in rows_with(404) if "{meeting_id}" in row[1]]

    async def ask(method: str, path: str) -> httpx.Response:
        filled = world.path(path, meeting_id=UNKNOWN)
        return await send(world.admin, method, filled, token=world.admin.token, json=body_of(path))

    assert await _differing(rows, 404, ask) == []


async def test_an_unknown_user_is_404_for_administrators(world: World) -> None:
    rows = [row for row in rows_with(404) if row[1].startswith("/api/v1/admin/users/")]

    async def ask(method: str, path: str) -> httpx.Response:
        filled = world.path(path, user_id=UNKNOWN)
        return await send(world.admin, method, filled, token=world.admin.token, json={"nickname": "x"})

    assert len(rows) == 5
    assert await _differing(rows, 404, ask) == []


async def test_an_outsider_is_403_in_every_meeting(world: World) -> None:
    rows = [
        row
        for row in rows_with(403)
        # Outsiders may join, knock and leave; the message history has rows of its own; of what was said in a
        # meeting they do not even learn that it exists.
        if "{meeting_id}" in row[1]
        and not row[1].endswith(("/join", "/knock", "/leave"))
        and not row[1].startswith("/api/v1/ai/")
    ]

    async def ask(method: str, path: str) -> httpx.Response:
        filled = world.path(path)
        return await send(world.outsider, method, filled, token=world.outsider.token, json=body_of(path))

    assert len(rows) > 30
    assert await _differing(rows, 403, ask) == []


async def test_administration_is_403_for_everybody_else(world: World) -> None:
    rows = [row for row in rows_with(403) if "/admin/" in row[1] or row[1].endswith("/stats/live")]

    async def ask(method: str, path: str) -> httpx.Response:
        return await send(world.host, method, world.path(path), token=world.host.token, json={})

    assert len(rows) >= 13
    assert await _differing(rows, 403, ask) == []


async def test_a_foreign_page_is_403_for_every_write(world: World) -> None:
    rows = [row for row in rows_with(403) if row[0] != "GET"]

    async def ask(method: str, path: str) -> httpx.Response:
        return await send(
            world.host,
            method,
            world.path(path),
            cookie=world.host.token,
            headers=FOREIGN,
            json=body_of(path),
        )

    assert await _differing(rows, 403, ask) == []


async def test_a_guest_is_403_where_an_account_is_needed(world: World) -> None:
    rows = [
        ("GET", path)
        for path in (
            "/api/v1/meetings",
            "/api/v1/my/meetings",
            "/api/v1/my/meetings/upcoming",
            "/api/v1/my/meetings/history",
            "/api/v1/auth/totp",
            "/api/v1/auth/oidc/link",
            "/api/v1/sessions/{session_id}",
            "/api/v1/stats/rooms",
            "/api/v1/stats/overview",
        )
    ]
    writes = [
        ("PUT", "/api/v1/users/profile"),
        ("POST", "/api/v1/users/change-password"),
        ("DELETE", "/api/v1/users/account"),
        ("POST", "/api/v1/meetings"),
    ]

    async def ask(method: str, path: str) -> httpx.Response:
        return await send(world.guest, method, world.path(path), token=world.guest.token, json=body_of(path))

    assert await _differing([*rows, *writes], 403, ask) == []


async def test_what_has_ended_is_409_wherever_it_cannot_go_on(world: World) -> None:
    start = datetime.now(UTC) + timedelta(minutes=1)
    series = await world.host.create_meeting(start_time=start.isoformat(), recurrence="FREQ=DAILY;COUNT=2")
    for number in (world.meeting, series):
        await world.host.request("POST", f"/api/v1/meetings/{number}/end")
    # A plain meeting is no series; joining what has ended is 400 by the contract, and knocking too.
    elsewhere = ("/series", "/join", "/knock", "/meetings/{meeting_id}")
    rows = [row for row in rows_with(409) if "{meeting_id}" in row[1] and not row[1].endswith(elsewhere)]

    async def ask(method: str, path: str) -> httpx.Response:
        person = world.admin if "/admin/" in path else world.host
        body = body_of(path)
        if path.endswith("/participants"):
            body = {"user_ids": [world.outsider.user_id]}
        return await send(person, method, world.path(path), token=person.token, json=body)

    assert len(rows) > 10
    assert await _differing(rows, 409, ask) == []
