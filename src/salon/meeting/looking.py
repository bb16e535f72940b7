"""Finding meetings, and who is in them."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from salon.meeting import store
from salon.meeting.access import Right, access_meeting
from salon.meeting.context import Context, MeetingFacts
from salon.meeting.face import MeetingId, MeetingStatus, ParticipantStatus
from salon.meeting.store import MeetingRow, ParticipantRow
from salon.platform.ids import UserId


@dataclass(frozen=True, slots=True)
class MeetingStats:
    """Figures over all meetings."""

    total: int
    by_status: dict[MeetingStatus, int]
    participants_total: int
    participants_now: int


class Looking:
    """Reads; changes nothing."""

    def __init__(self, context: Context) -> None:
        self._context = context

    async def get(self, user_id: UserId, meeting_id: MeetingId) -> MeetingFacts:
        """A meeting of the caller.

        Raises:
            MeetingNotFound, NotAMember: see the door.
        """
        async with self._context.db.read() as tx:
            entry = await access_meeting(tx, user_id, meeting_id, needs=Right.KNOW)
            room = await store.get_room(tx, meeting_id)
        return MeetingFacts(entry.meeting, room.room_id)

    async def page(
        self, user_id: UserId, *, status: int, keyword: str, offset: int, limit: int
    ) -> tuple[list[MeetingFacts], int]:
        """One page of the caller's meetings, latest start first, and how many there are."""
        async with self._context.db.read() as tx:
            rows = await store.list_meetings(
                tx, user_id, status=status, keyword=keyword, offset=offset, limit=limit
            )
            total = await store.count_meetings(tx, user_id, status=status, keyword=keyword)
            return await _with_rooms(tx, rows), total

    async def latest(self, user_id: UserId, *, offset: int, limit: int) -> list[MeetingFacts]:
        """One page of the caller's meetings, latest start first."""
        async with self._context.db.read() as tx:
            rows = await store.list_meetings(tx, user_id, status=0, keyword="", offset=offset, limit=limit)
            return await _with_rooms(tx, rows)

    async def list_all(self, *, status: int, keyword: str, offset: int, limit: int) -> list[MeetingFacts]:
        """One page of everybody's meetings; who calls has been checked to be an administrator."""
        async with self._context.db.read() as tx:
            rows = await store.list_all(tx, status=status, keyword=keyword, offset=offset, limit=limit)
            return await _with_rooms(tx, rows)

    async def upcoming(self, user_id: UserId, *, offset: int, limit: int) -> list[MeetingFacts]:
        """The caller's meetings that are neither over nor past their end."""
        async with self._context.db.read() as tx:
            now = self._context.clock.now()
            return await _with_rooms(
                tx, await store.list_upcoming(tx, user_id, now, offset=offset, limit=limit)
            )

    async def history(self, user_id: UserId, *, offset: int, limit: int) -> list[MeetingFacts]:
        """The caller's meetings that are over or past their end."""
        async with self._context.db.read() as tx:
            now = self._context.clock.now()
            return await _with_rooms(
                tx, await store.list_history(tx, user_id, now, offset=offset, limit=limit)
            )

    async def participants(self, user_id: UserId, meeting_id: MeetingId) -> Sequence[ParticipantRow]:
        """The creator and everybody who joined or was invited, those who left included.

        Raises:
            MeetingNotFound, NotAMember: see the door.
        """
        async with self._context.db.read() as tx:
            await access_meeting(tx, user_id, meeting_id, needs=Right.KNOW)
            return await store.list_participants(tx, meeting_id)

    async def stats(self) -> MeetingStats:
        """Figures over all meetings; who calls has been checked to be an administrator."""
        async with self._context.db.read() as tx:
            meetings = await store.count_by_status(tx)
            participants = await store.count_participants_by_status(tx)
        return MeetingStats(
            total=sum(meetings.values()),
            by_status={status: meetings.get(int(status), 0) for status in MeetingStatus},
            participants_total=sum(participants.values()),
            participants_now=participants.get(int(ParticipantStatus.JOINED), 0),
        )


async def _with_rooms(tx: AsyncSession, rows: Sequence[MeetingRow]) -> list[MeetingFacts]:
    rooms = await store.list_rooms_of(tx, [row.id for row in rows])
    return [MeetingFacts(row, rooms[row.id]) for row in rows]
