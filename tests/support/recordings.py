"""Recordings made by hand in the format the engine writes: moving pictures, tones, flashes."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

START_US = 1_790_000_000_000_000
RATE_HZ = 48_000
BLOCK_S = 0.02
SECOND_US = 1_000_000
FLASH_S = 0.1


@dataclass
class Sample:
    """A recording's folder in the making; times are seconds from its start."""

    folder: Path
    title: str = "Weekly"
    next_file: dict[str, int] = field(default_factory=dict)

    def begin(self, *, quality: str = "720p", file_format: str = "mp4") -> None:
        """The manifest and the first run."""
        self.folder.mkdir(parents=True)
        started_at = datetime.fromtimestamp(START_US / SECOND_US, UTC).isoformat(timespec="milliseconds")
        manifest = {
            "version": 1,
            "recording_id": self.folder.name,
            "meeting_id": "1",
            "room_id": "1",
            "title": self.title,
            "quality": quality,
            "format": file_format,
            "started_at": started_at.replace("+00:00", "Z"),
        }
        (self.folder / "manifest.json").write_text(json.dumps(manifest))
        self.index(0, "run", run="run-1", version="0.1.0")

    def index(self, at: float, kind: str, **fields: Any) -> None:
        """A line of the engine."""
        self._append("index.jsonl", at, kind, fields)

    def event(self, at: float, kind: str, **fields: Any) -> None:
        """A line of the platform."""
        self._append("events.jsonl", at, kind, fields)

    def _append(self, file: str, at: float, kind: str, fields: dict[str, Any]) -> None:
        with (self.folder / file).open("a") as out:
            out.write(json.dumps({"t": us(at), "kind": kind, **fields}) + "\n")

    def join(self, at: float, stream: str, nickname: str, *, user_id: int, **switches: bool) -> None:
        """Somebody comes, microphone and camera on unless told otherwise."""
        self.event(at, "joined", user_id=user_id, username=f"user{user_id}", nickname=nickname, stream=stream)
        self.switch(at, stream, user_id=user_id, **switches)

    def switch(
        self,
        at: float,
        stream: str,
        *,
        user_id: int,
        audio: bool = True,
        video: bool = True,
        screen: bool = False,
    ) -> None:
        """Somebody switches devices."""
        self.event(at, "switches", stream=stream, user_id=user_id, audio=audio, video=video, screen=screen)

    def track(self, at: float, track: str, stream: str, media: str, codec: str) -> None:
        """A track begins."""
        self.index(at, "track", track=track, peer=f"peer-{stream}", stream=stream, media=media, codec=codec)

    def audio(
        self,
        track: str,
        start: float,
        end: float,
        *,
        hz: float,
        beeps: Sequence[float] = (),
        sealed: bool = True,
    ) -> Path:
        """A segment of Opus: a tone, or only beeps of that tone at these moments, ``FLASH_S`` long."""
        count = round((end - start) / BLOCK_S)
        at = start + np.arange(round(count * BLOCK_S * RATE_HZ)) / RATE_HZ
        level = np.ones_like(at) if not beeps else np.zeros_like(at)
        for beep in beeps:
            level[(at >= beep) & (at < beep + FLASH_S)] = 1
        samples = (0.2 * level * np.sin(2 * np.pi * hz * at)).astype(np.float32)
        path = self._open(track, start, "opus")
        blocks = write_opus(path, samples)
        if sealed:
            self.seal(track, path, start, start + count * BLOCK_S, blocks)
        return path

    def video(
        self,
        track: str,
        start: float,
        end: float,
        *,
        codec: str = "vp8",
        seed: int = 0,
        flashes: Sequence[float] = (),
        fps: int = 30,
        size: tuple[int, int] = (320, 180),
        sealed: bool = True,
    ) -> Path:
        """A segment of pictures in motion, white for ``FLASH_S`` at these moments."""
        times = [start + number / fps for number in range(round((end - start) * fps))]
        path = self._open(track, start, codec, width=size[0], height=size[1])
        write_video(path, codec, (picture(at, seed, flashes, size) for at in times), fps, size)
        if sealed:
            self.seal(track, path, start, end, len(times))
        return path

    def _open(self, track: str, start: float, codec: str, **size: int) -> Path:
        number = self.next_file.get(track, 0) + 1
        self.next_file[track] = number
        path = self.folder / "tracks" / track / f"{number:06}.mkv"
        path.parent.mkdir(parents=True, exist_ok=True)
        self.index(
            start, "segment", track=track, file=self.name(path), start_us=us(start), codec=codec, **size
        )
        return path

    def seal(self, track: str, path: Path, start: float, end: float, frames: int) -> None:
        """The line that says a segment is complete."""
        content = path.read_bytes()
        self.index(
            end,
            "sealed",
            track=track,
            file=self.name(path),
            start_us=us(start),
            end_us=us(end),
            frames=frames,
            bytes=len(content),
            sha256=hashlib.sha256(content).hexdigest(),
        )

    def name(self, path: Path) -> str:
        return path.relative_to(self.folder).as_posix()

    def stop(self, at: float, cause: str = "command") -> None:
        """The engine's last word."""
        self.index(at, "stop", cause=cause)


def us(at: float) -> int:
    """Seconds from the recording's start as the format wants them."""
    return START_US + round(at * SECOND_US)


def picture(at: float, seed: int, flashes: Sequence[float], size: tuple[int, int]) -> NDArray[np.uint8]:
    """A bright bar wandering over a ramp, or all white during a flash; the planes of yuv420p in one array."""
    width, height = size
    luma = np.tile(np.linspace(40, 120, width).astype(np.uint8), (height, 1))
    left = int((at * 80 + seed * 37) % (width - 40))
    luma[height // 4 : height * 3 // 4, left : left + 40] = 200
    if any(flash <= at < flash + FLASH_S for flash in flashes):
        luma[:] = 235
    chroma = np.full((height // 2, width), 128, np.uint8)
    return np.vstack([luma, chroma])


def write_opus(path: Path, samples: NDArray[np.float32]) -> int:
    """Blocks of 20 ms, as they would come from a browser; gives their number."""
    blocks = 0
    with av.open(str(path), "w", format="matroska", options=_LIVE) as out:
        stream = out.add_stream("libopus", rate=RATE_HZ, options={"compression_level": "3"})
        stream.codec_context.layout = "mono"
        step = round(RATE_HZ * BLOCK_S)
        for position in range(0, len(samples), step):
            frame = av.AudioFrame.from_ndarray(
                samples[None, position : position + step], format="flt", layout="mono"
            )
            frame.sample_rate, frame.pts = RATE_HZ, position
            packets = stream.encode(frame)
            blocks += len(packets)
            out.mux(packets)
        packets = stream.encode(None)
        out.mux(packets)
    return blocks + len(packets)


def write_video(
    path: Path, codec: str, pictures: Iterable[NDArray[np.uint8]], fps: int, size: tuple[int, int]
) -> None:
    """A key frame first, no frame out of order."""
    with av.open(str(path), "w", format="matroska", options=_LIVE) as out:
        name, options = _ENCODERS[codec]
        stream = out.add_stream(name, rate=fps, options=options)
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"
        stream.bit_rate = 400_000
        for number, planes in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(planes, format="yuv420p")
            frame.pts = number
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))


_LIVE = {"live": "1", "cluster_time_limit": "1000"}
_VPX = {"deadline": "realtime", "cpu-used": "8", "lag-in-frames": "0", "g": "300", "threads": "1"}
_X264 = {"preset": "ultrafast", "tune": "zerolatency", "g": "300", "profile": "baseline", "threads": "1"}
_ENCODERS = {"vp8": ("libvpx", _VPX), "vp9": ("libvpx-vp9", _VPX), "h264": ("libx264", _X264)}
