"""HTTP endpoints of live captions."""

from typing import Annotated

from fastapi import APIRouter, Path

from salon.ai.live.captions import LiveCaptions
from salon.ai.live.schema import CaptionsRequest, SpeakerVoiceList
from salon.ai.live.state import CaptionsState
from salon.ai.service import NONE
from salon.meeting.face import MeetingId
from salon.platform.auth import SignedInOrGuest
from salon.platform.envelope import Envelope, errors
from salon.platform.ids import MAX_ROW_ID
from salon.platform.quotas import Quota, Quotas

MeetingPath = Annotated[int, Path(ge=1, le=MAX_ROW_ID)]


def build_router(captions: LiveCaptions, quotas: Quotas) -> APIRouter:
    """The endpoints over the service."""
    router = APIRouter(prefix="/api/v1/ai/captions", tags=["ai"])

    @router.get("/{meeting_id}", responses=errors(401, 403, 404))
    async def state(meeting_id: MeetingPath, caller: SignedInOrGuest) -> Envelope[CaptionsState]:
        """Whether captions are made in a meeting, and how it goes."""
        return Envelope.success(await captions.state(caller, MeetingId(meeting_id)))

    @router.post("/{meeting_id}", responses=errors(401, 403, 404, 409, 429, 503))
    async def switch(
        meeting_id: MeetingPath, body: CaptionsRequest, caller: SignedInOrGuest
    ) -> Envelope[CaptionsState]:
        """Switch captions on or off, as a host or moderator. Everybody in the meeting is told."""
        await quotas.take(Quota.CAPTIONS, str(caller.user_id))
        return Envelope.success(await captions.switch(caller, MeetingId(meeting_id), enabled=body.enabled))

    @router.get("/{meeting_id}/voices", responses=errors(401, 403, 404))
    async def voices(meeting_id: MeetingPath, caller: SignedInOrGuest) -> Envelope[SpeakerVoiceList]:
        """Whose voice may be made by a machine, as far as anybody can tell. For hosts and moderators."""
        found = await captions.voices(caller, MeetingId(meeting_id))
        return Envelope.success(SpeakerVoiceList(detector=captions.detector or NONE, voices=found))

    return router
