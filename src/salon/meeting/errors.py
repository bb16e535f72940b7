"""What the meeting service refuses, and in which words."""

from datetime import datetime
from typing import ClassVar

from salon.platform.envelope import rfc3339_seconds
from salon.platform.errors import (
    BadRequest,
    Conflict,
    NotAllowed,
    NotFound,
    NotSignedIn,
    TooManyRequests,
)


class MeetingNotFound(NotFound):
    """There is no such meeting."""

    kind = "meeting_not_found"
    text: ClassVar[str] = "There is no such meeting. Check the link or the number."


class NotAMember(NotAllowed):
    """The caller has neither made the meeting nor joined it."""

    kind = "not_a_member"
    text: ClassVar[str] = "You are not a participant of this meeting. Join it first."


class NotHost(NotAllowed):
    """The caller is a member, but may not do this."""

    kind = "not_host"
    text: ClassVar[str] = "Only a host of this meeting may do this."


class RemovedFromMeeting(NotAllowed):
    """The caller was thrown out."""

    kind = "removed"
    text: ClassVar[str] = "You were removed from this meeting. Ask the host to invite you again."


class JoinTooEarly(NotAllowed):
    """The meeting does not take participants yet."""

    kind = "too_early"

    def __init__(self, opens: datetime) -> None:
        super().__init__(f"This meeting opens at {rfc3339_seconds(opens)}. Come back then.")


class NotParticipant(NotFound):
    """The one it is about is not in the meeting."""

    kind = "not_a_participant"
    text: ClassVar[str] = "This user is not a participant of the meeting."


class ApprovalNeeded(NotAllowed):
    """A host has to let the caller in."""

    kind = "approval_needed"
    text: ClassVar[str] = "A host has to let you in. You are in the lobby now: try again in a moment."


class KnockedTooSoon(TooManyRequests):
    """Turned away a moment ago."""

    kind = "knocked_too_soon"
    text: ClassVar[str] = "A host has not let you in. Wait a minute before you ask again."

    def __init__(self, *, retry_after_s: int) -> None:
        super().__init__(retry_after_s=retry_after_s)


class LobbyFull(Conflict):
    """Too many wait."""

    kind = "lobby_full"
    text: ClassVar[str] = "Too many people are waiting to be let in. Try again later."


class MeetingLocked(NotAllowed):
    """Nobody new is let in."""

    kind = "locked"
    text: ClassVar[str] = "This meeting is locked: nobody new is let in. Ask a host to unlock it."


class FeatureOff(NotAllowed):
    """The meeting's settings switch it off."""

    kind = "feature_off"

    def __init__(self, what: str) -> None:
        super().__init__(f"{what} is switched off in this meeting. A host can change that in its settings.")


class MeetingOver(BadRequest):
    """Ended or cancelled."""

    kind = "meeting_over"
    text: ClassVar[str] = "This meeting has ended or was cancelled."


class AlreadyOver(Conflict):
    """What is to be ended has ended."""

    kind = "already_over"
    text: ClassVar[str] = "This meeting has already ended."


class MeetingFull(Conflict):
    """No place left."""

    kind = "meeting_full"

    def __init__(self, places: int) -> None:
        super().__init__(f"This meeting is full ({places}). Ask the host to raise the limit.")


class WrongPassword(NotSignedIn):
    """The meeting's password is missing or wrong."""

    kind = "wrong_meeting_password"
    text: ClassVar[str] = "This meeting needs a password, and this is not it."
