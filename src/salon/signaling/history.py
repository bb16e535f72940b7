"""What is read back over REST: session records, the message history, live figures."""

from collections.abc import Iterable, Sequence

from pydantic_core import to_json

from salon.meeting.face import ChatMessage, MeetingId, Meetings, ParticipantRole, ParticipantStatus, Seat
from salon.platform.audit import AuditEntry, record
from salon.platform.auth import Caller
from salon.platform.clock import Clock
from salon.platform.db import Database
from salon.platform.errors import NotAllowed, NotFound
from salon.signaling import store
from salon.signaling.archive import Archive
from salon.signaling.room import Room
from salon.signaling.schema import (
    LiveRooms,
    LiveRoomView,
    MessageView,
    Overview,
    PublicUser,
    SessionMeeting,
    SessionPage,
    SessionView,
)
from salon.signaling.service import SignalingService
from salon.signaling.wire import MessageType
from salon.user.face import UserCard, UserId, UserRole, Users

CARDS_A_CALL = 500
MAX_LIVE_ROWS = 1000
MAX_LIVE_ROOMS = 100
MAX_PEOPLE_SHOWN = 50
"""What an administrator's page can show; it asks again every few seconds."""
DEFAULT_HISTORY = 50
MAX_HISTORY = 1000


class SignalingHistory:
    """Reads records for those who may see them: members of the meeting, and administrators."""

    def __init__(
        self,
        *,
        db: Database,
        archive: Archive,
        live: SignalingService,
        users: Users,
        meetings: Meetings,
        clock: Clock,
    ) -> None:
        self._db = db
        self._archive = archive
        self._live = live
        self._users = users
        self._meetings = meetings
        self._clock = clock

    async def get_session(self, caller: Caller, session_id: str) -> SessionView:
        """The record of a session: one's own, or of a meeting one hosts.

        Raises:
            NotFound: unknown, or not for this caller.
        """
        await self._archive.settle()
        async with self._db.read() as tx:
            row = await store.find_session(tx, session_id)
        if row is None:
            raise NotFound("session not found")
        seat = await self._find_seat(caller, MeetingId(row.meeting_id))
        if row.user_id != caller.user_id and not _is_host(seat) and not await self._is_admin(caller):
            raise NotFound("session not found")
        return (await self._views([row], seat))[0]

    async def list_room(self, caller: Caller, meeting_id: MeetingId) -> list[SessionView]:
        """Live sessions of a meeting, newest first.

        Raises:
            NotAllowed: the caller is no member.
        """
        seat = await self._require_member(caller, meeting_id)
        await self._archive.settle()
        async with self._db.read() as tx:
            rows = await store.list_live(tx, meeting_id, MAX_LIVE_ROWS)
        return await self._views(rows, seat)

    async def list_messages(
        self, caller: Caller, meeting_id: MeetingId, limit: str | None
    ) -> list[MessageView]:
        """Relayed descriptions and chat of a meeting, newest first.

        Raises:
            NotAllowed: the caller is no member.
        """
        await self._require_member(caller, meeting_id)
        wanted = _read_limit(limit)
        await self._archive.settle()
        async with self._db.read() as tx:
            relayed = await store.list_messages(tx, meeting_id, wanted)
        chat = await self._meetings.list_chat(meeting_id=meeting_id, limit=wanted, before=None)
        cards = await self._cards(
            [row.from_user_id for row in relayed]
            + [row.to_user_id for row in relayed if row.to_user_id is not None]
            + [message.user_id for message in chat]
        )
        views = [_relayed_view(row, cards) for row in relayed]
        views += [_chat_view(message, cards) for message in chat]
        views.sort(key=lambda view: view.created_at, reverse=True)
        return views[:wanted]

    def overview(self) -> Overview:
        """Live figures of this server."""
        rooms = self.rooms()
        return Overview(
            active_sessions=self._live.connection_count,
            connected_clients=self._live.connection_count,
            active_rooms=len(rooms),
            room_details=rooms,
        )

    def rooms(self) -> dict[str, int]:
        """Distinct users of each live room, by meeting id as text."""
        return {str(meeting_id): users for meeting_id, users in self._live.list_rooms().items()}

    def live_rooms(self) -> LiveRooms:
        """Who is in which room now, for administrators. Nothing is read from the database."""
        rooms = sorted(self._live.list_live_rooms(), key=lambda room: (-room.user_count, room.opened_at))
        return LiveRooms(list=[_room_view(room) for room in rooms[:MAX_LIVE_ROOMS]], total=len(rooms))

    async def clean_up(self, admin: Caller) -> int:
        """Close the records of sessions that do not live; how many pairs of user and meeting they were."""
        gone = await self._archive.close_orphans(self._live.list_session_ids(), self._clock.now())
        entry = AuditEntry(
            action="sessions.cleaned_up",
            actor_id=admin.user_id,
            actor_name=admin.username,
            details={"count": len(gone)},
        )
        async with self._db.begin() as tx:
            await record(tx, entry, now=self._clock.now())
        return len(gone)

    async def page_sessions(
        self, *, meeting_id: int | None, status: int | None, page: int, page_size: int
    ) -> SessionPage:
        """A page of all session records, for administrators."""
        await self._archive.settle()
        async with self._db.read() as tx:
            rows, total = await store.page_sessions(
                tx,
                meeting_id=meeting_id,
                status=status,
                offset=(page - 1) * page_size,
                limit=page_size,
            )
        return SessionPage(
            list=await self._views(rows, None),
            total=total,
            page=page,
            page_size=page_size,
            total_pages=-(-total // page_size),
        )

    async def _find_seat(self, caller: Caller, meeting_id: MeetingId) -> Seat | None:
        seats = await self._meetings.find_seats(user_id=caller.user_id, meeting_ids=[meeting_id])
        return seats.get(meeting_id)

    async def _require_member(self, caller: Caller, meeting_id: MeetingId) -> Seat:
        seat = await self._find_seat(caller, meeting_id)
        if seat is None or seat.status is ParticipantStatus.REJECTED:
            raise NotAllowed("You are not a participant of this meeting.")
        return seat

    async def _is_admin(self, caller: Caller) -> bool:
        standings = await self._users.find_standing(user_ids=[caller.user_id])
        standing = standings.get(caller.user_id)
        return standing is not None and standing.role >= UserRole.ADMIN

    async def _views(self, rows: Sequence[store.SessionRow], seat: Seat | None) -> list[SessionView]:
        cards = await self._cards([row.user_id for row in rows])
        return [_session_view(row, cards, seat) for row in rows]

    async def _cards(self, user_ids: Iterable[int]) -> dict[UserId, UserCard]:
        wanted = list(dict.fromkeys(UserId(user_id) for user_id in user_ids))
        cards: dict[UserId, UserCard] = {}
        for start in range(0, len(wanted), CARDS_A_CALL):
            cards |= await self._users.cards(user_ids=wanted[start : start + CARDS_A_CALL])
        return cards


def _is_host(seat: Seat | None) -> bool:
    return seat is not None and (seat.is_creator or seat.role is ParticipantRole.HOST)


def _read_limit(text: str | None) -> int:
    if text is None or not text.isascii() or not text.isdigit() or len(text) > 4:
        return DEFAULT_HISTORY
    return int(text) if 1 <= int(text) <= MAX_HISTORY else DEFAULT_HISTORY


def _public(user_id: int, cards: dict[UserId, UserCard]) -> PublicUser:
    card = cards.get(UserId(user_id))
    if card is None:
        return PublicUser(id=user_id, username=f"user_{user_id}")
    return PublicUser(id=user_id, username=card.username, nickname=card.nickname, avatar_url=card.avatar_url)


def _room_view(room: Room) -> LiveRoomView:
    people = {session.user_id: session for session in reversed(list(room))}
    shown = sorted(people.values(), key=lambda session: session.connected_at)[:MAX_PEOPLE_SHOWN]
    return LiveRoomView(
        meeting_id=room.meeting_id,
        title=room.title,
        opened_at=room.opened_at,
        sessions=len(room),
        user_count=len(people),
        people=[
            PublicUser(id=s.user_id, username=s.username, nickname=s.nickname, avatar_url=s.avatar_url)
            for s in shown
        ],
    )


def _session_view(row: store.SessionRow, cards: dict[UserId, UserCard], seat: Seat | None) -> SessionView:
    meeting = None
    if seat is not None and seat.meeting_id == row.meeting_id:
        meeting = SessionMeeting(id=seat.meeting_id, room_id=seat.room_id, status=seat.meeting_status)
    return SessionView(
        id=row.id,
        session_id=row.session_id,
        user_id=row.user_id,
        meeting_id=row.meeting_id,
        peer_id=row.peer_id,
        status=row.status,
        joined_at=row.joined_at,
        last_ping_at=row.last_ping_at,
        disconnected_at=row.disconnected_at,
        created_at=row.created_at,
        updated_at=row.updated_at,
        user=_public(row.user_id, cards),
        meeting=meeting,
    )


def _relayed_view(row: store.MessageRow, cards: dict[UserId, UserCard]) -> MessageView:
    return MessageView(
        id=row.id,
        message_id=row.message_id,
        session_id=row.session_id,
        from_user_id=row.from_user_id,
        to_user_id=row.to_user_id,
        meeting_id=row.meeting_id,
        message_type=row.message_type,
        payload=row.payload,
        status=row.status,
        created_at=row.created_at,
        updated_at=row.updated_at,
        from_user=_public(row.from_user_id, cards),
        to_user=None if row.to_user_id is None else _public(row.to_user_id, cards),
    )


def _chat_view(message: ChatMessage, cards: dict[UserId, UserCard]) -> MessageView:
    payload = {
        **message.extra,
        "content": message.content,
        "user_id": message.user_id,
        "username": message.username,
        "meeting_id": message.meeting_id,
    }
    return MessageView(
        id=message.id,
        message_id=message.message_id,
        session_id=message.session_id or "",
        from_user_id=message.user_id,
        to_user_id=None,
        meeting_id=message.meeting_id,
        message_type=MessageType.CHAT,
        payload=to_json(payload, inf_nan_mode="null").decode(),
        status=store.SENT,
        created_at=message.created_at,
        updated_at=message.created_at,
        from_user=_public(message.user_id, cards),
    )
