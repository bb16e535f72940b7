"""The endpoints of transcripts, minutes and consents."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query
from starlette.responses import StreamingResponse

from salon.ai.transcripts.consents import Consent, Consents
from salon.ai.transcripts.formats import Form
from salon.ai.transcripts.minutes import Citation
from salon.ai.transcripts.model import Line, VoiceNote
from salon.ai.transcripts.schema import (
    ConsentRequest,
    ConsentView,
    MinutesCitation,
    MinutesItem,
    MinutesSpeaker,
    MinutesView,
    TranscriptFile,
    TranscriptHit,
    TranscriptLine,
    TranscriptList,
    TranscriptPage,
    TranscriptSummary,
    VoiceNoteList,
    VoiceNoteView,
)
from salon.ai.transcripts.service import Found, TranscriptService
from salon.ai.transcripts.store import Span
from salon.meeting.face import MeetingId
from salon.platform.auth import SignedIn, SignedInOrGuest
from salon.platform.envelope import Envelope, SentMoment, errors
from salon.platform.files_http import content_disposition
from salon.platform.ids import DIGITS, MAX_WIRE_ID
from salon.platform.paging import Paging
from salon.platform.quotas import Quota, Quotas

MeetingNumber = Annotated[MeetingId, DIGITS, Path(ge=0, le=MAX_WIRE_ID)]
Sought = Annotated[
    str, Query(max_length=200, pattern=r"^[^\x00]*$", description="words that occur in one line")
]
_FILE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The file.",
        "model": TranscriptFile,
        "content": {
            "text/vtt": {},
            "application/x-subrip": {},
            "text/plain": {},
        },
    },
}


def build_router(transcripts: TranscriptService, consents: Consents, quotas: Quotas) -> APIRouter:
    """The endpoints over their services."""
    router = APIRouter(prefix="/api/v1/ai", tags=["ai"])

    async def count(caller: SignedInOrGuest) -> None:
        await quotas.take(Quota.TRANSCRIPT, f"user:{caller.user_id}")

    counted = [Depends(count)]

    @router.get("/transcripts", dependencies=counted, responses=errors(400, 401, 403, 429))
    async def list_transcripts(caller: SignedIn, paging: Paging, q: Sought = "") -> Envelope[TranscriptList]:
        """Transcripts of meetings one takes part in, newest first; with `q` those in which it was said.

        Words are found by their first letters, Chinese and Japanese by any part of the text.
        """
        found, total = await transcripts.search(caller, q, offset=paging.offset, limit=paging.page_size)
        return Envelope.success(
            TranscriptList(
                transcripts=[_summary(one) for one in found],
                total=total,
                page=paging.page,
                page_size=paging.page_size,
            )
        )

    @router.get("/transcripts/{meeting_id}", responses=errors(400, 401, 403, 404))
    async def read_transcript(
        meeting_id: MeetingNumber,
        caller: SignedIn,
        paging: Paging,
        since: Annotated[SentMoment | None, Query(alias="from", description="what ends later")] = None,
        until: Annotated[SentMoment | None, Query(alias="to", description="what begins earlier")] = None,
    ) -> Envelope[TranscriptPage]:
        """What was said in a meeting, line by line."""
        page = await transcripts.read(
            caller, meeting_id, Span(since, until), offset=paging.offset, limit=paging.page_size
        )
        return Envelope.success(
            TranscriptPage(
                meeting_id=page.meeting_id,
                title=page.title,
                started_at=page.started_at,
                lines=[_line(line) for line in page.lines],
                total=page.total,
                page=paging.page,
                page_size=paging.page_size,
                can_delete=page.may_delete,
            )
        )

    @router.get(
        "/transcripts/{meeting_id}/download",
        response_class=StreamingResponse,
        dependencies=counted,
        responses={**errors(400, 401, 403, 404, 429), **_FILE},
    )
    async def download(
        meeting_id: MeetingNumber,
        caller: SignedIn,
        form: Annotated[Form, Query(alias="format")] = "vtt",
        recording_id: Annotated[
            str, Query(max_length=64, pattern=r"^[^\x00]*$", description="times from its begin")
        ] = "",
    ) -> StreamingResponse:
        """The transcript as a file."""
        made = await transcripts.download(caller, meeting_id, form, recording_id=recording_id)
        headers = {
            "content-type": made.media_type,
            "content-disposition": content_disposition(made.name, is_inline=False),
        }
        return StreamingResponse(made.pieces, headers=headers)

    @router.delete(
        "/transcripts/{meeting_id}", dependencies=counted, responses=errors(400, 401, 403, 404, 429)
    )
    async def delete_transcript(meeting_id: MeetingNumber, caller: SignedIn) -> Envelope[None]:
        """Forget what was said in a meeting, minutes and all. For hosts."""
        await transcripts.delete(caller, meeting_id)
        return Envelope.success()

    @router.get("/transcripts/{meeting_id}/voices", responses=errors(400, 401, 403, 404))
    async def voice_notes(meeting_id: MeetingNumber, caller: SignedIn) -> Envelope[VoiceNoteList]:
        """When a voice was suspected to be made by a machine, and when no more. For hosts."""
        notes, total = await transcripts.notes(caller, meeting_id)
        return Envelope.success(VoiceNoteList(notes=[_note(note) for note in notes], total=total))

    @router.get("/minutes/{meeting_id}", dependencies=counted, responses=errors(400, 401, 403, 404, 429))
    async def minutes(meeting_id: MeetingNumber, caller: SignedIn) -> Envelope[MinutesView]:
        """Decisions, tasks and questions, in the words in which they were said."""
        made = await transcripts.minutes(caller, meeting_id)
        return Envelope.success(
            MinutesView(
                meeting_id=meeting_id,
                made_at=made.made_at,
                method="extractive" if made.made_by is None else "language_model",
                made_by=made.made_by,
                left_out=made.left_out,
                fallback=made.fallback,
                items=[
                    MinutesItem(
                        kind=item.kind,
                        text=item.text,
                        citations=[_citation(one) for one in item.citations],
                    )
                    for item in made.items
                ],
                speaking_time=[
                    MinutesSpeaker(user_id=one.user_id, speaker=one.speaker, seconds=one.seconds)
                    for one in made.speaking_time
                ],
            )
        )

    @router.get("/consent", responses=errors(401))
    async def get_consent(caller: SignedInOrGuest) -> Envelope[ConsentView]:
        """What one has agreed to."""
        return Envelope.success(_consent(await consents.get(caller)))

    @router.put("/consent", dependencies=counted, responses=errors(400, 401, 403, 413, 429))
    async def change_consent(body: ConsentRequest, caller: SignedInOrGuest) -> Envelope[ConsentView]:
        """Agree that one's mood is inferred from one's voice, or withdraw it."""
        changed = await consents.change(caller, mood_from_voice=body.mood_from_voice)
        return Envelope.success(_consent(changed))

    return router


def _summary(found: Found) -> TranscriptSummary:
    return TranscriptSummary(
        meeting_id=found.extent.meeting_id,
        title=found.title,
        started_at=found.extent.started_at,
        ended_at=found.extent.ended_at,
        line_count=found.extent.line_count,
        speakers=found.speakers,
        hits=[
            TranscriptHit(
                line_id=line.line_id, started_at=line.started_at, speaker=line.speaker, text=line.text
            )
            for line in found.hits
        ],
    )


def _line(line: Line) -> TranscriptLine:
    return TranscriptLine(
        line_id=line.line_id,
        user_id=line.user_id,
        speaker=line.speaker,
        speaker_key=line.speaker_key,
        started_at=line.started_at,
        ended_at=line.ended_at,
        text=line.text,
        language=line.language,
        confidence=line.confidence,
        words=[(word.start, word.end, word.text) for word in line.words],
    )


def _note(note: VoiceNote) -> VoiceNoteView:
    return VoiceNoteView(
        user_id=note.user_id, speaker=note.speaker, state=note.state, score=note.score, at=note.at
    )


def _citation(cited: Citation) -> MinutesCitation:
    return MinutesCitation(line_id=cited.line_id, started_at=cited.started_at, speaker=cited.speaker)


def _consent(consent: Consent) -> ConsentView:
    return ConsentView(
        mood_from_voice=consent.mood_from_voice,
        allowed_here=consent.allowed_here,
        changed_at=consent.changed_at,
    )
