"""The recordings that run: beginning, going on after a restart, ending, each exactly once."""

import asyncio
import shutil
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import structlog
from pydantic import JsonValue
from sqlalchemy.exc import IntegrityError

from salon.media.engine import EngineError
from salon.media.recording import rules, store
from salon.media.recording.errors import AlreadyRecording, DiskFull, RecorderBusy
from salon.media.recording.finishing import Finishing
from salon.media.recording.journal import Journal, prepare_folder
from salon.media.recording.store import RecordingRow
from salon.media.recording.tools import RecordingTools
from salon.meeting.face import MeetingId, RoomId
from salon.platform.audit import AuditEntry, record
from salon.platform.auth import Caller
from salon.platform.bus import Bus
from salon.platform.clock import Clock
from salon.platform.db import Database
from salon.platform.envelope import rfc3339
from salon.platform.ids import UserId
from salon.signaling.face import MediaSwitches, RecordingNotice, SignalingPeerId

log = structlog.get_logger()

_WRITERS = 4
"""Threads that write journals: one slow disk call must not hold up the other recordings."""

_LAST_MOMENT_S = 5.0


@dataclass(frozen=True, slots=True)
class Order:
    """What somebody wants recorded."""

    recording_id: str
    meeting_id: MeetingId
    room_id: RoomId
    title: str
    quality: rules.Quality
    format: rules.Format
    participants: tuple[str, ...] = ()


@dataclass(slots=True)
class Live:
    """A recording that runs in this process."""

    recording_id: str
    meeting_id: MeetingId
    room_id: RoomId
    user_id: UserId
    username: str
    started_at: datetime
    folder: Path
    journal: Journal
    empty_since: datetime | None
    """Since when nobody has been in the room; None: somebody is."""
    streams: dict[SignalingPeerId, UserId] = field(default_factory=dict)
    """Who is in the room, by what their tracks are called."""
    switches: dict[SignalingPeerId, MediaSwitches] = field(default_factory=dict)
    people: set[str] = field(default_factory=set)
    warning: str = ""
    """What the room was told last; empty: nothing, or it is over."""
    warned: set[str] = field(default_factory=set)
    ending: asyncio.Task[None] | None = None


class Recorder:
    """Owns the recordings of this process, from `begin` or `resume` to `end`."""

    def __init__(
        self,
        *,
        db: Database,
        bus: Bus,
        clock: Clock,
        tools: RecordingTools,
        finishing: Finishing,
        root: Path,
    ) -> None:
        self._db = db
        self._bus = bus
        self._clock = clock
        self._engine = tools.engine
        self._finishing = finishing
        self.root = root
        self._live: dict[MeetingId, Live] = {}
        self._starting: set[MeetingId] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._pool = ThreadPoolExecutor(_WRITERS, thread_name_prefix="recording")
        self.on_begun: Callable[[Live], Coroutine[None, None, None]] | None = None
        """Told of each recording that runs, before anybody else is."""

    def find(self, meeting_id: MeetingId) -> Live | None:
        """The recording that runs in this meeting."""
        return self._live.get(meeting_id)

    def find_by_id(self, recording_id: str) -> Live | None:
        """The running recording of that id."""
        return next((live for live in self._live.values() if live.recording_id == recording_id), None)

    def list_live(self) -> list[Live]:
        """All that run."""
        return list(self._live.values())

    def folder_of(self, recording_id: str) -> Path:
        """Where a recording lies."""
        return self.root / recording_id

    async def close(self) -> None:
        """Let go of all; what runs goes on after the next start."""
        if self._tasks:
            # What is ending may end: it takes no longer than the engine's answer.
            await asyncio.wait(list(self._tasks), timeout=_LAST_MOMENT_S)
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for live in self.list_live():
            with suppress(OSError):
                await live.journal.close()
        self._live.clear()
        self._pool.shutdown(wait=False, cancel_futures=True)

    # Beginning.

    async def begin(self, order: Order, by: Caller) -> RecordingRow:
        """Record a meeting from now on; everybody in it is told.

        Raises:
            AlreadyRecording: it is being recorded.
            DiskFull: the folder cannot be made.
            RecorderBusy: the engine does not take it now.
        """
        if order.meeting_id in self._live or order.meeting_id in self._starting:
            raise AlreadyRecording
        self._starting.add(order.meeting_id)
        try:
            now = self._clock.now()
            row = await self._insert(order, by, now)
            try:
                await self._prepare(row)
                live = await self._run(row, empty_since=now)
            except BaseException:
                await asyncio.shield(self._undo(row))
                raise
        finally:
            self._starting.discard(order.meeting_id)
        await self._note(live, "started", by.user_id)
        await self._tell(live, "recording")
        log.info("recording.started", recording_id=row.recording_id, meeting_id=row.meeting_id)
        return row

    async def resume(self, row: RecordingRow) -> None:
        """Go on with a recording that a restart interrupted.

        Raises:
            RecorderBusy, AlreadyRecording: the engine does not take it.
        """
        live = await self._run(row, empty_since=self._clock.now())
        live.people |= set(row.participants)
        await self._note(live, "resumed", None)
        await self._tell(live, "recording")
        log.info("recording.resumed", recording_id=row.recording_id, meeting_id=row.meeting_id)

    async def _insert(self, order: Order, by: Caller, now: datetime) -> RecordingRow:
        row = RecordingRow(
            recording_id=order.recording_id,
            meeting_id=order.meeting_id,
            room_id=order.room_id,
            user_id=by.user_id,
            username=by.username[:50],
            title=order.title,
            status="recording",
            quality=order.quality,
            format=order.format,
            start_time=now,
            end_time=None,
            duration=0.0,
            segments=0,
            raw_bytes=0,
            participants=list(order.participants),
            warning="",
            created_at=now,
            updated_at=now,
        )
        try:
            async with self._db.begin() as tx:
                tx.add(row)
                await tx.flush()
                await record(tx, _entry("recording.started", row, by), now=now)
        except IntegrityError as error:
            raise AlreadyRecording from error
        return row

    async def _prepare(self, row: RecordingRow) -> None:
        manifest: dict[str, JsonValue] = {
            "version": 1,
            "recording_id": row.recording_id,
            "meeting_id": row.meeting_id,
            "room_id": row.room_id,
            "title": row.title,
            "quality": row.quality,
            "format": row.format,
            "started_at": rfc3339(row.start_time),
        }
        folder = self.folder_of(row.recording_id)
        try:
            await asyncio.get_running_loop().run_in_executor(self._pool, prepare_folder, folder, manifest)
        except OSError as error:
            raise DiskFull(f"The recording cannot be written ({error.strerror}). {DiskFull.text}") from error

    async def _run(self, row: RecordingRow, *, empty_since: datetime) -> Live:
        folder = self.folder_of(row.recording_id)
        try:
            await self._engine.start_recording(room=row.room_id, recording=row.recording_id, folder=folder)
        except EngineError as error:
            if error.kind == "exists":
                raise AlreadyRecording from error
            if error.kind == "disk":
                raise DiskFull from error
            raise RecorderBusy(retry_after_s=1) from error
        live = Live(
            recording_id=row.recording_id,
            meeting_id=MeetingId(row.meeting_id),
            room_id=RoomId(row.room_id),
            user_id=UserId(row.user_id),
            username=row.username,
            started_at=row.start_time,
            folder=folder,
            journal=Journal(folder, self._pool),
            empty_since=empty_since,
        )
        self._live[live.meeting_id] = live
        return live

    async def _undo(self, row: RecordingRow) -> None:
        """Nothing was recorded, and nothing is left of the attempt but its line in the audit log."""
        self._live.pop(MeetingId(row.meeting_id), None)
        with suppress(EngineError):
            await self._engine.stop_recording(room=row.room_id, recording=row.recording_id)
        folder = self.folder_of(row.recording_id)
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
        async with self._db.begin() as tx:
            await store.remove(tx, row)

    async def _note(self, live: Live, action: str, by: UserId | None) -> None:
        self.write(live, "recording", action=action, by=by, text="")
        if self.on_begun is not None:
            await self.on_begun(live)

    # Going on.

    def write(self, live: Live, kind: str, **fields: "str | int | bool | None") -> None:
        """An event for the journal, at this moment."""
        live.journal.append(int(self._clock.now().timestamp() * 1_000_000), kind, **fields)

    async def warn(self, live: Live, text: str) -> None:
        """Tell the room that something is wrong with the recording; the same thing once."""
        if live.warning == text:
            return
        live.warning = text
        self.write(live, "recording", action="warning", by=None, text=text)
        async with self._db.begin() as tx:
            row = await store.find(tx, live.recording_id, lock=True)
            if row is not None:
                row.warning, row.updated_at = text, self._clock.now()
        await self._tell(live, "warning", text)

    async def calm(self, live: Live) -> None:
        """What was wrong is over. The row keeps its warning: something may be missing."""
        if live.warning:
            live.warning = ""
            await self._tell(live, "recording")

    # Ending.

    async def end(self, live: Live, *, cause: rules.EndCause, by: Caller | None = None) -> None:
        """Stop a recording; several who ask wait for the same end."""
        if live.ending is None:
            live.ending = asyncio.create_task(self._end(live, cause, by))
            self._tasks.add(live.ending)
            live.ending.add_done_callback(self._on_done)
        await asyncio.shield(live.ending)

    async def _end(self, live: Live, cause: rules.EndCause, by: Caller | None) -> None:
        try:
            is_sealed = await self._stop_engine(live)
            self.write(
                live, "recording", action="stopped", by=by.user_id if by else None, text=rules.WORDS[cause]
            )
            with suppress(OSError):
                await live.journal.close()
            await self._finishing.finish(
                live.recording_id,
                is_sealed=is_sealed,
                people=live.people,
                warning=rules.WORDS[cause],
                by=by,
                cause=cause,
            )
        except BaseException:
            # Whoever asks next tries again; the meeting counts as recorded until then.
            live.ending = None
            raise
        self._live.pop(live.meeting_id, None)
        await self._tell(live, "stopped", rules.WORDS[cause])
        log.info("recording.stopped", recording_id=live.recording_id, cause=cause)

    async def _stop_engine(self, live: Live) -> bool:
        try:
            await self._engine.stop_recording(room=live.room_id, recording=live.recording_id)
        except EngineError as error:
            if error.kind == "closed":
                raise
            log.warning("recording.stop_failed", recording_id=live.recording_id, kind=error.kind)
            # The engine does not know it, or does not answer: what is on the disk tells.
            return False
        return True

    def _on_done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("recording.end_failed", exc_info=task.exception())

    async def _tell(self, live: Live, state: "rules.RoomState", text: str = "") -> None:
        await self._bus.publish(
            RecordingNotice(
                meeting_id=live.meeting_id,
                recording_id=live.recording_id,
                state=state,
                started_at=live.started_at,
                by_user_id=live.user_id,
                by_username=live.username,
                text=text,
            )
        )


def _entry(action: str, row: RecordingRow, by: Caller | None) -> AuditEntry:
    return AuditEntry(
        action=action,
        actor_id=by.user_id if by else None,
        actor_name=by.username if by else "",
        target=f"recording:{row.recording_id}",
        meeting_id=row.meeting_id,
    )
