"""The rules of transcripts: what is kept, who reads it, who deletes it, and when it goes by itself."""

import asyncio
import math
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

import structlog

from salon.ai.transcripts import formats, store
from salon.ai.transcripts.errors import NotHostOfTranscript, NotHostOfVoices, TranscriptNotFound
from salon.ai.transcripts.minutes import Minutes
from salon.ai.transcripts.model import Line, SpokenWord, Transcripts, VoiceNote
from salon.ai.transcripts.store import EVERYTHING, Extent, LineRow, Span, VoiceNoteRow
from salon.ai.transcripts.words import index_text, read_query
from salon.ai.transcripts.writer import MinutesWriter
from salon.meeting.face import MeetingEnded, MeetingId, Meetings, ParticipantStatus, RoomId, Seat
from salon.platform.audit import AuditEntry, record
from salon.platform.auth import Caller
from salon.platform.bus import Bus, Subscription
from salon.platform.clock import Clock
from salon.platform.db import Database
from salon.platform.ids import UserId
from salon.user.face import UserDisabled, Users

log = structlog.get_logger()

SWEEP_EVERY = timedelta(hours=1)
MAX_HITS = 5
MAX_SPEAKERS = 50
MAX_NOTES = 1000
"""About voices in one answer: hosts read the first of them, and how many there are."""
MAX_LINES_SUMMED = 20_000
"""Lines that minutes are made of: a whole day, spoken without a pause."""

_MAX_TEXT = 8000
"""Characters of a line; nobody says more in one breath."""

_MAX_WORDS = 2000
_BATCH = 500
_MAX_GONE = 1000

RecordedSpan = tuple[MeetingId, datetime, datetime | None]
"""Whose recording it is, when it began, and when it ended; None: it runs."""

FindRecording = Callable[[Caller, str], Awaitable[RecordedSpan]]
"""The recording of that id. Raises `NotFound` if there is none for this caller."""


@dataclass(frozen=True, slots=True)
class Found:
    """A transcript in a list, with the lines that were looked for."""

    extent: Extent
    title: str
    speakers: list[str]
    hits: list[Line] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Page:
    """A part of one transcript."""

    meeting_id: MeetingId
    title: str
    started_at: datetime
    lines: list[Line]
    total: int
    may_delete: bool
    """Whoever reads it may delete the whole."""


@dataclass(frozen=True, slots=True)
class Download:
    """A transcript as a file."""

    name: str
    media_type: str
    pieces: AsyncIterator[str]


class TranscriptService(Transcripts):
    """Transcripts as people see them, and as captions write them.

    Args:
        keep: how long after it was said a line is kept; None: until somebody deletes it.
    """

    def __init__(
        self,
        *,
        db: Database,
        bus: Bus,
        clock: Clock,
        meetings: Meetings,
        users: Users,
        find_recording: FindRecording,
        writer: MinutesWriter,
        keep: timedelta | None,
    ) -> None:
        self._db = db
        self._bus = bus
        self._clock = clock
        self._meetings = meetings
        self._users = users
        self._find_recording = find_recording
        self._writer = writer
        self._keep = keep
        self._gone: OrderedDict[int, None] = OrderedDict()
        """Meetings that were deleted lately: what is still being recognised of them is not kept."""
        self._subscriptions: list[Subscription] = []
        self._sweeper: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Follow what is deleted, and look for what is too old."""
        self._subscriptions = [
            self._bus.subscribe(MeetingEnded, self._on_meeting_ended),
            self._bus.subscribe(UserDisabled, self._on_user_disabled),
        ]
        self._sweeper = asyncio.create_task(self._sweep_forever())

    async def close(self) -> None:
        """Stop; safe to call twice."""
        for subscription in self._subscriptions:
            subscription.close()
        if self._sweeper is not None:
            self._sweeper.cancel()
            with suppress(asyncio.CancelledError):
                await self._sweeper
        await self._writer.close()

    async def append(self, line: Line) -> None:
        """See `Transcripts.append`: one insert, without a look at the meeting."""
        text = _clean(line.text, _MAX_TEXT).strip()
        if not text or line.meeting_id in self._gone:
            return
        async with self._db.begin() as tx:
            await store.add(tx, _values(line, text))

    async def note(self, note: VoiceNote, *, detector: str) -> None:
        """See `Transcripts.note`."""
        if note.meeting_id in self._gone:
            return
        entry = AuditEntry(
            action="voice.suspected" if note.state == "suspicious" else "voice.cleared",
            actor_id=None,
            actor_name="",
            target=f"user:{note.user_id}",
            meeting_id=note.meeting_id,
            details={"score": round(note.score, 4), "detector": detector},
        )
        async with self._db.begin() as tx:
            await store.add_note(tx, asdict(note) | {"speaker": _clean(note.speaker, 100)})
            await record(tx, entry, now=self._clock.now())

    # Reading.

    async def search(self, caller: Caller, query: str, *, offset: int, limit: int) -> tuple[list[Found], int]:
        """Transcripts of the caller's meetings, newest first; with a query those in which it is found."""
        terms = read_query(query)
        if query.strip() and not terms:
            return [], 0  # nothing in it that could be said
        mine = await self._meetings.list_recorded_for(user_id=caller.user_id)
        async with self._db.read() as tx:
            ids, total = await store.list_transcripts(tx, mine, terms, offset=offset, limit=limit)
            extents = await store.extents(tx, ids)
            speakers = await store.list_speakers(tx, ids, limit=MAX_SPEAKERS)
            hits = await store.list_hits(tx, ids, terms, limit=MAX_HITS) if terms else {}
        seats = await self._seats(caller, ids)
        return [
            Found(
                extent=extents[number],
                title=seats[MeetingId(number)].title if MeetingId(number) in seats else "",
                speakers=speakers[number],
                hits=[_line(row) for row in hits.get(number, [])],
            )
            for number in ids
            if number in extents
        ], total

    async def read(
        self, caller: Caller, meeting_id: MeetingId, span: Span, *, offset: int, limit: int
    ) -> Page:
        """Lines of one transcript.

        Raises:
            TranscriptNotFound: there is none, or not for this caller.
        """
        seat = await self._open(caller, meeting_id)
        async with self._db.read() as tx:
            whole = await _extent(tx, meeting_id)
            part = (await store.extents(tx, [meeting_id], span)).get(meeting_id)
            rows = await store.page(tx, meeting_id, span, offset=offset, limit=limit)
        total = part.line_count if part is not None else 0
        lines = [_line(row) for row in rows]
        return Page(meeting_id, seat.title, whole.started_at, lines, total, _may_delete(seat))

    async def download(
        self, caller: Caller, meeting_id: MeetingId, form: formats.Form, *, recording_id: str = ""
    ) -> Download:
        """A transcript as a file; with a recording only what is spoken in it, in its time.

        Raises:
            TranscriptNotFound: there is none, or not for this caller; or the recording is another meeting's.
            NotFound: there is no such recording for this caller.
        """
        seat = await self._open(caller, meeting_id)
        async with self._db.read() as tx:
            whole = await _extent(tx, meeting_id)
        frame = formats.Frame(meeting_id, seat.title, whole.started_at)
        span = EVERYTHING
        if recording_id:
            recorded, begin, end = await self._find_recording(caller, recording_id)
            if recorded != meeting_id:
                raise TranscriptNotFound("This recording is not one of that meeting.")
            frame = formats.Frame(meeting_id, seat.title, begin, end)
            span = Span(begin, end)
        name = f"{formats.flat(seat.title)[:100] or 'transcript'}.{form}"
        return Download(name, formats.MEDIA_TYPES[form], self._pieces(form, frame, span))

    async def _pieces(self, form: formats.Form, frame: formats.Frame, span: Span) -> AsyncIterator[str]:
        yield formats.head(form, frame)
        number, last = 0, None
        while True:
            async with self._db.read() as tx:
                rows = await store.lines_after(tx, frame.meeting_id, span, last, limit=_BATCH)
            if not rows:
                break
            pieces = []
            for number, row in enumerate(rows, start=number + 1):  # noqa: B020 - goes on counting
                pieces.append(formats.piece(form, frame, _line(row), number))
            yield "".join(pieces)
            last = rows[-1]
        yield formats.tail(form)

    async def minutes(self, caller: Caller, meeting_id: MeetingId) -> Minutes:
        """What was decided, promised and asked.

        Raises:
            TranscriptNotFound: there is no transcript, or not for this caller.
        """
        await self._open(caller, meeting_id)
        async with self._db.read() as tx:
            rows = await store.page(tx, meeting_id, EVERYTHING, offset=0, limit=MAX_LINES_SUMMED)
        if not rows:
            raise TranscriptNotFound
        return await self._writer.write([_line(row) for row in rows])

    async def notes(self, caller: Caller, meeting_id: MeetingId) -> tuple[list[VoiceNote], int]:
        """The first notes about voices in a meeting, oldest first, and how many there are. For hosts.

        Raises:
            TranscriptNotFound: not for this caller.
            NotHostOfVoices: a member, but no host.
        """
        if not _may_delete(await self._open(caller, meeting_id)):
            raise NotHostOfVoices
        async with self._db.read() as tx:
            rows, total = await store.list_notes(tx, meeting_id, limit=MAX_NOTES)
        return [_note(row) for row in rows], total

    # Deleting.

    async def delete(self, caller: Caller, meeting_id: MeetingId) -> None:
        """Forget what was said in a meeting; its minutes, which are made from it, go with it.

        Raises:
            TranscriptNotFound: there is none, or not for this caller.
            NotHostOfTranscript: a member, but no host.
        """
        seat = await self._open(caller, meeting_id)
        if not _may_delete(seat):
            raise NotHostOfTranscript
        if not await self._erase(meeting_id, "transcript.deleted", caller):
            raise TranscriptNotFound

    async def _erase(
        self, meeting_id: int, action: str, by: Caller | None, *, before: datetime | None = None
    ) -> int:
        async with self._db.begin() as tx:
            lines, notes = await store.remove(tx, meeting_id, before=before)
            if count := lines + notes:
                entry = AuditEntry(
                    action=action,
                    actor_id=by.user_id if by else None,
                    actor_name=by.username if by else "",
                    target=f"meeting:{meeting_id}",
                    meeting_id=meeting_id,
                    details={"lines": lines, **({"notes": notes} if notes else {})},
                )
                await record(tx, entry, now=self._clock.now())
        self._writer.forget(MeetingId(meeting_id))
        if count:
            log.info("transcript.deleted", meeting_id=meeting_id, action=action, lines=lines, notes=notes)
        return count

    async def _on_meeting_ended(self, event: MeetingEnded) -> None:
        await self._erase_deleted([event.meeting_id])

    async def _on_user_disabled(self, event: UserDisabled) -> None:
        # A ban can be lifted: it takes nothing away.
        await self._forget_deleted([event.user_id])

    async def _erase_deleted(self, meeting_ids: Sequence[int]) -> None:
        """Take away the transcripts of those of the meetings that were deleted."""
        rooms = {RoomId(f"meeting-{number}"): number for number in meeting_ids}
        found = await self._meetings.find_meetings_of_rooms(room_ids=list(rooms))
        for number in set(meeting_ids) - {int(one) for one in found.values()}:
            self._gone[number] = None
            while len(self._gone) > _MAX_GONE:
                self._gone.popitem(last=False)
            await self._erase(number, "transcript.deleted", None)

    async def _forget_deleted(self, user_ids: Sequence[int]) -> None:
        """Take away what those of the people said whose accounts were deleted."""
        known = await self._users.find_standing(user_ids=[UserId(number) for number in user_ids])
        gone = [number for number in user_ids if UserId(number) not in known]
        if gone:
            async with self._db.begin() as tx:
                await store.remove_person(tx, gone)
            self._writer.forget_all()

    async def sweep(self) -> None:
        """Delete what is older than the server keeps it, and what the deletion of its owner has left."""
        if self._keep is not None:
            before = self._clock.now() - self._keep
            while True:
                async with self._db.read() as tx:
                    old = await store.list_expired(tx, before, limit=_BATCH)
                for number in old:
                    await self._erase(number, "transcript.expired", None, before=before)
                if len(old) < _BATCH:
                    break
        await self._walk(store.list_meetings, self._erase_deleted)
        await self._walk(store.list_people, self._forget_deleted)

    async def _walk(self, listing: Any, work: Callable[[Sequence[int]], Awaitable[None]]) -> None:
        last = 0
        while True:
            async with self._db.read() as tx:
                batch: Sequence[int] = await listing(tx, above=last, limit=_BATCH)
            if not batch:
                return
            await work(batch)
            last = batch[-1]

    async def _sweep_forever(self) -> None:
        while True:
            try:
                await self.sweep()
            except Exception:  # a supervisor: the next round comes whatever happened in this one
                log.exception("transcripts.sweep_failed")
            await asyncio.sleep(SWEEP_EVERY.total_seconds())

    # The door.

    async def _open(self, caller: Caller, meeting_id: MeetingId) -> Seat:
        """Who may see a meeting's recordings may read what was said in it; to others there is nothing."""
        seat = (await self._seats(caller, [meeting_id])).get(meeting_id)
        if seat is None or not seat.may_see_recordings:
            raise TranscriptNotFound
        return seat

    async def _seats(self, caller: Caller, meeting_ids: Sequence[int]) -> dict[MeetingId, Seat]:
        ids = [MeetingId(number) for number in meeting_ids]
        return await self._meetings.find_seats(user_id=caller.user_id, meeting_ids=ids)


def _may_delete(seat: Seat) -> bool:
    return seat.is_host and seat.status is not ParticipantStatus.REJECTED


async def _extent(tx: Any, meeting_id: MeetingId) -> Extent:
    found = (await store.extents(tx, [meeting_id])).get(meeting_id)
    if found is None:
        raise TranscriptNotFound
    return found


def _clean(text: str, longest: int) -> str:
    """What every database takes: no NUL, no half of a surrogate pair."""
    return text.replace("\x00", " ").encode("utf-8", "replace").decode("utf-8")[:longest]


def _values(line: Line, text: str) -> dict[str, Any]:
    return {
        "line_id": line.line_id[:64],
        "meeting_id": line.meeting_id,
        "user_id": line.user_id,
        "speaker": _clean(line.speaker, 100),
        "speaker_key": _clean(line.speaker_key, 128),
        "started_at": line.started_at,
        "ended_at": max(line.started_at, line.ended_at),
        "text": text,
        "language": _clean(line.language, 16),
        "confidence": min(1.0, max(0.0, line.confidence)) if math.isfinite(line.confidence) else 0.0,
        "words": [
            [round(word.start, 3), round(word.end, 3), _clean(word.text, 200)]
            for word in line.words[:_MAX_WORDS]
            if math.isfinite(word.start) and math.isfinite(word.end)
        ],
        "search": index_text(text),
    }


def _line(row: LineRow) -> Line:
    return Line(
        line_id=row.line_id,
        meeting_id=MeetingId(row.meeting_id),
        user_id=UserId(row.user_id),
        speaker=row.speaker,
        speaker_key=row.speaker_key,
        started_at=row.started_at,
        ended_at=row.ended_at,
        text=row.text,
        language=row.language,
        confidence=row.confidence,
        words=tuple(SpokenWord(start, end, text) for start, end, text in row.words),
    )


def _note(row: VoiceNoteRow) -> VoiceNote:
    return VoiceNote(
        meeting_id=MeetingId(row.meeting_id),
        user_id=UserId(row.user_id),
        speaker=row.speaker,
        state=row.state,
        score=row.score,
        at=row.at,
    )
