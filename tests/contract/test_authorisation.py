"""Every route, asked by everybody: `authorisation.csv` says what must come of it.

The routes come from the OpenAPI document, the requests from its examples (`support.valid_requests`), so a new
route fails here until the table has a row for it.
"""

from __future__ import annotations

import csv
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from support.contract import client
from support.people import Person
from support.scene import MEMBERS, ROLES, Cast, Role, Scene, make_cast, make_offer
from support.server import Salon
from support.valid_requests import BEFORE, MEETINGS, ONCE, OWN_ACCOUNT, OWN_TARGET, needs_live, request_for

from salon.platform.openapi import operations_of

pytestmark = pytest.mark.asyncio(loop_scope="module")

TABLE = Path(__file__).with_name("authorisation.csv")
REFUSED = ("401", "403", "404")


@dataclass(frozen=True)
class Row:
    """A line of the table."""

    route: str
    guard: str
    cells: dict[Role, str]


def read_table() -> list[Row]:
    lines = [line for line in TABLE.read_text().splitlines() if line and not line.startswith("#")]
    rows = [[cell.strip() for cell in line] for line in csv.reader(lines)]
    assert rows[0] == ["route", "guard", *ROLES]
    return [Row(row[0], row[1], dict(zip(ROLES, row[2:], strict=True))) for row in rows[1:]]


ROWS = read_table()
WRITES = [row for row in ROWS if row.guard != "-"]


@dataclass
class Stage:
    """What the tests of this module share."""

    salon: Salon
    document: dict[str, Any]
    cast: Cast
    offer: str
    reading: Scene
    """A live scene for what changes nothing."""
    http: httpx.AsyncClient

    async def scene(self, route: str, present: Iterable[Role] = MEMBERS) -> Scene:
        """A scene that the route may change, prepared but for its caller."""
        if needs_live(route):
            return await Scene.make_live(self.cast, self.offer, present)
        has_link = "invite" in route or route.endswith("/auth/guest")
        scene = await Scene.make(self.cast, present, link=has_link, **MEETINGS.get(route, {}))
        scene.extra["salon"] = self.salon
        if route in OWN_TARGET:
            scene.cast["bystander"] = await Person.register(self.salon.url, "target")
        return scene

    async def newcomer(self, scene: Scene, role: Role) -> None:
        """Put somebody with a fresh account into a role."""
        if role == "admin":
            scene.cast["admin"] = await Person.register_admin(self.salon, "admin")
        elif role != "guest":
            person = scene.cast[role] = await Person.register(self.salon.url, role)
            if role in MEMBERS:
                wanted = {"participant": 1, "moderator": 2, "host": 4}[role]
                body = {"user_ids": [person.user_id]}
                await scene.ok(self.cast["host"], "POST", "/participants", body)
                path = f"/participants/{person.user_id}/role"
                await scene.ok(self.cast["host"], "PUT", path, {"role": wanted})

    async def ask(self, row: Row, role: Role, scene: Scene, **headers: str) -> httpx.Response:
        """Send the route's valid request as somebody, by bearer token unless `headers` bring a cookie."""
        caller = scene.cast["stranger" if role == "anonymous" else role]
        request = request_for(self.document, row.route, scene, caller)
        if role != "anonymous" and "Cookie" not in headers:
            headers["Authorization"] = f"Bearer {caller.token}"
            if row.route.endswith("/auth/session"):
                headers["Cookie"] = f"access_token={caller.token}"
        return await self.http.request(request.method, request.path, headers=headers, **request.options)

    async def prepare(self, row: Row, role: Role, scene: Scene) -> None:
        """What must be there before somebody asks."""
        if row.route in OWN_ACCOUNT:
            await self.newcomer(scene, role)
        if row.route in BEFORE:
            await BEFORE[row.route](scene, scene.cast[role])

    def may_change(self, row: Row) -> bool:
        """Whether a success changes something that another test would miss."""
        method, path = row.route.lower().split(" ", 1)
        return row.guard != "-" and (
            row.route in OWN_ACCOUNT or "security" in self.document["paths"][path][method]
        )

    async def outcome(self, row: Row, role: Role, shared: Scene) -> str:
        """What somebody is answered; what can succeed only once gets a scene of its own each time."""
        succeeds = role != "anonymous" and row.cells[role] not in REFUSED
        scene = await self.scene(row.route, [role]) if succeeds and row.route in ONCE else shared
        if succeeds and (scene is not shared or row.route in OWN_ACCOUNT):
            await self.prepare(row, role, scene)
        answer = await self.ask(row, role, scene)
        if scene is not shared:
            await scene.close()
        return _class_of(answer)


def _class_of(answer: httpx.Response) -> str:
    return "ok" if answer.is_success or answer.is_redirect else str(answer.status_code)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage(salon: Salon) -> AsyncIterator[Stage]:
    async with client(salon.url) as http:
        # Nobody's answer may make somebody else signed in.
        http.cookies.jar.set_policy(DefaultCookiePolicy(allowed_domains=()))
        document = (await http.get("/openapi.json", timeout=60)).json()
        cast, offer = await make_cast(salon), await make_offer()
        reading = await Scene.make_live(cast, offer)
        yield Stage(salon, document, cast, offer, reading, http)
        await reading.close()
        for person in cast.values():
            await person.close()


async def test_the_table_has_every_route_once_and_no_other(stage: Stage) -> None:
    routes = [f"{method.upper()} {path}" for path, method, _ in operations_of(stage.document)]
    assert sorted(row.route for row in ROWS) == sorted(routes)


async def test_writes_are_guarded_and_nothing_else(stage: Stage) -> None:
    for row in ROWS:
        assert (row.guard == "-") == row.route.startswith("GET "), row.route
        assert row.guard in ("-", "origin", "csrf"), row.route


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.route)
async def test_everybody_gets_what_the_table_says(stage: Stage, row: Row) -> None:
    # The SFU gives up media peers that never connect, as these do, after some time.
    is_own = bool({row.route} & {*BEFORE, *MEETINGS}) or "peer_id" in row.route
    shared = stage.reading
    if stage.may_change(row) or is_own:
        shared = await stage.scene(row.route, MEMBERS)
        if row.route in BEFORE and row.route not in OWN_ACCOUNT:
            await BEFORE[row.route](shared, shared.cast["participant"])
    found: dict[Role, str] = {}
    # Those first who change nothing: a meeting that somebody ended would answer them otherwise.
    for role in sorted(ROLES, key=lambda role: row.cells[role] not in REFUSED):
        found[role] = await stage.outcome(row, role, shared)
    if shared is not stage.reading:
        await shared.close()
    assert found == row.cells


@pytest.mark.parametrize("row", WRITES, ids=lambda row: row.route)
async def test_a_cookie_needs_what_the_table_says(stage: Stage, row: Row) -> None:
    """Not from a foreign page, and not without the CSRF token where one is due; else as with a token."""
    asked: tuple[Role, ...] = ("participant", "host", "admin", "stranger")
    role = next((role for role in asked if row.cells[role] not in REFUSED), "host")
    scene = await stage.scene(row.route, [role])
    await stage.prepare(row, role, scene)
    cookie = f"access_token={scene.cast[role].token}"
    foreign = await stage.ask(row, role, scene, Cookie=cookie, Origin="https://evil.example")
    assert foreign.status_code == 403
    own: dict[str, str] = {"Cookie": cookie, "Origin": stage.salon.url}
    if row.guard == "csrf":
        assert (await stage.ask(row, role, scene, **own)).status_code == 403
        token = (await stage.http.get("/api/v1/csrf-token")).json()["data"]["csrf_token"]
        own |= {"Cookie": f"{cookie}; csrf_token={token}", "X-CSRF-Token": token}
    assert _class_of(await stage.ask(row, role, scene, **own)) == row.cells[role]
    await scene.close()
