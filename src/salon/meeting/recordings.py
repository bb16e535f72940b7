"""Recording and captions, as far as a meeting is concerned: who may. What makes them belongs to others."""

from typing import Literal

from salon.meeting import rules, store
from salon.meeting.access import Right, access_meeting
from salon.meeting.context import Context
from salon.meeting.errors import AlreadyOver, ApprovalNeeded, FeatureOff
from salon.meeting.face import MeetingId
from salon.meeting.store import MeetingRow, ParticipantRow, RoomRow
from salon.platform.ids import UserId

MAX_MEETINGS = 10_000


class Recordings:
    """Checks the rights."""

    def __init__(self, context: Context) -> None:
        self._context = context

    async def check(
        self,
        user_id: UserId,
        meeting_id: MeetingId,
        to: Literal["start", "stop", "see"],
        *,
        feature: Literal["recording", "captions"] = "recording",
    ) -> tuple[MeetingRow, RoomRow, ParticipantRow | None]:
        """A meeting, if the user may do this about its recordings, or its captions.

        Raises:
            MeetingNotFound, NotAMember, RemovedFromMeeting, NotHost: see the door.
            AlreadyOver: the meeting has ended.
            FeatureOff: its settings do not allow it.
            ApprovalNeeded: came by a link, and was never let in.
        """
        needs = Right.KNOW if to == "see" else Right.MODERATE
        async with self._context.db.read() as tx:
            entry = await access_meeting(tx, user_id, meeting_id, needs=needs)
            room = await store.get_room(tx, meeting_id)
        if to == "see" and not rules.may_see_recordings(entry.meeting, entry.participant, user_id):
            raise ApprovalNeeded("A host has to let you in before you can see the recordings.")
        if to == "start" and not rules.is_open(entry.meeting):
            raise AlreadyOver
        allows = rules.allows_of(entry.meeting)
        if to == "start" and feature == "recording" and not allows.recording:
            raise FeatureOff("Recording")
        if to == "start" and feature == "captions" and not allows.ai:
            raise FeatureOff("Making captions")
        return entry.meeting, room, entry.participant

    async def list_for(self, user_id: UserId) -> list[MeetingId]:
        """Meetings whose recordings the user may see as a member, newest first."""
        async with self._context.db.read() as tx:
            found = await store.list_recorded_for(tx, user_id, limit=MAX_MEETINGS)
        return [MeetingId(number) for number in found]
