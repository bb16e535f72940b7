"""HTTP endpoints of files. Answers and errors are read at top level by existing clients."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from salon.media.access import require_self
from salon.media.files.receive import Received, Staging
from salon.media.files.schema import (
    DeletedResponse,
    FileInfo,
    FilePage,
    Filters,
    InfoResponse,
    JobParameters,
    JobResponse,
    JobView,
    ListResponse,
    MediaFile,
    ProcessRequest,
    ProcessResponse,
    ThumbnailRequest,
    ThumbnailResponse,
    UploadResponse,
)
from salon.media.files.service import (
    THUMBNAIL,
    Arrival,
    FileNotFound,
    FileService,
    blob_of,
    thumbnail_of,
)
from salon.media.files.store import FileRow, Wanted
from salon.platform.auth import SignedIn, SignedInOrGuest
from salon.platform.blobs import Blobs
from salon.platform.envelope import errors
from salon.platform.errors import BadRequest
from salon.platform.files_http import BlobFile, file_response
from salon.platform.jobs import Job
from salon.platform.paging import Paging
from salon.platform.web import RawRoute

BASE = "/api/v1/media"
_MAX_ID = 2**31 - 1

_FORM: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {
                        "file": {"type": "string", "format": "binary"},
                        "user_id": {"type": "string", "description": "the caller's own; may be absent"},
                        "meeting_id": {"type": "string", "description": "shared with its members"},
                        "title": {"type": "string"},
                        "description": {"type": "string"},
                    },
                }
            }
        },
    }
}
_BYTES: dict[int | str, dict[str, Any]] = {
    200: {"description": "The file.", "content": {"application/octet-stream": {}}},
    206: {"description": "The part of it that was asked for.", "content": {"application/octet-stream": {}}},
    304: {"description": "It has not changed."},
}


def build_router(service: FileService, staging: Staging, blobs: Blobs) -> APIRouter:
    """The endpoints of files over a service."""
    router = APIRouter(tags=["media"], route_class=RawRoute)

    @router.post(
        f"{BASE}/upload",
        openapi_extra=_FORM,
        responses=errors(400, 401, 403, 404, 413, 415, 429, 503),
    )
    async def upload(request: Request, caller: SignedInOrGuest) -> UploadResponse:
        """Keep a file: for oneself, or with `meeting_id` for the members of that meeting too."""
        await service.admit(caller, meeting_id=None)
        async with staging.receive(request, caller.user_id) as received:
            arrival = _arrival(received)
            if received.fields.get("user_id"):
                require_self(caller, id_of("user_id", received.fields["user_id"]))
            row = await service.keep(caller, arrival)
        return UploadResponse(media_file=view_of(row))

    @router.get(BASE, responses=errors(400, 401))
    async def list_files(
        caller: SignedInOrGuest,
        paging: Paging,
        user_id: Annotated[str, Query(max_length=20)] = "",
        meeting_id: Annotated[str, Query(max_length=20)] = "",
        file_type: Annotated[str, Query(max_length=20)] = "",
    ) -> ListResponse:
        """Files that the caller may see: the own ones, and with `meeting_id` those of that meeting."""
        wanted = Wanted(_filter(user_id), _filter(meeting_id), file_type or None)
        rows, total = await service.page(caller, wanted, offset=paging.offset, limit=paging.page_size)
        page = FilePage(
            media_files=[view_of(row) for row in rows],
            total=total,
            page=paging.page,
            page_size=paging.page_size,
        )
        filters = Filters(user_id=user_id, meeting_id=meeting_id, file_type=file_type)
        return ListResponse(data=page, filters=filters, offset=paging.offset)

    @router.get(f"{BASE}/info/{{file_id}}", responses=errors(401, 404))
    async def info(file_id: str, caller: SignedInOrGuest) -> InfoResponse:
        """What is known of a file."""
        return InfoResponse(media_file=view_of(await service.get(caller, file_id)))

    @router.head(f"{BASE}/download/{{file_id}}", include_in_schema=False)
    @router.get(
        f"{BASE}/download/{{file_id}}",
        response_class=Response,
        responses={**_BYTES, **errors(401, 404, 416, 503)},
    )
    async def download(request: Request, file_id: str, caller: SignedInOrGuest) -> Response:
        """The file's bytes, or a part of them (`Range`)."""
        row = await service.get(caller, file_id)
        source = BlobFile(blobs, blob_of(row.file_id))
        return await file_response(request, source, name=row.original_name, media_type=row.mime_type)

    @router.head(f"{BASE}/thumbnail/{{file_id}}", include_in_schema=False)
    @router.get(
        f"{BASE}/thumbnail/{{file_id}}",
        response_class=Response,
        responses={**_BYTES, **errors(401, 404, 416, 503)},
    )
    async def thumbnail(request: Request, file_id: str, caller: SignedInOrGuest) -> Response:
        """The picture that was made of a video."""
        row = await service.get(caller, file_id)
        if not row.has_thumbnail:
            raise FileNotFound("This file has no thumbnail. Ask for one at /api/v1/ffmpeg/thumbnail.")
        source = BlobFile(blobs, thumbnail_of(row.file_id))
        return await file_response(
            request, source, name="thumbnail.jpg", media_type="image/jpeg", is_inline=True
        )

    @router.post(f"{BASE}/process", responses=errors(400, 401, 403, 404, 429))
    async def process(body: ProcessRequest, caller: SignedIn) -> ProcessResponse:
        """Make something of a file. What comes of it is a file of its own."""
        job_id = await service.process(caller, body.file_id, body.operation, body.parameters)
        return ProcessResponse(file_id=body.file_id, job_id=job_id)

    @router.delete(f"{BASE}/{{file_id}}", responses=errors(401, 403, 404))
    async def remove(file_id: str, caller: SignedInOrGuest) -> DeletedResponse:
        """Remove a file, everything that was made of it, and every trace of both."""
        await service.remove(caller, file_id)
        return DeletedResponse()

    @router.post("/api/v1/ffmpeg/thumbnail", responses=errors(400, 401, 403, 404, 429))
    async def make_thumbnail(body: ThumbnailRequest, caller: SignedIn) -> ThumbnailResponse:
        """Make a picture of a frame of a video."""
        wanted = JobParameters(timestamp=body.timestamp, width=body.width, height=body.height)
        job_id = await service.process(caller, body.file_id, "thumbnail", wanted)
        return ThumbnailResponse(file_id=body.file_id, job_id=job_id, timestamp=body.timestamp)

    @router.get("/api/v1/ffmpeg/job/{job_id}/status", responses=errors(401, 404))
    async def job_status(job_id: str, caller: SignedInOrGuest) -> JobResponse:
        """How the making of something stands."""
        return JobResponse(job=_job_view(*await service.get_job(caller, job_id)))

    return router


def id_of(name: str, text: str) -> int:
    """A user's or a meeting's id as a form has it.

    Raises:
        BadRequest: it is none.
    """
    number = _filter(text)
    if number is None or number < 0:
        raise BadRequest(f"`{name}` should be a number.")
    return number


def _filter(text: str) -> int | None:
    """The id that a list is asked for; what is none matches nothing."""
    if not text.strip():
        return None
    is_id = text.strip().isascii() and text.strip().isdecimal() and int(text) <= _MAX_ID
    return int(text) if is_id else -1


def _arrival(received: Received) -> Arrival:
    fields = received.fields
    meeting = fields.get("meeting_id", "")
    return Arrival(
        path=received.path,
        name=received.name,
        size=received.size,
        meeting_id=id_of("meeting_id", meeting) if meeting.strip() else None,
        title=fields.get("title", ""),
        description=fields.get("description", ""),
    )


def view_of(row: FileRow) -> MediaFile:
    """A file as the wire has it: no path of the store."""
    info = {"title": "", "description": "", "tags": [], "properties": {}} | row.info
    return MediaFile.model_validate(
        {
            **{name: getattr(row, name) for name in _PLAIN},
            "thumbnail_path": f"{BASE}/thumbnail/{row.file_id}" if row.has_thumbnail else "",
            "user_id": str(row.user_id),
            "meeting_id": "" if row.meeting_id is None else str(row.meeting_id),
            "metadata": FileInfo.model_validate(info),
        }
    )


_PLAIN = (
    *("id", "file_id", "file_name", "original_name", "file_type", "mime_type", "file_size", "duration"),
    *("width", "height", "bitrate", "frame_rate", "codec", "status", "created_at", "updated_at"),
)


def _job_view(job: Job, row: FileRow) -> JobView:
    result = job.result or {}
    out = ""
    if "thumbnail" in result:
        out = f"{BASE}/thumbnail/{row.file_id}"
    elif "file_id" in result:
        out = f"{BASE}/download/{result['file_id']}"
    parameters = job.payload.get("parameters")
    return JobView(
        id=job.job_id,
        media_file=view_of(row),
        job_type="thumbnail" if job.kind == THUMBNAIL else str(job.payload.get("operation")),
        status=job.status,
        progress=job.progress,
        input_path=f"{BASE}/download/{row.file_id}",
        output_path=out,
        parameters=parameters if isinstance(parameters, dict) else {},
        start_time=job.started_at,
        error=job.error if job.status == "failed" else "",
    )
