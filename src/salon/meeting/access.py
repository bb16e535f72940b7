"""The door to meetings: every way to one comes through here and has its rights checked."""

from dataclasses import dataclass
from enum import Enum

from sqlalchemy.ext.asyncio import AsyncSession

from salon.meeting import rules, store
from salon.meeting.errors import MeetingNotFound, NotAMember, NotHost, RemovedFromMeeting
from salon.meeting.face import MeetingId, ParticipantStatus
from salon.meeting.store import MeetingRow, ParticipantRow
from salon.platform.ids import UserId


class Right(Enum):
    """What a caller wants to do."""

    KNOW = "know"
    """Read what members may read."""
    MODERATE = "moderate"
    """Invite and remove."""
    HOST = "host"
    """Change and end the meeting."""
    OWN = "own"
    """Delete it."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A meeting, reached by somebody who may."""

    meeting: MeetingRow
    participant: ParticipantRow | None
    """The caller's membership; the creator may be without one."""


async def access_meeting(
    tx: AsyncSession, user_id: UserId, meeting_id: MeetingId, *, needs: Right, lock: bool = False
) -> Entry:
    """The meeting, if the caller has the right.

    Raises:
        MeetingNotFound: there is none.
        NotAMember, RemovedFromMeeting: not the caller's, or not any more.
        NotHost: a member without this right.
    """
    meeting = await store.find_meeting(tx, meeting_id, lock=lock)
    if meeting is None:
        raise MeetingNotFound
    participant = await store.find_participant(tx, meeting_id, user_id)
    if participant is None and meeting.creator_id != user_id:
        raise NotAMember
    if participant is not None and participant.status == ParticipantStatus.REJECTED:
        raise RemovedFromMeeting
    allowed = {
        Right.KNOW: True,
        Right.MODERATE: rules.is_moderator(meeting, participant, user_id),
        Right.HOST: rules.is_host(meeting, participant, user_id),
        Right.OWN: meeting.creator_id == user_id,
    }
    if not allowed[needs]:
        raise NotHost
    return Entry(meeting, participant)
