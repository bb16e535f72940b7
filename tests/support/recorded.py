"""Recordings of the engine: made by aiortc peers without a server around, and read back from disk."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import av
from aiortc import RTCPeerConnection, RTCRtpSender, RTCSessionDescription
from av.video.codeccontext import VideoCodecContext

from salon import _sfu
from salon.media.engine import EngineConfig, EngineListener, MediaEngine
from support.media import Picture, Tone
from support.wait import eventually

if TYPE_CHECKING:
    from salon.media.engine import EngineState, RecorderState


class States(EngineListener):
    """Remembers the states of recordings; nothing else matters here."""

    def __init__(self) -> None:
        self.states: list[str] = []

    def on_peer_state(self, *, peer: str, state: EngineState, cause: str) -> None:
        """Not looked at."""

    def on_offer(self, *, peer: str, neg: int, sdp: str) -> None:
        """Not looked at."""

    def on_track_published(self, *, peer: str, track: str, kind: str) -> None:
        """Not looked at."""

    def on_track_ended(self, *, peer: str, track: str) -> None:
        """Not looked at."""

    def on_room_fault(self, *, room: str, detail: str) -> None:
        """A fault is a failure of the test."""
        raise AssertionError(detail)

    def on_recording_state(self, *, room: str, recording: str, state: RecorderState, detail: str) -> None:
        """Remember it."""
        self.states.append(state)


def open_engine(listener: EngineListener) -> MediaEngine:
    """An engine on a free port of this machine, read by the running loop."""
    config = EngineConfig(
        bind_ip="127.0.0.1", udp_port=0, advertised_ips=("127.0.0.1",), shards=1, max_peers=10
    )
    engine = MediaEngine(_sfu, config)
    engine.start(listener)
    return engine


async def publish(engine: MediaEngine, *, room: str, peer: str, video: str = "VP8") -> RTCPeerConnection:
    """A peer that sends a tone and a picture, and answers no offers."""
    connection = RTCPeerConnection()
    connection.addTrack(Tone())
    connection.addTrack(Picture())
    codecs = [c for c in RTCRtpSender.getCapabilities("video").codecs if c.mimeType == f"video/{video}"]
    connection.getTransceivers()[1].setCodecPreferences(codecs)
    await connection.setLocalDescription(await connection.createOffer())
    answer = await engine.join(
        room=room, peer=peer, stream=f"web_{peer}", offer=connection.localDescription.sdp
    )
    await connection.setRemoteDescription(RTCSessionDescription(answer, "answer"))
    return connection


def index_of(folder: Path) -> list[dict[str, Any]]:
    """The lines of the index; a torn last one is left out, a torn one elsewhere is a failure."""
    text = (folder / "index.jsonl").read_text()
    return [json.loads(line) for line in text[: text.rfind("\n") + 1].splitlines()]


def of_kind(lines: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    """The lines of one kind."""
    return [line for line in lines if line["kind"] == kind]


@dataclass(frozen=True)
class Played:
    """What a player finds in a segment."""

    codec: str
    packets: int
    frames: int
    first_s: float
    last_s: float
    size: tuple[int, int] | None


def play(file: Path) -> Played:
    """Demux and decode a whole segment."""
    times: list[float] = []
    frames = 0
    with av.open(str(file)) as container:
        (stream,) = container.streams
        for packet in container.demux(stream):
            if packet.pts is not None:
                times.append(float(packet.pts * (packet.time_base or Fraction(1, 1000))))
            frames += len(packet.decode())
        context = stream.codec_context
        size = (context.width, context.height) if isinstance(context, VideoCodecContext) else None
        name = context.codec.canonical_name
    return Played(name, len(times), frames, times[0], times[-1], size)


async def until(condition: Callable[[], bool], within_s: float = 30.0) -> None:
    """Wait for something that has no event of its own."""

    async def look() -> bool:
        return condition()

    await eventually(look, bool, within_s=within_s)
