"""The media engine's interface without media: for tests of what surrounds it.

It answers every offer that looks like SDP, and lets a test play the engine's own initiative.
"""

import os
from dataclasses import dataclass
from typing import Any

SOURCE_HASH = "fake"


class EngineBusy(Exception):
    pass


@dataclass(frozen=True)
class Completed:
    ticket: int
    value: str | None = None
    error: str | None = None
    detail: str = ""


@dataclass(frozen=True)
class PeerState:
    room: str
    peer: str
    state: str
    cause: str = ""


@dataclass(frozen=True)
class OfferReady:
    room: str
    peer: str
    neg: int
    sdp: str


@dataclass(frozen=True)
class TrackPublished:
    room: str
    peer: str
    track: str
    kind: str
    codec: str


@dataclass(frozen=True)
class TrackEnded:
    room: str
    peer: str
    track: str


@dataclass(frozen=True)
class RecordingState:
    room: str
    recording: str
    state: str
    detail: str = ""


@dataclass(frozen=True)
class RoomFault:
    room: str
    detail: str


class Engine:
    instances: "list[Engine]" = []  # noqa: RUF012

    def __init__(self, **config: Any) -> None:
        self.config = config
        self.udp_port = config.get("udp_port") or 40_000
        self.peers: dict[str, str] = {}
        self.commands: list[tuple[str, dict[str, Any]]] = []
        self.recordings: dict[str, str] = {}
        self.busy = 0
        self._fd = os.eventfd(0, os.EFD_NONBLOCK)
        self._audio_fd = os.eventfd(0, os.EFD_NONBLOCK)
        self._events: list[Any] = []
        self._tickets = 0
        Engine.instances.append(self)

    def audio_fd(self) -> int:
        return self._audio_fd

    def take_audio(self, max_chunks: int = 64) -> list[Any]:
        return []

    def events_fd(self) -> int:
        return self._fd

    def poll_events(self, max_events: int = 256) -> list[Any]:
        taken, self._events = self._events[:max_events], self._events[max_events:]
        if not self._events:
            os.eventfd_read(self._fd)
        return taken

    def emit(self, event: Any) -> None:
        self._events.append(event)
        os.eventfd_write(self._fd, 1)

    def _done(
        self, name: str, args: dict[str, Any], value: str | None = None, error: str | None = None
    ) -> int:
        if self.busy:
            self.busy -= 1
            raise EngineBusy
        self._tickets += 1
        self.commands.append((name, args))
        self.emit(Completed(self._tickets, None if error else value, error))
        return self._tickets

    def join(self, *, room: str, peer: str, stream: str, offer: str) -> int:
        args = {"room": room, "peer": peer, "stream": stream}
        if not offer.startswith("v=0"):
            return self._done("join", args, error="bad_sdp")
        self.peers[peer] = room
        candidate = "a=candidate:1 1 udp 2130706431 192.0.2.1 8801 typ host"
        answer = f"v=0\r\na=ice-ufrag:abcd\r\nm=audio 9 X 0\r\na=mid:0\r\n{candidate}\r\n"
        return self._done("join", args, value=answer)

    def offer(self, *, room: str, peer: str, sdp: str) -> int:
        args = {"room": room, "peer": peer}
        if peer not in self.peers:
            return self._done("offer", args, error="unknown_peer")
        if not sdp.startswith("v=0"):
            return self._done("offer", args, error="bad_sdp")
        return self._done("offer", args, value="v=0\r\ns=restarted\r\n")

    def answer(self, *, room: str, peer: str, sdp: str, neg: int | None) -> int:
        error = None if sdp.startswith("v=0") else "bad_sdp"
        return self._done("answer", {"room": room, "peer": peer, "neg": neg}, error=error)

    def add_candidate(self, *, room: str, peer: str, candidate: str) -> int:
        error = "bad_candidate" if candidate and not candidate.startswith("candidate:") else None
        return self._done("add_candidate", {"room": room, "peer": peer}, error=error)

    def leave(self, *, room: str, peer: str, reason: str) -> int:
        ticket = self._done("leave", {"room": room, "peer": peer, "reason": reason})
        if self.peers.pop(peer, None) is not None:
            self.emit(PeerState(room, peer, "gone", reason))
        return ticket

    def close_room(self, *, room: str, reason: str) -> int:
        return self._done("close_room", {"room": room, "reason": reason})

    def set_publish(self, *, room: str, peer: str, audio: bool, video: bool) -> int:
        return self._done("set_publish", {"peer": peer, "audio": audio, "video": video})

    def room_stats(self, *, room: str) -> int:
        return self._done("room_stats", {"room": room}, value="{}")

    def start_recording(self, *, room: str, recording: str, folder: Any) -> int:
        args = {"room": room, "recording": recording, "folder": str(folder)}
        if room in self.recordings:
            return self._done("start_recording", args, error="exists")
        self.recordings[room] = recording
        return self._done("start_recording", args)

    def stop_recording(self, *, room: str, recording: str) -> int:
        args = {"room": room, "recording": recording}
        if self.recordings.get(room) != recording:
            return self._done("stop_recording", args, error="unknown_recording")
        del self.recordings[room]
        summary = '{"segments":2,"bytes":2048,"gaps":0,"duration_us":1500000}'
        ticket = self._done("stop_recording", args, value=summary)
        self.emit(RecordingState(room, recording, "stopped"))
        return ticket

    def stats(self) -> dict[str, int | float]:
        return {"peers": len(self.peers)}

    def close(self) -> None:
        self.peers.clear()
