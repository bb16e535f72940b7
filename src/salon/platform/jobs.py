"""Durable work: what was asked for is done, whatever happens to the process that was asked.

A job is a row. Whoever takes it holds a lease and renews it; when the lease runs out, because the process was
killed, another one takes it. So every job is done at least once, and its handler has to be safe to run twice.
"""

import asyncio
import random
import uuid
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Literal

import structlog
from pydantic import JsonValue
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncSession

from salon.platform import jobs_store as store
from salon.platform.clock import Clock
from salon.platform.db import Database
from salon.platform.errors import Conflict, NotFound, SalonError, Unavailable
from salon.platform.jobs_model import Handler, Job, JobFailed, JobId, JobRun, Pace, RetryLater, job_of
from salon.platform.jobs_store import JobAfterRow, JobRow

log = structlog.get_logger()

__all__ = ["CANCELLED", "NOT_BEFORE", "Job", "JobFailed", "JobId", "JobRun", "Jobs", "Pace", "RetryLater"]

CANCELLED = "It was cancelled."
NOT_BEFORE = "A step that had to come first failed."
_MAX_WAIT_S = 60.0
_ELSEWHERE_S = 10.0
_SWEEP_EVERY_S = 3600.0
_MAX_ERROR = 2000


@dataclass(frozen=True, slots=True)
class _Kind:
    handler: Handler
    at_once: int
    tries: int
    timeout_s: float
    keep: timedelta


@dataclass(slots=True)
class _Running:
    run: JobRun
    handler: asyncio.Task[dict[str, JsonValue]]
    work: asyncio.Task[None]
    """The handler, and then the writing down of what became of it."""
    ending: Literal["", "cancelled", "lost", "closing"] = ""

    @property
    def is_current(self) -> bool:
        """Whether it is this job that asks."""
        return asyncio.current_task() is self.handler

    def end(self, why: Literal["cancelled", "lost", "closing"]) -> None:
        """Stop the handler, which gets a `CancelledError`; what it has done is still written down."""
        if not self.ending:
            self.ending = why
            self.handler.cancel()


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What became of one run."""

    kind: Literal["completed", "failed", "again", "later", "released", "lost"]
    text: str = ""
    result: dict[str, JsonValue] = field(default_factory=dict)


_ENDINGS = {
    "cancelled": _Outcome("failed", CANCELLED),
    "lost": _Outcome("lost"),
    "closing": _Outcome("released"),
    # Cancelled by nobody here: the whole process ends.
    "": _Outcome("released"),
}


class Jobs:
    """The queue: at least once, through restarts, by one process or many on the same database."""

    def __init__(self, *, db: Database, clock: Clock, pace: Pace | None = None) -> None:
        self._db = db
        self._clock = clock
        self._pace = pace or Pace()
        self._kinds: dict[str, _Kind] = {}
        self._running: dict[str, _Running] = {}
        self._wake = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    def register(
        self,
        kind: str,
        handler: Handler,
        *,
        at_once: int = 1,
        tries: int = 5,
        timeout_s: float = 3600,
        keep: timedelta = timedelta(days=30),
    ) -> None:
        """Let this process do jobs of a kind.

        Args:
            kind: its name, at most 64 characters.
            handler: does one; safe to run twice, even after another process began it and died.
            at_once: how many this process does at the same time.
            tries: how often it is tried before it counts as failed; a death of the process is a try.
            timeout_s: how long one try may take.
            keep: how long a finished one is remembered.
        """
        self._kinds[kind] = _Kind(handler, at_once, tries, timeout_s, keep)

    async def add(
        self,
        tx: AsyncSession,
        *,
        kind: str,
        subject: str,
        payload: dict[str, JsonValue],
        after: Sequence[JobId] = (),
    ) -> JobId:
        """Ask for a job, within the caller's transaction: both happen, or neither.

        Args:
            tx: a transaction that may write.
            kind: what is to be done; some process has it registered.
            subject: what it is about, such as ``file:<id>``; at most 200 characters.
            payload: what the handler needs to know.
            after: it begins when all of these are completed; if one of them fails, so does it.
        """
        job_id = JobId(str(uuid.uuid4()))
        now = self._clock.now()
        row = JobRow(
            job_id=job_id,
            kind=kind,
            subject=subject,
            payload=payload,
            status="pending",
            progress=0.0,
            note="",
            error="",
            attempt=0,
            waits=0,
            is_cancelled=False,
            run_at=now,
            lease="",
            created_at=now,
        )
        # Locked until this one is there: who fails one of them meanwhile finds it; who has failed is seen.
        if any(one.status == "failed" for one in await store.lock_all(tx, after)):
            self._fail(row, NOT_BEFORE)
        tx.add(row)
        tx.add_all(JobAfterRow(job_id=job_id, after_id=one) for one in dict.fromkeys(after))
        await tx.flush()
        event.listen(tx.sync_session, "after_commit", lambda _session: self._wake.set(), once=True)
        return job_id

    async def find(self, job_id: JobId) -> Job | None:
        """How a job stands. Checks no right."""
        async with self._db.read() as tx:
            row = await store.find(tx, job_id)
        return None if row is None else job_of(row)

    async def list_of(self, subjects: Sequence[str]) -> dict[str, list[Job]]:
        """All jobs about these things, oldest first. At most 500 subjects; every one has its entry."""
        found: dict[str, list[Job]] = {subject: [] for subject in subjects}
        async with self._db.read() as tx:
            rows = await store.list_of(tx, subjects)
        for row in rows:
            found[row.subject].append(job_of(row))
        return found

    async def retry(self, job_id: JobId) -> None:
        """Do a failed job again, with what failed before it and what it kept from running.

        Raises:
            NotFound: there is no such job.
            Conflict: it has not failed.
        """
        async with self._db.begin() as tx:
            row = await store.find(tx, job_id, lock=True)
            if row is None:
                raise NotFound("There is no such job.")
            if row.status != "failed":
                raise Conflict("Only a job that has failed can be tried again.")
            await self._revive(tx, row)
        self._wake.set()

    async def cancel_of(self, subject: str) -> None:
        """End all jobs about something: those that wait fail, those at work are ended.

        Returns when none is at work any more; one in another process is waited for at most ten seconds.
        Not to be called inside a transaction.
        """
        async with self._db.begin() as tx:
            for row in await store.list_of(tx, [subject]):
                if row.status in store.FINISHED:
                    continue
                row.is_cancelled = True
                if row.status == "pending":
                    self._fail(row, CANCELLED)
        mine = [one for one in self._running.values() if one.run.subject == subject]
        for one in mine:
            one.end("cancelled")
        await asyncio.gather(*(one.work for one in mine if not one.is_current), return_exceptions=True)
        with suppress(TimeoutError):
            async with asyncio.timeout(_ELSEWHERE_S):
                # Another process hears of it by its heartbeat, and says so in the table alone.
                while await self._is_at_work(subject):  # noqa: ASYNC110
                    await asyncio.sleep(0.2)

    async def forget(self, subject: str) -> None:
        """As `cancel_of`, and no trace of the jobs is left."""
        await self.cancel_of(subject)
        async with self._db.begin() as tx:
            await store.remove(tx, [row.job_id for row in await store.list_of(tx, [subject])])

    async def count_by_status(self) -> dict[tuple[str, str], int]:
        """How many jobs of each kind are in each state."""
        async with self._db.read() as tx:
            return await store.count_by_status(tx)

    def start(self) -> None:
        """Begin to work; once, when all kinds are registered."""
        self._tasks = [
            asyncio.create_task(self._dispatch(), name="jobs.dispatch"),
            asyncio.create_task(self._beat(), name="jobs.beat"),
            asyncio.create_task(self._sweep(), name="jobs.sweep"),
        ]

    async def close(self) -> None:
        """Stop working; what is not done is given back and goes on at the next start. May come twice."""
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        running = list(self._running.values())
        for one in running:
            one.end("closing")
        await asyncio.gather(*(one.work for one in running), return_exceptions=True)

    async def _note_progress(self, lease: str, percent: float, note: str) -> None:
        async with self._db.begin() as tx:
            await store.note_progress(tx, lease, percent, note)

    # Taking

    async def _dispatch(self) -> None:
        while True:
            self._wake.clear()
            try:
                await self._take_all()
            except Exception:  # a supervisor: the database may be away, and comes back
                log.exception("jobs.take_failed")
            with suppress(TimeoutError):
                async with asyncio.timeout(self._pace.poll_s):
                    await self._wake.wait()

    def _free(self, kind: str) -> int:
        busy = sum(one.run.kind == kind for one in self._running.values())
        return self._kinds[kind].at_once - busy

    async def _take_all(self) -> None:
        free = {kind: self._free(kind) for kind in self._kinds}
        kinds = [kind for kind, count in free.items() if count > 0]
        now = self._clock.now()
        async with self._db.read() as tx:
            if not await store.has_due(tx, kinds, now):
                return
        taken: list[JobRow] = []
        async with self._db.begin() as tx:
            for kind in kinds:
                rows = await store.lock_due(tx, kind, now, limit=free[kind])
                taken += [row for row in rows if await self._take(tx, row, now)]
        for row in taken:
            run = JobRun(row, self._note_progress)
            handler = asyncio.create_task(self._handle(run), name=f"jobs.{row.kind}")
            work = asyncio.create_task(self._work(run, handler), name=f"jobs.{row.kind}.work")
            self._running[run.lease] = _Running(run, handler, work)
            work.add_done_callback(partial(self._drop, run.lease))

    def _drop(self, lease: str, _task: asyncio.Task[None]) -> None:
        self._running.pop(lease, None)

    async def _take(self, tx: AsyncSession, row: JobRow, now: datetime) -> bool:
        """Whether the job is now ours; one that killed its processes too often has failed instead."""
        if row.is_cancelled:
            self._fail(row, CANCELLED)
            return False
        if row.attempt >= self._kinds[row.kind].tries:
            self._fail(row, "The server ended each time this was tried.")
            await self._fail_behind(tx, row)
            return False
        row.status = "processing"
        row.attempt += 1
        row.progress = 0.0
        row.note = ""
        row.lease = str(uuid.uuid4())
        row.lease_until = now + timedelta(seconds=self._pace.lease_s)
        row.started_at = row.started_at or now
        return True

    async def _beat(self) -> None:
        """Renew the leases; end what was cancelled elsewhere, or taken over by another process."""
        while True:
            await asyncio.sleep(self._pace.lease_s / 5)
            leases = list(self._running)
            if not leases:
                continue
            until = self._clock.now() + timedelta(seconds=self._pace.lease_s)
            try:
                async with self._db.begin() as tx:
                    held = await store.hold(tx, leases, until)
            except Exception:  # a supervisor: the database may be away, and comes back
                log.exception("jobs.beat_failed")
                continue
            for lease in leases:
                one = self._running.get(lease)
                if one is not None and lease not in held:
                    one.end("lost")
                elif one is not None and held[lease]:
                    one.end("cancelled")

    # Working

    async def _handle(self, run: JobRun) -> dict[str, JsonValue]:
        return await self._kinds[run.kind].handler(run)

    async def _work(self, run: JobRun, handler: asyncio.Task[dict[str, JsonValue]]) -> None:
        """See one job done and write down what became of it."""
        outcome = await self._outcome_of(run, handler)
        while outcome.kind != "lost":
            try:
                async with self._db.begin() as tx:
                    await self._write(tx, run, outcome)
                break
            except Exception:  # the database is away: the lease keeps others off, and then they may have it
                log.exception("jobs.write_failed", kind=run.kind, job_id=run.job_id)
                if run.lease not in self._running or self._running[run.lease].ending:
                    break
                await asyncio.sleep(self._pace.retry_first_s)
        self._running.pop(run.lease, None)
        self._wake.set()

    async def _outcome_of(self, run: JobRun, handler: asyncio.Task[dict[str, JsonValue]]) -> _Outcome:
        kind = self._kinds[run.kind]
        try:
            async with asyncio.timeout(kind.timeout_s):
                return _Outcome("completed", result=await handler)
        except asyncio.CancelledError:
            return _ENDINGS[self._running[run.lease].ending]
        except TimeoutError:
            return _Outcome("again", f"It took longer than {kind.timeout_s:.0f} seconds.")
        except Exception as fault:  # the outermost place: written down, and tried again
            return _judge(fault, run)

    async def _write(self, tx: AsyncSession, run: JobRun, outcome: _Outcome) -> None:
        row = await store.lock_held(tx, run.lease)
        if row is None:
            log.warning("jobs.lease_lost", kind=run.kind, job_id=run.job_id)
            return
        now = self._clock.now()
        row.lease_until = None
        tries = self._kinds[run.kind].tries
        if row.is_cancelled and outcome.kind != "completed":
            outcome = _Outcome("failed", CANCELLED)
        if outcome.kind == "completed":
            row.status, row.progress, row.result = "completed", 100.0, outcome.result
            row.error, row.finished_at = "", now
        elif outcome.kind == "failed" or (outcome.kind == "again" and row.attempt >= tries):
            self._fail(row, outcome.text)
            await self._fail_behind(tx, row)
        else:
            row.status, row.error, row.progress = "pending", outcome.text[:_MAX_ERROR], 0.0
            if outcome.kind == "again":
                row.waits, pause_s = 0, self._pause_s(row.attempt)
            else:
                # Neither a passing fault nor our own end is the job's.
                row.attempt -= 1
                row.waits += outcome.kind == "later"
                pause_s = self._pause_s(row.waits) if outcome.kind == "later" else 0.0
            row.run_at = now + timedelta(seconds=pause_s)

    def _pause_s(self, count: int) -> float:
        """Twice as long each time; a little at random, so that many do not come back at once."""
        pause_s = min(self._pace.retry_first_s * 2.0 ** min(count - 1, 16), _MAX_WAIT_S)
        return pause_s * random.uniform(0.75, 1.0)  # noqa: S311 - no secret

    # Ends

    def _fail(self, row: JobRow, text: str) -> None:
        row.status, row.error = "failed", text[:_MAX_ERROR]
        row.lease_until, row.finished_at = None, self._clock.now()

    async def _fail_behind(self, tx: AsyncSession, row: JobRow) -> None:
        """What waits for a failed job cannot come any more."""
        for behind in await store.lock_behind(tx, row.job_id):
            if behind.status == "pending":
                self._fail(behind, NOT_BEFORE)
                await self._fail_behind(tx, behind)

    async def _revive(self, tx: AsyncSession, row: JobRow) -> None:
        row.status, row.error, row.result = "pending", "", None
        row.progress, row.note = 0.0, ""
        row.attempt = row.waits = 0
        row.is_cancelled = False
        row.run_at, row.finished_at = self._clock.now(), None
        for before in await store.lock_before(tx, row.job_id):
            if before.status == "failed":
                await self._revive(tx, before)
        for behind in await store.lock_behind(tx, row.job_id):
            if behind.status == "failed" and behind.attempt == 0:
                await self._revive(tx, behind)

    async def _is_at_work(self, subject: str) -> bool:
        now = self._clock.now()
        async with self._db.read() as tx:
            rows = await store.list_of(tx, [subject])
        mine = {one.run.lease for one in self._running.values() if one.is_current}
        return any(
            row.status == "processing"
            and row.lease not in mine
            and row.lease_until is not None
            and row.lease_until > now
            for row in rows
        )

    async def _sweep(self) -> None:
        """Forget what was finished long ago."""
        while True:
            try:
                await self.sweep()
            except Exception:  # a supervisor: the next round comes whatever happened in this one
                log.exception("jobs.sweep_failed")
            await asyncio.sleep(_SWEEP_EVERY_S)

    async def sweep(self) -> None:
        """Forget finished jobs whose time to be remembered is over."""
        for name, kind in self._kinds.items():
            async with self._db.read() as tx:
                old = await store.list_old(tx, name, self._clock.now() - kind.keep, limit=1000)
            if old:
                async with self._db.begin() as tx:
                    await store.remove(tx, old)


def _judge(fault: Exception, run: JobRun) -> _Outcome:
    """What becomes of a run whose handler raised."""
    if isinstance(fault, RetryLater | Unavailable):
        log.info("jobs.put_off", kind=run.kind, job_id=run.job_id, reason=str(fault))
        return _Outcome("later", str(fault))
    if isinstance(fault, JobFailed):
        return _Outcome("failed", str(fault))
    log.error("jobs.run_failed", kind=run.kind, job_id=run.job_id, attempt=run.attempt, exc_info=fault)
    return _Outcome("again", _reason(fault))


def _reason(fault: Exception) -> str:
    """In words for whoever asked for the job; the whole of it is in the log."""
    if isinstance(fault, SalonError):
        return fault.message
    return f"Something went wrong on the server ({type(fault).__name__})."
