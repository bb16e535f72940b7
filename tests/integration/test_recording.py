"""A recording with nothing feigned: real media, engine and renderer, and what can be played afterwards."""

from __future__ import annotations

import io
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
