"""The room of a meeting: looked at, closed, opened again."""

from dataclasses import dataclass

from salon.meeting import rules, store
from salon.meeting.access import Right, access_meeting
from salon.meeting.context import Context
from salon.meeting.errors import AlreadyOver
from salon.meeting.face import MeetingId, RoomClosed
from salon.meeting.store import RoomRow
from salon.platform.auth import Caller


@dataclass(frozen=True, slots=True)
class RoomFacts:
    """A room, and how many are in it."""

    room: RoomRow
    participant_count: int


class Rooms:
    """One room a meeting."""

    def __init__(self, context: Context) -> None:
        self._context = context

    async def get(self, caller: Caller, meeting_id: MeetingId) -> RoomFacts:
        """The room, for members.

        Raises:
            MeetingNotFound, NotAMember: see the door.
        """
        async with self._context.db.read() as tx:
            await access_meeting(tx, caller.user_id, meeting_id, needs=Right.KNOW)
            room = await store.get_room(tx, meeting_id)
            return RoomFacts(room, await store.count_joined(tx, meeting_id))

    async def open(self, caller: Caller, meeting_id: MeetingId) -> RoomFacts:
        """The room, opened again if it was closed.

        Raises:
            MeetingNotFound, NotAMember, NotHost: see the door.
            AlreadyOver: the meeting has ended.
        """
        ground = self._context
        async with ground.db.begin() as tx:
            entry = await access_meeting(tx, caller.user_id, meeting_id, needs=Right.MODERATE, lock=True)
            if not rules.is_open(entry.meeting):
                raise AlreadyOver
            room = await store.get_room(tx, meeting_id)
            if room.status != "active":
                rules.reopen(room, ground.clock.now())
                await ground.note(tx, "room.opened", caller, meeting_id)
            count = await store.count_joined(tx, meeting_id)
        return RoomFacts(room, count)

    async def close(self, caller: Caller, meeting_id: MeetingId) -> None:
        """Send everybody out of the room; the meeting goes on, and joining opens it again.

        Raises:
            MeetingNotFound, NotAMember, NotHost: see the door.
        """
        ground = self._context
        async with ground.db.begin() as tx:
            await access_meeting(tx, caller.user_id, meeting_id, needs=Right.HOST, lock=True)
            room = await store.get_room(tx, meeting_id)
            now = ground.clock.now()
            room.status, room.updated_at = "closed", now
            await store.mark_everybody_left(tx, now, meeting_id=meeting_id)
            await ground.note(tx, "room.closed", caller, meeting_id)
        await ground.bus.publish(RoomClosed(meeting_id=meeting_id))
