"""How recordings become answers."""

from typing import Any, cast

from salon.media.recording.rules import Rights, file_name
from salon.media.recording.schema import (
    ChapterView,
    FormatText,
    GapView,
    PersonView,
    QualityText,
    RecordingView,
    RenditionView,
    SpeechView,
    StatusText,
    TimelineResponse,
    TrackView,
)
from salon.media.recording.service import RecordingFacts, Rendition

BASE = "/api/v1/recording"

__all__ = ["file_name", "recording_view", "timeline_view"]


def recording_view(facts: RecordingFacts, rights: Rights) -> RecordingView:
    """A recording as the wire has it, for somebody with these rights."""
    row = facts.row
    is_done = row.status == "completed"
    has_picture = any(one.kind == "thumbnail" and one.state == "ready" for one in facts.renditions)
    return RecordingView(
        id=row.id,
        recording_id=row.recording_id,
        meeting_id=str(row.meeting_id),
        room_id=row.room_id,
        user_id=str(row.user_id),
        by_username=row.username,
        title=row.title,
        status=cast("StatusText", row.status),
        start_time=row.start_time,
        end_time=row.end_time,
        duration=row.duration,
        file_size=facts.size,
        file_path=f"{BASE}/download/{row.recording_id}" if is_done else "",
        thumbnail_path=f"{BASE}/thumbnail/{row.recording_id}" if has_picture else "",
        quality=cast("QualityText", row.quality),
        format=cast("FormatText", row.format),
        participants=row.participants or None,
        warning=row.warning or None,
        renditions=[_rendition_view(row.recording_id, one) for one in facts.renditions],
        can_stop=rights.may_stop,
        can_delete=rights.may_delete,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def _rendition_view(recording_id: str, one: Rendition) -> RenditionView:
    url = f"{BASE}/download/{recording_id}?rendition={one.kind}"
    if one.kind == "thumbnail":
        url = f"{BASE}/thumbnail/{recording_id}"
    return RenditionView(
        kind=one.kind,
        state=one.state,
        progress=round(one.progress, 1),
        error=one.error or None,
        job_id=one.job_id,
        # The tracks are put together when they are first asked for.
        url=url if one.state == "ready" or one.kind == "tracks" else None,
        bytes=one.bytes,
    )


def timeline_view(facts: RecordingFacts, log: Any) -> TimelineResponse:
    """A recording's log as a player needs it: times in seconds from its start.

    Args:
        log: a `RecordingLog`.
    """
    row = facts.row
    return TimelineResponse(
        recording_id=row.recording_id,
        title=row.title,
        duration=log.seconds(log.end_us),
        started_at=row.start_time,
        people=[
            PersonView(
                stream=one.stream, user_id="" if one.user_id is None else str(one.user_id), name=one.name
            )
            for one in log.people.values()
        ],
        tracks=[
            TrackView(
                track=one.track,
                stream=one.stream,
                media=one.media.value,
                codec=one.codec,
                start=log.seconds(one.readable[0].start_us),
                end=log.seconds(one.readable[-1].end_us),
                url=f"{BASE}/track/{row.recording_id}/{one.track}",
            )
            for one in log.tracks
            if one.readable
        ],
        speech=[
            SpeechView(stream=one.stream, start=log.seconds(one.start_us), end=log.seconds(one.end_us))
            for one in log.speech
        ],
        chapters=[
            ChapterView(at=log.seconds(one.at_us), kind=one.kind, name=one.name) for one in log.chapters
        ],
        gaps=[
            GapView(
                track=one.track,
                stream=one.stream,
                start=log.seconds(one.start_us),
                end=log.seconds(one.end_us),
                cause=one.cause,
            )
            for one in log.gaps
        ],
        renditions=[_rendition_view(row.recording_id, one) for one in facts.renditions],
    )
