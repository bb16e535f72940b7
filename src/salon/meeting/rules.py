"""The decisions about meetings: pure, the moment passed in."""

from collections.abc import Callable
from datetime import datetime, timedelta

from salon.meeting.errors import (
    JoinTooEarly,
    MeetingFull,
    MeetingOver,
    RemovedFromMeeting,
)
from salon.meeting.face import MeetingId, MeetingStatus, ParticipantRole, ParticipantStatus
from salon.meeting.store import MeetingRow, ParticipantRow
from salon.platform.errors import BadRequest
from salon.platform.ids import UserId

START_GRACE = timedelta(minutes=5)
"""How far in the past the start of a new meeting may lie: "now" takes a while to arrive."""

DEFAULT_DURATION = timedelta(hours=1)
JOIN_WINDOW = timedelta(minutes=30)
"""How long before the start members may come in; the host may at any time."""

ABANDONED_AFTER = timedelta(minutes=15)
"""An empty meeting is ended so long after its planned end."""


def plan_times(start: datetime, end: datetime | None, now: datetime) -> tuple[datetime, datetime]:
    """The times of a new meeting.

    Raises:
        BadRequest: it starts in the past, or ends before it starts.
    """
    if start < now - START_GRACE:
        raise BadRequest("start_time lies in the past. Choose a later one.")
    end = start + DEFAULT_DURATION if end is None else end
    check_times(start, end)
    return start, end


def check_times(start: datetime, end: datetime) -> None:
    """A meeting lasts.

    Raises:
        BadRequest: it ends before it starts, or at the same moment.
    """
    if end <= start:
        raise BadRequest("end_time must be after start_time.")


def new_room_id(meeting_id: MeetingId, now: datetime, random_text: Callable[[], str]) -> str:
    """A room's name: readable in front, impossible to guess at the end."""
    return f"room_{meeting_id}_{int(now.timestamp() * 1_000_000_000)}_{random_text()}"


def is_open(meeting: MeetingRow) -> bool:
    """Scheduled or active."""
    return meeting.status in (MeetingStatus.SCHEDULED, MeetingStatus.ACTIVE)


def is_host(meeting: MeetingRow, participant: ParticipantRow | None, user_id: UserId) -> bool:
    """Who made the meeting, or whom that one made a host."""
    return meeting.creator_id == user_id or (
        participant is not None and participant.role == ParticipantRole.HOST
    )


def is_moderator(meeting: MeetingRow, participant: ParticipantRow | None, user_id: UserId) -> bool:
    """A host, or somebody with the moderator's role."""
    return is_host(meeting, participant, user_id) or (
        participant is not None and participant.role == ParticipantRole.MODERATOR
    )


def needs_password(meeting: MeetingRow, participant: ParticipantRow | None, user_id: UserId) -> bool:
    """Whoever has no place yet must know the password; who was in, or was invited, need not again."""
    return (
        meeting.password_hash is not None
        and participant is None
        and not is_host(meeting, participant, user_id)
    )


def admit(
    meeting: MeetingRow,
    participant: ParticipantRow | None,
    user_id: UserId,
    *,
    inside: int,
    now: datetime,
) -> None:
    """Whether this user may come in now; `inside` counts the others who are in.

    Raises:
        MeetingOver: ended, cancelled, or past its end with nobody in it.
        RemovedFromMeeting: thrown out earlier.
        JoinTooEarly: before the window opens, and no host.
        MeetingFull: no place left.
    """
    if not is_open(meeting):
        raise MeetingOver
    if participant is not None and participant.status == ParticipantStatus.REJECTED:
        raise RemovedFromMeeting
    host = is_host(meeting, participant, user_id)
    if now > meeting.end_time:
        is_going_on = meeting.status == MeetingStatus.ACTIVE and inside > 0
        was_inside = participant is not None and participant.status == ParticipantStatus.JOINED
        if not is_going_on and not was_inside:
            raise MeetingOver("This meeting is past its end. Ask the host for a new one.")
    opens = meeting.start_time - JOIN_WINDOW
    if now < opens and meeting.status == MeetingStatus.SCHEDULED and not host:
        raise JoinTooEarly(opens)
    if inside >= meeting.max_participants:
        raise MeetingFull(meeting.max_participants)
