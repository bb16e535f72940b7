"""What a job is, for whoever asks for one and for whoever does it."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NewType, cast

from pydantic import JsonValue

from salon.platform.jobs_store import JobRow

JobId = NewType("JobId", str)
JobStatus = Literal["pending", "processing", "completed", "failed"]

_MAX_NOTE = 200


class RetryLater(Exception):
    """Raised by a handler: a passing fault, such as a full disk. Tried again for as long as it takes."""


class JobFailed(Exception):
    """Raised by a handler: trying again cannot help. The text is shown to whoever asked for the job."""


@dataclass(frozen=True, slots=True)
class Job:
    """How a job stands."""

    job_id: JobId
    kind: str
    subject: str
    payload: dict[str, JsonValue]
    status: JobStatus
    progress: float
    """Percent."""
    note: str
    error: str
    """Why it failed, or why it is tried again; empty if all is well."""
    result: dict[str, JsonValue] | None
    attempt: int
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class Pace:
    """How quick things go, in seconds. Tests hurry; a machine need not."""

    poll_s: float = 1.0
    """How often jobs of other processes, and those whose time comes, are looked for."""
    lease_s: float = 15.0
    """How long after its death a process' jobs are taken over. A heartbeat is a fifth of it."""
    retry_first_s: float = 1.0
    """The first pause after a failure; each one is twice as long, up to a minute."""


class JobRun:
    """A job at work, as its handler sees it."""

    def __init__(self, row: JobRow, note: Callable[[str, float, str], Awaitable[None]]) -> None:
        self.job_id = JobId(row.job_id)
        self.kind = row.kind
        self.subject = row.subject
        self.payload = row.payload
        self.attempt = row.attempt
        self.lease = row.lease
        self._note = note
        self._said_at = float("-inf")
        self._said = ""

    async def progress(self, percent: float, note: str = "") -> None:
        """Say how far it is. Called as often as one likes: at most once a second is written down."""
        note = note[:_MAX_NOTE]
        now = asyncio.get_running_loop().time()
        if now - self._said_at < 1 and note == self._said:
            return
        self._said_at, self._said = now, note
        await self._note(self.lease, max(0.0, min(percent, 100.0)), note)


Handler = Callable[[JobRun], Awaitable[dict[str, JsonValue]]]


def job_of(row: JobRow) -> Job:
    """The job of a row."""
    return Job(
        job_id=JobId(row.job_id),
        kind=row.kind,
        subject=row.subject,
        payload=row.payload,
        status=cast(JobStatus, row.status),
        progress=row.progress,
        note=row.note,
        error=row.error,
        result=row.result,
        attempt=row.attempt,
        created_at=row.created_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
    )
