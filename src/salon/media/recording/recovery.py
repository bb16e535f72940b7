"""After a start: what a stop or a crash of the server left unfinished goes on or is finished."""

import asyncio
import shutil
from datetime import UTC, datetime
from pathlib import Path

import structlog

from salon.media.recording import store
from salon.media.recording.finishing import Finishing
from salon.media.recording.journal import MANIFEST
from salon.media.recording.recorder import Recorder
from salon.media.recording.store import RecordingRow
from salon.meeting.face import MeetingId, Meetings, MeetingStatus
from salon.platform.clock import Clock
from salon.platform.db import Database
from salon.platform.errors import SalonError
from salon.platform.ids import UserId

log = structlog.get_logger()


class Recovery:
    """Runs once, at the start of the one process that records."""

    def __init__(
        self,
        *,
        db: Database,
        clock: Clock,
        meetings: Meetings,
        recorder: Recorder,
        finishing: Finishing,
        workshop: Path,
    ) -> None:
        self._db = db
        self._clock = clock
        self._meetings = meetings
        self._recorder = recorder
        self._finishing = finishing
        self._workshop = workshop

    async def run(self) -> None:
        """Resume, seal, finish; report what belongs to nothing."""
        # Half-made files of the time before are made anew by their jobs.
        await asyncio.to_thread(shutil.rmtree, self._workshop, ignore_errors=True)
        async with self._db.read() as tx:
            rows = await store.list_by_status(tx, ("recording", "processing"))
        for row in rows:
            try:
                if row.status == "processing":
                    await self._finishing.restore_jobs(row)
                else:
                    await self._recover(row)
            except Exception:  # one recording that cannot be recovered must not stop the server from starting
                log.exception("recording.recovery_failed", recording_id=row.recording_id)
        for name in await self.list_orphans():
            log.warning("recording.orphan", folder=str(self._recorder.root / name))

    async def _recover(self, row: RecordingRow) -> None:
        if not (self._recorder.folder_of(row.recording_id) / MANIFEST).exists():
            await self._give_up(row)
            return
        if await self._goes_on(row):
            try:
                # If nobody comes back, the watch ends it like any other that runs in an empty room.
                await self._recorder.resume(row)
            except SalonError as error:
                log.warning("recording.not_resumed", recording_id=row.recording_id, kind=error.kind)
            else:
                return
        last = await asyncio.to_thread(_last_change, self._recorder.folder_of(row.recording_id))
        ended_at = (
            self._clock.now() if last is None else min(self._clock.now(), datetime.fromtimestamp(last, UTC))
        )
        await self._finishing.finish(
            row.recording_id,
            is_sealed=False,
            cause="meeting_ended",
            ended_at=max(row.start_time, ended_at),
        )
        log.info("recording.sealing", recording_id=row.recording_id)

    async def _goes_on(self, row: RecordingRow) -> bool:
        meeting_id = MeetingId(row.meeting_id)
        seats = await self._meetings.find_seats(user_id=UserId(row.user_id), meeting_ids=[meeting_id])
        seat = seats.get(meeting_id)
        if seat is None or not seat.allows.recording:
            return False
        return seat.meeting_status in (MeetingStatus.SCHEDULED, MeetingStatus.ACTIVE)

    async def _give_up(self, row: RecordingRow) -> None:
        async with self._db.begin() as tx:
            fresh = await store.find(tx, row.recording_id, lock=True)
            if fresh is not None:
                fresh.status, fresh.end_time = "failed", self._clock.now()
                fresh.updated_at = fresh.end_time
                fresh.warning = "The server went down before anything was recorded."
        log.warning("recording.lost", recording_id=row.recording_id)

    async def list_orphans(self) -> list[str]:
        """Folders that belong to no recording. They are never deleted: somebody may want them back."""
        names = await asyncio.to_thread(_list_folders, self._recorder.root)
        orphans: list[str] = []
        for start in range(0, len(names), 500):
            batch = names[start : start + 500]
            async with self._db.read() as tx:
                known = await store.list_known(tx, batch)
            orphans += [name for name in batch if name not in known]
        return orphans


def _list_folders(root: Path) -> list[str]:
    return sorted(entry.name for entry in root.iterdir() if entry.is_dir()) if root.exists() else []


def _last_change(folder: Path) -> float | None:
    """When anything was last written there, Unix time."""
    return max((file.stat().st_mtime for file in folder.rglob("*") if file.is_file()), default=None)
