"""Recurring meetings: a rule, and the meetings that are made of it some while ahead."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice
from typing import Literal

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from salon.meeting import recurrence, rules, series_store, store
from salon.meeting.access import Right, access_meeting
from salon.meeting.context import Context, MeetingFacts
from salon.meeting.face import MeetingChanged, MeetingEnded, MeetingId, MeetingStatus
from salon.meeting.planning import MeetingChange, NewMeeting, Planning
from salon.meeting.series_store import SeriesRow
from salon.meeting.store import MeetingRow
from salon.platform.auth import Caller
from salon.platform.errors import BadRequest, Conflict
from salon.platform.ids import UserId
from salon.platform.quotas import Quota

log = structlog.get_logger()

Scope = Literal["this", "following", "all"]

MAKE_AHEAD = timedelta(days=366)
"""Occurrences stand in people's lists a year ahead."""

MAKE_AT_ONCE = 60
EXTEND_WHEN = timedelta(days=90)
"""When fewer than these days are left, the next are made."""

_SWEEP_BATCH = 20


@dataclass(frozen=True, slots=True)
class Repeating:
    """What makes a meeting a series."""

    rule: str
    time_zone: str


class Series:
    """Makes, changes and ends series; every occurrence is a meeting like any other."""

    def __init__(self, context: Context, planning: Planning) -> None:
        self._context = context
        self._planning = planning

    async def create(self, caller: Caller, plan: NewMeeting, repeating: Repeating) -> MeetingFacts:
        """Plan a series; answers its first meeting.

        Raises:
            BadRequest: times, rule or zone make no sense.
            TooManyRequests: too many meetings in a short while.
        """
        ground = self._context
        await ground.quotas.take(Quota.CREATE_MEETING, str(caller.user_id))
        now = ground.clock.now()
        start, end = rules.plan_times(plan.start_time, plan.end_time, now)
        zone = recurrence.read_zone(repeating.time_zone)
        rule = recurrence.read_rule(repeating.rule, start, zone)
        # A rule need not meet its own start, "on weekdays" a Saturday: then the first it meets is the start.
        ahead = recurrence.unroll(rule, start, zone, after=None, until=start + MAKE_AHEAD)
        lasting, start = end - start, next(ahead, start)
        hashed = await ground.passwords.hash(plan.password) if plan.password else None
        series = SeriesRow(
            creator_id=caller.user_id,
            rule=rule,
            time_zone=repeating.time_zone,
            starts_at=start,
            shift_s=0,
            duration_s=int(lasting.total_seconds()),
            template={
                "title": plan.title,
                "description": plan.description,
                "max_participants": plan.max_participants,
                "meeting_type": plan.meeting_type,
                "settings": plan.settings,
                "password_hash": hashed,
            },
            made_until=start - timedelta(seconds=1),
            is_complete=False,
            created_at=now,
        )
        async with ground.db.begin() as tx:
            tx.add(series)
            await tx.flush()
            made = await self._make(tx, series)
            if not made:
                raise BadRequest("recurrence: nothing comes of this rule within a year of the start")
            await ground.note(
                tx, "series.created", caller, made[0].meeting.id, details={"series": series.id, "rule": rule}
            )
        log.info("series.created", series_id=series.id, by=caller.user_id)
        return made[0]

    async def extend(self) -> int:
        """Make the next occurrences where few are left; tells how many series it was."""
        ground = self._context
        async with ground.db.begin() as tx:
            due = await series_store.list_due_series(tx, ground.clock.now() + EXTEND_WHEN, limit=_SWEEP_BATCH)
            for series in due:
                await self._make(tx, series)
        return len(due)

    async def _make(self, tx: AsyncSession, series: SeriesRow) -> list[MeetingFacts]:
        """The next occurrences, at most so many at once and so far ahead."""
        now, zone = self._context.clock.now(), recurrence.read_zone(series.time_zone)
        horizon = max(now, series.starts_at) + MAKE_AHEAD
        bound = horizon if series.ends_before is None else min(horizon, series.ends_before)
        moments = list(
            islice(
                recurrence.unroll(series.rule, series.starts_at, zone, after=series.made_until, until=bound),
                MAKE_AT_ONCE + 1,
            )
        )
        is_cut = len(moments) > MAKE_AT_ONCE
        moments = [moment for moment in moments[:MAKE_AT_ONCE] if moment != series.ends_before]
        made = await self._insert(tx, series, moments)
        series.made_until = moments[-1] if is_cut else bound
        if not is_cut:
            later = recurrence.unroll(
                series.rule, series.starts_at, zone, after=bound, until=bound + timedelta(days=3660)
            )
            series.is_complete = series.ends_before is not None or next(later, None) is None
        return made

    async def _insert(
        self, tx: AsyncSession, series: SeriesRow, moments: Sequence[datetime]
    ) -> list[MeetingFacts]:
        zone = recurrence.read_zone(series.time_zone)
        template = series.template
        plan = NewMeeting(
            title=template["title"],
            description=template["description"],
            start_time=series.starts_at,
            end_time=None,
            max_participants=template["max_participants"],
            meeting_type=template["meeting_type"],
            password="",
            settings=dict(template["settings"]),
        )
        made = []
        for moment in moments:
            start = recurrence.shift(moment, series.shift_s, zone)
            facts = await self._planning.insert(
                tx,
                UserId(series.creator_id),
                plan,
                start=start,
                end=start + timedelta(seconds=series.duration_s),
                password_hash=template["password_hash"],
            )
            facts.meeting.series_id, facts.meeting.series_start = series.id, moment
            made.append(facts)
        return made

    async def occurrences(self, caller: Caller, meeting_id: MeetingId) -> list[MeetingFacts]:
        """The meetings of the series that this one belongs to, in time.

        Raises:
            MeetingNotFound, NotAMember: see the door.
            Conflict: it belongs to none.
        """
        async with self._context.db.read() as tx:
            entry = await access_meeting(tx, caller.user_id, meeting_id, needs=Right.KNOW)
            series_id = _series_of(entry.meeting)
            made = await series_store.list_occurrences(tx, series_id)
            found = [row for row in made if row.deleted_at is None]
            rooms = await store.list_rooms_of(tx, [row.id for row in found])
        return [MeetingFacts(row, rooms[row.id]) for row in sorted(found, key=lambda row: row.start_time)]

    async def update(
        self, caller: Caller, meeting_id: MeetingId, change: MeetingChange, scope: Scope
    ) -> MeetingFacts:
        """Change a meeting of a series, and those after it or all that have not begun.

        Raises:
            MeetingNotFound, NotAMember, NotHost: see the door.
            BadRequest: the times make no sense.
            Conflict: it belongs to no series.
        """
        ground = self._context
        hashed = await ground.passwords.hash(change.password) if change.password else None
        async with ground.db.begin() as tx:
            entry = await access_meeting(tx, caller.user_id, meeting_id, needs=Right.HOST, lock=True)
            series = await series_store.find_series(tx, _series_of(entry.meeting), lock=True)
            if series is None:
                raise Conflict("This meeting belongs to no series.")
            anchor, zone = entry.meeting, recurrence.read_zone(series.time_zone)
            start, end = change.start_time or anchor.start_time, change.end_time or anchor.end_time
            rules.check_times(start, end)
            moved = recurrence.wall_difference(anchor.start_time, start, zone)
            lasting = int((end - start).total_seconds())
            since = anchor.series_start if scope == "following" else None
            targets = await series_store.list_planned(tx, series.id, since=since)
            rest = replace(change, start_time=None, end_time=None)
            for meeting in targets:
                _apply(meeting, rest, hashed)
                meeting.start_time = recurrence.shift(meeting.start_time, moved, zone)
                meeting.end_time = meeting.start_time + timedelta(seconds=lasting)
                meeting.is_exception = True
                meeting.sequence += 1
                meeting.updated_at = ground.clock.now()
            series.shift_s += moved
            series.duration_s = lasting
            series.template = _changed(series.template, rest, hashed)
            room = await store.get_room(tx, meeting_id)
            await ground.note(
                tx, "series.changed", caller, meeting_id, details={"series": series.id, "scope": scope}
            )
        for meeting in targets:
            await ground.bus.publish(MeetingChanged(meeting_id=MeetingId(meeting.id)))
        return MeetingFacts(anchor, room.room_id)

    async def delete(self, caller: Caller, meeting_id: MeetingId, scope: Scope) -> None:
        """Take a meeting of a series away, and those after it or all that have not begun.

        Raises:
            MeetingNotFound, NotAMember, NotHost: see the door.
            Conflict: it belongs to no series.
        """
        ground = self._context
        async with ground.db.begin() as tx:
            entry = await access_meeting(tx, caller.user_id, meeting_id, needs=Right.OWN, lock=True)
            series = await series_store.find_series(tx, _series_of(entry.meeting), lock=True)
            if series is None:
                raise Conflict("This meeting belongs to no series.")
            now = ground.clock.now()
            since = entry.meeting.series_start if scope == "following" else None
            targets = await series_store.list_planned(tx, series.id, since=since)
            for meeting in targets:
                meeting.status = int(MeetingStatus.CANCELLED)
                meeting.deleted_at = meeting.updated_at = now
                meeting.sequence += 1
            series.is_complete = True
            series.ends_before = since or now
            await ground.note(
                tx, "series.deleted", caller, meeting_id, details={"series": series.id, "scope": scope}
            )
        for meeting in targets:
            await ground.bus.publish(MeetingEnded(meeting_id=MeetingId(meeting.id)))


def _series_of(meeting: MeetingRow) -> int:
    if meeting.series_id is None:
        raise Conflict("This meeting belongs to no series.")
    return meeting.series_id


def _apply(meeting: MeetingRow, change: MeetingChange, hashed: str | None) -> None:
    for name in ("title", "description", "max_participants", "settings"):
        value = getattr(change, name)
        if value is not None:
            setattr(meeting, name, value)
    if change.password is not None:
        meeting.password_hash = hashed


def _changed(template: dict[str, object], change: MeetingChange, hashed: str | None) -> dict[str, object]:
    new = dict(template)
    for name in ("title", "description", "max_participants", "settings"):
        value = getattr(change, name)
        if value is not None:
            new[name] = value
    if change.password is not None:
        new["password_hash"] = hashed
    return new
