"""Lists of meetings: p95 with 100,000 meetings and 10,000 users beside p95 with 100 and 10, as a ratio.

Two servers run side by side, one over each database, and are asked in turn, so that whatever else the machine
does meets both. Prints a table; ends with an error if a list that is held to the bar is above it.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from figures import DATABASES, addresses, percentile
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy import insert, text
from support.process import SalonProcess

from salon import migrations
from salon.meeting.store import MeetingRow, ParticipantRow, RoomRow
from salon.platform.db import Database
from salon.user.store import UserRow

BAR = 3.0
PASSWORD = "Test@Pass123"  # noqa: S105 - of accounts that live for a minute
ADMIN, USUAL, BUSY, FIRST_OTHER = 1, 2, 3, 4
OWN = 20
"""Meetings of the usual caller, on either server."""
BUSY_OWN = 1000
BATCH = 5000


@dataclass(frozen=True)
class Size:
    """How much there is."""

    meetings: int
    users: int


SMALL, LARGE = Size(100, 10), Size(100_000, 10_000)


@dataclass
class Question:
    """A list somebody asks for."""

    name: str
    path: str
    small_caller: int
    large_caller: int
    is_held: bool = True
    samples_ms: tuple[list[float], list[float]] = field(default_factory=lambda: ([], []))


def questions() -> list[Question]:
    """All lists of meetings, for the usual caller, a busy one, and an administrator."""
    found = []
    for name, path in (
        ("GET /meetings", "/meetings"),
        ("GET /meetings?status=1", "/meetings?status=1"),
        ("GET /meetings?keyword=", "/meetings?keyword=planning%207"),
        ("GET /my/meetings", "/my/meetings"),
        ("GET /my/meetings/upcoming", "/my/meetings/upcoming"),
        ("GET /my/meetings/history", "/my/meetings/history"),
    ):
        found.append(Question(f"{name}  ({OWN} own)", path, USUAL, USUAL))
        found.append(Question(f"{name}  ({BUSY_OWN} own)", path, USUAL, BUSY))
    found += [
        Question("GET /admin/meetings", "/admin/meetings", ADMIN, ADMIN),
        Question("GET /admin/meetings?status=2", "/admin/meetings?status=2", ADMIN, ADMIN),
        Question("GET /admin/users", "/admin/users", ADMIN, ADMIN, is_held=False),
        Question("GET /admin/meetings, page 1000", "/admin/meetings?page=1000", ADMIN, ADMIN, is_held=False),
        Question(
            "GET /admin/meetings?keyword= (often)",
            "/admin/meetings?keyword=planning",
            ADMIN,
            ADMIN,
            is_held=False,
        ),
        Question(
            "GET /admin/meetings?keyword= (never)",
            "/admin/meetings?keyword=zebra",
            ADMIN,
            ADMIN,
            is_held=False,
        ),
    ]
    return found


def user_rows(size: Size, now: datetime) -> Iterator[dict[str, Any]]:
    """Accounts; the first ones are who asks."""
    password_hash = Argon2Hasher(time_cost=2, memory_cost=19_456, parallelism=1).hash(PASSWORD)
    for number in range(1, size.users + 1):
        name = f"user{number}"
        yield {
            "id": number,
            "username": name,
            "username_key": name,
            "email": f"{name}@example.org",
            "email_key": f"{name}@example.org",
            "password_hash": password_hash,
            "nickname": name,
            "avatar": "",
            "phone": "",
            "role": 3 if number == ADMIN else 1,
            "status": 1,
            "created_at": now,
            "updated_at": now,
        }


def meeting_rows(size: Size, now: datetime) -> Iterator[tuple[dict[str, Any], dict[str, Any], list[int]]]:
    """Meetings, their rooms, and who takes part; spread over two years, one in a thousand going on."""
    others = size.users - FIRST_OTHER + 1
    for number in range(1, size.meetings + 1):
        # A step that has no factor in common with the days: neighbours by number are none by time.
        starts = now - timedelta(days=365) + timedelta(minutes=(number * 7919) % (730 * 1440))
        is_over = starts < now
        creator = FIRST_OTHER + number % others
        members = {creator, FIRST_OTHER + (number * 31) % others}
        if number % (size.meetings // OWN) == 0:
            members.add(USUAL)
        if size is LARGE and number % (size.meetings // BUSY_OWN) == 1:
            members.add(BUSY)
        meeting = {
            "id": number,
            "title": f"Weekly planning {number}",
            "description": "What we did, what we do next, and what is in the way. " * 3,
            "creator_id": creator,
            "start_time": starts,
            "end_time": starts + timedelta(hours=1),
            "max_participants": 100,
            "status": 2 if number % 1000 == 1 else 3 if is_over else 1,
            "meeting_type": "video",
            "settings": {"enable_chat": True},
            "locked": False,
            "sequence": 0,
            "is_exception": False,
            "created_at": now,
            "updated_at": now,
        }
        room = {
            "meeting_id": number,
            "room_id": f"room_{number}",
            "sfu_node": "local",
            "status": "active",
            "created_at": now,
            "updated_at": now,
        }
        yield meeting, room, sorted(members)


async def fill(url: str, size: Size) -> None:
    """Make the tables and put everything in."""
    db = Database(url)
    await migrations.migrate(db)
    now = datetime.now(UTC)
    async with db.begin() as tx:
        await tx.execute(insert(UserRow), list(user_rows(size, now)))
        meetings: list[dict[str, Any]] = []
        rooms: list[dict[str, Any]] = []
        members: list[dict[str, Any]] = []

        async def write() -> None:
            for table, rows in ((MeetingRow, meetings), (RoomRow, rooms), (ParticipantRow, members)):
                await tx.execute(insert(table), rows)
                rows.clear()

        for meeting, room, user_ids in meeting_rows(size, now):
            meetings.append(meeting)
            rooms.append(room)
            for user_id in user_ids:
                role = 4 if user_id == meeting["creator_id"] else 1
                place = {"meeting_id": meeting["id"], "user_id": user_id, "role": role, "status": 1}
                members.append(place)
            if len(meetings) >= BATCH:
                await write()
        if meetings:
            await write()
        if "postgresql" in url:
            # Rows came with numbers of their own; and statistics, which autovacuum makes in its own time.
            for table in ("users", "meetings"):
                await tx.execute(
                    text(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}")  # noqa: S608
                )
            await tx.execute(text("ANALYZE"))
    await db.close()


def sign_in(client: httpx.Client, user: int) -> str:
    """A token."""
    answer = client.post("/api/v1/auth/login", json={"username": f"user{user}", "password": PASSWORD})
    return str(answer.raise_for_status().json()["data"]["token"])


def ask(client: httpx.Client, token: str, path: str) -> float:
    """Milliseconds until the whole answer is there."""
    started = time.perf_counter()
    answer = client.get(f"/api/v1{path}", headers={"Authorization": f"Bearer {token}"})
    took_ms = (time.perf_counter() - started) * 1000
    answer.raise_for_status()
    return took_ms


def measure(servers: tuple[SalonProcess, SalonProcess], rounds: int, a_round: int) -> list[Question]:
    """Ask the small server and the large one in turn."""
    asked = questions()
    clients = tuple(httpx.Client(base_url=server.url, timeout=60) for server in servers)
    tokens = [{user: sign_in(client, user) for user in (ADMIN, USUAL, BUSY)} for client in clients]
    for _ in range(rounds):
        for question in asked:
            for side, caller in enumerate((question.small_caller, question.large_caller)):
                for number in range(a_round + 1):
                    took_ms = ask(clients[side], tokens[side][caller], question.path)
                    if number:  # the first one after other lists finds nothing warm
                        question.samples_ms[side].append(took_ms)
    for client in clients:
        client.close()
    return asked


def show(database: str, asked: list[Question]) -> list[str]:
    """Print the table; the lists above the bar."""
    print(f"\n{database}: {len(asked[0].samples_ms[0])} answers each, milliseconds")
    print(f"  {'list':<46}{'p50':>8}{'p95':>8}{'p50':>9}{'p95':>8}{'ratio of p95':>14}")
    print(f"  {'':<46}{'100 meetings':>16}{'100,000':>17}")
    above = []
    for question in asked:
        small, large = question.samples_ms
        ratio = percentile(large, 0.95) / percentile(small, 0.95)
        verdict = "" if question.is_held else "  (no bar)"
        if question.is_held and ratio > BAR:
            above.append(question.name)
            verdict = f"  above {BAR}"
        print(
            f"  {question.name:<46}{percentile(small, 0.5):>8.1f}{percentile(small, 0.95):>8.1f}"
            f"{percentile(large, 0.5):>9.1f}{percentile(large, 0.95):>8.1f}{ratio:>12.2f}x{verdict}"
        )
    return above


def run(database: str, rounds: int, a_round: int) -> list[str]:
    """One database; the lists above the bar."""
    with tempfile.TemporaryDirectory() as folder, addresses(database, 2) as urls:
        servers = [
            SalonProcess(Path(folder) / name, database_url=url)
            for name, url in zip(("small", "large"), urls, strict=True)
        ]
        for server, size in zip(servers, (SMALL, LARGE), strict=True):
            (Path(folder) / server.log.parent.name / "data").mkdir(mode=0o700, exist_ok=True)
            asyncio.run(fill(server.database_url, size))
        try:
            for server in servers:
                server.start()
            return show(database, measure((servers[0], servers[1]), rounds, a_round))
        finally:
            for server in servers:
                server.stop()


def main() -> int:
    """Entry point."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--a-round", type=int, default=20, help="answers of each list and server in a round")
    parser.add_argument("--database", choices=DATABASES, action="append")
    given = parser.parse_args()
    above = [
        f"{database}: {name}"
        for database in given.database or DATABASES
        for name in run(database, given.rounds, given.a_round)
    ]
    print(
        f"\nAbove {BAR}x: {'; '.join(above)}" if above else f"\nEvery list that has a bar is within {BAR}x."
    )
    return 1 if above else 0


if __name__ == "__main__":
    sys.exit(main())
