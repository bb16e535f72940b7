"""A recording with nothing feigned: real media, engine and renderer, and what can be played afterwards."""

from __future__ import annotations

import asyncio
import io
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import av
import pytest
from support.server import Salon
from support.stage import Register, Stage, hear_and_see
from support.wait import eventually

from salon.media.recording.command import check

R = "/api/v1/recording"
STORM_S = 6.0
"""Existing clients wait so long for a stopped recording to be completed."""


@pytest.fixture
async def stage(register: Register) -> AsyncIterator[Stage]:
    stage = Stage(register)
    yield stage
    await stage.close()


def lengths_of(content: bytes) -> dict[str, float]:
    """Seconds of each kind of media that really decode, by the last frame of the longest track."""
    found: dict[str, float] = {}
    with av.open(io.BytesIO(content)) as container:
        for packet in container.demux():
            for frame in packet.decode():
                kind = packet.stream.type
                found[kind] = max(found.get(kind, 0.0), float(frame.time or 0.0))
    return found


@pytest.mark.timeout(240)
async def test_what_was_said_and_shown_can_be_played(stage: Stage, salon: Salon) -> None:
    host, guest = await stage.call("host"), await stage.call("guest")
    await hear_and_see(host, guest)
    person = host.tab.person
    base = f"/api/v1/meetings/{stage.meeting_id}/recording"
    begun = await person.request("POST", f"{base}/start", json={"title": "All of it"})
    assert begun.status_code == 200, begun.text
    one = begun.json()["data"]["recording_id"]
    # Three seconds of pictures, as a receiver counts them.
    await hear_and_see(host, guest, more=45)
    stopped = (await person.request("POST", f"{base}/stop")).json()["data"]
    assert stopped["status"] == "completed"
    assert stopped["file_size"] > 1000

    at_once = await person.request("GET", f"{R}/download/{one}?rendition=tracks")
    assert at_once.status_code == 200, at_once.text
    assert min(lengths_of(at_once.content)[kind] for kind in ("audio", "video")) > 1.5

    line = (await person.request("GET", f"{R}/timeline/{one}")).json()
    assert {each["name"] for each in line["people"]} >= {person.name, guest.tab.person.name}
    assert {each["stream"] for each in line["tracks"]} == {host.tab.peer_id, guest.tab.peer_id}
    track = await person.request("GET", line["tracks"][0]["url"])
    assert track.status_code == 200, track.text
    assert lengths_of(track.content)

    async def look() -> dict[str, Any]:
        answer = await person.request("GET", f"{R}/status/{one}")
        return {each["kind"]: each for each in answer.json()["recording"]["renditions"]}

    made = await eventually(
        look, lambda found: all(each["state"] in ("ready", "failed") for each in found.values()), within_s=150
    )
    assert {kind: each["state"] for kind, each in made.items()} == dict.fromkeys(made, "ready"), made
    film = await person.request("GET", f"{R}/download/{one}")
    assert film.headers["content-type"] == "video/mp4"
    assert min(lengths_of(film.content)[kind] for kind in ("audio", "video")) > 1.5
    picture = await person.request("GET", f"{R}/thumbnail/{one}")
    assert picture.content[:2] == b"\xff\xd8"
    folder: Path = salon.settings.data_dir / "recordings" / one
    assert check(folder)["ok"] is True


@pytest.mark.timeout(240)
async def test_a_storm_of_short_recordings_is_over_in_seconds(register: Register) -> None:
    """Twenty hosts start and stop three times each, twenty milliseconds apart, on the real engine."""
    host = await register("host")
    rooms = [
        (meeting, await host.join(meeting)) for meeting in [await host.create_meeting() for _ in range(20)]
    ]
    ready = asyncio.Event()
    at_once: list[str] = []

    async def work(meeting: int, room: str) -> list[tuple[str, float]]:
        done: list[tuple[str, float]] = []
        await ready.wait()
        for pair in range(3):
            body = {"meeting_id": meeting, "room_id": room, "user_id": host.user_id, "title": f"Take {pair}"}
            begun = await host.request("POST", f"{R}/start", json=body)
            assert begun.status_code == 200, begun.text
            one = begun.json()["recording"]["recording_id"]
            await asyncio.sleep(0.02)
            stopped = await host.request("POST", f"{R}/stop", json={"recording_id": one})
            assert stopped.status_code == 200, stopped.text
            at_once.append(stopped.json()["recording"]["status"])
            done.append((one, time.monotonic()))
        return done

    async def completed(one: str) -> float:
        async def look() -> str:
            return str((await host.request("GET", f"{R}/status/{one}")).json()["recording"]["status"])

        await eventually(look, lambda status: status == "completed", within_s=STORM_S)
        return time.monotonic()

    workers = [asyncio.create_task(work(*room)) for room in rooms]
    started = time.monotonic()
    ready.set()
    stops = [each for done in await asyncio.gather(*workers) for each in done]
    assert len({one for one, _ in stops}) == 60
    ends = await asyncio.gather(*(completed(one) for one, _ in stops))
    longest = max(end - stop for end, (_, stop) in zip(ends, stops, strict=True))
    done = at_once.count("completed")
    print(f"{done} of 60 were completed in the answer to their stop")
    taken = max(ends) - started
    print(f"60 recordings: all completed {taken:.2f} s after the first start, {longest:.2f} s after a stop")
