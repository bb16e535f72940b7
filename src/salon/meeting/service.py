"""The rules of meetings: plan, find, join, leave, end."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from salon.meeting import rules, store
from salon.meeting.access import Right, access_meeting
from salon.meeting.chat import Chat
from salon.meeting.errors import AlreadyOver, MeetingNotFound, NotAMember, NotHost, WrongPassword
from salon.meeting.face import (
    ChatMessage,
    MeetingEnded,
    MeetingId,
    Meetings,
    MeetingStatus,
    ParticipantRemoved,
    ParticipantRole,
    ParticipantStatus,
    RoomId,
    Seat,
)
from salon.meeting.store import MeetingRow, ParticipantRow, RoomRow
from salon.platform.bus import Bus
from salon.platform.clock import Clock
from salon.platform.db import Database
from salon.platform.errors import NotFound, TooManyRequests
from salon.platform.ids import MAX_ROW_ID, UserId
from salon.platform.limits import RateLimiter
from salon.platform.passwords import Passwords

log = structlog.get_logger()

_MAX_IDS = 500
_SWEEP_BATCH = 100
_ALIAS = "meeting-"


@dataclass(frozen=True, slots=True)
class NewMeeting:
    """What somebody plans."""

    title: str
    description: str
    start_time: datetime
    end_time: datetime | None
    max_participants: int
    meeting_type: str
    password: str
    settings: dict[str, bool]


@dataclass(frozen=True, slots=True)
class MeetingChange:
    """What is to become different; None stays."""

    title: str | None
    description: str | None
    start_time: datetime | None
    end_time: datetime | None
    max_participants: int | None
    settings: dict[str, bool] | None


@dataclass(frozen=True, slots=True)
class MeetingFacts:
    """A meeting and the name of its room."""

    meeting: MeetingRow
    room_id: str


@dataclass(frozen=True, slots=True)
class Joined:
    """A participant's place after joining."""

    meeting: MeetingRow
    room: RoomRow
    participant: ParticipantRow


class MeetingService(Meetings):
    """Meetings and their members."""

    def __init__(
        self,
        *,
        db: Database,
        bus: Bus,
        clock: Clock,
        passwords: Passwords,
        random_text: Callable[[], str] = lambda: secrets.token_hex(12),
    ) -> None:
        self._db = db
        self._bus = bus
        self._clock = clock
        self._passwords = passwords
        self._random_text = random_text
        self._guesses = RateLimiter(rate_per_s=0.2, burst=10, clock=clock)
        self.chat = Chat(db=db, bus=bus, clock=clock)

    # Planning.

    async def create(self, user_id: UserId, plan: NewMeeting) -> MeetingFacts:
        """Plan a meeting; its room is made with it, the creator becomes its host.

        Raises:
            BadRequest: the times make no sense.
        """
        now = self._clock.now()
        start, end = rules.plan_times(plan.start_time, plan.end_time, now)
        hashed = await self._passwords.hash(plan.password) if plan.password else None
        async with self._db.begin() as tx:
            meeting = MeetingRow(
                title=plan.title,
                description=plan.description,
                creator_id=user_id,
                start_time=start,
                end_time=end,
                max_participants=plan.max_participants,
                status=int(MeetingStatus.SCHEDULED),
                meeting_type=plan.meeting_type,
                password_hash=hashed,
                settings=plan.settings,
                created_at=now,
                updated_at=now,
            )
            tx.add(meeting)
            await tx.flush()
            room_id = rules.new_room_id(MeetingId(meeting.id), now, self._random_text)
            tx.add(
                RoomRow(
                    meeting_id=meeting.id,
                    room_id=room_id,
                    sfu_node="local",
                    status="active",
                    created_at=now,
                    updated_at=now,
                )
            )
            tx.add(
                ParticipantRow(
                    meeting_id=meeting.id,
                    user_id=user_id,
                    role=int(ParticipantRole.HOST),
                    status=int(ParticipantStatus.INVITED),
                )
            )
        log.info("meeting.created", meeting_id=meeting.id, by=user_id)
        return MeetingFacts(meeting, room_id)

    async def update(self, user_id: UserId, meeting_id: MeetingId, change: MeetingChange) -> MeetingFacts:
        """Change a meeting.

        Raises:
            MeetingNotFound, NotAMember, NotHost: see the door.
            BadRequest: the times make no sense.
        """
        async with self._db.begin() as tx:
            entry = await access_meeting(tx, user_id, meeting_id, needs=Right.HOST, lock=True)
            meeting = entry.meeting
            for name in ("title", "description", "start_time", "end_time", "max_participants", "settings"):
                value = getattr(change, name)
                if value is not None:
                    setattr(meeting, name, value)
            rules.check_times(meeting.start_time, meeting.end_time)
            meeting.updated_at = self._clock.now()
            room = await store.get_room(tx, meeting_id)
        return MeetingFacts(meeting, room.room_id)

    async def delete(self, user_id: UserId, meeting_id: MeetingId) -> None:
        """Take a meeting away; who is in it is sent home.

        Raises:
            MeetingNotFound, NotAMember, NotHost: see the door.
        """
        async with self._db.begin() as tx:
            entry = await access_meeting(tx, user_id, meeting_id, needs=Right.OWN, lock=True)
            now = self._clock.now()
            await self._close(tx, entry.meeting, now, scheduled_becomes=MeetingStatus.CANCELLED)
            entry.meeting.deleted_at = now
        log.info("meeting.deleted", meeting_id=meeting_id, by=user_id)
        await self._bus.publish(MeetingEnded(meeting_id=meeting_id))

    async def end(self, user_id: UserId, meeting_id: MeetingId) -> MeetingFacts:
        """End a meeting for everybody.

        Raises:
            MeetingNotFound, NotAMember, NotHost: see the door.
            AlreadyOver: it has ended.
        """
        async with self._db.begin() as tx:
            entry = await access_meeting(tx, user_id, meeting_id, needs=Right.HOST, lock=True)
            if not rules.is_open(entry.meeting):
                raise AlreadyOver
            await self._close(tx, entry.meeting, self._clock.now(), scheduled_becomes=MeetingStatus.ENDED)
            room = await store.get_room(tx, meeting_id)
        log.info("meeting.ended", meeting_id=meeting_id, by=user_id)
        await self._bus.publish(MeetingEnded(meeting_id=meeting_id))
        return MeetingFacts(entry.meeting, room.room_id)

    async def _close(
        self, tx: AsyncSession, meeting: MeetingRow, now: datetime, *, scheduled_becomes: MeetingStatus
    ) -> None:
        if meeting.status == MeetingStatus.SCHEDULED:
            meeting.status = int(scheduled_becomes)
        elif meeting.status == MeetingStatus.ACTIVE:
            meeting.status = int(MeetingStatus.ENDED)
        meeting.updated_at = now
        await store.mark_everybody_left(tx, now, meeting_id=MeetingId(meeting.id))

    # Looking.

    async def get(self, user_id: UserId, meeting_id: MeetingId) -> MeetingFacts:
        """A meeting of the caller.

        Raises:
            MeetingNotFound, NotAMember: see the door.
        """
        async with self._db.read() as tx:
            entry = await access_meeting(tx, user_id, meeting_id, needs=Right.KNOW)
            room = await store.get_room(tx, meeting_id)
        return MeetingFacts(entry.meeting, room.room_id)

    async def page(
        self, user_id: UserId, *, status: int, keyword: str, page: int, page_size: int
    ) -> tuple[list[MeetingFacts], int]:
        """One page of the caller's meetings, latest start first, and how many there are."""
        offset = (page - 1) * page_size
        async with self._db.read() as tx:
            rows, total = await store.page_meetings(
                tx, user_id, status=status, keyword=keyword, offset=offset, limit=page_size
            )
            rooms = await store.list_rooms_of(tx, [row.id for row in rows])
        return [MeetingFacts(row, rooms[row.id]) for row in rows], total

    async def upcoming(self, user_id: UserId, *, page: int, page_size: int) -> list[MeetingFacts]:
        """The caller's meetings that are neither over nor past their end."""
        offset = (page - 1) * page_size
        async with self._db.read() as tx:
            rows = await store.page_upcoming(tx, user_id, self._clock.now(), offset=offset, limit=page_size)
            rooms = await store.list_rooms_of(tx, [row.id for row in rows])
        return [MeetingFacts(row, rooms[row.id]) for row in rows]

    async def history(self, user_id: UserId, *, page: int, page_size: int) -> list[MeetingFacts]:
        """The caller's meetings that are over or past their end."""
        offset = (page - 1) * page_size
        async with self._db.read() as tx:
            rows = await store.page_history(tx, user_id, self._clock.now(), offset=offset, limit=page_size)
            rooms = await store.list_rooms_of(tx, [row.id for row in rows])
        return [MeetingFacts(row, rooms[row.id]) for row in rows]

    async def participants(self, user_id: UserId, meeting_id: MeetingId) -> Sequence[ParticipantRow]:
        """The creator and everybody who joined or was invited, those who left included.

        Raises:
            MeetingNotFound, NotAMember: see the door.
        """
        async with self._db.read() as tx:
            await access_meeting(tx, user_id, meeting_id, needs=Right.KNOW)
            return await store.list_participants(tx, meeting_id)

    # Coming and going.

    async def join(self, user_id: UserId, meeting_id: MeetingId, password: str | None) -> Joined:
        """Come in; twice is as good as once.

        Raises:
            MeetingNotFound: there is none.
            WrongPassword: missing or wrong, from somebody who was not in yet.
            MeetingOver, RemovedFromMeeting, JoinTooEarly, MeetingFull: see `rules.admit`.
            TooManyRequests: too many wrong passwords.
        """
        await self._check_password(user_id, meeting_id, password)
        async with self._db.begin() as tx:
            meeting = await store.find_meeting(tx, meeting_id, lock=True)
            if meeting is None:
                raise MeetingNotFound
            participant = await store.find_participant(tx, meeting_id, user_id)
            inside = await store.count_joined(tx, meeting_id, except_user=user_id)
            now = self._clock.now()
            rules.admit(meeting, participant, user_id, inside=inside, now=now)
            if participant is None:
                is_creator = meeting.creator_id == user_id
                role = ParticipantRole.HOST if is_creator else ParticipantRole.PARTICIPANT
                participant = ParticipantRow(meeting_id=meeting_id, user_id=user_id, role=int(role))
                tx.add(participant)
            if participant.status != ParticipantStatus.JOINED:
                participant.status = int(ParticipantStatus.JOINED)
                participant.joined_at = now
                participant.left_at = None
            if meeting.status == MeetingStatus.SCHEDULED:
                meeting.status = int(MeetingStatus.ACTIVE)
                meeting.updated_at = now
            room = await store.get_room(tx, meeting_id)
        log.info("participant.joined", meeting_id=meeting_id, user_id=user_id)
        return Joined(meeting, room, participant)

    async def _check_password(self, user_id: UserId, meeting_id: MeetingId, password: str | None) -> None:
        """Before the transaction: hashing takes its time."""
        async with self._db.read() as tx:
            meeting = await store.find_meeting(tx, meeting_id)
            if meeting is None:
                raise MeetingNotFound
            participant = await store.find_participant(tx, meeting_id, user_id)
        if not rules.is_open(meeting) or not rules.needs_password(meeting, participant, user_id):
            return
        key = (meeting_id, user_id)
        self._refuse_guessing(key)
        if not password:
            raise WrongPassword
        is_right = await self._passwords.verify(password, meeting.password_hash)
        # Again: of many guesses sent at once, those beyond the limit learn nothing.
        self._refuse_guessing(key)
        if not is_right:
            self._guesses.take(key)
            raise WrongPassword

    def _refuse_guessing(self, key: tuple[MeetingId, UserId]) -> None:
        if not self._guesses.has(key):
            raise TooManyRequests(
                "Too many wrong passwords. Wait a moment.", retry_after_s=self._guesses.wait_s(key)
            )

    async def leave(self, user_id: UserId, meeting_id: MeetingId) -> None:
        """Go; the place is kept for coming back.

        Raises:
            MeetingNotFound: there is none, or the caller never was in it.
        """
        async with self._db.begin() as tx:
            participant = await store.find_participant(tx, meeting_id, user_id)
            if participant is None or await store.find_meeting(tx, meeting_id) is None:
                raise MeetingNotFound("You are not in this meeting.")
            if participant.status == ParticipantStatus.JOINED:
                participant.status = int(ParticipantStatus.LEFT)
                participant.left_at = self._clock.now()

    async def remove_participant(self, by: UserId, meeting_id: MeetingId, user_id: UserId) -> None:
        """End a membership; the person cannot come back until invited again.

        Raises:
            MeetingNotFound, NotAMember, NotHost: see the door; or the target is a host.
            NotFound: the target is no participant.
        """
        async with self._db.begin() as tx:
            entry = await access_meeting(tx, by, meeting_id, needs=Right.MODERATE, lock=True)
            target = await store.find_participant(tx, meeting_id, user_id)
            if target is None:
                raise NotFound("This user is not a participant of the meeting.")
            if rules.is_host(entry.meeting, target, user_id):
                raise NotHost("A host cannot be removed.")
            target.status = int(ParticipantStatus.REJECTED)
            target.left_at = self._clock.now()
        log.info("participant.removed", meeting_id=meeting_id, user_id=user_id, by=by)
        await self._bus.publish(ParticipantRemoved(meeting_id=meeting_id, user_id=user_id))

    # What other services ask.

    async def find_seats(self, *, user_id: UserId, meeting_ids: Sequence[MeetingId]) -> dict[MeetingId, Seat]:
        """The user's places; meetings the user has nothing to do with are left out. At most 500 ids."""
        if len(meeting_ids) > _MAX_IDS:
            raise ValueError(f"at most {_MAX_IDS} ids at a time")
        async with self._db.read() as tx:
            found = await store.list_seats(tx, user_id, meeting_ids)
        return {
            MeetingId(meeting.id): _seat(meeting, room, participant, user_id)
            for meeting, room, participant in found
        }

    async def find_meetings_of_rooms(self, *, room_ids: Sequence[RoomId]) -> dict[RoomId, MeetingId]:
        """The meetings of these rooms, named by room id or by the alias ``meeting-<id>``."""
        aliases = {room_id: number for room_id in room_ids if (number := _number_of(room_id)) is not None}
        async with self._db.read() as tx:
            rooms = await store.list_rooms(tx, [room for room in room_ids if room not in aliases])
            ids = {meeting_id for _, meeting_id in rooms} | set(aliases.values())
            existing = await store.list_existing(tx, sorted(ids))
        found = {RoomId(room): MeetingId(number) for room, number in rooms if number in existing}
        found.update({room: MeetingId(number) for room, number in aliases.items() if number in existing})
        return found

    async def post_chat(
        self,
        *,
        user_id: UserId,
        username: str,
        meeting_id: MeetingId,
        message_id: str,
        content: str,
        session_id: str | None,
        extra: dict[str, Any],
    ) -> ChatMessage:
        """Store a message and tell the room of it by `ChatPosted`."""
        return await self.chat.post(
            user_id=user_id,
            username=username,
            meeting_id=meeting_id,
            message_id=message_id,
            content=content,
            session_id=session_id,
            extra=extra,
        )

    async def list_chat(self, *, meeting_id: MeetingId, limit: int, before: int | None) -> list[ChatMessage]:
        """Newest first, at most `limit` (1-1000), only ids below `before`. Checks no right."""
        return await self.chat.list_all(meeting_id=meeting_id, limit=limit, before=before)

    async def session_opened(self, *, meeting_id: MeetingId, user_id: UserId) -> Seat | None:
        """The user is connected: one who was invited, or had left, counts as joined. Safe to call often."""
        async with self._db.begin() as tx:
            # Locked as by whoever ends the meeting: either this sees the end, or the end comes after.
            await store.find_meeting(tx, meeting_id, lock=True)
            found = await store.list_seats(tx, user_id, [meeting_id])
            for meeting, _, participant in found:
                if participant is None or not rules.is_open(meeting):
                    continue
                if participant.status in (ParticipantStatus.INVITED, ParticipantStatus.LEFT):
                    participant.status = int(ParticipantStatus.JOINED)
                    participant.joined_at = self._clock.now()
                    participant.left_at = None
        return next((_seat(*row, user_id) for row in found), None)

    async def sessions_gone(self, *, meeting_id: MeetingId, user_id: UserId) -> None:
        """The user's last session is gone for a while: the participant has left. Safe to call often."""
        try:
            await self.leave(user_id, meeting_id)
        except (MeetingNotFound, NotAMember):
            log.info("participant.gone_already", meeting_id=meeting_id, user_id=user_id)

    # Housekeeping.

    async def recover(self) -> None:
        """At the start of the one process that holds all connections: nobody is in any meeting."""
        async with self._db.begin() as tx:
            await store.mark_everybody_left(tx, self._clock.now())

    async def sweep(self) -> int:
        """End meetings that are past their end and empty; tells how many."""
        now = self._clock.now()
        async with self._db.begin() as tx:
            abandoned = await store.list_abandoned(tx, now - rules.ABANDONED_AFTER, limit=_SWEEP_BATCH)
            for meeting in abandoned:
                meeting.status = int(MeetingStatus.ENDED)
                meeting.updated_at = now
        for meeting in abandoned:
            log.info("meeting.ended", meeting_id=meeting.id, by="sweep")
            await self._bus.publish(MeetingEnded(meeting_id=MeetingId(meeting.id)))
        return len(abandoned)

    async def count_active(self) -> int:
        """Meetings going on."""
        async with self._db.read() as tx:
            return await store.count_active(tx)


def _number_of(room_id: RoomId) -> int | None:
    """The meeting that an alias names."""
    text = room_id.removeprefix(_ALIAS)
    is_number = text.isascii() and text.isdecimal() and len(text) <= 10
    return int(text) if room_id.startswith(_ALIAS) and is_number and int(text) <= MAX_ROW_ID else None


def _seat(meeting: MeetingRow, room: RoomRow, participant: ParticipantRow | None, user_id: UserId) -> Seat:
    is_creator = meeting.creator_id == user_id
    return Seat(
        meeting_id=MeetingId(meeting.id),
        room_id=RoomId(room.room_id),
        user_id=user_id,
        role=ParticipantRole(participant.role) if participant else ParticipantRole.HOST,
        status=ParticipantStatus(participant.status) if participant else ParticipantStatus.INVITED,
        meeting_status=MeetingStatus(meeting.status),
        is_creator=is_creator,
        max_participants=meeting.max_participants,
    )
