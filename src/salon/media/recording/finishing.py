"""What becomes of a recording that has stopped: its row, and the files that are made of it."""

import asyncio
import shutil
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from uuid import uuid4

import structlog
from pydantic import JsonValue
from sqlalchemy.ext.asyncio import AsyncSession

from salon.media.recording import rules, store
from salon.media.recording.store import RecordingRow
from salon.media.recording.tools import JobRun, RecordingTools, RenderingFailed
from salon.platform.audit import AuditEntry, record
from salon.platform.auth import Caller
from salon.platform.clock import Clock
from salon.platform.db import Database
from salon.platform.jobs import RetryLater

log = structlog.get_logger()

SEAL = "recording.seal"
_TIMEOUT_S = 6 * 3600.0
"""For the longest recording on a slow machine."""

_TRIES = 3


def subject_of(recording_id: str) -> str:
    """What jobs call a recording."""
    return f"recording:{recording_id}"


def prefix_of(recording_id: str) -> str:
    """Where its files are kept."""
    return f"recordings/{recording_id}/"


class Finishing:
    """Ends rows, and does the jobs about recordings."""

    def __init__(
        self, *, db: Database, clock: Clock, tools: RecordingTools, root: Path, workshop: Path
    ) -> None:
        self._db = db
        self._clock = clock
        self._tools = tools
        self._root = root
        self._workshop = workshop
        """Where files grow until they are kept; emptied at each start."""
        self._locks: dict[str, dict[str, asyncio.Lock]] = {}

    def register(self) -> None:
        """Say which jobs are done here."""
        jobs = self._tools.jobs
        jobs.register(SEAL, self._do_seal, tries=_TRIES, timeout_s=_TIMEOUT_S)
        for kind in rules.KINDS:
            jobs.register(f"recording.{kind}", self._do_render, tries=_TRIES, timeout_s=_TIMEOUT_S)

    async def finish(
        self,
        recording_id: str,
        *,
        is_sealed: bool,
        people: Iterable[str] = (),
        warning: str = "",
        by: Caller | None = None,
        cause: rules.EndCause = "command",
        ended_at: datetime | None = None,
    ) -> None:
        """A recording has stopped: completed at once if all is sealed, else when its job has done that."""
        now = self._clock.now()
        # The engine counts since its own start; the folder knows of all the starts before.
        segments, size = await asyncio.to_thread(measure, self._root / recording_id)
        async with self._db.begin() as tx:
            row = await store.find(tx, recording_id, lock=True)
            if row is None or row.status != "recording":
                return
            row.end_time = ended_at or now
            row.duration = round(max(0.0, (row.end_time - row.start_time).total_seconds()), 3)
            row.participants = sorted({*row.participants, *people}, key=_numeric)
            row.warning = warning or row.warning
            row.updated_at = now
            if is_sealed:
                await self._complete(tx, row, segments=segments, size=size)
            else:
                row.status = "processing"
                await self._add(tx, row, SEAL, {})
            await record(
                tx,
                AuditEntry(
                    action="recording.stopped",
                    actor_id=by.user_id if by else None,
                    actor_name=by.username if by else "",
                    target=f"recording:{row.recording_id}",
                    meeting_id=row.meeting_id,
                    details={"cause": cause},
                ),
                now=now,
            )

    async def _complete(self, tx: AsyncSession, row: RecordingRow, *, segments: int, size: int) -> None:
        row.status, row.segments, row.raw_bytes = "completed", segments, size
        if segments:
            for kind in rules.KINDS:
                await self._add(tx, row, f"recording.{kind}", {"kind": kind})

    async def _add(self, tx: AsyncSession, row: RecordingRow, kind: str, more: dict[str, JsonValue]) -> None:
        await self._tools.jobs.add(
            tx,
            kind=kind,
            subject=subject_of(row.recording_id),
            payload={"recording_id": row.recording_id, **more},
        )

    async def restore_jobs(self, row: RecordingRow) -> None:
        """A recording that was being sealed when the server went down is sealed again."""
        subject = subject_of(row.recording_id)
        known = (await self._tools.jobs.list_of([subject])).get(subject, [])
        if any(job.kind == SEAL and job.status in ("pending", "processing") for job in known):
            return
        async with self._db.begin() as tx:
            await self._add(tx, row, SEAL, {})

    # The jobs. Each is safe to run twice.

    async def _do_seal(self, run: JobRun) -> dict[str, JsonValue]:
        recording_id = str(run.payload["recording_id"])
        folder = self._root / recording_id
        try:
            result = await self._tools.renderer.run("seal", folder, folder)
        except RenderingFailed as error:
            await self._fail(recording_id, str(error))
            raise
        except OSError as error:
            raise RetryLater(str(error)) from error
        segments, size = (0, 0) if result.get("empty") is True else await asyncio.to_thread(measure, folder)
        now = self._clock.now()
        async with self._db.begin() as tx:
            row = await store.find(tx, recording_id, lock=True)
            if row is not None and row.status == "processing":
                await self._complete(tx, row, segments=segments, size=size)
                row.updated_at = now
        return result

    async def _fail(self, recording_id: str, why: str) -> None:
        async with self._db.begin() as tx:
            row = await store.find(tx, recording_id, lock=True)
            if row is not None and row.status == "processing":
                row.status, row.updated_at = "failed", self._clock.now()
                row.warning = f"The recording's files cannot be read: {why}"[:500]

    async def _do_render(self, run: JobRun) -> dict[str, JsonValue]:
        recording_id, kind = str(run.payload["recording_id"]), _kind_of(run.payload)
        kept = await self.ensure(recording_id, kind, run=run)
        return {} if kept is None else {"name": kept.name, "bytes": kept.bytes}

    async def ensure(
        self, recording_id: str, kind: str, *, run: JobRun | None = None
    ) -> store.RenditionRow | None:
        """A file of a recording, made now if it is not kept yet. None: the recording is gone.

        Args:
            kind: one of `rules.KINDS`, or ``track:<its name>``.

        Raises:
            RenderingFailed: it cannot be made.
            OSError: not now; within a job, its own exception for that.
        """
        async with self._lock_of(recording_id, kind):
            async with self._db.read() as tx:
                row = await store.find(tx, recording_id)
                found = [] if row is None else (await store.list_renditions(tx, [row]))[row.id]
            if row is None:
                return None
            kept = next((one for one in found if one.kind == kind), None)
            if kept is not None and await self._tools.blobs.size(kept.name) == kept.bytes:
                return kept
            try:
                return await self._make(row, kind, run)
            except OSError as error:
                if run is None:
                    raise
                raise RetryLater(f"{kind}: {error}") from error

    async def _make(self, row: RecordingRow, kind: str, run: JobRun | None) -> store.RenditionRow | None:
        place = self._workshop / str(uuid4())
        try:
            await asyncio.to_thread(empty_folder, place)
            out = place / rules.output_name(kind, row.format)
            command, options = rules.command_of(kind, quality=row.quality, container=row.format)
            result = await self._tools.renderer.run(
                command,
                self._root / row.recording_id,
                out,
                options=options,
                on_progress=None if run is None else run.progress,
            )
            container = result.get("container")
            name = prefix_of(row.recording_id) + rules.blob_name(out.name, container)
            size = (await asyncio.to_thread(out.stat)).st_size
            await self._tools.blobs.put_file(name, out)
            if await self._tools.blobs.size(name) != size:
                raise OSError(f"{name} was not kept whole")
        finally:
            await asyncio.to_thread(remove_folder, place)
        said = result.get("content_type")
        media_type = said if isinstance(said, str) and len(said) <= 64 else rules.media_type_of(name)
        async with self._db.begin() as tx:
            fresh = await store.find(tx, row.recording_id, lock=True)
            if fresh is not None:
                return await store.keep_rendition(
                    tx,
                    fresh,
                    kind=kind,
                    name=name,
                    media_type=media_type,
                    size=size,
                    now=self._clock.now(),
                )
        # Deleted meanwhile: what was made of it must not outlive it.
        await self._tools.blobs.remove_prefix(prefix_of(row.recording_id))
        return None

    def _lock_of(self, recording_id: str, kind: str) -> asyncio.Lock:
        # Forgotten with the recording; until then some small objects each.
        return self._locks.setdefault(recording_id, {}).setdefault(kind, asyncio.Lock())

    def forget(self, recording_id: str) -> None:
        """The recording is gone."""
        self._locks.pop(recording_id, None)


def _kind_of(payload: dict[str, JsonValue]) -> rules.Kind:
    for kind in rules.KINDS:
        if payload.get("kind") == kind:
            return kind
    raise RenderingFailed(f"a job without a known kind: {payload.get('kind')!r}")


def _numeric(text: str) -> tuple[int, str]:
    return (int(text), "") if text.isdecimal() else (0, text)


def measure(folder: Path) -> tuple[int, int]:
    """Segments on the disk, and their bytes together."""
    sizes = [file.stat().st_size for file in folder.glob("tracks/*/*.mkv")]
    return len(sizes), sum(sizes)


def empty_folder(folder: Path) -> None:
    """A fresh folder for one piece of work."""
    remove_folder(folder)
    folder.mkdir(mode=0o700, parents=True)


def remove_folder(folder: Path) -> None:
    """Take a folder away, if it is there."""
    shutil.rmtree(folder, ignore_errors=True)
