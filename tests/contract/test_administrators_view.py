"""What administrators see of everybody's meetings and sessions, and how they end one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from support.people import Person
from support.server import Salon
from support.wait import eventually

Register = Callable[[str], Awaitable[Person]]
ADMIN = "/api/v1/admin/meetings"


@pytest.fixture
async def admin(salon: Salon) -> AsyncIterator[Person]:
    admin = await Person.register_admin(salon, "admin")
    yield admin
    await admin.close()


async def get(admin: Person, path: str, **query: Any) -> Any:
    answer = await admin.request("GET", path, params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


async def test_everybodys_meetings_are_listed_and_searched(admin: Person, register: Register) -> None:
    host = await register("host")
    title = f"House {host.name}"
    meeting = await host.create_meeting(title=title)
    found = await get(admin, ADMIN, keyword=title.lower())
    assert [(one["id"], one["creator_id"]) for one in found] == [(meeting, host.user_id)]
    assert await get(admin, ADMIN, keyword=title, status=2) == []
    await host.join(meeting)
    assert len(await get(admin, ADMIN, keyword=title, status=2)) == 1
    assert len(await get(admin, ADMIN, page_size=1)) == 1


async def test_the_figures_move(admin: Person, register: Register) -> None:
    host = await register("host")
    before = await get(admin, f"{ADMIN}/stats")
    meeting = await host.create_meeting()
    await host.join(meeting)
    during = await get(admin, f"{ADMIN}/stats")
    assert during["total"] == before["total"] + 1
    assert during["active"] == before["active"] + 1
    assert during["participants_now"] == before["participants_now"] + 1
    await host.request("POST", f"/api/v1/meetings/{meeting}/end")
    after = await get(admin, f"{ADMIN}/stats")
    assert (after["active"], after["ended"]) == (before["active"], before["ended"] + 1)


async def test_any_meeting_is_ended_for_all_in_it(admin: Person, register: Register) -> None:
    host = await register("host")
    meeting = await host.create_meeting()
    tab = await host.enter(meeting)
    ended = await admin.request("POST", f"{ADMIN}/{meeting}/force-end")
    assert (ended.status_code, ended.json()["data"]["status"]) == (200, 3)
    await tab.expect_closed(4004)
    assert (await admin.request("POST", f"{ADMIN}/{meeting}/force-end")).status_code == 409
    assert (await host.request("POST", f"/api/v1/meetings/{meeting}/join")).status_code == 400


async def test_all_sessions_are_listed_by_meeting_and_state(admin: Person, register: Register) -> None:
    host = await register("host")
    meeting = await host.create_meeting()
    tab = await host.enter(meeting)
    page = await get(admin, "/admin/sessions", meeting_id=meeting)
    assert [(one["user_id"], one["status"]) for one in page["list"]] == [(host.user_id, 2)]
    assert (page["total"], page["page"], page["total_pages"]) == (1, 1, 1)
    await tab.close()
    over = {"meeting_id": meeting, "status": 6}
    await eventually(lambda: get(admin, "/admin/sessions", **over), lambda found: found["total"] == 1)
