"""The endpoints of recordings: those under `/recording`, read at top level, and those of a meeting."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from salon.media.access import require_self
from salon.media.recording.rules import pages_of
from salon.media.recording.schema import (
    DeleteResponse,
    MeetingStartRequest,
    MeetingStopRequest,
    Pagination,
    RecordingListResponse,
    RecordingView,
    StartRequest,
    StartResponse,
    StatusResponse,
    StopRequest,
    StopResponse,
    TimelineResponse,
)
from salon.media.recording.service import Download, RecordingFacts, RecordingService
from salon.media.recording.views import recording_view, timeline_view
from salon.meeting.face import MeetingId
from salon.platform.auth import Caller, SignedIn, SignedInOrGuest
from salon.platform.envelope import Envelope, errors
from salon.platform.files_http import BlobFile, file_response
from salon.platform.ids import DIGITS, MAX_WIRE_ID
from salon.platform.paging import Paging
from salon.platform.web import RawRoute

RecordingId = Annotated[str, Path(max_length=64)]
TrackName = Annotated[str, Path(max_length=128, pattern=r"^[A-Za-z0-9_.-]+$")]
MeetingNumber = Annotated[MeetingId, DIGITS, Path(ge=0, le=MAX_WIRE_ID)]
_FILE: dict[int | str, dict[str, Any]] = {
    200: {"description": "The file.", "content": {"application/octet-stream": {}}},
    304: {"description": "The caller has these very bytes."},
    206: {"description": "The part of it that was asked for.", "content": {"application/octet-stream": {}}},
}


async def _send(request: Request, service: RecordingService, found: Download, *, is_inline: bool) -> Response:
    return await file_response(
        request,
        BlobFile(service.blobs, found.blob),
        name=found.name,
        media_type=found.media_type,
        is_inline=is_inline,
    )


def build_router(service: RecordingService) -> APIRouter:
    """The endpoints under `/recording`."""
    router = APIRouter(prefix="/api/v1/recording", tags=["recording"], route_class=RawRoute)

    @router.post("/start", responses=errors(400, 401, 403, 404, 409, 503))
    async def start(body: StartRequest, caller: SignedIn) -> StartResponse:
        """Record a meeting from now on. For hosts and moderators; everybody in it is told."""
        require_self(caller, body.user_id)
        facts = await service.start(
            caller,
            meeting_id=MeetingId(body.meeting_id),
            room_id=body.room_id,
            title=body.title,
            quality=body.quality,
            container=body.format,
            participants=body.participants,
        )
        return StartResponse(recording=await view(service, caller, facts))

    @router.post("/stop", responses=errors(400, 401, 403, 404, 503))
    async def stop(body: StopRequest, caller: SignedIn) -> StopResponse:
        """Stop a recording; harmless if it has stopped."""
        facts = await service.stop(caller, body.recording_id)
        return StopResponse(recording_id=facts.row.recording_id, recording=await view(service, caller, facts))

    @router.get("/status/{recording_id}", responses=errors(401, 403, 404))
    async def get_status(recording_id: RecordingId, caller: SignedIn) -> StatusResponse:
        """A recording, and how far the files are that are made of it."""
        return StatusResponse(recording=await view(service, caller, await service.get(caller, recording_id)))

    @router.get("/list", responses=errors(400, 401, 403))
    async def list_recordings(
        caller: SignedIn,
        paging: Paging,
        user_id: Annotated[str, Query(description="only those that this user started")] = "",
    ) -> RecordingListResponse:
        """One's own recordings, and those of meetings one takes part in, newest first."""
        started_by = (
            int(user_id) if user_id.isascii() and user_id.isdecimal() and len(user_id) <= 10 else None
        )
        found, total = await service.list_mine(
            caller,
            started_by=0 if user_id and started_by is None else started_by,
            offset=paging.offset,
            limit=paging.page_size,
        )
        return RecordingListResponse(
            recordings=await views(service, caller, found),
            pagination=Pagination(
                total=total,
                page=paging.page,
                page_size=paging.page_size,
                pages=pages_of(total, paging.page_size),
            ),
        )

    @router.get(
        "/download/{recording_id}",
        response_class=Response,
        responses={**errors(400, 401, 403, 404, 416, 503), **_FILE},
    )
    async def download(
        recording_id: RecordingId,
        request: Request,
        caller: SignedIn,
        rendition: Annotated[
            Literal["auto", "composite", "mix", "tracks"],
            Query(
                description="auto: the composed picture once it is made, until then all tracks in one file"
            ),
        ] = "auto",
    ) -> Response:
        """The recording as a file."""
        found = await service.download(caller, recording_id, rendition)
        return await _send(request, service, found, is_inline=False)

    @router.delete("/{recording_id}", responses=errors(401, 403, 404, 503))
    async def delete(recording_id: RecordingId, caller: SignedIn) -> DeleteResponse:
        """Stop a recording if it runs, and remove every trace of it."""
        await service.delete(caller, recording_id)
        return DeleteResponse(recording_id=recording_id)

    @router.get("/timeline/{recording_id}", responses=errors(401, 403, 404))
    async def timeline(recording_id: RecordingId, caller: SignedIn) -> TimelineResponse:
        """Who was there, spoke, and shared a screen when; and what is missing."""
        facts, log = await service.timeline(caller, recording_id)
        return timeline_view(facts, log)

    @router.get(
        "/track/{recording_id}/{track}",
        response_class=Response,
        responses={**errors(400, 401, 403, 404, 416, 503), **_FILE},
    )
    async def get_track(
        recording_id: RecordingId, track: TrackName, request: Request, caller: SignedIn
    ) -> Response:
        """One track by itself, to be played."""
        found = await service.track(caller, recording_id, track)
        return await _send(request, service, found, is_inline=True)

    @router.get(
        "/thumbnail/{recording_id}",
        response_class=Response,
        responses={**errors(401, 403, 404, 416, 503), **_FILE},
    )
    async def thumbnail(recording_id: RecordingId, request: Request, caller: SignedIn) -> Response:
        """A picture of the recording."""
        found = await service.download(caller, recording_id, "thumbnail")
        return await _send(request, service, found, is_inline=True)

    @router.post("/retry/{recording_id}", responses=errors(401, 403, 404, 409))
    async def retry(recording_id: RecordingId, caller: SignedIn) -> StatusResponse:
        """Make again what could not be made. 409 if nothing has failed."""
        return StatusResponse(
            recording=await view(service, caller, await service.retry(caller, recording_id))
        )

    return router


async def views(
    service: RecordingService, caller: Caller, found: Sequence[RecordingFacts]
) -> list[RecordingView]:
    """Recordings as the caller sees them."""
    rights = await service.rights(caller, found)
    return [recording_view(facts, rights[facts.row.recording_id]) for facts in found]


async def view(service: RecordingService, caller: Caller, facts: RecordingFacts) -> RecordingView:
    """One recording as the caller sees it."""
    return (await views(service, caller, [facts]))[0]


def build_meeting_router(service: RecordingService) -> APIRouter:
    """The endpoints of a meeting's recordings, whose answers have the envelope."""
    router = APIRouter(prefix="/api/v1/meetings/{meeting_id}", tags=["room"])

    @router.post("/recording/start", responses=errors(400, 401, 403, 404, 409, 503))
    async def start_recording(
        meeting_id: MeetingNumber, caller: SignedIn, body: MeetingStartRequest | None = None
    ) -> Envelope[RecordingView]:
        """Record the meeting from now on. For hosts and moderators; everybody in it is told."""
        wanted = body or MeetingStartRequest()
        facts = await service.start(
            caller,
            meeting_id=meeting_id,
            title=wanted.title,
            quality=wanted.quality,
            container=wanted.format,
        )
        return Envelope.success(await view(service, caller, facts))

    @router.post("/recording/stop", responses=errors(400, 401, 403, 404, 503))
    async def stop_recording(
        meeting_id: MeetingNumber, caller: SignedIn, body: MeetingStopRequest | None = None
    ) -> Envelope[RecordingView]:
        """Stop recording; harmless if it has stopped. 404 if the meeting was never recorded."""
        recording_id = body.recording_id if body is not None else ""
        facts = await service.stop_of_meeting(caller, meeting_id, recording_id)
        return Envelope.success(await view(service, caller, facts))

    @router.get("/recordings", responses=errors(400, 401, 403, 404))
    async def list_of_meeting(
        meeting_id: MeetingNumber, caller: SignedInOrGuest
    ) -> Envelope[list[RecordingView]]:
        """The recordings of a meeting, newest first."""
        found = await service.list_of_meeting(caller, meeting_id)
        return Envelope.success(await views(service, caller, found))

    return router
