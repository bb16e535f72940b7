"""Meetings as plans: made, changed, begun, ended, taken away."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import datetime

import structlog
from pydantic import JsonValue
from sqlalchemy.ext.asyncio import AsyncSession

from salon.meeting import rules, store
from salon.meeting.access import Right, access_meeting
from salon.meeting.context import Context, MeetingFacts
from salon.meeting.entrance import announce_settled, settle_knocks
from salon.meeting.errors import AlreadyOver, MeetingNotFound
from salon.meeting.face import (
    KnockDecided,
    MeetingChanged,
    MeetingEnded,
    MeetingId,
    MeetingStatus,
    ParticipantRole,
    ParticipantStatus,
)
from salon.meeting.store import MeetingRow, ParticipantRow, RoomRow
from salon.platform.auth import Caller
from salon.platform.ids import UserId
from salon.platform.quotas import Quota

log = structlog.get_logger()

_SWEEP_BATCH = 100


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
    """What is to become different; None stays, an empty password takes it away."""

    title: str | None = None
    description: str | None = None
    start_time: datetime | None = None
    end_time: datetime | None = None
    max_participants: int | None = None
    password: str | None = None
    settings: dict[str, bool] | None = None


class Planning:
    """Makes, changes, begins and ends meetings."""

    def __init__(
        self, context: Context, *, random_text: Callable[[], str] = lambda: secrets.token_hex(12)
    ) -> None:
        self._context = context
        self._random_text = random_text

    async def create(self, caller: Caller, plan: NewMeeting) -> MeetingFacts:
        """Plan a meeting; its room is made with it, the creator becomes its host.

        Raises:
            BadRequest: the times make no sense.
            TooManyRequests: too many meetings in a short while.
        """
        ground = self._context
        await ground.quotas.take(Quota.CREATE_MEETING, str(caller.user_id))
        now = ground.clock.now()
        start, end = rules.plan_times(plan.start_time, plan.end_time, now)
        hashed = await ground.passwords.hash(plan.password) if plan.password else None
        async with ground.db.begin() as tx:
            facts = await self.insert(tx, caller.user_id, plan, start=start, end=end, password_hash=hashed)
            await ground.note(tx, "meeting.created", caller, facts.meeting.id)
        log.info("meeting.created", meeting_id=facts.meeting.id, by=caller.user_id)
        return facts

    async def insert(
        self,
        tx: AsyncSession,
        user_id: UserId,
        plan: NewMeeting,
        *,
        start: datetime,
        end: datetime,
        password_hash: str | None,
    ) -> MeetingFacts:
        """The rows of a new meeting: itself, its room, its host."""
        now = self._context.clock.now()
        meeting = MeetingRow(
            title=plan.title,
            description=plan.description,
            creator_id=user_id,
            start_time=start,
            end_time=end,
            max_participants=plan.max_participants,
            status=int(MeetingStatus.SCHEDULED),
            meeting_type=plan.meeting_type,
            password_hash=password_hash,
            settings=plan.settings,
            locked=False,
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
        return MeetingFacts(meeting, room_id)

    async def update(self, caller: Caller, meeting_id: MeetingId, change: MeetingChange) -> MeetingFacts:
        """Change a meeting; who is in it learns of it at once.

        Raises:
            MeetingNotFound, NotAMember, NotHost: see the door.
            BadRequest: the times make no sense.
        """
        ground = self._context
        hashed = await ground.passwords.hash(change.password) if change.password else None
        async with ground.db.begin() as tx:
            entry = await access_meeting(tx, caller.user_id, meeting_id, needs=Right.HOST, lock=True)
            meeting = entry.meeting
            shown = (meeting.title, meeting.description, meeting.start_time, meeting.end_time)
            for name in ("title", "description", "start_time", "end_time", "max_participants", "settings"):
                value = getattr(change, name)
                if value is not None:
                    setattr(meeting, name, value)
            if change.password is not None:
                meeting.password_hash = hashed
            is_open_house = meeting.settings.get("require_approval") is not True
            settled = await settle_knocks(ground, tx, meeting_id, None if is_open_house else [])
            rules.check_times(meeting.start_time, meeting.end_time)
            if (meeting.title, meeting.description, meeting.start_time, meeting.end_time) != shown:
                meeting.sequence += 1
                meeting.is_exception = meeting.series_id is not None
            meeting.updated_at = ground.clock.now()
            room = await store.get_room(tx, meeting_id)
            await ground.note(tx, "meeting.changed", caller, meeting_id, details=_changes(change))
        await ground.bus.publish(MeetingChanged(meeting_id=meeting_id))
        await announce_settled(ground, meeting_id, settled)
        return MeetingFacts(meeting, room.room_id)

    async def set_lock(self, caller: Caller, meeting_id: MeetingId, *, locked: bool) -> MeetingFacts:
        """Let nobody new in, or somebody again. Twice is as good as once.

        Raises:
            MeetingNotFound, NotAMember, NotHost: see the door.
            AlreadyOver: it has ended.
        """
        ground = self._context
        async with ground.db.begin() as tx:
            entry = await access_meeting(tx, caller.user_id, meeting_id, needs=Right.MODERATE, lock=True)
            if not rules.is_open(entry.meeting):
                raise AlreadyOver
            entry.meeting.locked = locked
            entry.meeting.updated_at = ground.clock.now()
            room = await store.get_room(tx, meeting_id)
            await ground.note(tx, "meeting.locked" if locked else "meeting.unlocked", caller, meeting_id)
        await ground.bus.publish(MeetingChanged(meeting_id=meeting_id))
        return MeetingFacts(entry.meeting, room.room_id)

    async def start(self, caller: Caller, meeting_id: MeetingId) -> MeetingFacts:
        """Begin a meeting, whatever its planned time; harmless if it has begun.

        Raises:
            MeetingNotFound, NotAMember, NotHost: see the door.
            AlreadyOver: it has ended.
        """
        ground = self._context
        async with ground.db.begin() as tx:
            entry = await access_meeting(tx, caller.user_id, meeting_id, needs=Right.MODERATE, lock=True)
            if not rules.is_open(entry.meeting):
                raise AlreadyOver
            if entry.meeting.status == MeetingStatus.SCHEDULED:
                entry.meeting.status = int(MeetingStatus.ACTIVE)
                entry.meeting.updated_at = ground.clock.now()
                await ground.note(tx, "meeting.started", caller, meeting_id)
            room = await store.get_room(tx, meeting_id)
        return MeetingFacts(entry.meeting, room.room_id)

    async def end(self, caller: Caller, meeting_id: MeetingId) -> MeetingFacts:
        """End a meeting for everybody.

        Raises:
            MeetingNotFound, NotAMember, NotHost: see the door.
            AlreadyOver: it has ended.
        """
        ground = self._context
        async with ground.db.begin() as tx:
            entry = await access_meeting(tx, caller.user_id, meeting_id, needs=Right.HOST, lock=True)
            facts, waiting = await self._end(tx, entry.meeting)
            await ground.note(tx, "meeting.ended", caller, meeting_id)
        log.info("meeting.ended", meeting_id=meeting_id, by=caller.user_id)
        await self._announce_end(meeting_id, waiting)
        return facts

    async def force_end(self, admin: Caller, meeting_id: MeetingId) -> MeetingFacts:
        """End any meeting; who calls has been checked to be an administrator.

        Raises:
            MeetingNotFound: there is none.
            AlreadyOver: it has ended.
        """
        ground = self._context
        async with ground.db.begin() as tx:
            meeting = await store.find_meeting(tx, meeting_id, lock=True)
            if meeting is None:
                raise MeetingNotFound
            facts, waiting = await self._end(tx, meeting)
            await ground.note(tx, "meeting.force_ended", admin, meeting_id)
        log.info("meeting.ended", meeting_id=meeting_id, by=admin.user_id)
        await self._announce_end(meeting_id, waiting)
        return facts

    async def delete(self, caller: Caller, meeting_id: MeetingId) -> None:
        """Take a meeting away; who is in it is sent home.

        Raises:
            MeetingNotFound, NotAMember, NotHost: see the door.
        """
        ground = self._context
        async with ground.db.begin() as tx:
            entry = await access_meeting(tx, caller.user_id, meeting_id, needs=Right.OWN, lock=True)
            now = ground.clock.now()
            waiting = await self._close(tx, entry.meeting, now, scheduled_becomes=MeetingStatus.CANCELLED)
            entry.meeting.deleted_at = now
            entry.meeting.sequence += 1
            await ground.note(tx, "meeting.deleted", caller, meeting_id)
        log.info("meeting.deleted", meeting_id=meeting_id, by=caller.user_id)
        await self._announce_end(meeting_id, waiting)

    async def end_abandoned(self) -> int:
        """End meetings that are past their end and empty, a batch of them; tells how many."""
        ground = self._context
        now = ground.clock.now()
        over: dict[MeetingId, list[UserId]] = {}
        async with ground.db.begin() as tx:
            abandoned = await store.list_abandoned(tx, now - rules.ABANDONED_AFTER, limit=_SWEEP_BATCH)
            for meeting in abandoned:
                waiting = await self._close(tx, meeting, now, scheduled_becomes=MeetingStatus.ENDED)
                over[MeetingId(meeting.id)] = waiting
            for meeting_id in over:
                await ground.note(tx, "meeting.expired", None, meeting_id)
        for meeting_id, waiting in over.items():
            log.info("meeting.ended", meeting_id=meeting_id, by="sweep")
            await self._announce_end(meeting_id, waiting)
        return len(over)

    async def _end(self, tx: AsyncSession, meeting: MeetingRow) -> tuple[MeetingFacts, list[UserId]]:
        if not rules.is_open(meeting):
            raise AlreadyOver
        now = self._context.clock.now()
        waiting = await self._close(tx, meeting, now, scheduled_becomes=MeetingStatus.ENDED)
        room = await store.get_room(tx, MeetingId(meeting.id))
        return MeetingFacts(meeting, room.room_id), waiting

    async def _close(
        self, tx: AsyncSession, meeting: MeetingRow, now: datetime, *, scheduled_becomes: MeetingStatus
    ) -> list[UserId]:
        """The state of what is over; gives those who still waited to be let in."""
        if meeting.status == MeetingStatus.SCHEDULED:
            meeting.status = int(scheduled_becomes)
        elif meeting.status == MeetingStatus.ACTIVE:
            meeting.status = int(MeetingStatus.ENDED)
        meeting.updated_at = now
        await store.mark_everybody_left(tx, now, meeting_id=MeetingId(meeting.id))
        waiting = await store.list_waiting(tx, MeetingId(meeting.id), lock=True)
        for knock in waiting:
            knock.state, knock.decided_at = "closed", now
        return [UserId(knock.user_id) for knock in waiting]

    async def _announce_end(self, meeting_id: MeetingId, waiting: list[UserId]) -> None:
        await self._context.bus.publish(MeetingEnded(meeting_id=meeting_id))
        for user_id in waiting:
            await self._context.bus.publish(
                KnockDecided(meeting_id=meeting_id, user_id=user_id, state="closed")
            )


def _changes(change: MeetingChange) -> dict[str, JsonValue]:
    """What a change touches; of the settings the values too, of the password never."""
    names: list[JsonValue] = [
        field.name for field in fields(change) if getattr(change, field.name) is not None
    ]
    return {"changed": names, **({"settings": dict(change.settings)} if change.settings is not None else {})}
