"""The rules of recordings: who may start, stop, see, fetch and delete them."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal
from uuid import uuid4

import structlog

from salon.media.recording import rules, store
from salon.media.recording.errors import (
    DiskFull,
    NothingRecorded,
    NothingRunning,
    NotReady,
    NotYours,
    OtherRoom,
    RecordingNotFound,
    StorageUsedUp,
)
from salon.media.recording.finishing import Finishing, prefix_of, remove_folder, subject_of
from salon.media.recording.recorder import Order, Recorder
from salon.media.recording.store import RecordingRow, RenditionRow
from salon.media.recording.tools import RecordingTools, RenderingFailed
from salon.meeting.face import MeetingId, Meetings, RoomId, Seat
from salon.platform.audit import AuditEntry, record
from salon.platform.auth import Caller
from salon.platform.blobs import Blobs
from salon.platform.clock import Clock
from salon.platform.db import Database
from salon.platform.errors import Conflict
from salon.platform.ids import MAX_ROW_ID

log = structlog.get_logger()

MAX_LISTED = 500
"""Recordings of one meeting that are listed; more than any meeting has."""

SWEEP_BATCH = 100


@dataclass(frozen=True, slots=True)
class Rendition:
    """A file that is, or is to be, made of a recording."""

    kind: rules.Kind
    state: rules.RenditionState
    progress: float
    error: str = ""
    job_id: str | None = None
    bytes: int = 0


@dataclass(frozen=True, slots=True)
class RecordingFacts:
    """A recording and what is made of it."""

    row: RecordingRow
    renditions: list[Rendition] = field(default_factory=list)
    size: int = 0
    """Of what a download gives, as far as that is known."""


@dataclass(frozen=True, slots=True)
class Download:
    """A file to be sent."""

    blob: str
    name: str
    media_type: str


class RecordingService:
    """Recordings as people see them."""

    def __init__(
        self,
        *,
        db: Database,
        clock: Clock,
        meetings: Meetings,
        recorder: Recorder,
        finishing: Finishing,
        tools: RecordingTools,
        limits: rules.Limits,
    ) -> None:
        self._db = db
        self._clock = clock
        self._meetings = meetings
        self._recorder = recorder
        self._finishing = finishing
        self._tools = tools
        self._limits = limits

    async def start(
        self,
        caller: Caller,
        *,
        meeting_id: MeetingId,
        room_id: str | None = None,
        title: str = "",
        quality: rules.Quality = "720p",
        container: rules.Format = "mp4",
        participants: Sequence[str] = (),
    ) -> RecordingFacts:
        """Record a meeting from now on.

        Raises:
            NotFound, NotAllowed, Conflict: no such meeting; not a host or moderator of it; it is over.
            OtherRoom: ``room_id`` is not the room of that meeting.
            AlreadyRecording: one recording at a time.
            StorageUsedUp, DiskFull: no space for it.
            RecorderBusy: the engine does not take it now.
        """
        seat = await self._meetings.check_recording(user_id=caller.user_id, meeting_id=meeting_id, to="start")
        if room_id is not None:
            found = await self._meetings.find_meetings_of_rooms(room_ids=[RoomId(room_id)])
            if found.get(RoomId(room_id)) != meeting_id:
                raise OtherRoom
        await self._check_space(caller)
        order = Order(
            recording_id=str(uuid4()),
            meeting_id=seat.meeting_id,
            room_id=seat.room_id,
            title=title.strip() or seat.title,
            quality=quality,
            format=container,
            participants=tuple(dict.fromkeys(participants)),
        )
        return RecordingFacts(await self._recorder.begin(order, caller))

    async def _check_space(self, caller: Caller) -> None:
        free = await asyncio.to_thread(self._tools.free_space, self._recorder.root)
        if free < self._limits.disk_floor_bytes:
            log.warning("recording.disk_full", free_bytes=free)
            raise DiskFull
        if self._limits.quota_bytes:
            async with self._db.read() as tx:
                used = await store.used_bytes(tx, [caller.user_id])
            if used.get(caller.user_id, 0) >= self._limits.quota_bytes:
                raise StorageUsedUp(self._limits.quota_bytes)

    async def stop(self, caller: Caller, recording_id: str) -> RecordingFacts:
        """Stop a recording; harmless if it has stopped.

        Raises:
            RecordingNotFound: unknown, or not for this caller.
            NotYours: neither a host or moderator, nor who started it.
        """
        row = await self._open(caller, recording_id, needs=rules.may_stop)
        return await self._stop(caller, row)

    async def stop_of_meeting(
        self, caller: Caller, meeting_id: MeetingId, recording_id: str
    ) -> RecordingFacts:
        """Stop what runs in a meeting, or that recording of it; harmless if it has stopped.

        Raises:
            NotFound, NotAllowed: no such meeting; not a host or moderator of it.
            NothingRunning: the meeting was never recorded.
            RecordingNotFound: ``recording_id`` is none of this meeting.
        """
        await self._meetings.check_recording(user_id=caller.user_id, meeting_id=meeting_id, to="stop")
        async with self._db.read() as tx:
            row = (
                await store.find(tx, recording_id)
                if recording_id
                else await store.find_latest(tx, meeting_id)
            )
        if recording_id and (row is None or row.meeting_id != meeting_id):
            raise RecordingNotFound
        if row is None:
            raise NothingRunning
        return await self._stop(caller, row)

    async def _stop(self, caller: Caller, row: RecordingRow) -> RecordingFacts:
        live = self._recorder.find_by_id(row.recording_id)
        if live is not None:
            await self._recorder.end(live, cause="command", by=caller)
        return await self._facts_of(row.recording_id)

    async def get(self, caller: Caller, recording_id: str) -> RecordingFacts:
        """One recording.

        Raises:
            RecordingNotFound: unknown, or not for this caller.
        """
        return (await self._describe([await self._open(caller, recording_id)]))[0]

    async def list_mine(
        self, caller: Caller, *, started_by: int | None, offset: int, limit: int
    ) -> tuple[list[RecordingFacts], int]:
        """The caller's own and those of meetings they take part in, newest first; and how many there are."""
        meeting_ids = await self._meetings.list_recorded_for(user_id=caller.user_id)
        if started_by is not None and started_by > MAX_ROW_ID:
            return [], 0
        async with self._db.read() as tx:
            rows, total = await store.list_visible(
                tx,
                user_id=caller.user_id,
                meeting_ids=meeting_ids,
                started_by=started_by,
                offset=offset,
                limit=limit,
            )
        return await self._describe(rows), total

    async def list_of_meeting(self, caller: Caller, meeting_id: MeetingId) -> list[RecordingFacts]:
        """The recordings of a meeting, newest first.

        Raises:
            NotFound, NotAllowed: no such meeting, or not the caller's.
        """
        await self._meetings.check_recording(user_id=caller.user_id, meeting_id=meeting_id, to="see")
        async with self._db.read() as tx:
            rows = await store.list_of_meeting(tx, meeting_id, limit=MAX_LISTED)
        return await self._describe(rows)

    async def rights(self, caller: Caller, found: Sequence[RecordingFacts]) -> dict[str, rules.Rights]:
        """What the caller may do with recordings they may see, by recording id; at most 500 of them."""
        meeting_ids = sorted({MeetingId(facts.row.meeting_id) for facts in found})
        seats = await self._meetings.find_seats(user_id=caller.user_id, meeting_ids=meeting_ids)
        return {
            facts.row.recording_id: rules.rights_of(
                seats.get(MeetingId(facts.row.meeting_id)), caller.user_id, facts.row.user_id
            )
            for facts in found
        }

    async def delete(self, caller: Caller, recording_id: str) -> None:
        """Stop a recording if it runs, and remove every trace of it.

        Raises:
            RecordingNotFound: unknown, or not for this caller.
            NotYours: neither a host nor who started it.
            Unavailable: the storage cannot be reached; what is left is deleted by asking again.
        """
        row = await self._open(caller, recording_id, needs=rules.may_delete)
        live = self._recorder.find_by_id(recording_id)
        if live is not None:
            await self._recorder.end(live, cause="deleted", by=caller)
        await self._erase(row, "recording.deleted", caller)

    async def _erase(self, row: RecordingRow, action: str, by: Caller | None) -> None:
        await self._tools.jobs.forget(subject_of(row.recording_id))
        # The row goes last: while anything is left, it can be asked for again.
        await self._tools.blobs.remove_prefix(prefix_of(row.recording_id))
        await asyncio.to_thread(remove_folder, self._recorder.folder_of(row.recording_id))
        entry = AuditEntry(
            action=action,
            actor_id=by.user_id if by else None,
            actor_name=by.username if by else "",
            target=f"recording:{row.recording_id}",
            meeting_id=row.meeting_id,
            details={"title": row.title, "started_by": row.user_id},
        )
        async with self._db.begin() as tx:
            fresh = await store.find(tx, row.recording_id, lock=True)
            if fresh is not None:
                await store.remove(tx, fresh)
                await record(tx, entry, now=self._clock.now())
        self._finishing.forget(row.recording_id)
        log.info("recording.deleted", recording_id=row.recording_id, action=action)

    async def retry(self, caller: Caller, recording_id: str) -> RecordingFacts:
        """Make again what could not be made.

        Raises:
            RecordingNotFound, NotYours: see `stop`.
            Conflict: nothing has failed.
        """
        row = await self._open(caller, recording_id, needs=rules.may_stop)
        subject = subject_of(recording_id)
        jobs = (await self._tools.jobs.list_of([subject])).get(subject, [])
        failed = [job for job in jobs if job.status == "failed"]
        if not failed:
            raise Conflict("Nothing about this recording has failed.")
        if row.status == "failed":
            async with self._db.begin() as tx:
                fresh = await store.find(tx, recording_id, lock=True)
                if fresh is not None:
                    fresh.status, fresh.updated_at = "processing", self._clock.now()
        for job in failed:
            await self._tools.jobs.retry(job.job_id)
        return await self._facts_of(recording_id)

    async def sweep(self) -> int:
        """Delete what is older than the server keeps recordings; tells how many."""
        before = rules.expires_before(self._clock.now(), self._limits)
        if before is None:
            return 0
        count = 0
        while True:
            async with self._db.read() as tx:
                rows = await store.list_expired(tx, before, limit=SWEEP_BATCH)
            for row in rows:
                await self._erase(row, "recording.expired", None)
            count += len(rows)
            if len(rows) < SWEEP_BATCH:
                return count

    # Files.

    async def folder(self, caller: Caller, recording_id: str) -> tuple[RecordingFacts, Path]:
        """A recording that has stopped, and where it lies.

        Raises:
            RecordingNotFound: unknown, or not for this caller.
            NotReady: it still runs.
        """
        facts = await self.get(caller, recording_id)
        if facts.row.status != "completed":
            raise NotReady
        return facts, self._recorder.folder_of(recording_id)

    async def download(
        self, caller: Caller, recording_id: str, kind: Literal["auto"] | rules.Kind
    ) -> Download:
        """The file of a recording; with ``auto`` the best that there is at this moment.

        Raises:
            RecordingNotFound: unknown, or not for this caller.
            NotReady: it is not completed, or that file is not made yet.
            NothingRecorded: nobody sent anything.
        """
        row = await self._open(caller, recording_id)
        if row.status != "completed":
            raise NotReady
        if not row.segments:
            raise NothingRecorded
        async with self._db.read() as tx:
            kept = {one.kind: one for one in (await store.list_renditions(tx, [row]))[row.id]}
        if kind == "auto":
            chosen = kept.get("composite") or kept.get("tracks") or await self._ensure(recording_id, "tracks")
        elif kind == "tracks":
            chosen = kept.get("tracks") or await self._ensure(recording_id, "tracks")
        elif kind in kept:
            chosen = kept[kind]
        else:
            raise NotReady("This file is not made yet. Ask for the recording's status.")
        return _download(chosen, row.title)

    @property
    def blobs(self) -> Blobs:
        """Where the files are kept that `download` names."""
        return self._tools.blobs

    async def timeline(self, caller: Caller, recording_id: str) -> tuple[RecordingFacts, Any]:
        """A recording and its log (`RecordingLog`).

        Raises:
            RecordingNotFound: unknown, or not for this caller.
            NotReady: it is not completed.
        """
        facts, folder = await self.folder(caller, recording_id)
        return facts, await asyncio.to_thread(self._tools.read_log, folder)

    async def track(self, caller: Caller, recording_id: str, track: str) -> Download:
        """One track as a file, made when it is first asked for.

        Raises:
            RecordingNotFound: unknown, or not for this caller.
            NotReady: it is not completed, or the track cannot be read.
        """
        facts, folder = await self.folder(caller, recording_id)
        # The folder itself says which tracks there are: the name comes from outside.
        if not await asyncio.to_thread((folder / "tracks" / track).is_dir) or track in (".", ".."):
            raise NotReady("This recording has no such track.")
        made = await self._ensure(recording_id, rules.TRACK + track)
        return _download(made, f"{facts.row.title} {track}")

    async def _ensure(self, recording_id: str, kind: str) -> RenditionRow:
        try:
            made = await self._finishing.ensure(recording_id, kind)
        except (RenderingFailed, OSError) as error:
            log.warning("recording.file_failed", recording_id=recording_id, file=kind, error=str(error))
            raise NotReady("This file cannot be made at the moment. Try again later.") from error
        if made is None:
            raise RecordingNotFound
        return made

    # The door.

    async def _open(
        self,
        caller: Caller,
        recording_id: str,
        *,
        needs: Callable[[Seat | None, Any, int], bool] = rules.may_see,
    ) -> RecordingRow:
        async with self._db.read() as tx:
            row = await store.find(tx, recording_id)
        if row is None:
            raise RecordingNotFound
        meeting_id = MeetingId(row.meeting_id)
        seats = await self._meetings.find_seats(user_id=caller.user_id, meeting_ids=[meeting_id])
        seat = seats.get(meeting_id)
        if not rules.may_see(seat, caller.user_id, row.user_id):
            raise RecordingNotFound
        if not needs(seat, caller.user_id, row.user_id):
            raise NotYours
        return row

    async def _facts_of(self, recording_id: str) -> RecordingFacts:
        async with self._db.read() as tx:
            row = await store.find(tx, recording_id)
        if row is None:
            raise RecordingNotFound
        return (await self._describe([row]))[0]

    async def _describe(self, rows: Sequence[RecordingRow]) -> list[RecordingFacts]:
        if not rows:
            return []
        async with self._db.read() as tx:
            kept = await store.list_renditions(tx, rows)
        jobs = await self._tools.jobs.list_of([subject_of(row.recording_id) for row in rows])
        return [_facts(row, kept[row.id], jobs.get(subject_of(row.recording_id), [])) for row in rows]


def _download(made: RenditionRow, title: str) -> Download:
    suffix = made.name.rpartition(".")[2]
    return Download(blob=made.name, name=rules.file_name(title, suffix), media_type=made.media_type)


def _facts(row: RecordingRow, kept: Sequence[RenditionRow], jobs: Sequence[Any]) -> RecordingFacts:
    if row.status != "completed":
        return RecordingFacts(row, size=row.raw_bytes)
    own = {job.kind.removeprefix("recording."): job for job in jobs}
    sizes = {one.kind: one.bytes for one in kept}
    states = rules.states_of(
        sizes, [(kind, job.status) for kind, job in own.items()], is_empty=not row.segments
    )
    renditions = [
        Rendition(
            kind=kind,
            state=state,
            progress=100.0 if state == "ready" else own[kind].progress if kind in own else 0.0,
            error=(own[kind].error or "") if kind in own and state == "failed" else "",
            job_id=str(own[kind].job_id) if kind in own else None,
            bytes=sizes.get(kind, 0),
        )
        for kind, state in states.items()
    ]
    size = sizes.get("composite") or sizes.get("tracks") or row.raw_bytes
    return RecordingFacts(row, renditions, size)
