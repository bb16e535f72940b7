"""The decisions about meetings: pure, the moment passed in."""

from collections.abc import Callable
from datetime import datetime, timedelta

from salon.meeting.errors import (
    ApprovalNeeded,
    JoinTooEarly,
    MeetingFull,
    MeetingLocked,
    MeetingOver,
    NotHost,
    RemovedFromMeeting,
)
from salon.meeting.face import (
    Allows,
    Block,
    MeetingId,
    MeetingStatus,
    ParticipantRole,
    ParticipantStatus,
)
from salon.meeting.store import MeetingRow, ParticipantRow, RoomRow
from salon.platform.errors import BadRequest
from salon.platform.ids import UserId

START_GRACE = timedelta(minutes=5)
"""How far in the past the start of a new meeting may lie: "now" takes a while to arrive."""

DEFAULT_DURATION = timedelta(hours=1)
JOIN_WINDOW = timedelta(minutes=30)
"""How long before the start members may come in; the host may at any time."""

BACK_WITHIN = timedelta(minutes=2)
"""Who was in a locked meeting a moment ago has lost the line, and may come back."""

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


def allows_of(meeting: MeetingRow) -> Allows:
    """What may be done. Only a switch that somebody set to off is off: many clients set none."""

    def is_on(name: str) -> bool:
        return meeting.settings.get(f"enable_{name}") is not False

    return Allows(
        video=is_on("video"),
        audio=is_on("audio"),
        screen_share=is_on("screen_share"),
        chat=is_on("chat"),
        recording=is_on("recording"),
        ai=is_on("ai"),
    )


def needs_approval(meeting: MeetingRow, participant: ParticipantRow | None, user_id: UserId) -> bool:
    """Whether a host has to let this user in: not those who were invited or let in before."""
    return (
        meeting.settings.get("require_approval") is True
        and not is_moderator(meeting, participant, user_id)
        and (participant is None or not participant.admitted)
    )


def may_see_recordings(meeting: MeetingRow, participant: ParticipantRow | None, user_id: UserId) -> bool:
    """Members, but not who was thrown out, nor who came by a link and was never inside."""
    if meeting.creator_id == user_id:
        return True
    if participant is None or participant.status == ParticipantStatus.REJECTED:
        return False
    return participant.admitted or participant.joined_at is not None


def audio_block_at_entry(meeting: MeetingRow, participant: ParticipantRow, user_id: UserId) -> Block:
    """The microphone of somebody who comes in: a hold stays; plain participants may come in muted."""
    block = Block(participant.audio_block or Block.FREE)
    is_plain = participant.role == ParticipantRole.PARTICIPANT and not is_host(meeting, participant, user_id)
    if block is Block.FREE and is_plain and meeting.settings.get("mute_on_join") is True:
        return Block.MUTED
    return block


def check_rank(
    meeting: MeetingRow, actor: ParticipantRow | None, actor_id: UserId, target: ParticipantRow
) -> None:
    """Nobody acts on those above: moderators not on hosts, nobody on who made the meeting.

    Raises:
        NotHost: the target ranks above the actor, or beside.
    """
    target_id = UserId(target.user_id)
    if meeting.creator_id == target_id:
        raise NotHost("Nobody can act on who made the meeting.")
    if is_host(meeting, target, target_id) and meeting.creator_id != actor_id:
        raise NotHost("A host cannot be acted on by another one; only by who made the meeting.")
    if is_moderator(meeting, target, target_id) and not is_host(meeting, actor, actor_id):
        raise NotHost("Only a host may act on a moderator.")


def reopen(room: RoomRow, now: datetime) -> None:
    """A closed room opens again when somebody comes."""
    if room.status != "active":
        room.status, room.updated_at = "active", now


def is_locked_for(
    meeting: MeetingRow, participant: ParticipantRow | None, user_id: UserId, now: datetime
) -> bool:
    """Whether the lock keeps this user out: not hosts and moderators, nor who is inside or just was."""
    if not meeting.locked or is_moderator(meeting, participant, user_id):
        return False
    if participant is None:
        return True
    if participant.status == ParticipantStatus.JOINED:
        return False
    return participant.left_at is None or now - participant.left_at > BACK_WITHIN


def is_kept_out(
    meeting: MeetingRow, participant: ParticipantRow | None, user_id: UserId, now: datetime
) -> bool:
    """Whether a socket is refused to this member, who would not be let in by joining either."""
    if participant is not None and participant.status == ParticipantStatus.JOINED:
        return False
    if is_locked_for(meeting, participant, user_id, now):
        return True
    if meeting.status != MeetingStatus.SCHEDULED:
        return False
    is_early = now < meeting.start_time - JOIN_WINDOW and not is_host(meeting, participant, user_id)
    return is_early or now > meeting.end_time


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
        MeetingLocked: locked, and neither a moderator nor inside.
        ApprovalNeeded: a host has to let this user in.
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
    if is_locked_for(meeting, participant, user_id, now):
        raise MeetingLocked
    if needs_approval(meeting, participant, user_id):
        raise ApprovalNeeded
    if inside >= meeting.max_participants:
        raise MeetingFull(meeting.max_participants)
