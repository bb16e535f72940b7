"""Administrators over everybody's meetings."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from support.people import Person
from support.server import Salon

Register = Callable[[str], Awaitable[Person]]
MEETINGS = "/api/v1/admin/meetings"
NOBODYS = 2**31 - 3


@pytest.fixture
async def admin(salon: Salon) -> AsyncIterator[Person]:
    admin = await Person.register_admin(salon, "admin")
    yield admin
    await admin.close()


async def listed(admin: Person, **query: Any) -> list[dict[str, Any]]:
    answer = await admin.request("GET", MEETINGS, params=query)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["data"]
    return found


async def test_administrators_only(register: Register) -> None:
    person = await register("plain")
    meeting = await person.create_meeting()
    for method, path in (("GET", ""), ("GET", "/stats"), ("POST", f"/{meeting}/force-end")):
        assert (await person.request(method, MEETINGS + path)).status_code == 403
        assert (await person.http.request(method, MEETINGS + path)).status_code == 401


async def test_everybodys_meetings_are_found_by_status_and_words(admin: Person, register: Register) -> None:
    ben, cy = await register("ben"), await register("cy")
    word = ben.name.removeprefix("ben_")
    planned = await ben.create_meeting(title=f"Budget {word}", password="secret-1")
    running = await cy.create_meeting(title="Standup", description=f"About {word} 100%")
    tab = await cy.enter(running)
    found = {meeting["id"]: meeting for meeting in await listed(admin, keyword=word.upper())}
    assert set(found) == {planned, running}
    assert found[planned]["creator"]["username"] == ben.name
    assert found[running]["creator"]["id"] == cy.user_id
    assert (found[planned]["has_password"], "password" in found[planned]) == (True, False)
    assert [one["id"] for one in await listed(admin, keyword=word, status=2)] == [running]
    assert [one["id"] for one in await listed(admin, keyword=word, status=1)] == [planned]
    assert len(await listed(admin, keyword=word, page_size=1)) == 1
    assert await listed(admin, keyword=word, page=3, page_size=1) == []
    assert await listed(admin, keyword="100%", status=4) == []
    for bad in ({"status": 5}, {"status": "x"}, {"keyword": "x" * 201}):
        assert (await admin.request("GET", MEETINGS, params=bad)).status_code == 400
    await tab.close()


async def test_a_running_meeting_ends_for_everybody_and_is_counted(admin: Person, register: Register) -> None:
    async def counts() -> dict[str, int]:
        figures: dict[str, int] = (await admin.request("GET", f"{MEETINGS}/stats")).json()["data"]
        return figures

    ben = await register("ben")
    meeting = await ben.create_meeting()
    tab = await ben.enter(meeting)
    before = await counts()
    ended = await admin.request("POST", f"{MEETINGS}/{meeting}/force-end")
    assert (ended.status_code, ended.json()["data"]["status"]) == (200, 3)
    await tab.expect_closed(4004, within_s=2)
    after = await counts()
    assert (after["active"], after["ended"]) == (before["active"] - 1, before["ended"] + 1)
    assert after["total"] == before["total"]
    assert (await admin.request("POST", f"{MEETINGS}/{meeting}/force-end")).status_code == 409
    assert (await admin.request("POST", f"{MEETINGS}/{NOBODYS}/force-end")).status_code == 404
    assert (await admin.request("POST", f"{MEETINGS}/x/force-end")).status_code == 400


async def test_a_meeting_outlives_the_account_that_made_it(admin: Person, register: Register) -> None:
    ben = await register("ben")
    meeting = await ben.create_meeting(title=f"Left by {ben.name}")
    assert (await admin.request("DELETE", f"/api/v1/admin/users/{ben.user_id}")).status_code == 200
    (found,) = await listed(admin, keyword=ben.name)
    assert (found["id"], found["creator_id"], "creator" in found) == (meeting, ben.user_id, False)
