"""No query in a loop: a list asks the database as often for thirty entries as for three."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine
from support.people import Person, Tab
from support.server import Salon
from support.stage import Register
from support.transcripts import say

FEW, MANY = 3, 30
MEETINGS = "/api/v1/meetings"
TRIES = 5
"""A request may meet the minute's housekeeping, or a token's facts grown stale; the least counts."""


@contextmanager
def counted() -> Iterator[list[str]]:
    """The statements of every engine of this process, meanwhile. The server runs in a thread of it."""
    seen: list[str] = []
    lock = threading.Lock()

    def note(_c: Any, _cursor: Any, statement: str, _p: Any, _context: Any, _many: bool) -> None:
        with lock:
            seen.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", note)


class House:
    """A host with some of everything that can be listed."""

    def __init__(self, salon: Salon, register: Register, host: Person, admin: Person) -> None:
        self._salon = salon
        self._register = register
        self.host = host
        self.admin = admin
        self.meeting = 0
        self.tabs: list[Tab] = []
        self.size = 0

    async def grow(self, size: int) -> None:
        """Until there are so many meetings, participants, waiting ones, links, messages and sessions."""
        if not self.meeting:
            self.meeting = await self.host.create_meeting(settings={"require_approval": True})
        path = f"{MEETINGS}/{self.meeting}"
        while self.size < size:
            self.size += 1
            member, waiting = await self._register("member"), await self._register("waiting")
            body = {"user_id": member.user_id}
            assert (await self.host.request("POST", f"{path}/participants", body)).status_code == 200
            self.tabs.append(await member.enter(self.meeting))
            assert (await waiting.request("POST", f"{path}/knock")).status_code == 200
            assert (await self.host.request("POST", f"{path}/invites", {})).status_code == 201
            for number in range(2):
                sent = await member.request("POST", f"{path}/messages", {"content": f"hello {number}"})
                assert sent.status_code == 200
            await self.host.create_meeting()
            over = await self.host.create_meeting()
            assert (await self.host.request("POST", f"{MEETINGS}/{over}/end")).status_code == 200
            await say(self._salon, over, ["Hello, everybody.", "We decided to go on."])
        # One of a series counts too: its rule is looked up.
        await self.host.create_meeting(recurrence=f"FREQ=DAILY;COUNT={size}")

    def lists(self) -> dict[str, Person]:
        """Every endpoint that lists, and who may."""
        host, admin, path = self.host, self.admin, f"{MEETINGS}/{self.meeting}"
        all_of_it = "?page_size=100"
        own = {
            f"{MEETINGS}{all_of_it}": host,
            f"{MEETINGS}{all_of_it}&keyword=meeting": host,
            f"/api/v1/my/meetings{all_of_it}": host,
            f"/api/v1/my/meetings/upcoming{all_of_it}": host,
            f"/api/v1/my/meetings/history{all_of_it}": host,
            f"{path}/participants": host,
            f"{path}/lobby": host,
            f"{path}/invites": host,
            f"{path}/messages?limit=1000": host,
            f"/api/v1/messages/history/{self.meeting}?limit=1000": host,
            f"/api/v1/sessions/room/{self.meeting}": host,
            f"/api/v1/ai/transcripts{all_of_it}": host,
            f"/api/v1/ai/transcripts{all_of_it}&q=hello": host,
        }
        return own | {
            f"/api/v1/admin/meetings{all_of_it}": admin,
            f"/api/v1/admin/users{all_of_it}": admin,
            f"/api/v1/admin/audit{all_of_it}": admin,
            f"/admin/sessions{all_of_it}": admin,
        }

    async def cost(self) -> dict[str, tuple[int, int]]:
        """Statements and entries of each list."""
        found = {}
        for path, person in self.lists().items():
            counts = []
            for _ in range(TRIES):
                with counted() as statements:
                    answer = await person.request("GET", path)
                assert answer.status_code == 200, answer.text
                counts.append(len(statements))
            data = answer.json()["data"]
            names = ("list", "waiting", "transcripts")
            entries = data if isinstance(data, list) else next(data[name] for name in names if name in data)
            found[path] = (min(counts), len(entries))
        return found

    async def close(self) -> None:
        for tab in self.tabs:
            await tab.close()
        await self.admin.close()


@pytest.fixture
async def house(salon: Salon, register: Register) -> AsyncIterator[House]:
    house = House(salon, register, await register("host"), await Person.register_admin(salon, "admin"))
    yield house
    await house.close()


@pytest.mark.timeout(600)
async def test_a_longer_list_costs_no_more_statements(house: House) -> None:
    await house.grow(FEW)
    few = await house.cost()
    await house.grow(MANY)
    many = await house.cost()
    for path, (statements, entries) in many.items():
        print(f"{path}: {few[path][1]} entries {few[path][0]} statements, {entries} entries {statements}")
        assert entries > few[path][1] or entries == 100, "the list was to grow"
        assert 0 < statements <= few[path][0], path
