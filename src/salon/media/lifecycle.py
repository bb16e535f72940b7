"""What happens to media peers by themselves: engine events, ended sessions, and the one teardown."""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import timedelta

import structlog
from pydantic import JsonValue

from salon.media.engine import EngineError, EngineListener, EngineState, MediaEngine, RecorderState
from salon.media.peers import (
    MediaPeer,
    MediaPeerId,
    PeerTable,
    PendingOffer,
    Publish,
    Tab,
    TrackKind,
    allowed_of,
    publish_of,
)
from salon.meeting.face import (
    MeetingChanged,
    MeetingEnded,
    Meetings,
    ParticipantChanged,
    ParticipantRemoved,
    RoomClosed,
)
from salon.platform.bus import Bus, Subscription
from salon.platform.clock import Clock
from salon.signaling.face import (
    LiveSession,
    MediaPush,
    MediaStateChanged,
    MediaSwitches,
    SessionEnded,
    SessionPush,
    SessionReady,
    Signaling,
)
from salon.user.face import UserDisabled

log = structlog.get_logger()

LOST_GRACE = timedelta(seconds=8)
"""A tab whose socket broke keeps its media this long; it is usually back within two."""

CONNECTING_LIMIT = timedelta(minutes=2)
SWEEP_EVERY = timedelta(seconds=30)
LEAVE_PAUSES = tuple(timedelta(seconds=s) for s in (0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2))
"""After these the engine is left to drop the silent peer by itself."""


class PeerLifecycle(EngineListener):
    """Keeps the table true to the engine and to the live sessions, from `start` to `close`."""

    def __init__(
        self,
        *,
        engine: MediaEngine,
        peers: PeerTable,
        signaling: Signaling,
        meetings: Meetings,
        bus: Bus,
        clock: Clock,
        lost_grace: timedelta = LOST_GRACE,
    ) -> None:
        self._engine = engine
        self._peers = peers
        self._signaling = signaling
        self._meetings = meetings
        self._bus = bus
        self._clock = clock
        self._lost_grace = lost_grace
        self._tasks: set[asyncio.Task[None]] = set()
        self._subscriptions: list[Subscription] = []
        self.on_recording: Callable[[str, RecorderState], None] | None = None
        """Told of each change of a recording's state, by its id."""

    async def start(self) -> None:
        """Listen to the engine and the bus."""
        self._engine.start(self)
        self._subscriptions = [
            self._bus.subscribe(SessionEnded, self._handle_session_ended),
            self._bus.subscribe(SessionReady, self._handle_session_ready),
            self._bus.subscribe(MediaStateChanged, self._handle_switched),
            self._bus.subscribe(MeetingEnded, self._handle_meeting_ended),
            self._bus.subscribe(ParticipantRemoved, self._handle_removed),
            self._bus.subscribe(RoomClosed, self._handle_meeting_ended),
            self._bus.subscribe(ParticipantChanged, self._handle_participant_changed),
            self._bus.subscribe(MeetingChanged, self._handle_meeting_changed),
            self._bus.subscribe(UserDisabled, self._handle_user_disabled),
        ]
        self._spawn(self._sweep())

    async def close(self) -> None:
        """Stop listening and end the engine."""
        for subscription in self._subscriptions:
            subscription.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._engine.close()

    def drop(self, peer_id: MediaPeerId, *, reason: str) -> None:
        """Remove a peer from the table now and from the engine soon; safe to call twice."""
        peer = self._peers.remove(peer_id)
        if peer is not None:
            log.info("media.peer.dropped", peer_id=peer_id, user_id=peer.tab.user_id, reason=reason)
            self._spawn(self._leave(peer, reason))
            # A page that is still there must not wait for media that will not come.
            self._spawn(self._push_gone(peer, reason))

    async def set_publish(
        self, peer: MediaPeer, *, wanted: Publish | None = None, allowed: Publish | None = None
    ) -> None:
        """Let through what the page wants to send and may send; the rest the engine drops.

        Raises:
            EngineError: the engine refuses.
        """
        peer.wanted = wanted or peer.wanted
        peer.allowed = allowed or peer.allowed
        before = peer.passing
        publish = Publish(
            audio=peer.wanted.audio and peer.allowed.audio, video=peer.wanted.video and peer.allowed.video
        )
        if publish == before:
            return
        # Set before the wait: a switch back in the meantime must not look as if nothing changed.
        peer.passing = publish
        try:
            await self._engine.set_publish(
                room=peer.room_id, peer=peer.peer_id, audio=publish.audio, video=publish.video
            )
        except EngineError:
            if peer.passing == publish:
                peer.passing = before
            raise

    async def reread_seat(self, peer: MediaPeer) -> None:
        """Let through what the peer's user may send at this moment.

        Raises:
            EngineError: the engine refuses.
        """
        tab = peer.tab
        seats = await self._meetings.find_seats(user_id=tab.user_id, meeting_ids=[tab.meeting_id])
        seat = seats.get(tab.meeting_id)
        if seat is not None:
            await self.set_publish(peer, allowed=allowed_of(seat))

    async def find_session(self, tab: Tab) -> LiveSession | None:
        """The live session of a tab."""
        sessions = await self._signaling.list_live_sessions(meeting_id=tab.meeting_id, user_id=tab.user_id)
        return next((s for s in sessions if s.signaling_peer_id == tab.signaling_peer_id), None)

    # What the engine says.

    def on_peer_state(self, *, peer: str, state: EngineState, cause: str) -> None:
        """Follow the transport; tell the page when its connection is gone."""
        if state == "gone":
            gone = self._peers.remove(MediaPeerId(peer))
            if gone is not None:
                log.info("media.peer.gone", peer_id=peer, user_id=gone.tab.user_id, cause=cause)
                self._spawn(self._push_gone(gone, cause))
            return
        known = self._peers.find(peer)
        if known is None:
            return
        known.last_activity = self._clock.now()
        if state == "connected":
            known.status = "connected"

    def on_offer(self, *, peer: str, neg: int, sdp: str) -> None:
        """Keep the offer for the poll and push it."""
        known = self._peers.find(peer)
        if known is None:
            return
        known.offer = PendingOffer(neg, sdp)
        self._spawn(self._push_offer(known, known.offer))

    def on_track_published(self, *, peer: str, track: str, kind: TrackKind) -> None:
        """Count a track of a peer."""
        known = self._peers.find(peer)
        if known is not None:
            known.tracks[track] = kind

    def on_track_ended(self, *, peer: str, track: str) -> None:
        """Forget a track of a peer."""
        known = self._peers.find(peer)
        if known is not None:
            known.tracks.pop(track, None)

    def on_recording_state(self, *, room: str, recording: str, state: RecorderState, detail: str) -> None:
        """Hand it on to whoever keeps the recordings."""
        log.info("media.recording", room_id=room, recording_id=recording, state=state, detail=detail)
        if self.on_recording is not None:
            self.on_recording(recording, state)

    def on_room_fault(self, *, room: str, detail: str) -> None:
        """A person must look at it: the peers follow one by one as gone."""
        log.error("media.room.fault", room_id=room, detail=detail)

    # What the other services say.

    async def _handle_session_ended(self, event: SessionEnded) -> None:
        tab = Tab(event.meeting_id, event.user_id, event.signaling_peer_id)
        if event.cause in ("left", "expelled"):
            self._drop_tab(tab, reason=event.cause)
        elif event.cause == "lost" and self._peers.list_of_tab(tab):
            self._spawn(self._drop_unless_back(tab))

    async def _drop_unless_back(self, tab: Tab) -> None:
        await asyncio.sleep(self._lost_grace.total_seconds())
        if await self.find_session(tab) is None:
            self._drop_tab(tab, reason="lost")

    def _drop_tab(self, tab: Tab, *, reason: str) -> None:
        for peer in self._peers.list_of_tab(tab):
            self.drop(peer.peer_id, reason=reason)

    async def _handle_session_ready(self, event: SessionReady) -> None:
        """A page is back: what it may have missed is pushed again."""
        tab = Tab(event.meeting_id, event.user_id, event.signaling_peer_id)
        for peer in self._peers.list_of_tab(tab):
            if peer.offer is not None:
                await self._push_offer(peer, peer.offer)

    async def _handle_switched(self, event: MediaStateChanged) -> None:
        tab = Tab(event.meeting_id, event.user_id, event.signaling_peer_id)
        for peer in self._peers.list_of_tab(tab):
            self._spawn(self._switch(peer, event.switches))

    async def _switch(self, peer: MediaPeer, switches: MediaSwitches) -> None:
        try:
            await self.set_publish(peer, wanted=publish_of(switches, before=peer.wanted))
        except EngineError as error:
            log.warning("media.peer.switch_failed", peer_id=peer.peer_id, kind=error.kind)

    async def _leave(self, peer: MediaPeer, reason: str) -> None:
        for pause in LEAVE_PAUSES:
            try:
                await self._engine.leave(room=peer.room_id, peer=peer.peer_id, reason=reason)
            except EngineError as error:
                log.warning("media.peer.leave_failed", peer_id=peer.peer_id, kind=error.kind)
            else:
                return
            # Whoever was thrown out must not stay because the engine was busy for a moment.
            await asyncio.sleep(pause.total_seconds())

    async def _handle_participant_changed(self, event: ParticipantChanged) -> None:
        peers = [p for p in self._peers.list_of_meeting(event.meeting_id) if p.tab.user_id == event.user_id]
        for peer in peers:
            await self._reread(peer)

    async def _handle_meeting_changed(self, event: MeetingChanged) -> None:
        for peer in self._peers.list_of_meeting(event.meeting_id):
            self._spawn(self._reread(peer))

    async def _reread(self, peer: MediaPeer) -> None:
        try:
            await self.reread_seat(peer)
        except EngineError as error:
            log.warning("media.peer.block_failed", peer_id=peer.peer_id, kind=error.kind)
            # Better nobody is heard than somebody who must not be.
            self.drop(peer.peer_id, reason="block_failed")

    async def _handle_meeting_ended(self, event: MeetingEnded | RoomClosed) -> None:
        for peer in self._peers.list_of_meeting(event.meeting_id):
            self.drop(peer.peer_id, reason="meeting_ended")

    async def _handle_removed(self, event: ParticipantRemoved) -> None:
        for peer in self._peers.list_of_meeting(event.meeting_id):
            if peer.tab.user_id == event.user_id:
                self.drop(peer.peer_id, reason="removed")

    async def _handle_user_disabled(self, event: UserDisabled) -> None:
        for peer in self._peers.list_all():
            if peer.tab.user_id == event.user_id:
                self.drop(peer.peer_id, reason="user_disabled")

    # What pages are told.

    async def _push_offer(self, peer: MediaPeer, offer: PendingOffer) -> None:
        payload: dict[str, JsonValue] = {
            "peer_id": peer.peer_id,
            "neg": offer.neg,
            "offer": {"type": "offer", "sdp": offer.sdp},
        }
        # Superseded while it waited for its turn: the newer one is pushed by itself.
        if peer.offer is offer:
            await self._push(peer.tab, MediaPush.OFFER, payload)

    async def _push_gone(self, peer: MediaPeer, cause: str) -> None:
        await self._push(peer.tab, MediaPush.GONE, {"peer_id": peer.peer_id, "cause": cause})

    async def _push(self, tab: Tab, kind: MediaPush, payload: dict[str, JsonValue]) -> None:
        session = await self.find_session(tab)
        if session is not None and session.wants_media_push:
            await self._bus.publish(SessionPush(session_id=session.session_id, type=kind, payload=payload))

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_EVERY.total_seconds())
            oldest = self._clock.now() - CONNECTING_LIMIT
            for peer in self._peers.list_all():
                if peer.status == "connecting" and peer.last_activity < oldest:
                    self.drop(peer.peer_id, reason="never_connected")

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._on_done)

    def _on_done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("media.task.failed", exc_info=task.exception())
