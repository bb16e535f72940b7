"""The SFU engine as asyncio sees it: commands are awaited, events arrive at a listener."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Protocol

import structlog
from pydantic import BaseModel

if TYPE_CHECKING:
    from pathlib import Path

    # Only the composition imports the extension itself: a missing or stale build stops the start there.
    from salon import _sfu

log = structlog.get_logger()

COMMAND_TIMEOUT_S = 8.0
"""Clients give a call 10 s; a shard answers within milliseconds or is in trouble."""

BUSY_RETRY_S = 0.05
BUSY_PATIENCE_S = 1.5
"""Existing clients never repeat a failed first call, so a full queue is worth a short wait."""

EVENTS_A_TURN = 256

EngineState = Literal["connecting", "connected", "interrupted", "gone"]
RecorderState = Literal["writing", "slow", "failed", "stopped"]


class SfuModule(Protocol):
    """What is used of the extension module `salon._sfu`."""

    Engine: type[_sfu.Engine]
    EngineBusy: type[_sfu.EngineBusy]
    Completed: type[_sfu.Completed]
    PeerState: type[_sfu.PeerState]
    OfferReady: type[_sfu.OfferReady]
    TrackPublished: type[_sfu.TrackPublished]
    TrackEnded: type[_sfu.TrackEnded]
    RecordingState: type[_sfu.RecordingState]
    RoomFault: type[_sfu.RoomFault]


class EngineError(Exception):
    """A command failed.

    Args:
        kind: one of the error words of `salon._sfu.Completed`, or ``busy`` or ``timeout``.
        detail: one sentence.
    """

    def __init__(self, kind: str, detail: str = "") -> None:
        super().__init__(detail or kind)
        self.kind = kind
        self.detail = detail


class EngineListener(ABC):
    """Who is told what happens in the engine; called in the event loop, must not wait."""

    @abstractmethod
    def on_peer_state(self, *, peer: str, state: EngineState, cause: str) -> None:
        """A transport changed; ``gone`` is the last word on a peer."""

    @abstractmethod
    def on_offer(self, *, peer: str, neg: int, sdp: str) -> None:
        """The engine wants to renegotiate; replaces an earlier unanswered offer."""

    @abstractmethod
    def on_track_published(self, *, peer: str, track: str, kind: Literal["audio", "video"]) -> None:
        """The first packet of a track came."""

    @abstractmethod
    def on_track_ended(self, *, peer: str, track: str) -> None:
        """A track is over."""

    def on_recording_state(  # noqa: B027 - who starts no recordings need not listen
        self, *, room: str, recording: str, state: RecorderState, detail: str
    ) -> None:
        """A recording changed its state; see `salon._sfu.RecordingState`."""

    @abstractmethod
    def on_room_fault(self, *, room: str, detail: str) -> None:
        """A bug ended a room; its peers are reported gone as well."""


@dataclass(frozen=True, slots=True)
class RecordingSummary:
    """What a recording came to since it was started.

    Args:
        segments: files sealed.
        bytes: their size.
        gaps: how often something is missing.
        duration_s: from start to stop.
    """

    segments: int
    bytes: int
    gaps: int
    duration_s: float


@dataclass(frozen=True, slots=True)
class EngineConfig:
    """How the engine is opened; see `salon._sfu.Engine`."""

    bind_ip: str
    udp_port: int
    advertised_ips: tuple[str, ...]
    shards: int
    max_peers: int
    real_time: bool = False


class _Summary(BaseModel):
    segments: int
    bytes: int
    gaps: int
    duration_us: int


class MediaEngine:
    """Owns the engine from `open` to `close`; after `start` all methods belong to one event loop."""

    def __init__(self, sfu: SfuModule, config: EngineConfig) -> None:
        self._sfu = sfu
        self._config = config
        self._opened: _sfu.Engine | None = None
        self._listener: EngineListener | None = None
        self._waiting: dict[int, asyncio.Future[str | None]] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self.on_audio: Callable[[], None] | None = None
        """Called once when sound waits to be taken; again after `watch_audio`."""

    @property
    def udp_port(self) -> int:
        """The UDP port of all media and of STUN."""
        return self._engine.udp_port

    @property
    def advertised_ips(self) -> tuple[str, ...]:
        """The addresses browsers are told to send media to."""
        return self._config.advertised_ips

    @property
    def _engine(self) -> _sfu.Engine:
        if self._opened is None:
            raise EngineError("closed", "the media engine is not open")
        return self._opened

    def open(self) -> None:
        """Bind the UDP port and start the engine's threads; does nothing if that is done.

        Raises:
            OSError: the port is taken or the address cannot be bound.
        """
        if self._opened is None:
            config = self._config
            self._opened = self._sfu.Engine(
                bind_ip=config.bind_ip,
                udp_port=config.udp_port,
                advertised_ips=list(config.advertised_ips),
                shards=config.shards,
                max_peers=config.max_peers,
                real_time=config.real_time,
            )

    def start(self, listener: EngineListener) -> None:
        """Open the engine if need be, and begin to read events in the running loop."""
        self.open()
        self._listener = listener
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._engine.events_fd(), self._on_readable)
        self.watch_audio()

    def close(self) -> None:
        """Stop the engine's threads; may come twice. Waiting commands fail with ``closed``."""
        if self._opened is None:
            return
        if self._loop is not None:
            self._loop.remove_reader(self._opened.events_fd())
            self._loop.remove_reader(self._opened.audio_fd())
            self._loop = None
        self._opened.close()
        self._opened = None
        for future in self._waiting.values():
            if not future.done():
                future.set_exception(EngineError("closed", "the media engine stopped"))
        self._waiting.clear()

    def stats(self) -> dict[str, int | float]:
        """Counters of the engine, at most a second old."""
        return {} if self._opened is None else self._opened.stats()

    async def join(self, *, room: str, peer: str, stream: str, offer: str) -> str:
        """Admit a peer with its first offer; the answer's SDP."""
        return await self._text(lambda: self._engine.join(room=room, peer=peer, stream=stream, offer=offer))

    async def offer(self, *, room: str, peer: str, sdp: str) -> str:
        """Renegotiate at the client's wish (also an ICE restart); the answer's SDP."""
        return await self._text(lambda: self._engine.offer(room=room, peer=peer, sdp=sdp))

    async def answer(self, *, room: str, peer: str, sdp: str, neg: int | None) -> None:
        """Take the client's answer to our offer."""
        await self._run(lambda: self._engine.answer(room=room, peer=peer, sdp=sdp, neg=neg))

    async def add_candidate(self, *, room: str, peer: str, candidate: str) -> None:
        """Take a candidate of the client; empty text ends them."""
        await self._run(lambda: self._engine.add_candidate(room=room, peer=peer, candidate=candidate))

    async def leave(self, *, room: str, peer: str, reason: str) -> None:
        """Remove a peer; no error if it is gone."""
        await self._run(lambda: self._engine.leave(room=room, peer=peer, reason=reason))

    async def close_room(self, *, room: str, reason: str) -> None:
        """Remove everybody of a room."""
        await self._run(lambda: self._engine.close_room(room=room, reason=reason))

    async def set_publish(self, *, room: str, peer: str, audio: bool, video: bool) -> None:
        """Let a peer's packets of each kind through, or drop them."""
        await self._run(lambda: self._engine.set_publish(room=room, peer=peer, audio=audio, video=video))

    async def start_recording(self, *, room: str, recording: str, folder: Path) -> None:
        """Record every track of a room from now on, also while nobody is there. A used folder is continued.

        Raises:
            EngineError: ``exists`` if the room is being recorded, ``disk`` if the folder cannot be written.
        """
        engine = self._engine
        await self._run(lambda: engine.start_recording(room=room, recording=recording, folder=folder))

    async def stop_recording(self, *, room: str, recording: str) -> RecordingSummary:
        """Seal a recording.

        Raises:
            EngineError: ``unknown_recording`` if the room is not being recorded under that name.
        """
        text = await self._text(lambda: self._engine.stop_recording(room=room, recording=recording))
        summary = _Summary.model_validate_json(text)
        return RecordingSummary(
            summary.segments, summary.bytes, summary.gaps, summary.duration_us / 1_000_000
        )

    async def listen(self, *, room: str) -> None:
        """Decode the sound of a room from now on."""
        await self._run(lambda: self._engine.listen(room=room))

    async def unlisten(self, *, room: str) -> None:
        """Decode it no more."""
        await self._run(lambda: self._engine.unlisten(room=room))

    def take_audio(self, most: int) -> list[_sfu.AudioChunk]:
        """Up to so many chunks of sound, oldest first; none if the engine is closed."""
        return [] if self._opened is None else self._opened.take_audio(most)

    def watch_audio(self) -> None:
        """Call `on_audio` when there is something to take."""
        if self._loop is not None and self._opened is not None and self.on_audio is not None:
            self._loop.add_reader(self._opened.audio_fd(), self._on_audio)

    def _on_audio(self) -> None:
        # Whoever takes it does so in a turn of its own: until then the descriptor stays readable.
        if self._loop is not None and self._opened is not None:
            self._loop.remove_reader(self._opened.audio_fd())
        if self.on_audio is not None:
            self.on_audio()

    async def _text(self, command: Callable[[], int]) -> str:
        value = await self._run(command)
        if value is None:
            raise EngineError("internal", "the engine answered without a value")
        return value

    async def _run(self, command: Callable[[], int]) -> str | None:
        """Submit a command and wait for its end.

        Raises:
            EngineError: it failed, the queue stayed full, or no answer came in time.
        """
        ticket = await self._submit(command)
        # No event can be read between the submission and this line: both run in the loop's thread.
        future: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()
        self._waiting[ticket] = future
        try:
            async with asyncio.timeout(COMMAND_TIMEOUT_S):
                return await future
        except TimeoutError as error:
            log.warning("media.engine.timeout", ticket=ticket)
            raise EngineError("timeout", "the media engine did not answer in time") from error
        finally:
            self._waiting.pop(ticket, None)

    async def _submit(self, command: Callable[[], int]) -> int:
        deadline = asyncio.get_running_loop().time() + BUSY_PATIENCE_S
        while True:
            try:
                return command()
            except self._sfu.EngineBusy as error:
                if asyncio.get_running_loop().time() >= deadline:
                    raise EngineError("busy", "the media engine is busy") from error
            await asyncio.sleep(BUSY_RETRY_S)

    def _on_readable(self) -> None:
        # One batch a turn: the descriptor stays readable while events wait, so other work gets its turn.
        for event in self._engine.poll_events(EVENTS_A_TURN):
            try:
                self._dispatch(event)
            except Exception:
                # An event that cannot be handled must not stop the reading of all others.
                log.exception("media.event.failed", event_kind=type(event).__name__)

    def _dispatch(self, event: _sfu.Event) -> None:
        sfu, listener = self._sfu, self._listener
        if isinstance(event, sfu.Completed):
            self._complete(event)
        elif listener is None:
            return
        elif isinstance(event, sfu.PeerState):
            listener.on_peer_state(peer=event.peer, state=event.state, cause=event.cause)
        elif isinstance(event, sfu.OfferReady):
            listener.on_offer(peer=event.peer, neg=event.neg, sdp=event.sdp)
        elif isinstance(event, sfu.TrackPublished):
            listener.on_track_published(peer=event.peer, track=event.track, kind=event.kind)
        elif isinstance(event, sfu.TrackEnded):
            listener.on_track_ended(peer=event.peer, track=event.track)
        elif isinstance(event, sfu.RecordingState):
            listener.on_recording_state(
                room=event.room, recording=event.recording, state=event.state, detail=event.detail
            )
        elif isinstance(event, sfu.RoomFault):
            listener.on_room_fault(room=event.room, detail=event.detail)

    def _complete(self, event: _sfu.Completed) -> None:
        future = self._waiting.get(event.ticket)
        if future is None or future.done():
            return
        if event.error is None:
            future.set_result(event.value)
        else:
            future.set_exception(EngineError(event.error, event.detail))
