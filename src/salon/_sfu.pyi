"""The SFU engine: a Rust extension that owns every media packet.

Python sends commands and reads events; it never sees a packet and never waits for one. Commands return a
ticket at once; what became of them arrives as `Completed` with that ticket. The names:

- ``room``: the room id as the platform knows it; a room exists from its first peer to its last.
- ``peer``: the media peer id (UUID text) of one PeerConnection.
- ``stream``: the signaling peer id of a publisher; it becomes the msid stream id that subscribers see.
"""

from collections.abc import Sequence
from os import PathLike
from typing import Literal, TypeAlias, final

__all__ = [
    "SOURCE_HASH",
    "AudioChunk",
    "Completed",
    "Engine",
    "EngineBusy",
    "Event",
    "OfferReady",
    "PeerState",
    "RecordingState",
    "RoomFault",
    "TrackEnded",
    "TrackPublished",
]

SOURCE_HASH: str
"""SHA-256 (hex) of the Rust sources this extension was built from; `salon.native` recomputes it."""

class EngineBusy(Exception):
    """The command queue of the shard is full, or the events are not being read.

    Refuse the request (503) and let the client try again.
    """

@final
class Completed:
    """The end of one command."""

    @property
    def ticket(self) -> int:
        """The ticket the command returned."""

    @property
    def value(self) -> str | None:
        """What the command yields (answer SDP, JSON text); None if it yields nothing or failed."""

    @property
    def error(self) -> str | None:
        """None if it succeeded, else one of ``bad_sdp``, ``bad_candidate``, ``unknown_peer``,
        ``unknown_room``, ``stale_negotiation``, ``too_many_lines``, ``full``, ``exists``,
        ``unknown_recording``, ``disk``, ``closed``, ``internal``."""

    @property
    def detail(self) -> str:
        """One sentence for a log or an answer; empty if there is nothing to add."""

@final
class PeerState:
    """A peer's transport changed its state. ``gone`` is sent exactly once and is the last word on a peer."""

    @property
    def room(self) -> str: ...
    @property
    def peer(self) -> str: ...
    @property
    def state(self) -> Literal["connecting", "connected", "interrupted", "gone"]: ...
    @property
    def cause(self) -> str:
        """Why: the reason given with the command, or ``silence``, ``timeout``, ``dtls_failed``,
        ``never_connected``, ``closed`` (by the client, or with the engine), ``fault``; empty for states
        that need none."""

@final
class OfferReady:
    """The engine wants to renegotiate. Serve these bytes until answered; a later one replaces it."""

    @property
    def room(self) -> str: ...
    @property
    def peer(self) -> str: ...
    @property
    def neg(self) -> int:
        """Number of this offer, to be handed back with the answer."""

    @property
    def sdp(self) -> str: ...

@final
class TrackPublished:
    """The first packet of a track arrived."""

    @property
    def room(self) -> str: ...
    @property
    def peer(self) -> str: ...
    @property
    def track(self) -> str:
        """Id of the track, unique within its room for as long as the room lives."""

    @property
    def kind(self) -> Literal["audio", "video"]: ...
    @property
    def codec(self) -> str:
        """Lower-case codec name: ``opus``, ``vp8``, ``h264``, …"""

@final
class TrackEnded:
    """A published track is over: its line was stopped or its peer is gone."""

    @property
    def room(self) -> str: ...
    @property
    def peer(self) -> str: ...
    @property
    def track(self) -> str: ...

@final
class RecordingState:
    """A recording changed its state."""

    @property
    def room(self) -> str: ...
    @property
    def recording(self) -> str: ...
    @property
    def state(self) -> Literal["writing", "slow", "failed", "stopped"]:
        """``writing``: what is heard reaches the disk (also: again). ``slow``: packets are left out because
        the disk does not keep up. ``failed``: the disk refuses, it is tried again every two seconds.
        ``stopped``: all is sealed."""

    @property
    def detail(self) -> str:
        """One sentence for a log; empty if there is nothing to add."""

@final
class RoomFault:
    """A bug ended this room; the others go on. Its peers are reported ``gone`` with cause ``fault``."""

    @property
    def room(self) -> str: ...
    @property
    def detail(self) -> str: ...

@final
class AudioChunk:
    """A stretch of the sound of one speaker, 100 ms unless it ends early. Silence is left out."""

    @property
    def room(self) -> str: ...
    @property
    def peer(self) -> str: ...
    @property
    def stream(self) -> str: ...
    @property
    def track(self) -> str: ...
    @property
    def at_us(self) -> int:
        """When it began, in microseconds since 1970."""

    @property
    def has_gap(self) -> bool:
        """Something is missing before it."""

    @property
    def is_last(self) -> bool:
        """The track is over: there is no sound in it, and no further chunk."""

    @property
    def pcm(self) -> bytes:
        """16 kHz, one channel, signed 16 bit, little-endian."""

Event: TypeAlias = (
    Completed | PeerState | OfferReady | TrackPublished | TrackEnded | RecordingState | RoomFault
)

@final
class Engine:
    """The media engine: its shard threads, its UDP port, its rooms.

    Safe to call from any thread; no method waits for a shard.
    """

    def __new__(
        cls,
        *,
        bind_ip: str = ...,
        udp_port: int = 0,
        advertised_ips: Sequence[str],
        shards: int = 1,
        max_peers: int = 500,
        max_lines: int = 100,
        real_time: bool = False,
    ) -> Engine:
        """Bind the port and start the shard threads.

        Args:
            bind_ip: address the UDP socket binds to; by default all (``0.0.0.0``).
            udp_port: 0 takes any free port, see `udp_port`.
            advertised_ips: what the answers name as host candidates; at least one.
            shards: media threads.
            max_peers: peers of the whole engine; one more ends with ``full``.
            max_lines: m-lines of one peer, dead ones included.
            real_time: the shard threads go before everything ordinary on the machine (``SCHED_RR``), where
                this process may ask for that: privileged, or with an ``RLIMIT_RTPRIO``.

        Raises:
            OSError: the port is taken or the address cannot be bound.
            ValueError: an address does not parse, or a limit is out of range.
        """

    @property
    def udp_port(self) -> int:
        """The UDP port all media uses; it also answers plain STUN binding requests."""

    def events_fd(self) -> int:
        """An eventfd that is readable while events wait; belongs to the engine, do not close it."""

    def poll_events(self, max_events: int = 256) -> list[Event]:
        """Take up to ``max_events`` waiting events, oldest first; clears `events_fd` when none remain."""

    def join(self, *, room: str, peer: str, stream: str, offer: str) -> int:
        """Admit a peer with its first offer. Yields the answer SDP, host candidates inside.

        Raises:
            EngineBusy: the command queue is full.
        """

    def offer(self, *, room: str, peer: str, sdp: str) -> int:
        """Take a renegotiation or ICE restart made by the client; yields the answer SDP.

        Our own pending offer becomes void; what it held is offered again.

        Raises:
            EngineBusy: the command queue is full.
        """

    def answer(self, *, room: str, peer: str, sdp: str, neg: int | None) -> int:
        """Take the client's answer to our offer ``neg`` (None: to the pending one).

        Raises:
            EngineBusy: the command queue is full.
        """

    def add_candidate(self, *, room: str, peer: str, candidate: str) -> int:
        """Take a trickled candidate of the client; an empty text (end of candidates) is accepted.

        Raises:
            EngineBusy: the command queue is full.
        """

    def leave(self, *, room: str, peer: str, reason: str) -> int:
        """Remove a peer; succeeds also if it is gone already.

        Raises:
            EngineBusy: the command queue is full.
        """

    def close_room(self, *, room: str, reason: str) -> int:
        """Remove all peers of a room; succeeds also if there is none.

        Raises:
            EngineBusy: the command queue is full.
        """

    def set_publish(self, *, room: str, peer: str, audio: bool, video: bool) -> int:
        """Server-side mute: packets of a kind set to False are dropped from the next one on.

        Raises:
            EngineBusy: the command queue is full.
        """

    def room_stats(self, *, room: str) -> int:
        """Yields a JSON text with the peers, lines and counters of a room.

        Raises:
            EngineBusy: the command queue is full.
        """

    def start_recording(self, *, room: str, recording: str, folder: str | PathLike[str]) -> int:
        """Record every track of a room from now on, also those to come, also while nobody is there.

        Continues what lies in the folder already; the layout is described in ``docs/recording-format.md``.
        Ends with ``exists`` if the room is being recorded, with ``disk`` if the folder cannot be written.

        Raises:
            EngineBusy: the command queue is full.
        """

    def stop_recording(self, *, room: str, recording: str) -> int:
        """Seal a recording; yields JSON text with ``segments``, ``bytes``, ``gaps``, ``duration_us``.

        Ends with ``unknown_recording`` if the room is not being recorded under that name.

        Raises:
            EngineBusy: the command queue is full.
        """

    def listen(self, *, room: str) -> int:
        """Decode the sound of a room from now on, also of tracks to come, also after it was empty.

        Idempotent.

        Raises:
            EngineBusy: the command queue is full.
        """

    def unlisten(self, *, room: str) -> int:
        """End what `listen` began. Idempotent.

        Raises:
            EngineBusy: the command queue is full.
        """

    def audio_fd(self) -> int:
        """An eventfd that is readable while sound waits; belongs to the engine, do not close it."""

    def take_audio(self, max_chunks: int = 64) -> list[AudioChunk]:
        """Take up to ``max_chunks`` of what was heard, oldest first. About two minutes of one speaker wait at
        most; then the oldest go, counted in `stats` as ``listening_dropped_ms_total``."""

    def stats(self) -> dict[str, int | float]:
        """Counters of the whole engine from the latest snapshot (at most a second old)."""

    def close(self) -> None:
        """End all rooms, recordings and threads; may come twice. Later commands end with ``closed``."""
