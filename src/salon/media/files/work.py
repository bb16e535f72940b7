"""The durable work on files: thumbnails, conversions, and the removal of bytes."""

import asyncio
import hashlib
import shutil
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path, PurePosixPath
from typing import Any

from pydantic import JsonValue

from salon.media.files import store
from salon.media.files.probe import MEMORY, Figures, probe
from salon.media.files.recipes import Recipe, recipe_for, thumbnail_command
from salon.media.files.schema import JobParameters
from salon.media.files.service import blob_of, subject_of, thumbnail_of
from salon.media.files.store import FileRow
from salon.platform.blobs import Blobs
from salon.platform.clock import Clock
from salon.platform.db import Database
from salon.platform.errors import UnsupportedType
from salon.platform.jobs import JobFailed, JobRun, Jobs, RetryLater
from salon.platform.sandbox import ProgramFailed, run_limited

_DISK_FLOOR = 512 * 1024 * 1024


class FileWork:
    """Handlers of jobs. Each is safe to run twice: what it makes has a name that follows from the job's."""

    def __init__(
        self, *, db: Database, clock: Clock, blobs: Blobs, jobs: Jobs, folder: Path, limit_s: int
    ) -> None:
        self._db = db
        self._clock = clock
        self._blobs = blobs
        self._jobs = jobs
        self._folder = folder
        self._limit_s = limit_s

    def clear(self) -> None:
        """Throw away what a killed process left."""
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir(mode=0o700, parents=True)

    async def thumbnail(self, run: JobRun) -> dict[str, JsonValue]:
        """Make a JPEG of one frame."""
        row, parameters = await self._asked(run)
        async with self._place(run, row) as folder:
            source, out = folder / "in", folder / "out.jpg"
            await self._blobs.fetch(blob_of(row.file_id), source)
            command = thumbnail_command(
                source,
                out,
                Figures(duration=row.duration),
                at=parameters.timestamp,
                width=parameters.width,
                height=parameters.height,
            )
            await self._run(command, folder, run, row.duration)
            if not out.exists():
                raise JobFailed("There is no picture at this moment of the video.")
            await self._blobs.put_file(thumbnail_of(row.file_id), out)
        await self._settle(row.file_id, run, has_thumbnail=True)
        return {"thumbnail": row.file_id}

    async def process(self, run: JobRun) -> dict[str, JsonValue]:
        """Make another file of one."""
        row, parameters = await self._asked(run)
        recipe = recipe_for(str(run.payload["operation"]), parameters)
        made_id = str(uuid.uuid5(uuid.UUID(run.job_id), "result"))
        async with self._place(run, row) as folder:
            source, out = folder / "in", folder / f"out.{recipe.extension}"
            await self._blobs.fetch(blob_of(row.file_id), source)
            await self._run(recipe.command(source, out), folder, run, row.duration)
            try:
                figures = await probe(out)
            except UnsupportedType as fault:
                raise JobFailed("Nothing came of it: the file has no such sound or video.") from fault
            size = (await asyncio.to_thread(out.stat)).st_size
            digest = await asyncio.to_thread(_digest, out)
            await self._blobs.put_file(blob_of(made_id), out)
        operation = str(run.payload["operation"])
        made = self._made(
            row, made_id=made_id, recipe=recipe, figures=figures, size=size, operation=operation
        )
        made.sha256 = digest
        async with self._db.begin() as tx:
            if await store.find(tx, row.file_id, lock=True) is None:
                raise JobFailed("The file was removed.")
            if await store.find(tx, made_id) is None:
                tx.add(made)
        await self._settle(row.file_id, run)
        return {"file_id": made_id}

    async def remove(self, run: JobRun) -> dict[str, JsonValue]:
        """Remove the bytes of files that are gone."""
        prefixes = run.payload["prefixes"]
        for prefix in prefixes if isinstance(prefixes, list) else []:
            await self._blobs.remove_prefix(str(prefix))
        return {}

    async def _asked(self, run: JobRun) -> tuple[FileRow, JobParameters]:
        async with self._db.read() as tx:
            row = await store.find(tx, str(run.payload["file_id"]))
        if row is None:
            raise JobFailed("The file was removed.")
        return row, JobParameters.model_validate(run.payload["parameters"])

    @asynccontextmanager
    async def _place(self, run: JobRun, row: FileRow) -> AsyncIterator[Path]:
        """A folder of the job's own; what goes wrong in it is the file's state too."""
        folder = self._folder / run.lease
        free = (await asyncio.to_thread(shutil.disk_usage, self._folder)).free
        if free < _DISK_FLOOR + 3 * row.file_size:
            raise RetryLater("The server's disk is nearly full.")
        await asyncio.to_thread(folder.mkdir)
        try:
            yield folder
        except JobFailed:
            await self._settle(row.file_id, run, is_broken=True)
            raise
        except FileNotFoundError as fault:
            raise JobFailed("The file's bytes are not there any more.") from fault
        finally:
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)

    async def _run(self, command: list[str], folder: Path, run: JobRun, duration: float) -> None:
        async def on_line(line: str) -> None:
            name, _, value = line.partition("=")
            if name == "out_time_us" and value.lstrip("-").isdecimal() and duration > 0:
                await run.progress(min(99.0, max(0, int(value)) / 1e4 / duration))

        try:
            await run_limited(
                command,
                cpu_s=self._limit_s * 2,
                memory_bytes=MEMORY,
                wall_s=self._limit_s,
                cwd=folder,
                on_line=on_line,
            )
        except ProgramFailed as fault:
            if fault.reason == "time":
                raise JobFailed("It took too long.") from fault
            raise JobFailed("The file cannot be converted: it is damaged, or not what it says.") from fault

    async def _settle(
        self, file_id: str, run: JobRun, *, has_thumbnail: bool = False, is_broken: bool = False
    ) -> None:
        """The state of a file: processed, unless something else is being made of it or this went wrong."""
        jobs = (await self._jobs.list_of([subject_of(file_id)]))[subject_of(file_id)]
        is_busy = any(job.status in ("pending", "processing") and job.job_id != run.job_id for job in jobs)
        async with self._db.begin() as tx:
            row = await store.find(tx, file_id, lock=True)
            if row is None:
                return
            row.has_thumbnail = row.has_thumbnail or has_thumbnail
            row.status = "processing" if is_busy else "error" if is_broken else "processed"
            row.updated_at = self._clock.now()

    def _made(
        self, row: FileRow, *, made_id: str, recipe: Recipe, figures: Figures, size: int, operation: str
    ) -> FileRow:
        now = self._clock.now()
        name = f"{PurePosixPath(row.original_name).stem}.{recipe.extension}"
        measured: dict[str, Any] = {
            key: getattr(figures, key)
            for key in ("duration", "width", "height", "bitrate", "frame_rate", "codec")
        }
        return FileRow(
            file_id=made_id,
            file_name=f"{made_id}.{recipe.extension}",
            original_name=name[-255:],
            file_type=recipe.file_type,
            mime_type=recipe.mime_type,
            file_size=size,
            status="processed",
            has_thumbnail=False,
            user_id=row.user_id,
            meeting_id=row.meeting_id,
            source_id=row.file_id,
            info={**row.info, "properties": {"source": row.file_id, "operation": operation}},
            created_at=now,
            updated_at=now,
            **measured,
        )


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
