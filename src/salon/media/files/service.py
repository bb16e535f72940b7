"""Files: who may put, see, change and remove them."""

import asyncio
import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import structlog
from pydantic import JsonValue
from sqlalchemy.ext.asyncio import AsyncSession

from salon.media.files import kinds, store
from salon.media.files.probe import Figures, probe
from salon.media.files.recipes import OPERATIONS, recipe_for
from salon.media.files.schema import JobParameters
from salon.media.files.store import FileRow, Wanted
from salon.meeting.face import MeetingId, Meetings, ParticipantStatus, Seat
from salon.platform.auth import Caller
from salon.platform.blobs import Blobs
from salon.platform.clock import Clock
from salon.platform.db import Database
from salon.platform.errors import BadRequest, NotAllowed, NotFound, TooLarge
from salon.platform.jobs import Job, JobId, Jobs
from salon.platform.quotas import Quota, Quotas

log = structlog.get_logger()

THUMBNAIL, PROCESS, REMOVE = "media.thumbnail", "media.process", "media.remove"


class FileNotFound(NotFound):
    """There is none, or not for this caller."""

    kind = "file_not_found"
    text = "There is no such file."


class JobNotFound(NotFound):
    """There is none, or not for this caller."""

    kind = "job_not_found"
    text = "There is no such job."


@dataclass(frozen=True, slots=True)
class Limits:
    """What the settings say."""

    user_quota: int
    """Bytes of one user's files."""
    keep: timedelta | None
    """None: forever."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A file that has come in whole."""

    path: Path
    name: str
    size: int
    meeting_id: int | None
    """Shared with this meeting."""
    title: str = ""
    description: str = ""


class FileService:
    """The one door to files."""

    def __init__(
        self,
        *,
        db: Database,
        clock: Clock,
        blobs: Blobs,
        jobs: Jobs,
        quotas: Quotas,
        meetings: Meetings,
        limits: Limits,
    ) -> None:
        self._db = db
        self._clock = clock
        self._blobs = blobs
        self._jobs = jobs
        self._quotas = quotas
        self._meetings = meetings
        self._limits = limits

    async def admit(self, caller: Caller, *, meeting_id: int | None, size: int = 0) -> None:
        """Check that the caller may upload, before anything is read.

        Raises:
            NotFound: not a meeting of the caller's.
            TooLarge: the caller's files take too much already.
            TooManyRequests: too many uploads.
        """
        await self._quotas.take(Quota.FILE, str(caller.user_id))
        await self.require_member(caller, meeting_id)
        async with self._db.read() as tx:
            await self._require_room(tx, caller, size)

    async def keep(self, caller: Caller, arrival: Arrival) -> FileRow:
        """Make a file of what has come in.

        Raises:
            BadRequest, UnsupportedType, TooLarge: see `kinds.judge` and `probe`; or the quota is used up.
            NotFound: not a meeting of the caller's.
            BlobsUnavailable: nothing is kept.
        """
        await self.require_member(caller, arrival.meeting_id)
        name = kinds.clean_name(arrival.name)
        kind = await asyncio.to_thread(kinds.judge, arrival.path, name)
        figures = (
            await probe(arrival.path) if kind.is_timed else Figures(width=kind.width, height=kind.height)
        )
        if kind.is_timed and not figures.has_video:
            kind = kinds.Kind("audio", kind.mime_type.replace("video/", "audio/"))
        digest = await asyncio.to_thread(_digest, arrival.path)
        row = self._row(arrival, name, kind, figures, digest, owner=caller.user_id)
        await self._blobs.put_file(blob_of(row.file_id), arrival.path)
        try:
            async with self._db.begin() as tx:
                await self._require_room(tx, caller, arrival.size)
                tx.add(row)
        except BaseException:
            await self._blobs.remove(blob_of(row.file_id))
            raise
        return row

    def _row(
        self, arrival: Arrival, name: str, kind: kinds.Kind, figures: Figures, digest: str, *, owner: int
    ) -> FileRow:
        file_id, extension = str(uuid.uuid4()), kinds.extension_of(name)
        now = self._clock.now()
        return FileRow(
            file_id=file_id,
            file_name=f"{file_id}.{extension}" if extension else file_id,
            original_name=name,
            file_type=kind.file_type,
            mime_type=kind.mime_type,
            file_size=arrival.size,
            sha256=digest,
            duration=figures.duration,
            width=figures.width,
            height=figures.height,
            bitrate=figures.bitrate,
            frame_rate=figures.frame_rate,
            codec=figures.codec,
            status="uploaded",
            has_thumbnail=False,
            user_id=owner,
            meeting_id=arrival.meeting_id,
            info={"title": arrival.title[:255], "description": arrival.description[:500]},
            created_at=now,
            updated_at=now,
        )

    async def _require_room(self, tx: AsyncSession, caller: Caller, size: int) -> None:
        if await store.sum_of(tx, caller.user_id) + size > self._limits.user_quota:
            raise TooLarge(
                f"Your files may take {self._limits.user_quota // 1024 // 1024} MB altogether. "
                "Remove some, then try again."
            )

    async def get(self, caller: Caller, file_id: str) -> FileRow:
        """A file, for its owner and the members of its meeting.

        Raises:
            FileNotFound: none, or not for the caller.
        """
        async with self._db.read() as tx:
            row = await store.find(tx, file_id)
        if row is None or not await self._may_see(caller, row):
            raise FileNotFound
        return row

    async def page(
        self, caller: Caller, wanted: Wanted, *, offset: int, limit: int
    ) -> tuple[Sequence[FileRow], int]:
        """Files that the caller may see: the own ones, or those of a meeting that is asked for."""
        meetings: list[int] = []
        if wanted.meeting_id is not None and await self._is_member(caller, wanted.meeting_id):
            meetings = [wanted.meeting_id]
        async with self._db.read() as tx:
            return await store.page(
                tx, wanted, viewer=caller.user_id, meetings=meetings, offset=offset, limit=limit
            )

    async def process(self, caller: Caller, file_id: str, operation: str, parameters: JobParameters) -> JobId:
        """Ask for something to be made of a file.

        Raises:
            BadRequest: not offered, or not for this kind of file.
            FileNotFound, NotAllowed: not the caller's.
            TooManyRequests: too many.
        """
        row = await self.get(caller, file_id)
        if row.user_id != caller.user_id:
            raise NotAllowed("Only the owner of a file can have something made of it.")
        if operation not in OPERATIONS:
            raise BadRequest(f"`operation` should be one of {', '.join(OPERATIONS)}.")
        if row.file_type != "video" and not (row.file_type == "audio" and operation == "transcode"):
            raise BadRequest("This is possible with a video only.")
        if operation != "thumbnail":
            if row.file_type == "audio" and parameters.format in ("", "mp4", "webm", "mkv"):
                raise BadRequest(
                    "Sound can become `mp3`, `m4a`, `ogg`, `wav` or `flac`: name one as `format`."
                )
            recipe_for(operation, parameters)
        await self._quotas.take(Quota.FILE, str(caller.user_id))
        payload: dict[str, JsonValue] = {
            "file_id": file_id,
            "operation": operation,
            "parameters": parameters.model_dump(mode="json"),
        }
        async with self._db.begin() as tx:
            found = await store.find(tx, file_id, lock=True)
            if found is None:
                raise FileNotFound
            found.status, found.updated_at = "processing", self._clock.now()
            kind = THUMBNAIL if operation == "thumbnail" else PROCESS
            return await self._jobs.add(tx, kind=kind, subject=subject_of(file_id), payload=payload)

    async def get_job(self, caller: Caller, job_id: str) -> tuple[Job, FileRow]:
        """How the making of something stands, for whoever may see the file.

        Raises:
            JobNotFound: none, or not for the caller.
        """
        job = await self._jobs.find(JobId(job_id))
        if job is None or job.kind not in (THUMBNAIL, PROCESS):
            raise JobNotFound
        try:
            return job, await self.get(caller, str(job.payload["file_id"]))
        except FileNotFound:
            raise JobNotFound from None

    async def remove(self, caller: Caller, file_id: str) -> None:
        """Remove a file and everything that was made of it.

        Raises:
            FileNotFound: none, or not for the caller.
            NotAllowed: neither its owner nor a moderator of its meeting.
        """
        row = await self.get(caller, file_id)
        if row.user_id != caller.user_id and not await self._may_moderate(caller, row):
            raise NotAllowed("Only the owner of a file, or a host of its meeting, can remove it.")
        await self._erase(file_id)

    async def _erase(self, file_id: str) -> None:
        """The rows at once; the bytes by a job, which waits for a store that is away."""
        async with self._db.begin() as tx:
            gone = [file_id]
            for one in gone:
                gone += [made.file_id for made in await store.list_made_of(tx, one)]
            await store.remove(tx, gone)
            await self._jobs.add(
                tx, kind=REMOVE, subject="media", payload={"prefixes": [prefix_of(one) for one in gone]}
            )
        for one in gone:
            await self._jobs.forget(subject_of(one))

    async def sweep(self) -> None:
        """Remove the files whose time is over."""
        if self._limits.keep is None:
            return
        async with self._db.read() as tx:
            old = await store.list_old(tx, self._clock.now() - self._limits.keep, limit=500)
        for file_id in old:
            await self._erase(file_id)

    # Rights

    async def _seat(self, caller: Caller, meeting_id: int) -> Seat | None:
        key = MeetingId(meeting_id)
        seats = await self._meetings.find_seats(user_id=caller.user_id, meeting_ids=[key])
        seat = seats.get(key)
        if seat is None or seat.status is ParticipantStatus.REJECTED or seat.needs_approval:
            return None
        return seat

    async def _is_member(self, caller: Caller, meeting_id: int) -> bool:
        return await self._seat(caller, meeting_id) is not None

    async def _may_see(self, caller: Caller, row: FileRow) -> bool:
        if row.user_id == caller.user_id:
            return True
        return row.meeting_id is not None and await self._is_member(caller, row.meeting_id)

    async def _may_moderate(self, caller: Caller, row: FileRow) -> bool:
        seat = await self._seat(caller, row.meeting_id) if row.meeting_id is not None else None
        return seat is not None and seat.is_moderator

    async def require_member(self, caller: Caller, meeting_id: int | None) -> None:
        """Refuse a meeting that is not the caller's.

        Raises:
            NotFound: there is none for this caller.
        """
        if meeting_id is not None and not await self._is_member(caller, meeting_id):
            raise NotFound("There is no such meeting.")


def prefix_of(file_id: str) -> str:
    """What the names of all blobs of a file begin with."""
    return f"files/{file_id}/"


def blob_of(file_id: str) -> str:
    """The blob of a file's own bytes."""
    return f"{prefix_of(file_id)}data"


def thumbnail_of(file_id: str) -> str:
    """The blob of its thumbnail."""
    return f"{prefix_of(file_id)}thumbnail.jpg"


def subject_of(file_id: str) -> str:
    """What the jobs of a file are about."""
    return f"file:{file_id}"


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
