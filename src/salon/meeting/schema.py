"""Request and response shapes of the meeting service."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    Field,
    StrictBool,
    StringConstraints,
    model_validator,
)

from salon.platform.envelope import RequestModel, SentMoment, Timestamp
from salon.platform.ids import MAX_WIRE_ID

MAX_CHAT = 2000


def _to_utc(moment: datetime) -> datetime:
    # Far years lose their way between time zones and databases.
    if not 2000 <= moment.year <= 9000:
        raise ValueError("should be a year between 2000 and 9000")
    return moment.astimezone(UTC)


def not_blank(text: str) -> str:
    """The text without blanks around it.

    Raises:
        ValueError: there is nothing else.
    """
    stripped = text.strip()
    if not stripped:
        raise ValueError("must not be blank")
    return stripped


def _alias(value: Any) -> Any:
    """Spellings that existing clients use for one type."""
    if isinstance(value, str):
        return {"video_conference": "video", "audio_conference": "audio"}.get(value, value)
    return value


Moment = Annotated[SentMoment, AfterValidator(_to_utc)]
Title = Annotated[str, StringConstraints(min_length=1, max_length=100), AfterValidator(not_blank)]
Description = Annotated[str, StringConstraints(max_length=500)]
RowId = Annotated[int, Field(ge=1, le=MAX_WIRE_ID)]
Places = Annotated[int, Field(ge=1, le=1000)]


class MeetingSettings(RequestModel):
    """Switches of a meeting."""

    enable_video: StrictBool = False
    enable_audio: StrictBool = False
    enable_screen_share: StrictBool = False
    enable_chat: StrictBool = False
    enable_recording: StrictBool = False
    enable_ai: StrictBool = False
    mute_on_join: StrictBool = False
    require_approval: StrictBool = False
    allow_guests: StrictBool = False


class CreateMeetingRequest(RequestModel):
    """A new meeting."""

    title: Title
    description: Description = ""
    start_time: Moment
    end_time: Moment | None = Field(default=None, description="default: one hour after the start")
    max_participants: Places = 100
    meeting_type: Annotated[Literal["video", "audio"], BeforeValidator(_alias)] = "video"
    password: Annotated[str, StringConstraints(max_length=50)] = ""
    settings: MeetingSettings = MeetingSettings()
    recurrence: Annotated[str, StringConstraints(max_length=255)] = Field(
        default="", description="an RFC 5545 rule, such as FREQ=WEEKLY;COUNT=10: makes a series"
    )
    time_zone: Annotated[str, StringConstraints(max_length=64)] = Field(
        default="UTC", description="IANA name of the wall clock that the rule follows"
    )


class UpdateMeetingRequest(RequestModel):
    """What to change; what is absent stays."""

    title: Title | None = None
    description: Description | None = None
    start_time: Moment | None = None
    end_time: Moment | None = None
    max_participants: Places | None = None
    password: Annotated[str, StringConstraints(max_length=50)] | None = Field(
        default=None, description="a new one; empty: none from now on"
    )
    settings: MeetingSettings | None = None


class InviteRequest(RequestModel):
    """Whom to give a place."""

    user_ids: Annotated[list[RowId], Field(max_length=200, default_factory=list)]
    user_id: RowId | None = None
    role: Annotated[int, Field(ge=1, le=3)] = 1

    @model_validator(mode="after")
    def _check(self) -> Self:
        if not self.user_ids and self.user_id is None:
            raise ValueError("user_ids: name at least one user")
        return self


class RoleRequest(RequestModel):
    """A role: 1 participant, 2 moderator, 3 presenter, 4 host."""

    role: Annotated[int, Field(ge=1, le=4)]


class _Media(RequestModel):
    """Which of the two is meant."""

    audio: StrictBool = True
    video: StrictBool = False

    @model_validator(mode="after")
    def _check(self) -> Self:
        if not self.audio and not self.video:
            raise ValueError("audio, video: at least one of them must be true")
        return self


class MuteRequest(_Media):
    """What to stop."""

    hold: StrictBool = Field(default=False, description="until a moderator lifts it, not the participant")


class UnmuteRequest(_Media):
    """Which block to lift. Nobody's microphone or camera is switched on by it."""


class LockRequest(RequestModel):
    """Whether to let nobody new in."""

    locked: StrictBool


class AdmitRequest(RequestModel):
    """Whom to let in; all who wait if nobody is named."""

    user_ids: Annotated[list[RowId], Field(max_length=200)] | None = None


class DenyRequest(RequestModel):
    """Whom to turn away."""

    user_ids: Annotated[list[RowId], Field(min_length=1, max_length=200)]


class LobbyMessageRequest(RequestModel):
    """A message to everybody who waits."""

    content: Annotated[str, StringConstraints(min_length=1, max_length=500)]


class KnockView(BaseModel):
    """How one's asking to be let in stands."""

    state: Literal["waiting", "admitted", "denied", "not_needed"]
    position: int = Field(description="1 is the longest waiting; 0 if not waiting")


class WaitingView(BaseModel):
    """Somebody who waits to be let in."""

    user_id: int
    username: str
    nickname: str
    avatar_url: str
    is_guest: bool
    asked_at: Timestamp


class DecidedView(BaseModel):
    """Whom a decision met."""

    user_ids: list[int]


class RoomView(BaseModel):
    """The live space of a meeting."""

    id: int
    meeting_id: int
    room_id: str
    sfu_node: str
    status: Literal["active", "inactive", "closed"]
    participant_count: int
    max_bitrate: int
    created_at: Timestamp
    updated_at: Timestamp


class StatsView(BaseModel):
    """Figures over all meetings."""

    total: int
    scheduled: int
    active: int
    ended: int
    cancelled: int
    participants_total: int
    participants_now: int


class AllowsView(BaseModel):
    """What may be done in the meeting: the effect of its settings."""

    video: bool
    audio: bool
    screen_share: bool
    chat: bool
    recording: bool
    ai: bool


class JoinRequest(RequestModel):
    """The password, where one is needed."""

    password: Annotated[str, StringConstraints(max_length=1024)] | None = None


class ChatRequest(RequestModel):
    """A chat message."""

    content: str = Field(description=f"1-{MAX_CHAT} characters")
    message_id: Annotated[str, StringConstraints(min_length=1, max_length=64)] | None = None


class ProfileView(BaseModel):
    """A user as the other members see one."""

    id: int
    username: str
    nickname: str
    avatar: str
    avatar_url: str
    is_guest: bool


class ParticipantView(BaseModel):
    """A membership."""

    id: int
    user_id: int
    meeting_id: int
    role: int
    status: int
    joined_at: Timestamp | None
    left_at: Timestamp | None
    audio_block: Literal["free", "muted", "held"]
    video_block: Literal["free", "muted", "held"]
    user: ProfileView | None = Field(default=None, exclude_if=lambda value: value is None)


class MeetingView(BaseModel):
    """A meeting as its members see it."""

    id: int
    title: str
    description: str
    start_time: Timestamp
    end_time: Timestamp
    max_participants: int
    meeting_type: Literal["video", "audio"]
    status: int
    settings: MeetingSettings
    creator_id: int
    created_at: Timestamp
    updated_at: Timestamp
    has_password: bool
    room_id: str
    locked: bool
    allows: AllowsView
    series_id: int | None = Field(description="of the series it belongs to")
    recurrence: str = Field(description="the rule of the series; empty if it does not repeat")
    time_zone: str = Field(description="of the series; empty if it does not repeat")


class AdminMeetingView(MeetingView):
    """A meeting as administrators see it."""

    creator: ProfileView | None = Field(
        default=None, exclude_if=lambda value: value is None, description="absent: the account is gone"
    )


class CreatedMeeting(BaseModel):
    """A new meeting; its id stands where the various clients look for it."""

    id: int
    meeting_id: int
    meeting: MeetingView


class MeetingPage(BaseModel):
    """One page of meetings."""

    list: list[MeetingView]
    total: int
    page: int
    page_size: int
    total_pages: int


class JoinResult(BaseModel):
    """A participant's way in."""

    meeting_id: int
    room_id: str
    participant_id: int
    role: int
    sfu_node: str
    meeting: MeetingView
    participant: ParticipantView


class ChatMessageView(BaseModel):
    """A chat message."""

    id: int
    message_id: str
    meeting_id: int
    user_id: int
    username: str
    content: str
    created_at: Timestamp
