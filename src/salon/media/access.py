"""The door to rooms and peers of the SFU: every `/webrtc` call comes through here.

A caller is admitted who is a member of the meeting, may be connected to it now, and has a live signaling
session in it; and only for what is its own. Strangers learn nothing: to them rooms and peers do not exist.
"""

from dataclasses import dataclass

from salon.media.errors import NoLiveSession, NotYourself, PeerNotFound, RoomNotFound
from salon.media.peers import MediaPeer, PeerTable
from salon.meeting.face import Meetings, RoomId, Seat
from salon.platform.auth import Caller
from salon.platform.errors import NotAllowed
from salon.signaling.face import LiveSession, Signaling


@dataclass(frozen=True, slots=True)
class Admission:
    """A member's right to act in one room, proven."""

    seat: Seat
    sessions: list[LiveSession]
    """The caller's live sessions in that meeting, newest first; at least one."""

    @property
    def room_id(self) -> RoomId:
        """The room's own name, also if the caller used an alias."""
        return self.seat.room_id


class MediaAccess:
    """Checks rights against the meeting's members and the live sessions."""

    def __init__(self, *, meetings: Meetings, signaling: Signaling, peers: PeerTable) -> None:
        self._meetings = meetings
        self._signaling = signaling
        self._peers = peers

    async def enter_room(self, caller: Caller, room_id: str) -> Admission:
        """Admit the caller to a room named by its id or by ``meeting-<id>``.

        Raises:
            RoomNotFound: no such room, or the caller is no member of its meeting.
            NoLiveSession: a member, but not connected (any more), removed, or the meeting is over.
        """
        meeting_ids = await self._meetings.find_meetings_of_rooms(room_ids=[RoomId(room_id)])
        meeting_id = meeting_ids.get(RoomId(room_id))
        if meeting_id is None:
            raise RoomNotFound
        seats = await self._meetings.find_seats(user_id=caller.user_id, meeting_ids=[meeting_id])
        seat = seats.get(meeting_id)
        if seat is None:
            raise RoomNotFound
        sessions = await self._signaling.list_live_sessions(meeting_id=meeting_id, user_id=caller.user_id)
        if not seat.may_connect or not sessions:
            raise NoLiveSession
        return Admission(seat=seat, sessions=sessions)

    async def own_peer(self, caller: Caller, peer_id: str) -> MediaPeer:
        """The caller's own peer. Costs no database: clients poll through this door.

        Removal from the meeting and its end close the sessions, so a live session proves membership.

        Raises:
            PeerNotFound: unknown, or another user's.
            NoLiveSession: the caller's, but without a signaling session in that meeting.
        """
        peer = self._peers.find(peer_id)
        if peer is None or peer.tab.user_id != caller.user_id:
            raise PeerNotFound
        sessions = await self._signaling.list_live_sessions(
            meeting_id=peer.tab.meeting_id, user_id=caller.user_id
        )
        if not sessions:
            raise NoLiveSession
        return peer

    async def require_screen_share(self, caller: Caller, peer: MediaPeer) -> None:
        """Check that the meeting allows screens to be shared.

        Raises:
            NotAllowed: it does not.
        """
        meeting_id = peer.tab.meeting_id
        seats = await self._meetings.find_seats(user_id=caller.user_id, meeting_ids=[meeting_id])
        seat = seats.get(meeting_id)
        if seat is not None and not seat.allows.screen_share:
            raise NotAllowed("Screen sharing is switched off in this meeting. A host can change that.")


def require_self(caller: Caller, user_id: int | None) -> None:
    """A user id in a body may only be the caller's own; absent is fine.

    Raises:
        NotYourself: it names somebody else.
    """
    if user_id is not None and user_id != caller.user_id:
        raise NotYourself
