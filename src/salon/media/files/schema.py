"""Shapes of the endpoints of files. All answers are read at top level by existing clients."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, Field, JsonValue, StringConstraints

from salon.platform.envelope import RequestModel, Timestamp


def _lenient_text(value: object) -> object:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return f"{value:g}" if is_number and isinstance(value, float) else str(value) if is_number else value


Short = Annotated[str, BeforeValidator(_lenient_text), StringConstraints(max_length=64)]
FileIdText = Annotated[str, StringConstraints(min_length=1, max_length=64)]


class FileInfo(BaseModel):
    """What is told about a file beside its figures."""

    title: str
    description: str
    tags: list[str]
    properties: dict[str, JsonValue]


class MediaFile(BaseModel):
    """A file as its owner and the members of its meeting see it."""

    id: int
    file_id: str
    file_name: str
    original_name: str
    file_type: Literal["video", "audio", "image", "document", "other"]
    mime_type: str
    file_size: int
    duration: float
    width: int
    height: int
    bitrate: int
    frame_rate: float
    codec: str
    thumbnail_path: str
    status: Literal["uploaded", "processing", "processed", "error"]
    user_id: str
    meeting_id: str
    metadata: FileInfo
    created_at: Timestamp
    updated_at: Timestamp


class UploadResponse(BaseModel):
    """The file is kept."""

    message: str = "success"
    media_file: MediaFile


class InfoResponse(BaseModel):
    """One file."""

    media_file: MediaFile


class FilePage(BaseModel):
    """A page of files."""

    media_files: list[MediaFile]
    total: int
    page: int
    page_size: int


class Filters(BaseModel):
    """What the list was asked for."""

    user_id: str
    meeting_id: str
    file_type: str


class ListResponse(BaseModel):
    """Files that the caller may see."""

    message: str = "success"
    data: FilePage
    filters: Filters
    offset: int


class JobParameters(RequestModel):
    """How a file is to be made. `filters` and `custom_args` are not supported."""

    format: Short = ""
    quality: Short = ""
    resolution: Short = ""
    bitrate: Short = ""
    frame_rate: Annotated[float, Field(ge=0, le=120)] = 0
    audio_codec: Short = ""
    video_codec: Short = ""
    filters: list[Any] = Field(default_factory=list, max_length=64)
    custom_args: dict[str, Any] = Field(default_factory=dict)
    timestamp: Annotated[float, Field(gt=0, le=1e9)] = 10
    width: Annotated[int, Field(ge=0, le=4096)] = 0
    height: Annotated[int, Field(ge=0, le=4096)] = 0


class ProcessRequest(RequestModel):
    """Make something of a file: `transcode`, `thumbnail`, `extract_audio` or `extract_video`."""

    file_id: FileIdText
    operation: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    parameters: JobParameters = Field(default_factory=JobParameters)


class ProcessResponse(BaseModel):
    """The work is asked for; ``/api/v1/ffmpeg/job/{job_id}/status`` tells how it stands."""

    message: str = "success"
    file_id: str
    job_id: str


class ThumbnailRequest(RequestModel):
    """A frame of a video; a moment past its end is taken as its end."""

    file_id: FileIdText
    timestamp: Annotated[float, Field(gt=0, le=1e9)] = 10
    width: Annotated[int, Field(ge=0, le=4096)] = 0
    height: Annotated[int, Field(ge=0, le=4096)] = 0


class ThumbnailResponse(ProcessResponse):
    """The picture is asked for."""

    timestamp: float


class JobView(BaseModel):
    """How a piece of work stands. Paths are addresses of this server."""

    id: str
    media_file: MediaFile
    job_type: str
    status: Literal["pending", "processing", "completed", "failed"]
    progress: float
    input_path: str
    output_path: str
    parameters: dict[str, JsonValue]
    start_time: Timestamp | None
    error: str


class JobResponse(BaseModel):
    """One piece of work."""

    job: JobView


class DeletedResponse(BaseModel):
    """The file and everything made of it are gone."""

    message: str = "success"
