"""Recording, as far as a meeting is concerned: who may. There is no recorder yet, and none is feigned."""

from salon.meeting import rules, store
from salon.meeting.access import Right, access_meeting
from salon.meeting.context import Context
from salon.meeting.errors import AlreadyOver, FeatureOff
from salon.meeting.face import MeetingId
from salon.platform.auth import Caller
from salon.platform.errors import NotFound, Unavailable


class NoRecorder(Unavailable):
    """This server cannot record."""

    kind = "no_recorder"
    text = "This server cannot record yet. Nothing was started."


class Recordings:
    """Checks the rights, then says the truth."""

    def __init__(self, context: Context) -> None:
        self._context = context

    async def start(self, caller: Caller, meeting_id: MeetingId) -> None:
        """Record a meeting.

        Raises:
            MeetingNotFound, NotAMember, NotHost: see the door.
            AlreadyOver: the meeting has ended.
            FeatureOff: its settings do not allow recording.
            NoRecorder: always, otherwise.
        """
        async with self._context.db.read() as tx:
            entry = await access_meeting(tx, caller.user_id, meeting_id, needs=Right.MODERATE)
        if not rules.is_open(entry.meeting):
            raise AlreadyOver
        if not rules.allows_of(entry.meeting).recording:
            raise FeatureOff("Recording")
        raise NoRecorder

    async def stop(self, caller: Caller, meeting_id: MeetingId) -> None:
        """Stop recording a meeting.

        Raises:
            MeetingNotFound, NotAMember, NotHost: see the door.
            NotFound: nothing is recorded.
        """
        async with self._context.db.read() as tx:
            await access_meeting(tx, caller.user_id, meeting_id, needs=Right.MODERATE)
        raise NotFound("This meeting is not being recorded.")

    async def list_all(self, caller: Caller, meeting_id: MeetingId) -> None:
        """Check that the caller may see what was recorded.

        Raises:
            MeetingNotFound, NotAMember: see the door.
        """
        async with self._context.db.read() as tx:
            await access_meeting(tx, caller.user_id, meeting_id, needs=Right.KNOW)
            await store.get_room(tx, meeting_id)
