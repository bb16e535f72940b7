"""What happens around a recording: who is told, what is written down, what ends it, what outlives us."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fakes.recording import FakeTools
from sqlalchemy import text
from support.people import Person, Tab
from support.server import Salon
from support.wait import eventually

from salon.media.recording.rules import DISK_LOW, SLOW
from salon.platform.db import Database

R = "/api/v1/recording"
MEETINGS = "/api/v1/meetings"
SAYS = ["recording"]
Make = Callable[..., Salon]


def is_completed(found: dict[str, Any]) -> bool:
    return bool(found["status"] == "completed")


class Stage:
    """A Salon over fakes with a meeting of two, which can be started anew over the same data."""

    def __init__(self, make: Make, **settings: Any) -> None:
        self._make, self._settings = make, settings
        self.tools = FakeTools()
        self.salon = make("stage", tools=self.tools, **settings)
        self.tabs: list[Tab] = []

    async def open(self) -> None:
        self.host = await Person.register(self.salon.url, "host")
        self.guest = await Person.register(self.salon.url, "guest")
        self.meeting = await self.host.create_meeting()
        await self.host.join(self.meeting)
        await self.guest.join(self.meeting)

    def restart(self) -> None:
        """Stop and start over the same data; everybody's address changes with the port."""
        self.salon.stop()
        self.tools = FakeTools()
        self.salon = self._make("stage", tools=self.tools, **self._settings)

    async def people_come_back(self) -> None:
        for person in (self.host, self.guest):
            token, name, user_id = person.token, person.name, person.user_id
            await person.close()
            fresh = await Person.register(self.salon.url, "again")
            person.url, person.http = self.salon.url, fresh.http
            person.token, person.name, person.user_id = token, name, user_id

    async def enter(self, person: Person, *capabilities: str) -> Tab:
        tab = await person.enter(self.meeting, capabilities=list(capabilities or SAYS))
        self.tabs.append(tab)
        return tab

    async def start(self) -> str:
        answer = await self.host.request("POST", f"{MEETINGS}/{self.meeting}/recording/start")
        assert answer.status_code == 200, answer.text
        return str(answer.json()["data"]["recording_id"])

    async def stop(self) -> None:
        answer = await self.host.request("POST", f"{MEETINGS}/{self.meeting}/recording/stop")
        assert answer.status_code == 200, answer.text

    async def status(self, recording_id: str) -> dict[str, Any]:
        answer = await self.host.request("GET", f"{R}/status/{recording_id}")
        found: dict[str, Any] = answer.json()["recording"]
        return found

    async def look(self) -> None:
        await self.salon.inside(self.parts.watch.look())

    @property
    def parts(self) -> Any:
        assert self.salon.app is not None
        return self.salon.app.state.recording

    def lines(self, recording_id: str, name: str = "events") -> list[dict[str, Any]]:
        path = self.salon.settings.data_dir / "recordings" / recording_id / f"{name}.jsonl"
        return [json.loads(line) for line in path.read_text().splitlines()]

    async def write(self, sql: str, **values: Any) -> None:
        db = Database(self.salon.settings.resolved_database_url)
        async with db.begin() as tx:
            await tx.execute(text(sql), values)
        await db.close()

    async def close(self) -> None:
        for tab in self.tabs:
            await tab.close()
        for person in (self.host, self.guest):
            await person.close()


@pytest.fixture
async def stage(make_salon: Make) -> AsyncIterator[Stage]:
    stage = Stage(make_salon)
    await stage.open()
    yield stage
    await stage.close()


async def test_everybody_is_told_and_who_comes_late_too(stage: Stage) -> None:
    first = await stage.enter(stage.host)
    plain = await stage.enter(stage.guest, "media_push")
    await first.settle()
    await plain.settle()
    recording_id = await stage.start()
    told = (await first.expect(24))["payload"]
    assert (told["recording_id"], told["state"], told["text"]) == (recording_id, "recording", "")
    assert told["by"] == {"user_id": stage.host.user_id, "username": stage.host.name}
    shown = (await plain.expect(14))["payload"]["recording"]
    assert shown == {key: told[key] for key in ("recording_id", "started_at", "by")}
    late = await stage.enter(stage.guest)
    assert (await late.expect(24))["payload"]["state"] == "recording"
    await first.settle()
    await stage.stop()
    assert (await first.expect(24))["payload"]["state"] == "stopped"
    assert (await first.expect(14))["payload"]["recording"] is None
    assert [frame["type"] for frame in await plain.settle() if frame["type"] == 24] == []


async def test_a_room_that_empties_stays_marked(stage: Stage) -> None:
    tab = await stage.enter(stage.host)
    await stage.start()
    await tab.close()
    again = await stage.enter(stage.host)
    assert (await again.expect(24))["payload"]["state"] == "recording"


async def test_who_is_there_and_what_they_send_is_written_down(stage: Stage) -> None:
    tab = await stage.enter(stage.host)
    await tab.say(10, {"action": "unmute", "media_type": "audio"})
    await tab.settle()
    recording_id = await stage.start()
    other = await stage.enter(stage.guest)
    await other.say(9, {"action": "start"})
    await other.settle()
    await other.close()
    stage.tabs.remove(other)

    async def kinds() -> list[str]:
        return [line["kind"] for line in stage.lines(recording_id)]

    await eventually(kinds, lambda found: "left" in found)
    await stage.stop()
    lines = stage.lines(recording_id)
    assert [line["kind"] for line in lines] == [
        "recording", "joined", "switches", "joined", "switches", "left", "recording",
    ]  # fmt: skip
    assert (lines[0]["action"], lines[0]["by"], lines[-1]["action"]) == (
        "started",
        stage.host.user_id,
        "stopped",
    )
    assert (lines[1]["username"], lines[1]["stream"]) == (stage.host.name, tab.peer_id)
    assert (lines[2]["audio"], lines[4]["screen"], lines[4]["stream"]) == (True, True, other.peer_id)
    assert [line["t"] for line in lines] == sorted(line["t"] for line in lines)
    people = (await stage.status(recording_id))["participants"]
    assert people == [str(stage.host.user_id), str(stage.guest.user_id)]


async def test_a_full_disk_warns_then_stops_and_then_refuses(stage: Stage) -> None:
    floor = stage.salon.settings.recording.disk_floor_mb * 2**20
    tab = await stage.enter(stage.host)
    recording_id = await stage.start()
    await tab.settle()
    stage.tools.free = floor + 1000
    await stage.look()
    warned = (await tab.expect(24))["payload"]
    assert (warned["state"], warned["text"]) == ("warning", DISK_LOW)
    await stage.look()
    assert [frame for frame in await tab.settle() if frame["type"] == 24] == []
    stage.tools.free = floor - 1
    await stage.look()
    stopped = (await tab.expect(24))["payload"]
    assert stopped["state"] == "stopped"
    assert "almost full" in stopped["text"]
    found = await eventually(lambda: stage.status(recording_id), is_completed)
    assert "almost full" in found["warning"]
    refused = await stage.host.request("POST", f"{MEETINGS}/{stage.meeting}/recording/start")
    assert refused.status_code == 503
    assert "disk" in refused.json()["message"]


async def test_a_slow_disk_is_told_until_it_is_over(stage: Stage) -> None:
    tab = await stage.enter(stage.host)
    recording_id = await stage.start()
    await tab.settle()

    async def say(state: str) -> None:
        stage.parts.watch.on_engine_state(recording_id, state)

    await stage.salon.inside(say("slow"))
    assert (await tab.expect(24))["payload"]["text"] == SLOW
    await stage.salon.inside(say("writing"))
    assert (await tab.expect(24))["payload"]["state"] == "recording"
    assert (await stage.status(recording_id))["warning"] == SLOW
    assert [line["text"] for line in stage.lines(recording_id) if line.get("action") == "warning"] == [SLOW]


async def test_who_has_used_up_their_space_records_no_more(make_salon: Make) -> None:
    stage = Stage(make_salon, recording={"quota_mb": 1})
    await stage.open()
    await stage.start()
    await stage.stop()
    await stage.write("UPDATE recordings SET raw_bytes = 1048576")
    refused = await stage.host.request("POST", f"{MEETINGS}/{stage.meeting}/recording/start")
    assert refused.status_code == 403
    assert "1 MB" in refused.json()["message"]
    await stage.close()


async def test_what_is_too_old_is_deleted(stage: Stage) -> None:
    old, young = await stage.start(), ""
    await stage.stop()
    young = await stage.start()
    await stage.stop()
    then = datetime.now(UTC) - timedelta(days=31)
    moment = then if "postgres" in stage.salon.settings.resolved_database_url else then.replace(tzinfo=None)
    await stage.write(
        "UPDATE recordings SET end_time = :then WHERE recording_id = :one",
        then=moment,
        one=old,
    )
    assert await stage.salon.inside(stage.parts.service.sweep()) == 1
    listed = (await stage.host.request("GET", f"{R}/list")).json()["recordings"]
    assert [one["recording_id"] for one in listed] == [young]


async def test_a_restart_goes_on_where_the_meeting_goes_on(stage: Stage) -> None:
    recording_id = await stage.start()
    stage.restart()
    assert stage.tools.recorder.running != {}
    await stage.people_come_back()
    tab = await stage.enter(stage.host)
    assert (await tab.expect(24))["payload"]["recording_id"] == recording_id
    assert (await stage.status(recording_id))["status"] == "recording"
    await stage.stop()
    assert (await stage.status(recording_id))["status"] == "completed"
    assert [line["kind"] for line in stage.lines(recording_id, "index")].count("run") == 2
    actions = [line["action"] for line in stage.lines(recording_id) if line["kind"] == "recording"]
    assert actions == ["started", "resumed", "stopped"]


async def test_a_restart_seals_what_is_over(stage: Stage) -> None:
    recording_id = await stage.start()
    lost = Path(stage.salon.settings.data_dir) / "recordings" / "lost"
    stage.salon.stop()
    await stage.write("UPDATE meetings SET status = 3")
    lost.mkdir()
    stage.restart()
    await stage.people_come_back()
    assert (await stage.status(recording_id))["status"] == "processing"
    await stage.salon.inside(stage.tools.jobs.run_all())
    found = await stage.status(recording_id)
    assert (found["status"], found["file_size"]) == ("completed", 100)
    assert found["end_time"] >= found["start_time"]
    assert lost.is_dir(), "a folder that belongs to nothing is never deleted"


async def test_a_recording_without_its_folder_has_failed(stage: Stage) -> None:
    recording_id = await stage.start()
    stage.salon.stop()
    folder = stage.salon.settings.data_dir / "recordings" / recording_id
    folder.rename(folder.with_name("elsewhere"))
    stage.restart()
    await stage.people_come_back()
    assert (await stage.status(recording_id))["status"] == "failed"
