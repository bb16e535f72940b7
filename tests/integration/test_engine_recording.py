"""What the engine writes down of a meeting, read back with a player that knows nothing of it."""

import hashlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from support.recorded import States, index_of, of_kind, open_engine, play, publish, until

from salon.media.engine import EngineError, MediaEngine

ROOM = "room_1"


@pytest.fixture
async def states() -> States:
    return States()


@pytest.fixture
async def engine(states: States) -> AsyncIterator[MediaEngine]:
    engine = open_engine(states)
    yield engine
    engine.close()


def tracks_of(lines: list[dict[str, Any]]) -> dict[tuple[str, str], str]:
    return {(line["peer"], line["media"]): line["track"] for line in of_kind(lines, "track")}


async def test_two_publishers_become_files_that_play(
    engine: MediaEngine, states: States, tmp_path: Path
) -> None:
    await engine.start_recording(room=ROOM, recording="rec", folder=tmp_path)
    before_us = time.time_ns() // 1000
    peers = [
        await publish(engine, room=ROOM, peer="ann"),
        await publish(engine, room=ROOM, peer="ben", video="H264"),
    ]
    await until(lambda: len(of_kind(index_of(tmp_path), "sealed")) >= 4, 60)
    summary = await engine.stop_recording(room=ROOM, recording="rec")
    for peer in peers:
        await peer.close()
    after_us = time.time_ns() // 1000

    lines = index_of(tmp_path)
    assert [lines[0]["kind"], lines[-1]["kind"]] == ["run", "stop"]
    assert lines[-1]["cause"] == "command"
    tracks = tracks_of(lines)
    assert set(tracks) == {(p, m) for p in ("ann", "ben") for m in ("audio", "video")}
    assert {line["stream"] for line in of_kind(lines, "track")} == {"web_ann", "web_ben"}

    sealed = of_kind(lines, "sealed")
    assert len(sealed) == len(of_kind(lines, "segment")) == summary.segments
    expected = {
        tracks["ann", "audio"]: "opus",
        tracks["ben", "audio"]: "opus",
        tracks["ann", "video"]: "vp8",
        tracks["ben", "video"]: "h264",
    }
    for line in sealed:
        content = (tmp_path / line["file"]).read_bytes()
        assert (len(content), hashlib.sha256(content).hexdigest()) == (line["bytes"], line["sha256"])
        played = play(tmp_path / line["file"])
        assert played.codec == expected[line["track"]]
        assert played.packets == line["frames"]
        assert played.frames >= played.packets - 1
        assert played.size in (None, (160, 120))
        assert played.first_s == 0
        length_s = (line["end_us"] - line["start_us"]) / 1e6
        assert played.last_s <= length_s <= played.last_s + 0.3
        assert before_us - 1_000_000 <= line["start_us"] <= line["end_us"] <= after_us + 1_000_000
    assert "writing" in states.states
    assert states.states[-1] == "stopped"


async def test_sound_and_picture_of_a_peer_begin_together(engine: MediaEngine, tmp_path: Path) -> None:
    peer = await publish(engine, room=ROOM, peer="ann")
    await until(lambda: engine.stats().get("tracks") == 2)
    await engine.start_recording(room=ROOM, recording="rec", folder=tmp_path)
    await until(lambda: len({line["track"] for line in of_kind(index_of(tmp_path), "segment")}) == 2)
    await engine.stop_recording(room=ROOM, recording="rec")
    await peer.close()
    starts = {line["track"]: line["start_us"] for line in of_kind(index_of(tmp_path), "segment")}
    # The picture waits for its key frame, never more than the second between two requests and a frame.
    assert max(starts.values()) - min(starts.values()) < 3_000_000


async def test_commands_say_what_they_cannot_do(engine: MediaEngine, tmp_path: Path) -> None:
    with pytest.raises(EngineError) as error:
        await engine.stop_recording(room=ROOM, recording="rec")
    assert error.value.kind == "unknown_recording"
    await engine.start_recording(room=ROOM, recording="rec", folder=tmp_path / "rec")
    for room, recording in ((ROOM, "other"), ("room_2", "rec")):
        with pytest.raises(EngineError) as error:
            await engine.start_recording(room=room, recording=recording, folder=tmp_path / "other")
        assert error.value.kind == "exists"
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(EngineError) as error:
        await engine.start_recording(room="room_3", recording="third", folder=tmp_path / "file" / "rec")
    assert error.value.kind == "disk"
    summary = await engine.stop_recording(room=ROOM, recording="rec")
    assert (summary.segments, summary.bytes, summary.gaps) == (0, 0, 0)
    # What could not begin stands in nobody's way.
    await engine.start_recording(room="room_3", recording="third", folder=tmp_path / "third")


async def test_a_muted_publisher_is_a_gap_and_nothing_of_him_is_kept(
    engine: MediaEngine, tmp_path: Path
) -> None:
    await engine.start_recording(room=ROOM, recording="rec", folder=tmp_path)
    peer = await publish(engine, room=ROOM, peer="ann")
    await until(lambda: len(of_kind(index_of(tmp_path), "segment")) == 2)
    await engine.set_publish(room=ROOM, peer="ann", audio=False, video=True)
    await until(lambda: len(of_kind(index_of(tmp_path), "sealed")) == 1)
    muted_from = engine.stats()["dropped_muted_total"]
    await until(lambda: engine.stats()["dropped_muted_total"] > muted_from + 50)
    await engine.set_publish(room=ROOM, peer="ann", audio=True, video=True)
    await until(lambda: bool([g for g in of_kind(index_of(tmp_path), "gap") if g["cause"] == "muted"]))
    await engine.stop_recording(room=ROOM, recording="rec")
    await peer.close()
    (gap,) = [g for g in of_kind(index_of(tmp_path), "gap") if g["cause"] == "muted"]
    audio = tracks_of(index_of(tmp_path))["ann", "audio"]
    first, second = [line for line in of_kind(index_of(tmp_path), "sealed") if line["track"] == audio]
    assert gap["track"] == audio
    assert first["end_us"] <= gap["to_us"] <= second["start_us"] + 30_000
    assert gap["to_us"] - gap["from_us"] > 800_000


async def test_a_recording_outlives_its_room(engine: MediaEngine, tmp_path: Path) -> None:
    await engine.start_recording(room=ROOM, recording="rec", folder=tmp_path)
    for name in ("ann", "ben"):
        peer = await publish(engine, room=ROOM, peer=name)
        await until(
            lambda name=name: (
                len(of_kind(index_of(tmp_path), "segment")) % 2 == 0
                and (name, "video") in tracks_of(index_of(tmp_path))
            )
        )
        await engine.leave(room=ROOM, peer=name, reason="left")
        await peer.close()
        await until(lambda: engine.stats().get("rooms") == 0)
    await engine.stop_recording(room=ROOM, recording="rec")
    lines = index_of(tmp_path)
    assert {peer for peer, _ in tracks_of(lines)} == {"ann", "ben"}
    assert {line["track"] for line in of_kind(lines, "ended")} == set(tracks_of(lines).values())
    for line in of_kind(lines, "sealed"):
        assert play(tmp_path / line["file"]).packets == line["frames"]


async def test_the_end_of_the_engine_seals_everything(
    engine: MediaEngine, states: States, tmp_path: Path
) -> None:
    await engine.start_recording(room=ROOM, recording="rec", folder=tmp_path)
    peer = await publish(engine, room=ROOM, peer="ann")
    await until(lambda: "writing" in states.states)
    engine.close()
    await peer.close()
    lines = index_of(tmp_path)
    assert of_kind(lines, "stop")[0]["cause"] == "closed"
    assert len(of_kind(lines, "sealed")) == len(of_kind(lines, "segment")) >= 1


RECORDER = """
import asyncio, sys
from pathlib import Path
sys.path.insert(0, {tests!r})
from support.recorded import States, open_engine, publish

async def main():
    engine = open_engine(States())
    await engine.start_recording(room="room_1", recording="rec", folder=Path(sys.argv[1]))
    peer = await publish(engine, room="room_1", peer="ann")
    await asyncio.Event().wait()

asyncio.run(main())
"""


async def test_a_killed_process_loses_at_most_two_seconds(engine: MediaEngine, tmp_path: Path) -> None:
    code = RECORDER.format(tests=str(Path(__file__).resolve().parents[1]))
    process = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)])  # noqa: ASYNC220
    try:
        index = tmp_path / "index.jsonl"
        await until(lambda: index.exists() and bool(of_kind(index_of(tmp_path), "sealed")), 90)
        sealed_us = max(line["end_us"] for line in of_kind(index_of(tmp_path), "sealed"))
        await until(lambda: time.time_ns() // 1000 > sealed_us + 4_000_000)
    finally:
        killed_us = time.time_ns() // 1000
        process.send_signal(signal.SIGKILL)
        process.wait()
    lines = index_of(tmp_path)
    sealed = {line["file"] for line in of_kind(lines, "sealed")}
    opened = {line["track"]: line for line in of_kind(lines, "segment") if line["file"] not in sealed}
    assert len(opened) == 2
    for file in sealed:
        assert play(tmp_path / file).frames > 0
    for line in opened.values():
        played = play(tmp_path / line["file"])
        assert played.frames > 0
        assert line["start_us"] / 1e6 + played.last_s >= killed_us / 1e6 - 2

    # Whoever comes after it goes on in the same folder.
    await engine.start_recording(room=ROOM, recording="rec", folder=tmp_path)
    peer = await publish(engine, room=ROOM, peer="ann")
    await until(lambda: len(of_kind(index_of(tmp_path), "segment")) >= len(of_kind(lines, "segment")) + 2)
    await engine.stop_recording(room=ROOM, recording="rec")
    await peer.close()
    lines = index_of(tmp_path)
    runs = of_kind(lines, "run")
    assert len({line["run"] for line in runs}) == len(runs) == 2
    files = [line["file"] for line in of_kind(lines, "segment")]
    assert len(set(files)) == len(files)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "small"
    folder.mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)], check=False)
    if done.returncode != 0:
        pytest.skip("a file system of its own needs the right to mount")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(file: Path) -> None:
    """Takes all that is left of a disk."""
    free = os.statvfs(file.parent).f_bavail * os.statvfs(file.parent).f_frsize
    with file.open("ab", buffering=0) as filler:
        filler.write(bytes(free))


async def test_a_full_disk_is_a_gap_and_is_tried_again(
    engine: MediaEngine, states: States, small_disk: Path
) -> None:
    folder = small_disk / "rec"
    await engine.start_recording(room=ROOM, recording="rec", folder=folder)
    peer = await publish(engine, room=ROOM, peer="ann")
    await until(lambda: states.states == ["writing"])
    fill(small_disk / "filler")
    await until(lambda: states.states == ["writing", "failed"])
    forwarded = engine.stats()["rtp_in_total"]
    await until(lambda: engine.stats()["rtp_in_total"] > forwarded + 100)
    (small_disk / "filler").unlink()
    await until(lambda: states.states == ["writing", "failed", "writing"])
    await engine.stop_recording(room=ROOM, recording="rec")
    await peer.close()
    lines = index_of(folder)
    gaps = [line for line in of_kind(lines, "gap") if line["cause"] == "disk"]
    assert {line["track"] for line in gaps} == set(tracks_of(lines).values())
    assert of_kind(lines, "sealed")
    for line in of_kind(lines, "sealed"):
        assert play(folder / line["file"]).packets == line["frames"]
