"""Request and response shapes of recordings. Ids come as numbers or as text, and go as text."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, StringConstraints

from salon.platform.envelope import RequestModel, Timestamp
from salon.platform.ids import MAX_WIRE_ID

QualityText = Literal["480p", "720p", "1080p", "4k"]
FormatText = Literal["mp4", "webm", "mkv"]
StatusText = Literal["recording", "processing", "completed", "failed"]


def _decimal(value: Any) -> Any:
    if isinstance(value, bool):
        raise ValueError("should be an id")  # noqa: TRY004  (only this becomes a refusal)
    if isinstance(value, str) and value.strip().isascii() and value.strip().isdigit():
        return int(value)
    return value


def _text(value: Any) -> Any:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _not_blank(text: str) -> str:
    if not text.strip():
        raise ValueError("must not be blank")
    return text.strip()


def _default_if_empty(default: str) -> BeforeValidator:
    return BeforeValidator(lambda value: default if value == "" else value)


IdNumber = Annotated[int, BeforeValidator(_decimal), Field(ge=0, le=MAX_WIRE_ID)]
IdText = Annotated[str, BeforeValidator(_text), StringConstraints(min_length=1, max_length=100)]
Title = Annotated[str, BeforeValidator(_text), StringConstraints(max_length=255), AfterValidator(_not_blank)]
QualityField = Annotated[QualityText, _default_if_empty("720p")]
FormatField = Annotated[FormatText, _default_if_empty("mp4")]


class StartRequest(RequestModel):
    """What to record, and how."""

    meeting_id: IdNumber
    room_id: IdText
    user_id: IdNumber
    title: Title
    quality: QualityField = "720p"
    format: FormatField = "mp4"
    participants: Annotated[list[IdText], Field(max_length=1000)] = Field(default_factory=list)


class StopRequest(RequestModel):
    """Which recording to stop."""

    recording_id: IdText


class MeetingStartRequest(RequestModel):
    """How to record the meeting; everything may be left out."""

    title: Annotated[str, StringConstraints(max_length=255)] = ""
    quality: QualityField = "720p"
    format: FormatField = "mp4"


class MeetingStopRequest(RequestModel):
    """Which recording to stop; left out, the one that runs."""

    recording_id: Annotated[str, StringConstraints(max_length=64)] = ""


class RenditionView(BaseModel):
    """A file that is made of a recording."""

    kind: Literal["tracks", "mix", "thumbnail", "composite"]
    state: Literal["pending", "processing", "ready", "failed"]
    progress: float = Field(description="percent")
    error: str | None
    job_id: str | None
    url: str | None = Field(description="where it is, once it is ready")
    bytes: int


class RecordingView(BaseModel):
    """A recording."""

    id: int
    recording_id: str
    meeting_id: str
    room_id: str
    user_id: str = Field(description="who started it")
    by_username: str
    title: str
    status: StatusText
    start_time: Timestamp
    end_time: Timestamp | None
    duration: float = Field(description="seconds")
    file_size: int = Field(description="bytes")
    file_path: str = Field(description="where it is downloaded; empty until it is completed")
    thumbnail_path: str = Field(description="where its picture is; empty until there is one")
    quality: QualityText
    format: FormatText
    participants: list[str] | None = Field(description="ids of who was there")
    warning: str | None = Field(default=None, exclude_if=lambda value: value is None)
    renditions: list[RenditionView]
    can_stop: bool = Field(description="whether the caller may stop it, or have made again what failed")
    can_delete: bool = Field(description="whether the caller may delete it")
    created_at: Timestamp
    updated_at: Timestamp


class StartResponse(BaseModel):
    """The recording that began."""

    message: str = "success"
    recording: RecordingView


class StopResponse(BaseModel):
    """The recording has stopped."""

    message: str = "success"
    recording_id: str
    recording: RecordingView


class DeleteResponse(BaseModel):
    """The recording is gone."""

    message: str = "success"
    recording_id: str


class StatusResponse(BaseModel):
    """One recording."""

    recording: RecordingView


class Pagination(BaseModel):
    """Which part of all it is."""

    total: int
    page: int
    page_size: int
    pages: int


class RecordingListResponse(BaseModel):
    """One page of recordings, newest first."""

    recordings: list[RecordingView]
    pagination: Pagination


class PersonView(BaseModel):
    """Somebody who was there."""

    stream: str
    user_id: str
    name: str


class TrackView(BaseModel):
    """One track."""

    track: str
    stream: str
    media: Literal["audio", "video"]
    codec: str
    start: float
    end: float
    url: str


class SpeechView(BaseModel):
    """Somebody spoke."""

    stream: str
    start: float
    end: float


class ChapterView(BaseModel):
    """Something happened."""

    at: float
    kind: str
    name: str


class GapView(BaseModel):
    """Something is missing."""

    track: str
    stream: str
    start: float
    end: float
    cause: str


class TimelineResponse(BaseModel):
    """A recording as a player shows it. Times are seconds from its start."""

    recording_id: str
    title: str
    duration: float
    started_at: Timestamp
    people: list[PersonView]
    tracks: list[TrackView]
    speech: list[SpeechView]
    chapters: list[ChapterView]
    gaps: list[GapView]
    renditions: list[RenditionView]
