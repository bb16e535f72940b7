"""Request and response shapes of the meeting service."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, Field, StringConstraints

from salon.platform.envelope import RequestModel, Timestamp

MAX_CHAT = 2000


def _to_utc(moment: datetime) -> datetime:
    # Far years lose their way between time zones and databases.
    if not 2000 <= moment.year <= 9000:
        raise ValueError("should be a year between 2000 and 9000")
    return moment.astimezone(UTC)


def _not_blank(text: str) -> str:
    stripped = text.strip()
    if not stripped:
        raise ValueError("must not be blank")
    return stripped


def _alias(value: Any) -> Any:
    """Spellings that existing clients use for one type."""
    if isinstance(value, str):
        return {"video_conference": "video", "audio_conference": "audio"}.get(value, value)
    return value


Moment = Annotated[AwareDatetime, AfterValidator(_to_utc)]
Title = Annotated[str, StringConstraints(min_length=1, max_length=100), AfterValidator(_not_blank)]
Description = Annotated[str, StringConstraints(max_length=500)]
Places = Annotated[int, Field(ge=1, le=1000)]


class MeetingSettings(RequestModel):
    """Switches of a meeting."""

    enable_video: bool = False
    enable_audio: bool = False
    enable_screen_share: bool = False
    enable_chat: bool = False
    enable_recording: bool = False
    enable_ai: bool = False
    mute_on_join: bool = False
    require_approval: bool = False


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


class UpdateMeetingRequest(RequestModel):
    """What to change; what is absent stays."""

    title: Title | None = None
    description: Description | None = None
    start_time: Moment | None = None
    end_time: Moment | None = None
    max_participants: Places | None = None
    settings: MeetingSettings | None = None


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


class ParticipantView(BaseModel):
    """A membership."""

    id: int
    user_id: int
    meeting_id: int
    role: int
    status: int
    joined_at: Timestamp | None
    left_at: Timestamp | None
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
