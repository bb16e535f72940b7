"""Puts files together from what they stand on."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta

import structlog
from fastapi import APIRouter

from salon.media.files.receive import Staging
from salon.media.files.router import build_router
from salon.media.files.service import PROCESS, REMOVE, THUMBNAIL, FileService, Limits
from salon.media.files.tus import Uploads, build_tus_router
from salon.media.files.work import FileWork
from salon.meeting.face import Meetings
from salon.platform.blobs import Blobs
from salon.platform.clock import Clock
from salon.platform.db import Database
from salon.platform.jobs import Jobs
from salon.platform.quotas import Quotas
from salon.settings import Settings

log = structlog.get_logger()

_MB = 1024 * 1024
_SWEEP_EVERY_S = 600.0
_KEEP_JOBS = timedelta(hours=24)


@dataclass(slots=True)
class FileParts:
    """What the composition uses: started and closed, its router included."""

    service: FileService
    router: APIRouter
    tus_router: APIRouter
    _staging: Staging
    _uploads: Uploads
    _work: FileWork
    _sweeper: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Clear away what a killed process left, and look for what is too old; before the jobs start."""
        self._staging.clear()
        self._uploads.start()
        self._work.clear()
        self._sweeper = asyncio.create_task(self._sweep())

    async def close(self) -> None:
        """Stop looking; safe to call twice."""
        if self._sweeper is not None:
            self._sweeper.cancel()
            await asyncio.gather(self._sweeper, return_exceptions=True)

    async def _sweep(self) -> None:
        while True:
            try:
                await self.service.sweep()
                await self._uploads.sweep()
            except Exception:  # a supervisor: the next round comes whatever happened in this one
                log.exception("files.sweep_failed")
            await asyncio.sleep(_SWEEP_EVERY_S)


def build(
    *,
    settings: Settings,
    db: Database,
    clock: Clock,
    blobs: Blobs,
    jobs: Jobs,
    quotas: Quotas,
    meetings: Meetings,
) -> FileParts:
    """Build the service, and register what it does in the background."""
    media = settings.media
    keep = timedelta(days=media.keep_days) if media.keep_days else None
    service = FileService(
        db=db,
        clock=clock,
        blobs=blobs,
        jobs=jobs,
        quotas=quotas,
        meetings=meetings,
        limits=Limits(user_quota=media.user_quota_mb * _MB, keep=keep),
    )
    staging = Staging(
        settings.data_dir / "incoming", max_bytes=media.max_file_mb * _MB, idle_s=media.upload_idle_s
    )
    limit_s = media.job_minutes * 60
    work = FileWork(
        db=db, clock=clock, blobs=blobs, jobs=jobs, folder=settings.data_dir / "work", limit_s=limit_s
    )
    # The limit of the program comes first; this one is for a store that stands still.
    timeout_s = limit_s + 600
    jobs.register(THUMBNAIL, work.thumbnail, at_once=5, timeout_s=timeout_s, keep=_KEEP_JOBS)
    jobs.register(PROCESS, work.process, at_once=media.jobs_at_once, timeout_s=timeout_s, keep=_KEEP_JOBS)
    jobs.register(REMOVE, work.remove, tries=20, timeout_s=600, keep=_KEEP_JOBS)
    uploads = Uploads(folder=settings.data_dir / "uploads", staging=staging, service=service, clock=clock)
    return FileParts(
        service,
        build_router(service, staging, blobs),
        build_tus_router(uploads, staging),
        staging,
        uploads,
        work,
    )
