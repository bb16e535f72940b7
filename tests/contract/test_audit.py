"""The audit log: what is in it, who may read it, and that tampering shows."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from support.contract import client
from support.people import PASSWORD, Person
from support.server import Salon

from salon.platform.db import Database

Register = Callable[[str], Awaitable[Person]]
MakeSalon = Callable[..., Salon]
AUDIT = "/api/v1/admin/audit"


@pytest.fixture
async def own(make_salon: MakeSalon) -> Salon:
    return make_salon()


@pytest.fixture
async def admin(own: Salon) -> AsyncIterator[Person]:
    admin = await Person.register_admin(own, "admin")
    yield admin
    await admin.close()


async def entries(admin: Person, **query: Any) -> list[dict[str, Any]]:
    answer = await admin.request("GET", AUDIT, params=query)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["data"]["list"]
    return found


def cli(own: Salon, *arguments: str) -> subprocess.CompletedProcess[str]:
    env = os.environ | {
        "SALON_DATA_DIR": str(own.settings.data_dir),
        "SALON_DATABASE_URL": own.settings.database_url,
    }
    command = [str(Path(sys.executable).parent / "salon"), "audit", *arguments]
    return subprocess.run(command, env=env, capture_output=True, text=True, check=False)


class TestContent:
    async def test_sign_ins_failures_and_moderation_are_in_it(self, own: Salon, admin: Person) -> None:
        ben = await Person.register(own.url, "ben")
        async with client(own.url) as http:
            body = {"username": ben.name, "password": "Wrong@Pass1"}
            await http.post("/api/v1/auth/login", json=body)
        meeting = await admin.create_meeting()
        await ben.join(meeting)
        await admin.request("POST", f"/api/v1/meetings/{meeting}/participants/{ben.user_id}/mute")
        await admin.request("POST", f"/api/v1/admin/users/{ben.user_id}/ban")
        newest = await entries(admin)
        assert [entry["action"] for entry in newest[:4]] == [
            "user.banned",
            "participant.muted",
            "meeting.created",
            "user.sign_in_failed",
        ]
        banned = newest[0]
        assert (banned["actor_id"], banned["target"]) == (admin.user_id, f"user:{ben.user_id}")
        assert banned["address"] == "127.0.0.1"
        assert newest[3]["outcome"] == "failed"
        assert PASSWORD not in json.dumps(newest)
        await ben.close()

    async def test_it_is_searched(self, own: Salon, admin: Person) -> None:
        meeting = await admin.create_meeting()
        other = await Person.register(own.url, "other")
        assert [e["action"] for e in await entries(admin, meeting_id=meeting)] == ["meeting.created"]
        assert {e["action"] for e in await entries(admin, actor_id=other.user_id)} == {
            "user.registered",
            "user.signed_in",
        }
        assert {e["action"].partition(".")[0] for e in await entries(admin, action="user.")} == {"user"}
        assert len(await entries(admin, keyword=other.name, action="user.signed_in")) == 1
        assert await entries(admin, since="2200-01-01T00:00:00Z") == []
        page = (await admin.request("GET", AUDIT, params={"page_size": 2})).json()["data"]
        assert (len(page["list"]), page["total_pages"]) == (2, -(-page["total"] // 2))
        for bad in ({"actor_id": "x"}, {"since": "yesterday"}, {"action": "UPPER"}):
            assert (await admin.request("GET", AUDIT, params=bad)).status_code == 400
        await other.close()

    @pytest.mark.parametrize("path", [AUDIT, f"{AUDIT}/verify", f"{AUDIT}/export"])
    async def test_administrators_only(self, register: Register, path: str) -> None:
        person = await register("plain")
        assert (await person.request("GET", path)).status_code == 403
        assert (await person.http.get(path)).status_code == 401


class TestExport:
    async def test_a_spreadsheet_of_what_was_searched(self, own: Salon, admin: Person) -> None:
        meeting = await admin.create_meeting()
        for format_, ending in (("csv", "csv"), ("json", "jsonl")):
            answer = await admin.request("GET", f"{AUDIT}/export", params={"format": format_})
            assert answer.status_code == 200
            assert f'filename="salon-audit.{ending}"' in answer.headers["content-disposition"]
        lines = [json.loads(line) for line in answer.text.splitlines()]
        assert lines[-1] == (await entries(admin))[0]
        query = {"format": "csv", "meeting_id": meeting}
        table = (await admin.request("GET", f"{AUDIT}/export", params=query)).text
        assert table.startswith("\ufeffid,at,action")
        rows = list(csv.DictReader(io.StringIO(table.removeprefix("\ufeff"))))
        assert [(row["action"], row["actor_name"]) for row in rows] == [("meeting.created", admin.name)]
        assert (await admin.request("GET", f"{AUDIT}/export", params={"format": "x"})).status_code == 400

    async def test_no_name_becomes_a_formula(self, own: Salon, admin: Person) -> None:
        async with client(own.url) as http:
            body = {"username": '=cmd|"/c calc"!A1', "password": "Wrong@Pass1"}
            await http.post("/api/v1/auth/login", json=body)
        query = {"format": "csv", "action": "user.sign_in_failed"}
        table = (await admin.request("GET", f"{AUDIT}/export", params=query)).text
        (row,) = csv.DictReader(io.StringIO(table.removeprefix("\ufeff")))
        assert row["actor_name"] == """'=cmd|"/c calc"!A1"""


class TestChain:
    async def test_an_untouched_log_is_whole(self, own: Salon, admin: Person) -> None:
        state = (await admin.request("GET", f"{AUDIT}/verify")).json()["data"]
        assert (state["whole"], state["fault"]) == (True, "")
        done = cli(own, "verify")
        assert (done.returncode, f"{state['rows']} rows" in done.stdout) == (0, True), done.stderr
        lines = [json.loads(line) for line in cli(own, "export").stdout.splitlines()]
        assert [line["id"] for line in lines] == list(range(1, state["rows"] + 1))

    async def test_rows_cannot_be_changed_or_taken_out(self, own: Salon, admin: Person) -> None:
        db = Database(own.settings.resolved_database_url)
        for statement in ("UPDATE audit_log SET actor_name = 'x'", "DELETE FROM audit_log"):
            with pytest.raises(DBAPIError, match="append-only"):
                async with db.begin() as tx:
                    await tx.execute(text(statement))
        await db.close()
        assert (await admin.request("GET", f"{AUDIT}/verify")).json()["data"]["whole"] is True

    @pytest.mark.parametrize(
        ("tampering", "says"),
        [
            ("UPDATE audit_log SET actor_name = 'nobody' WHERE id = 2", "Row 2 was changed"),
            ("DELETE FROM audit_log WHERE id = 2", "Row 2 is missing"),
            ("DELETE FROM audit_log WHERE id > 2", "cut off"),
            ("UPDATE audit_log SET row_hash = previous_hash WHERE id = 1", "Row 1 was changed"),
        ],
    )
    async def test_whoever_gets_around_that_is_seen(
        self, own: Salon, admin: Person, tampering: str, says: str
    ) -> None:
        await admin.create_meeting()
        db = Database(own.settings.resolved_database_url)
        async with db.begin() as tx:
            if own.settings.resolved_database_url.startswith("sqlite"):
                for name in ("update", "delete"):
                    await tx.execute(text(f"DROP TRIGGER audit_log_no_{name}"))
            else:
                await tx.execute(text("ALTER TABLE audit_log DISABLE TRIGGER ALL"))
            await tx.execute(text(tampering))
        await db.close()
        done = cli(own, "verify")
        assert done.returncode == 1
        assert says in done.stderr
        assert (await admin.request("GET", f"{AUDIT}/verify")).json()["data"]["whole"] is False
