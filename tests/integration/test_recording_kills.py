"""The server is killed at any moment of a recording, again and again: what is lost, and is it told."""

from __future__ import annotations

import asyncio
import os
import random
import secrets
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from av.error import InvalidDataError
from support.media import MediaClient
from support.people import Person
from support.process import SalonProcess
from support.recorded import index_of, of_kind, play, until
from support.stage import Stage
from support.wait import eventually

from salon.media.recording.command import check

KILLS = int(os.environ.get("SALON_RECORDING_KILLS", "2"))
"""One after the other, in one recording; `make soak` asks for ten."""
MOST_LOST_S = 2.0
R = "/api/v1/recording"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[SalonProcess]:
    running = SalonProcess(tmp_path).start()
    yield running
    running.stop()


@pytest.fixture
async def stage(server: SalonProcess) -> AsyncIterator[Stage]:
    stage = Stage(partial(Person.register, server.url))
    yield stage
    await stage.close()


@dataclass(frozen=True)
class Kill:
    """One kill and what it cost."""

    at_us: int
    seconds: float
    """Since the recording began."""
    lost_s: float
    """Of the track that lost most."""


def live_tracks(folder: Path) -> set[str]:
    """Tracks of the present run that were written to."""
    lines = index_of(folder)
    run = max(number for number, line in enumerate(lines) if line["kind"] == "run")
    return {line["track"] for line in of_kind(lines[run:], "segment")}


def played_until_us(folder: Path, track: str) -> int:
    """When the last frame that a player gets out of a track was sent.

    All its segments must play, but one that was just begun when the server was killed: nothing of that may
    have reached the disk yet, and the time it lacks counts as lost.
    """
    lines = index_of(folder)
    sealed = {line["file"] for line in of_kind(lines, "sealed")}
    end_us = 0
    for segment in (line for line in of_kind(lines, "segment") if line["track"] == track):
        try:
            played = play(folder / segment["file"])
        except (InvalidDataError, IndexError):
            assert segment["file"] not in sealed
            continue
        assert played.frames > 0, segment
        end_us = max(end_us, segment["start_us"] + round(played.last_s * 1e6))
    return end_us


async def come_back(stage: Stage, people: list[Person]) -> list[MediaClient]:
    """Everybody opens a new tab in the meeting, sends, and is written to the disk."""
    clients: list[MediaClient] = []
    for person in people:
        room_id = await person.join(stage.meeting_id)
        tab = await person.enter(stage.meeting_id, capabilities=["media_push"])
        client = MediaClient(tab, room_id)
        stage.clients.append(client)
        await client.connect()
        clients.append(client)
    return clients


@pytest.mark.timeout(240 + 60 * KILLS)
async def test_a_killed_server_loses_two_seconds_at_most_and_says_so(
    stage: Stage, server: SalonProcess, tmp_path: Path
) -> None:
    seed = secrets.randbits(32)
    dice = random.Random(seed)  # noqa: S311 - when to kill, not a secret
    people = [(await stage.call(name)).tab.person for name in ("host", "guest")]
    host = people[0]
    base = f"/api/v1/meetings/{stage.meeting_id}/recording"
    begun = await host.request("POST", f"{base}/start", json={"title": "Killed"})
    assert begun.status_code == 200, begun.text
    recording_id = begun.json()["data"]["recording_id"]
    folder = tmp_path / "data" / "recordings" / recording_id
    started = time.time()
    kills: list[Kill] = []
    for _ in range(KILLS):
        await until(lambda: len(live_tracks(folder)) == 4, 30)
        await asyncio.sleep(dice.uniform(0.5, 7))
        tracks = live_tracks(folder)
        server.kill()
        killed_us = time.time_ns() // 1000
        for client in stage.clients:
            await client.close()
        stage.clients.clear()
        lost = [killed_us - played_until_us(folder, track) for track in tracks]
        kills.append(Kill(killed_us, killed_us / 1e6 - started, max(lost) / 1e6))
        server.start()
        status = (await host.request("GET", f"{R}/status/{recording_id}")).json()["recording"]
        assert status["status"] == "recording", status
        await come_back(stage, people)
    await until(lambda: len(live_tracks(folder)) == 4, 30)
    stopped = (await host.request("POST", f"{base}/stop")).json()["data"]

    # Whatever was still being written when the server was killed is sealed by now, or is being sealed.
    assert stopped["status"] in ("completed", "processing")
    found = await eventually(partial(renditions, host, recording_id), is_done, within_s=200)
    assert {kind: one["state"] for kind, one in found.items()} == dict.fromkeys(found, "ready"), found
    whole = check(folder)
    assert whole["ok"], whole
    zero_us = min(line["t"] for line in index_of(folder))
    print(f"\nseed {seed}; {KILLS} kills of one recording of {whole['duration']:.1f} s")
    print("kill   at (s)   lost at most (s)   gaps told of, from - to (s)")
    for number, kill in enumerate(kills, 1):
        at = (kill.at_us - zero_us) / 1e6
        told = [gap for gap in whole["gaps"] if gap["start"] <= at + 0.5 and gap["end"] >= at - 0.5]
        spans = ", ".join(f"{g['name']} {g['media']} {g['start']:.2f}-{g['end']:.2f}" for g in told)
        print(f"{number:4}  {at:7.2f}  {kill.lost_s:17.2f}   {spans}")
        assert kill.lost_s <= MOST_LOST_S
        assert {(gap["name"], gap["media"]) for gap in told} == {
            (person.name, media) for person in people for media in ("audio", "video")
        }
        assert {gap["cause"] for gap in told} == {"crash"}


async def renditions(person: Person, recording_id: str) -> dict[str, Any]:
    """What is made of the recording, by kind."""
    answer = await person.request("GET", f"{R}/status/{recording_id}")
    return {one["kind"]: one for one in answer.json()["recording"]["renditions"]}


def is_done(found: dict[str, Any]) -> bool:
    return bool(found) and all(one["state"] in ("ready", "failed") for one in found.values())
