"""The rules of media connections: opening, negotiating, switching and looking at them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import uuid4

from salon.media.access import Admission, MediaAccess
from salon.media.engine import EngineError, MediaEngine
from salon.media.errors import (
    NoLiveSession,
    PeerNotFound,
    StaleNegotiation,
    engine_refusal,
)
from salon.media.lifecycle import PeerLifecycle
from salon.media.peers import (
    MediaPeer,
    MediaPeerId,
    PeerTable,
    PendingOffer,
    Publish,
    Tab,
    candidates_of,
    publish_of,
)
from salon.meeting.face import Meetings
from salon.platform.auth import Caller
from salon.platform.clock import Clock
from salon.signaling.face import LiveSession, MediaSwitches, SessionId, Signaling


@dataclass(frozen=True, slots=True)
class RoomStats:
    """Figures of one room, counted from the tracks that really flow."""

    total_peers: int
    connected_peers: int
    audio_streams: int
    video_streams: int
    screen_shares: int


class MediaService:
    """Media connections of this process, one a tab."""

    def __init__(
        self,
        *,
        engine: MediaEngine,
        peers: PeerTable,
        lifecycle: PeerLifecycle,
        access: MediaAccess,
        signaling: Signaling,
        meetings: Meetings,
        clock: Clock,
    ) -> None:
        self._engine = engine
        self._peers = peers
        self._lifecycle = lifecycle
        self._access = access
        self._signaling = signaling
        self._meetings = meetings
        self._clock = clock

    async def open_peer(
        self,
        caller: Caller,
        *,
        room_id: str,
        offer: str,
        session_id: str | None,
        peer_id: str | None,
    ) -> tuple[MediaPeerId, str]:
        """Answer a client's offer: a new connection, or a renegotiation of its own ``peer_id``.

        Returns:
            The peer's id and the SDP of the answer.

        Raises:
            RoomNotFound, NoLiveSession: the caller may not be in that room now.
            PeerNotFound: ``peer_id`` is not a connection of the caller in that room.
            BadSdp, MediaBusy: the engine refuses the offer, or has no room for it now.
        """
        admission = await self._access.enter_room(caller, room_id)
        if peer_id is not None:
            return await self._renegotiate(caller, admission, peer_id, offer)
        session = self._pick_session(admission, session_id)
        tab = Tab(admission.seat.meeting_id, caller.user_id, session.signaling_peer_id)
        earlier = self._peers.list_of_tab(tab)
        # The page starts anew; what it had switched off stays off until it says otherwise.
        publish = earlier[-1].wanted if earlier else Publish()
        peer_and_answer = await self._join(admission, tab, session, publish, offer)
        # Only now: a broken offer must not cost a connection that works.
        for peer in earlier:
            self._lifecycle.drop(peer.peer_id, reason="superseded")
        return peer_and_answer

    async def take_candidate(self, caller: Caller, *, peer_id: str, candidate: str) -> None:
        """Hand a client's ICE candidate to the engine; empty text ends them.

        Raises:
            PeerNotFound, NoLiveSession: not the caller's peer, or not connected.
            BadSdp: not a candidate.
        """
        peer = await self._use(caller, peer_id)
        try:
            await self._engine.add_candidate(room=peer.room_id, peer=peer.peer_id, candidate=candidate)
        except EngineError as error:
            raise engine_refusal(error) from error

    async def take_answer(self, caller: Caller, *, peer_id: str, sdp: str, neg: int | None) -> None:
        """Take the answer to the pending offer; ``neg`` None means the one that is pending.

        Raises:
            PeerNotFound, NoLiveSession: not the caller's peer, or not connected.
            StaleNegotiation: the answer is not to the offer that is pending now.
            BadSdp, MediaBusy: the engine refuses it.
        """
        peer = await self._use(caller, peer_id)
        pending = peer.offer
        if pending is None or (neg is not None and neg != pending.neg):
            raise StaleNegotiation(None if pending is None else pending.neg)
        try:
            await self._engine.answer(room=peer.room_id, peer=peer.peer_id, sdp=sdp, neg=pending.neg)
        except EngineError as error:
            raise engine_refusal(error) from error
        # A newer offer may have come while the engine applied this one.
        if peer.offer is pending:
            peer.offer = None

    async def find_offer(self, caller: Caller, *, peer_id: str) -> PendingOffer | None:
        """The offer that waits for an answer; reading does not consume it."""
        return (await self._use(caller, peer_id)).offer

    async def drain_candidates(self, caller: Caller, *, peer_id: str) -> list[dict[str, str | int]]:
        """The server's candidates that were not handed out yet; all are known from the start."""
        peer = await self._use(caller, peer_id)
        fresh, peer.candidates = peer.candidates, []
        return fresh

    async def get_status(self, caller: Caller, *, peer_id: str) -> MediaPeer:
        """The caller's peer as it is now."""
        return await self._use(caller, peer_id)

    async def switch(self, caller: Caller, *, peer_id: str, switches: MediaSwitches) -> None:
        """Set what a peer sends: held by the engine at once, shown to the room.

        Raises:
            PeerNotFound, NoLiveSession: not the caller's peer, or not connected.
            NotAllowed: a moderator holds the block, or the meeting does not allow it.
            MediaBusy: the engine has no time now.
        """
        peer = await self._use(caller, peer_id)
        session = await self._session_of(peer)
        # Whoever switches on lifts their own mute, or learns that a moderator holds it.
        audio, video = switches.audio is True, switches.video is True or switches.screen is True
        if audio or video:
            await self._meetings.lift_own_block(
                meeting_id=peer.tab.meeting_id, user_id=peer.tab.user_id, audio=audio, video=video
            )
        if switches.screen is True:
            await self._access.require_screen_share(caller, peer)
        try:
            await self._lifecycle.set_publish(peer, wanted=publish_of(switches, before=peer.wanted))
        except EngineError as error:
            raise engine_refusal(error) from error
        if session is not None:
            await self._signaling.set_switches(session_id=session.session_id, switches=switches)

    async def enter_room(self, caller: Caller, *, room_id: str) -> tuple[Admission, datetime]:
        """Check that the caller may be in a room; also since when somebody is in it."""
        admission = await self._access.enter_room(caller, room_id)
        present = await self._signaling.list_live_sessions(meeting_id=admission.seat.meeting_id)
        return admission, min(session.connected_at for session in present)

    async def leave_room(self, caller: Caller, *, room_id: str) -> None:
        """Drop all of the caller's media peers in a room."""
        admission = await self._access.enter_room(caller, room_id)
        for peer in self._peers.list_of_meeting(admission.seat.meeting_id):
            if peer.tab.user_id == caller.user_id:
                self._lifecycle.drop(peer.peer_id, reason="left")

    async def list_peers(self, caller: Caller, *, room_id: str) -> list[MediaPeer]:
        """Everybody's media peers in a room."""
        admission = await self._access.enter_room(caller, room_id)
        return self._peers.list_of_meeting(admission.seat.meeting_id)

    async def media_type_of(self, peer: MediaPeer) -> Literal["audio", "video", "screen"]:
        """What a peer mainly sends: its screen, else its camera, else only sound."""
        session = await self._session_of(peer)
        switches = (
            None if session is None else await self._signaling.find_switches(session_id=session.session_id)
        )
        if switches is not None and switches.screen:
            return "screen"
        has_video = "video" in peer.tracks.values()
        return "audio" if peer.tracks and not has_video else "video"

    async def room_stats(self, caller: Caller, *, room_id: str) -> RoomStats:
        """Figures of a room."""
        peers = await self.list_peers(caller, room_id=room_id)
        screens = 0
        for peer in peers:
            is_screen = await self.media_type_of(peer) == "screen"
            screens += is_screen and "video" in peer.tracks.values()
        kinds = [kind for peer in peers for kind in peer.tracks.values()]
        return RoomStats(
            total_peers=len(peers),
            connected_peers=sum(peer.status == "connected" for peer in peers),
            audio_streams=kinds.count("audio"),
            video_streams=kinds.count("video"),
            screen_shares=screens,
        )

    async def _join(
        self, admission: Admission, tab: Tab, session: LiveSession, publish: Publish, offer: str
    ) -> tuple[MediaPeerId, str]:
        now = self._clock.now()
        peer = MediaPeer(
            peer_id=MediaPeerId(str(uuid4())),
            room_id=admission.room_id,
            tab=tab,
            created_at=now,
            last_activity=now,
        )
        # In the table first: the engine's events about it may come before its answer.
        self._peers.add(peer)
        try:
            answer = await self._engine.join(
                room=peer.room_id, peer=peer.peer_id, stream=tab.signaling_peer_id, offer=offer
            )
            switches = await self._signaling.find_switches(session_id=session.session_id)
            wanted = publish_of(switches or MediaSwitches(), before=publish)
            await self._lifecycle.set_publish(peer, wanted=wanted)
            # Only now that it is in the table and hears of changes: none can fall between.
            await self._lifecycle.reread_seat(peer)
        except EngineError as error:
            self._lifecycle.drop(peer.peer_id, reason="refused")
            raise engine_refusal(error) from error
        except BaseException:
            self._lifecycle.drop(peer.peer_id, reason="refused")
            raise
        if self._peers.find(peer.peer_id) is None:
            # The session ended, or the same page asked again, while the engine worked.
            raise NoLiveSession
        peer.candidates = candidates_of(answer)
        return peer.peer_id, answer

    async def _renegotiate(
        self, caller: Caller, admission: Admission, peer_id: str, offer: str
    ) -> tuple[MediaPeerId, str]:
        peer = await self._use(caller, peer_id)
        if peer.tab.meeting_id != admission.seat.meeting_id:
            raise PeerNotFound
        # The client's offer wins: what was pending is void, the engine offers again afterwards.
        peer.offer = None
        try:
            answer = await self._engine.offer(room=peer.room_id, peer=peer.peer_id, sdp=offer)
        except EngineError as error:
            raise engine_refusal(error) from error
        return peer.peer_id, answer

    def _pick_session(self, admission: Admission, session_id: str | None) -> LiveSession:
        """The tab that opens a connection: the one it names, else the newest without one.

        Existing clients name none. If all have one, the page whose connection is not up asks again.
        """
        if session_id is not None:
            for session in admission.sessions:
                if session.session_id == SessionId(session_id):
                    return session
            raise NoLiveSession

        def need(session: LiveSession) -> int:
            tab = Tab(session.meeting_id, session.user_id, session.signaling_peer_id)
            peers = self._peers.list_of_tab(tab)
            if not peers:
                return 0
            return 2 if any(peer.status == "connected" for peer in peers) else 1

        return min(admission.sessions, key=need)

    async def _use(self, caller: Caller, peer_id: str) -> MediaPeer:
        peer = await self._access.own_peer(caller, peer_id)
        peer.last_activity = self._clock.now()
        return peer

    async def _session_of(self, peer: MediaPeer) -> LiveSession | None:
        return await self._lifecycle.find_session(peer.tab)
