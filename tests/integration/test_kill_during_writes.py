"""What was answered is there: the server is killed in the middle of many writes, and started again."""

from __future__ import annotations

import asyncio
import os
import random
import secrets
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
import websockets
from sqlalchemy import text
from support.people import PASSWORD, Person, SocketClosed, Tab
from support.postgres import Postgres
from support.process import SalonProcess

from salon.platform.db import Database

ROUNDS = int(os.environ.get("SALON_KILL_ROUNDS", "1"))
"""Kills one after the other; `make soak` asks for more."""
PEOPLE = 3
REGISTERS, MEETINGS, REST_CHATS, SOCKET_CHATS = 100, 300, 300, 300
WRITES = REGISTERS + MEETINGS + REST_CHATS + SOCKET_CHATS
AT_ONCE = 50
"""Requests on their way; with the sockets' messages about eighty writes are going on at any moment."""
SAID_AT_ONCE = 8
"""Messages of one socket that are on their way: it is faster than requests, and is not to be done first."""

Write = Callable[[], Awaitable[None]]


@dataclass
class Answered:
    """What the server said it had done, by kind; values are what a reader must find."""

    accounts: set[tuple[str, str]] = field(default_factory=set)
    """User name and address."""
    meetings: dict[int, str] = field(default_factory=dict)
    """Title by id."""
    chats: dict[str, str] = field(default_factory=dict)
    """Content by message id."""
    refused: list[str] = field(default_factory=list)

    @property
    def count(self) -> int:
        """Writes so far."""
        return len(self.accounts) + len(self.meetings) + len(self.chats)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[SalonProcess]:
    postgres = None
    address = ""
    if os.environ.get("SALON_TEST_DATABASE") == "postgres":
        # Of its own, and as in service: a commit is on the disk before it is answered.
        postgres = Postgres(is_safe=True).create()
        address = postgres.make_database()
    running = SalonProcess(tmp_path, database_url=address).start()
    yield running
    running.stop()
    if postgres is not None:
        postgres.stop()


class Talker:
    """A tab that waits for many of its own messages at once, a few of them on their way."""

    def __init__(self, tab: Tab) -> None:
        self.tab = tab
        self._turn = asyncio.Semaphore(SAID_AT_ONCE)
        self._awaited: dict[str, asyncio.Future[None]] = {}
        self._reader = asyncio.create_task(self._read())

    async def say(self, content: str, name: str) -> None:
        """Write to the chat; returns when the room was given it.

        Raises:
            SocketClosed: the socket is gone.
        """
        async with self._turn:
            if self._reader.done():
                raise SocketClosed
            self._awaited[name] = asyncio.get_running_loop().create_future()
            await self.tab.say(8, {"content": content}, id=name)
            await self._awaited[name]

    async def _read(self) -> None:
        try:
            while True:
                frame = await self.tab.next(within_s=60)
                if frame["type"] == 8 and (waiting := self._awaited.pop(frame["id"], None)) is not None:
                    waiting.set_result(None)
        except (SocketClosed, TimeoutError) as fault:
            for waiting in self._awaited.values():
                waiting.set_exception(SocketClosed(str(fault)))


class Load:
    """A thousand writes of a few people, and what became of them."""

    def __init__(self, server: SalonProcess, people: list[Person], tabs: list[Tab], meeting: int) -> None:
        self._url = server.url
        self._people = people
        self._tabs = tabs
        self._meeting = meeting
        # Here and not in the client's pool, which goes through all that wait at every answer.
        self._turn = asyncio.Semaphore(AT_ONCE)
        self.answered = Answered()
        self._progress = asyncio.Condition()

    async def run(self, dice: random.Random, kill_at: int, kill: Callable[[], None]) -> None:
        """Ask for everything; `kill` once so many were answered, at any moment of the next one."""
        talkers = [Talker(tab) for tab in self._tabs]
        writes: list[Write] = [self._register] * REGISTERS
        for index in range(MEETINGS + REST_CHATS):
            person = self._people[index % len(self._people)]
            writes.append(self._bind(self._create if index < MEETINGS else self._chat, person))
        writes += [self._bind(self._say, talkers[index % len(talkers)]) for index in range(SOCKET_CHATS)]
        assert len(writes) == WRITES
        dice.shuffle(writes)
        limits = httpx.Limits(max_connections=AT_ONCE, max_keepalive_connections=AT_ONCE)
        async with httpx.AsyncClient(base_url=self._url, limits=limits, timeout=60) as self._http:
            tasks = [asyncio.create_task(self._try(write)) for write in writes]
            async with self._progress:
                await self._progress.wait_for(lambda: self.answered.count >= kill_at)
            await asyncio.sleep(dice.uniform(0, 0.02))
            kill()
            await asyncio.gather(*tasks)

    @staticmethod
    def _bind(work: Callable[[Any], Awaitable[None]], whose: Person | Talker) -> Write:
        return lambda: work(whose)

    async def _try(self, write: Write) -> None:
        try:
            await write()
        except (httpx.TransportError, SocketClosed, websockets.ConnectionClosed):
            return  # never answered: it may be there or not
        async with self._progress:
            self._progress.notify_all()

    async def _post(self, path: str, body: Any, person: Person | None = None) -> Any:
        headers = {"Authorization": f"Bearer {person.token}"} if person else {}
        async with self._turn:
            answer = await self._http.post(f"/api/v1{path}", json=body, headers=headers)
        if not answer.is_success:
            self.answered.refused.append(answer.text)
            return None
        return answer.json()["data"]

    async def _register(self) -> None:
        name = f"reg_{secrets.token_hex(6)}"
        body = {"username": name, "email": f"{name}@example.org", "password": PASSWORD}
        if await self._post("/auth/register", body) is not None:
            self.answered.accounts.add((name, body["email"]))

    async def _create(self, person: Person) -> None:
        title = f"Meeting {secrets.token_hex(6)}"
        body = {"title": title, "start_time": datetime.now(UTC).isoformat()}
        data = await self._post("/meetings", body, person)
        if data is not None:
            self.answered.meetings[data["meeting"]["id"]] = title

    async def _chat(self, person: Person) -> None:
        content, name = f"rest {secrets.token_hex(6)}", secrets.token_hex(8)
        body = {"content": content, "message_id": name}
        if await self._post(f"/meetings/{self._meeting}/messages", body, person) is not None:
            self.answered.chats[name] = content

    async def _say(self, talker: Talker) -> None:
        """The sender's own copy is the answer: the room gets a message only from the store."""
        content, name = f"socket {secrets.token_hex(6)}", secrets.token_hex(8)
        await talker.say(content, name)
        self.answered.chats[name] = content


async def make_admin(server: SalonProcess) -> Person:
    admin = await Person.register(server.url, "admin")
    db = Database(server.database_url)
    async with db.begin() as tx:
        await tx.execute(text("UPDATE users SET role = 3 WHERE id = :id"), {"id": admin.user_id})
    await db.close()
    return admin


async def pages(person: Person, path: str) -> list[dict[str, Any]]:
    """Every entry of a paged list."""
    found: list[dict[str, Any]] = []
    number = 1
    while True:
        answer = await person.request("GET", path, params={"page": number, "page_size": 100})
        assert answer.status_code == 200, answer.text
        data = answer.json()["data"]
        found += data["list"]
        if number >= data["total_pages"]:
            return found
        number += 1


async def expect_all(answered: Answered, people: list[Person], admin: Person, meeting: int) -> None:
    accounts = {(one["username"], one["email"]) for one in await pages(admin, "/api/v1/admin/users")}
    assert answered.accounts <= accounts
    meetings = {}
    for person in people:
        # Each has its room and its host too, or this list would fail.
        meetings.update({one["id"]: one["title"] for one in await pages(person, "/api/v1/meetings")})
    assert answered.meetings.items() <= meetings.items()
    chats: dict[str, str] = {}
    before = {}
    while True:
        path = f"/api/v1/meetings/{meeting}/messages"
        found = await people[0].request("GET", path, params={"limit": 1000, **before})
        rows = found.json()["data"]
        if not rows:
            break
        chats.update({row["message_id"]: row["content"] for row in rows})
        before = {"before": rows[-1]["id"]}
    assert answered.chats.items() <= chats.items()
    # The audit log was cut off at a whole row.
    state = (await admin.request("GET", "/api/v1/admin/audit/verify")).json()["data"]
    assert state["whole"], state


@pytest.mark.timeout(600)
async def test_what_was_answered_outlives_a_kill_in_the_middle_of_a_thousand_writes(
    server: SalonProcess,
) -> None:
    admin = await make_admin(server)
    people = [await Person.register(server.url, f"p{index}") for index in range(PEOPLE)]
    meeting = await people[0].create_meeting()
    for person in people:
        await person.join(meeting)
    everything: list[Answered] = []
    for number in range(ROUNDS):
        seed = secrets.randbits(32)
        dice = random.Random(seed)  # noqa: S311 - when to kill, not a secret
        kill_at = dice.randint(WRITES // 10, WRITES * 7 // 10)
        tabs = [await person.enter(meeting) for person in people]
        load = Load(server, people, tabs, meeting)
        await load.run(dice, kill_at, server.kill)
        answered = load.answered
        print(
            f"round {number + 1}, seed {seed}: killed after {kill_at} of {WRITES}; answered: "
            f"{len(answered.accounts)} accounts, {len(answered.meetings)} meetings, "
            f"{len(answered.chats)} chats"
        )
        assert answered.refused == []
        assert kill_at <= answered.count < WRITES
        for tab in tabs:
            await tab.expect_closed(1006)
        everything.append(answered)
        server.start()
        for one in everything if number + 1 == ROUNDS else [answered]:
            await expect_all(one, people, admin, meeting)
        for name, _ in sorted(answered.accounts)[:2]:
            body = {"username": name, "password": PASSWORD}
            assert (await admin.http.post("/api/v1/auth/login", json=body)).status_code == 200
    for person in (*people, admin):
        await person.close()
