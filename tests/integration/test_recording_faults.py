"""A disk that is full or stands still, a store that is away: the call goes on, and what can be kept is."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from support.disks import fill, small_disk, stoppable_disk
from support.media import MediaClient
from support.people import Person
from support.process import SalonProcess
from support.recorded import index_of, of_kind, play, until
from support.s3 import S3
from support.stage import Stage, hear_and_see
from support.wait import eventually

from salon.media.recording.command import check
from salon.media.recording.rules import FAILED, SLOW

R = "/api/v1/recording"
MB = 2**20
STILL_S = 8.0
"""How long a disk stands still: whoever waited for it would be silent for as long."""


class Studio:
    """A server of its own with a call of two that is recorded."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.data = folder / "data"
        self.server = SalonProcess(folder, **settings)
        self.stage = Stage(partial(Person.register, self.server.url))
        self.recording_id = ""

    async def open(self) -> None:
        await asyncio.to_thread(self.server.start)
        self.host = await self.stage.come("host", "media_push", "recording")
        await self.host.connect()
        self.guest = await self.stage.call("guest")
        await hear_and_see(self.host, self.guest)

    async def start(self) -> None:
        answer = await self.post("start", {"title": "Under stress"})
        assert answer.status_code == 200, answer.text
        self.recording_id = answer.json()["data"]["recording_id"]
        await self.expect_state("recording")

    async def post(self, action: str, body: Any = None) -> Any:
        path = f"/api/v1/meetings/{self.stage.meeting_id}/recording/{action}"
        return await self.host.tab.person.request("POST", path, json=body or {})

    async def expect_state(self, state: str, *, within_s: float = 20) -> str:
        """What the room is told of its recording; the text of it."""
        frame = await self.host.tab.expect(
            24, where=lambda frame: frame["payload"]["state"] == state, within_s=within_s
        )
        return str(frame["payload"]["text"])

    async def status(self) -> dict[str, Any]:
        answer = await self.host.tab.person.request("GET", f"{R}/status/{self.recording_id}")
        found: dict[str, Any] = answer.json()["recording"]
        return found

    async def expect_renditions(self, states: set[str], *, within_s: float = 150) -> dict[str, Any]:
        async def look() -> dict[str, Any]:
            return {one["kind"]: one for one in (await self.status())["renditions"]}

        return await eventually(
            look, lambda it: bool(it) and {one["state"] for one in it.values()} <= states, within_s=within_s
        )

    @property
    def folder(self) -> Path:
        return self.data / "recordings" / self.recording_id

    async def expect_on_disk(self, seconds: float) -> None:
        """Wait until so much of every track can be played."""
        sealed: Callable[[], bool] = lambda: written_s(self.folder) >= seconds  # noqa: E731
        await until(sealed, 40)


def written_s(folder: Path) -> float:
    """Seconds of the shortest of four tracks that are sealed."""
    lengths: dict[str, int] = {}
    for line in of_kind(index_of(folder), "sealed"):
        lengths[line["track"]] = lengths.get(line["track"], 0) + line["end_us"] - line["start_us"]
    return min(lengths.values()) / 1e6 if len(lengths) == 4 else 0.0


async def longest_silence_s(listener: MediaClient, speaker: MediaClient, *, during_s: float) -> float:
    """The longest time in which no sound of the speaker arrived."""
    key, longest = (speaker.tab.peer_id, "audio"), 0.0
    end = time.monotonic() + during_s
    while (now := time.monotonic()) < end:
        longest = max(longest, now - listener.last_at.get(key, now))
        await asyncio.sleep(0.02)
    return longest


@pytest.fixture
async def stack() -> AsyncIterator[AsyncExitStack]:
    async with AsyncExitStack() as stack:
        yield stack


async def open_studio(stack: AsyncExitStack, folder: Path, **settings: str) -> Studio:
    studio = Studio(folder, **settings)
    stack.callback(studio.server.stop)
    stack.push_async_callback(studio.stage.close)
    await studio.open()
    return studio


@pytest.mark.timeout(300)
async def test_a_disk_that_fills_stops_the_recording_in_time(stack: AsyncExitStack, tmp_path: Path) -> None:
    recordings = tmp_path / "data" / "recordings"
    stack.enter_context(small_disk(recordings, 96))
    studio = await open_studio(stack, tmp_path, recording_disk_floor_mb="48")
    await studio.start()
    await studio.expect_on_disk(2)
    fill(recordings / "ballast", but=40 * MB)
    text = await studio.expect_state("stopped", within_s=40)
    assert "almost full" in text
    await hear_and_see(studio.host, studio.guest)
    refused = await studio.post("start")
    assert refused.status_code == 503, refused.text
    assert "disk" in refused.json()["message"]

    done = await studio.expect_renditions({"ready"})
    assert set(done) == {"composite", "mix", "tracks", "thumbnail"} or len(done) == 4
    status = await studio.status()
    assert status["status"] == "completed"
    assert "almost full" in status["warning"]
    assert check(studio.folder)["ok"] is True
    os.unlink(recordings / "ballast")
    assert (await studio.post("start")).status_code == 200


@pytest.mark.timeout(400)
async def test_a_full_disk_is_a_gap_and_finishing_waits_for_room(
    stack: AsyncExitStack, tmp_path: Path
) -> None:
    recordings, workshop = tmp_path / "data" / "recordings", tmp_path / "data" / "workshop"
    for folder in (recordings, workshop):
        stack.enter_context(small_disk(folder, 32))
    studio = await open_studio(stack, tmp_path, recording_disk_floor_mb="0")
    await studio.start()
    await studio.expect_on_disk(2)
    fill(recordings / "ballast")
    assert await studio.expect_state("warning", within_s=40) == FAILED
    await hear_and_see(studio.host, studio.guest, more=30)
    os.unlink(recordings / "ballast")
    await studio.expect_state("recording", within_s=40)
    before = written_s(studio.folder)
    await until(lambda: written_s(studio.folder) > before + 2, 40)

    fill(workshop / "ballast")
    stopped = (await studio.post("stop")).json()["data"]
    assert stopped["status"] == "completed"
    waiting = await studio.expect_renditions({"pending", "processing"}, within_s=20)
    assert not any(one["state"] == "failed" for one in waiting.values())
    whole = check(studio.folder)
    assert whole["ok"] is True, whole
    assert {gap["cause"] for gap in whole["gaps"]} >= {"disk"}, whole["gaps"]
    for line in of_kind(index_of(studio.folder), "sealed"):
        assert play(studio.folder / line["file"]).frames > 0
    await hear_and_see(studio.host, studio.guest)
    os.unlink(workshop / "ballast")
    await studio.expect_renditions({"ready"})


@pytest.mark.timeout(300)
async def test_a_disk_that_stands_still_delays_nobody(stack: AsyncExitStack, tmp_path: Path) -> None:
    still = stack.enter_context(stoppable_disk(tmp_path / "data" / "recordings", tmp_path / "disk.img", 128))
    studio = await open_studio(stack, tmp_path, recording_disk_floor_mb="0")
    stack.callback(still, False)
    await studio.start()
    await studio.expect_on_disk(2)
    calm_s = await longest_silence_s(studio.host, studio.guest, during_s=5)
    still(True)
    still_s = await longest_silence_s(studio.host, studio.guest, during_s=STILL_S)
    print(f"longest silence in the call: {calm_s:.2f} s before, {still_s:.2f} s while the disk stands still")
    assert await studio.expect_state("warning", within_s=40) == SLOW
    still(False)
    await studio.expect_state("recording", within_s=40)
    assert still_s < STILL_S / 4
    stopped = (await studio.post("stop")).json()["data"]
    assert stopped["status"] in ("completed", "processing")
    await studio.expect_renditions({"ready"})
    assert check(studio.folder)["ok"] is True


@pytest.mark.timeout(400)
async def test_a_store_that_is_away_is_waited_for(stack: AsyncExitStack, tmp_path: Path) -> None:
    s3 = S3().start()
    stack.callback(s3.remove)
    told = s3.settings("films")
    assert told.secret_access_key is not None
    studio = await open_studio(
        stack,
        tmp_path,
        storage_url=told.url,
        storage_endpoint=told.endpoint,
        storage_access_key_id=told.access_key_id,
        storage_secret_access_key=told.secret_access_key.get_secret_value(),
    )
    await studio.start()
    await studio.expect_on_disk(2)
    s3.stop()
    stopped = (await studio.post("stop")).json()["data"]
    assert stopped["status"] == "completed"
    await hear_and_see(studio.host, studio.guest, more=30)
    # Its tracks lie on this server's disk: they can be played while the store is away.
    line = (await studio.host.tab.person.request("GET", f"{R}/timeline/{studio.recording_id}")).json()
    assert len(line["tracks"]) == 4
    found = await studio.expect_renditions({"pending", "processing"}, within_s=20)
    assert len(found) == 4
    s3.start()
    await studio.expect_renditions({"ready"})
    film = await studio.host.tab.person.request("GET", f"{R}/download/{studio.recording_id}")
    assert film.headers["content-type"] == "video/mp4"
    assert any("composite" in name or name.endswith(".mp4") for name in s3.objects)
