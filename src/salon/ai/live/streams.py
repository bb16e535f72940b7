"""HTTP endpoints that tell what the models listen to, and whether they answer."""

import asyncio
from datetime import UTC, datetime
from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from salon.ai.errors import StreamNotFound
from salon.ai.live.captions import LiveCaptions
from salon.ai.service import InferenceService
from salon.media.face import PublishedTrack, Tracks
from salon.meeting.face import MeetingId, Meetings
from salon.platform.auth import Caller, SignedInOrGuest
from salon.platform.envelope import Envelope, Timestamp, errors

ANSWERS_WITHIN_S = 3.0
LOCAL = "this server"
SEATS_AT_ONCE = 500

AiTask = Literal["speech_recognition", "emotion_detection", "synthesis_detection", "video_enhancement"]


class AiStream(BaseModel):
    """A published track, and what is done with it at this moment."""

    stream_id: str
    user_id: int
    room_id: str
    is_active: bool = Field(description="whether a model listens to it")
    last_processed: Timestamp | None = Field(
        description="when something in it was last read; null if nothing was yet"
    )
    ai_tasks: list[AiTask]


class AiStreamDetails(AiStream):
    """The same, with what waits to be processed, in bytes."""

    audio_buffer: int
    video_buffer: int = 0


class AiStreamList(BaseModel):
    """The streams of the meetings that the caller is in."""

    streams: list[AiStream]
    count: int


class BackEnd(BaseModel):
    """One way to reach the models."""

    available: bool
    address: str
    error: str | None = Field(default=None, exclude_if=lambda value: value is None)


class Connectivity(BaseModel):
    """Whether the models can be reached."""

    timestamp: Timestamp
    overall_healthy: bool
    grpc: BackEnd
    http: BackEnd


class Streams:
    """What the models listen to, as far as a caller may know."""

    def __init__(
        self, *, tracks: Tracks, captions: LiveCaptions, service: InferenceService, meetings: Meetings
    ) -> None:
        self._tracks = tracks
        self._captions = captions
        self._service = service
        self._meetings = meetings

    async def list_for(self, caller: Caller) -> list[AiStreamDetails]:
        """The streams of the meetings that the caller may be in now."""
        tracks = await self._tracks.list_tracks()
        meeting_ids = sorted({track.meeting_id for track in tracks})
        own: set[MeetingId] = set()
        for start in range(0, len(meeting_ids), SEATS_AT_ONCE):
            part = meeting_ids[start : start + SEATS_AT_ONCE]
            seats = await self._meetings.find_seats(user_id=caller.user_id, meeting_ids=part)
            own |= {number for number, seat in seats.items() if seat.may_connect}
        return [self._view(track) for track in tracks if track.meeting_id in own]

    async def get(self, caller: Caller, stream_id: str) -> AiStreamDetails:
        """One of them.

        Raises:
            StreamNotFound: there is no such stream, or it is none of the caller's business.
        """
        for stream in await self.list_for(caller):
            if stream.stream_id == stream_id:
                return stream
        raise StreamNotFound

    async def connectivity(self) -> Connectivity:
        """Whether the models answer, asked within three seconds."""
        error: str | None
        try:
            async with asyncio.timeout(ANSWERS_WITHIN_S):
                error = await self._service.why_unready()
        except TimeoutError:
            error = "The models did not answer within three seconds: they are busy."
        return Connectivity(
            timestamp=datetime.now(UTC),
            overall_healthy=error is None,
            grpc=BackEnd(available=False, address="", error="No model is reached by gRPC here."),
            http=BackEnd(available=error is None, address=LOCAL, error=error),
        )

    def _tasks(self) -> list[AiTask]:
        if self._captions.detector is None:
            return ["speech_recognition"]
        return ["speech_recognition", "synthesis_detection"]

    def _view(self, track: PublishedTrack) -> AiStreamDetails:
        heard = self._captions.processed(track.meeting_id, track.stream) if track.kind == "audio" else None
        return AiStreamDetails(
            stream_id=f"{track.peer_id}_{track.track_id}",
            user_id=track.user_id,
            room_id=track.room_id,
            is_active=heard is not None,
            last_processed=None if heard is None else heard.latest,
            ai_tasks=[] if heard is None else self._tasks(),
            audio_buffer=0 if heard is None else heard.buffered_bytes,
        )


def build_router(streams: Streams) -> APIRouter:
    """The three endpoints."""
    router = APIRouter(prefix="/api/v1/ai", tags=["ai"])

    @router.get("/connectivity", responses=errors(401))
    async def connectivity(_caller: SignedInOrGuest) -> Envelope[Connectivity]:
        """Whether the models can be reached; 200 either way."""
        return Envelope.success(await streams.connectivity())

    @router.get("/streams", responses=errors(401))
    async def list_streams(caller: SignedInOrGuest) -> Envelope[AiStreamList]:
        """The published tracks of the meetings that the caller is in, and what is done with them."""
        found = await streams.list_for(caller)
        shown = [AiStream(**stream.model_dump(exclude={"audio_buffer", "video_buffer"})) for stream in found]
        return Envelope.success(AiStreamList(streams=shown, count=len(shown)))

    @router.get("/streams/{stream_id}", responses=errors(401, 404))
    async def get_stream(stream_id: str, caller: SignedInOrGuest) -> Envelope[AiStreamDetails]:
        """One published track."""
        return Envelope.success(await streams.get(caller, stream_id))

    return router
