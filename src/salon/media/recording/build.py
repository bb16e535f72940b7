"""Puts recording together from what it stands on."""

import asyncio
import shutil
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

import structlog
from fastapi import APIRouter

from salon.media.engine import MediaEngine
from salon.media.recording.finishing import Finishing
from salon.media.recording.recorder import Recorder
from salon.media.recording.recovery import Recovery
from salon.media.recording.renderer import CommandRenderer
from salon.media.recording.router import build_meeting_router, build_router
from salon.media.recording.rules import Limits
from salon.media.recording.service import RecordingService
from salon.media.recording.tools import RecordingTools
from salon.media.recording.watch import Watch
from salon.media.rendering.log import read_log
from salon.meeting.face import Meetings
from salon.platform.blobs import Blobs
from salon.platform.bus import Bus
from salon.platform.clock import Clock
from salon.platform.db import Database
from salon.platform.jobs import Jobs
from salon.settings import RecordingSettings, Settings
from salon.signaling.face import Signaling
from salon.user.face import Users

log = structlog.get_logger()

SWEEP_EVERY = timedelta(days=1)


@dataclass(slots=True)
class RecordingParts:
    """What the composition uses: it starts and closes the parts, and includes the routers."""

    service: RecordingService
    recorder: Recorder
    watch: Watch
    recovery: Recovery
    finishing: Finishing
    routers: tuple[APIRouter, ...]
    sweeper: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Recover, and begin to serve. Jobs are started by their owner, afterwards."""
        self.recorder.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.finishing.register()
        self.watch.start()
        await self.recovery.run()
        self.sweeper = asyncio.create_task(self._sweep())

    async def close(self) -> None:
        """Stop; what is recorded goes on after the next start."""
        if self.sweeper is not None:
            self.sweeper.cancel()
            with suppress(asyncio.CancelledError):
                await self.sweeper
        await self.watch.close()
        await self.recorder.close()

    async def _sweep(self) -> None:
        while True:
            try:
                count = await self.service.sweep()
                if count:
                    log.info("recording.swept", count=count)
            except Exception:  # a supervisor: the next day comes whatever happened on this one
                log.exception("recording.sweep_failed")
            await asyncio.sleep(SWEEP_EVERY.total_seconds())


def limits_of(settings: RecordingSettings) -> Limits:
    """The settings as the rules want them."""
    return Limits(
        longest=timedelta(minutes=settings.max_minutes),
        disk_floor_bytes=settings.disk_floor_mb * 2**20,
        quota_bytes=settings.quota_mb * 2**20,
        retention=timedelta(days=settings.retention_days) if settings.retention_days else None,
    )


def real_tools(*, engine: MediaEngine, jobs: Jobs, blobs: Blobs) -> RecordingTools:
    """What recordings stand on where nobody asked for anything else."""
    return RecordingTools(
        engine=engine,
        jobs=jobs,
        blobs=blobs,
        renderer=CommandRenderer(),
        read_log=read_log,
        free_space=lambda folder: shutil.disk_usage(folder).free,
    )


def build(
    *,
    settings: Settings,
    tools: RecordingTools,
    db: Database,
    bus: Bus,
    clock: Clock,
    users: Users,
    meetings: Meetings,
    signaling: Signaling,
) -> RecordingParts:
    """Build the service over its tools."""
    limits = limits_of(settings.recording)
    data = settings.data_dir.absolute()
    root, workshop = data / "recordings", data / "workshop" / "recordings"
    finishing = Finishing(db=db, clock=clock, tools=tools, root=root, workshop=workshop)
    recorder = Recorder(db=db, bus=bus, clock=clock, tools=tools, finishing=finishing, root=root)
    watch = Watch(
        recorder=recorder,
        limits=limits,
        free_space=tools.free_space,
        meetings=meetings,
        signaling=signaling,
        users=users,
        db=db,
        bus=bus,
        clock=clock,
    )
    recovery = Recovery(
        db=db, clock=clock, meetings=meetings, recorder=recorder, finishing=finishing, workshop=workshop
    )
    service = RecordingService(
        db=db,
        clock=clock,
        meetings=meetings,
        recorder=recorder,
        finishing=finishing,
        tools=tools,
        limits=limits,
    )
    routers = (build_router(service), build_meeting_router(service))
    return RecordingParts(service, recorder, watch, recovery, finishing, routers)
