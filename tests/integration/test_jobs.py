"""Durable jobs, on both databases: done at least once, never twice at the same time, through any death."""

from __future__ import annotations

import asyncio
import sys
import textwrap
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession
from support.postgres import database_for
from support.wait import eventually

from salon import migrations
from salon.platform.clock import SystemClock
from salon.platform.db import Database
from salon.platform.errors import Conflict, Unavailable
from salon.platform.jobs import CANCELLED, NOT_BEFORE, Job, JobFailed, JobId, JobRun, Jobs, Pace, RetryLater
from salon.platform.jobs_store import JobRow

QUICK = Pace(poll_s=0.1, lease_s=2, retry_first_s=0.05)
IN_TIME_S = 30.0


@pytest.fixture(params=["sqlite", "postgres"])
async def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "postgres":
        return database_for(tmp_path)
    return f"sqlite+aiosqlite:///{tmp_path / 'salon.db'}"


@pytest.fixture
async def db(address: str) -> AsyncIterator[Database]:
    db = Database(address)
    await migrations.migrate(db)
    yield db
    await db.close()


@pytest.fixture
async def make(db: Database) -> AsyncIterator[Callable[[], Jobs]]:
    """Makes queues on the one database, as many processes would."""
    made: list[Jobs] = []

    def make() -> Jobs:
        made.append(Jobs(db=db, clock=SystemClock(), pace=QUICK))
        return made[-1]

    yield make
    for one in made:
        await one.close()


async def ask(jobs: Jobs, db: Database, kind: str = "work", subject: str = "thing", **more: Any) -> JobId:
    async with db.begin() as tx:
        after = more.pop("after", ())
        return await jobs.add(tx, kind=kind, subject=subject, payload=more, after=after)


async def wait_for(jobs: Jobs, job_id: JobId, *wanted: str) -> Job:
    async def look() -> Job:
        job = await jobs.find(job_id)
        assert job is not None
        return job

    return await eventually(look, lambda job: job.status in wanted, within_s=IN_TIME_S)


async def nothing(_run: JobRun) -> dict[str, Any]:
    return {}


async def test_what_was_asked_for_is_done_with_its_progress_seen(make: Any, db: Database) -> None:
    jobs, go_on = make(), asyncio.Event()

    async def work(run: JobRun) -> dict[str, Any]:
        await run.progress(40, "half of it")
        await go_on.wait()
        return {"said": run.payload["word"], "subject": run.subject}

    jobs.register("work", work)
    jobs.start()
    job_id = await ask(jobs, db, word="yes")
    await eventually(
        lambda: jobs.find(job_id), lambda job: job is not None and job.progress == 40, within_s=IN_TIME_S
    )
    seen = await jobs.find(job_id)
    assert seen is not None
    assert (seen.status, seen.note, seen.attempt) == ("processing", "half of it", 1)
    go_on.set()
    done = await wait_for(jobs, job_id, "completed")
    assert (done.result, done.progress, done.error) == ({"said": "yes", "subject": "thing"}, 100.0, "")
    assert done.started_at is not None
    assert done.finished_at is not None
    assert await jobs.list_of(["thing", "other"]) == {"thing": [done], "other": []}


async def test_what_is_rolled_back_was_never_asked_for(make: Any, db: Database) -> None:
    jobs = make()
    async with db.begin() as tx:
        job_id = await jobs.add(tx, kind="work", subject="thing", payload={})
        await tx.rollback()
    assert await jobs.find(job_id) is None


async def test_two_workers_never_do_one_job_at_the_same_time(make: Any, db: Database) -> None:
    """Sixty jobs, four queues of three each; every job is one row that two would fight for."""
    busy: set[str] = set()
    runs: list[str] = []

    async def work(run: JobRun) -> dict[str, Any]:
        assert run.job_id not in busy
        busy.add(run.job_id)
        runs.append(run.job_id)
        await asyncio.sleep(0.01)
        busy.remove(run.job_id)
        return {}

    queues = [make() for _ in range(4)]
    async with db.begin() as tx:
        asked = [await queues[0].add(tx, kind="work", subject="many", payload={}) for _ in range(60)]
    for queue in queues:
        queue.register("work", work, at_once=3)
        queue.start()
    for job_id in asked:
        await wait_for(queues[0], job_id, "completed")
    assert sorted(runs) == sorted(asked)


async def test_no_more_at_once_than_agreed(make: Any, db: Database) -> None:
    now, most = 0, 0

    async def work(_run: JobRun) -> dict[str, Any]:
        nonlocal now, most
        now += 1
        most = max(most, now)
        await asyncio.sleep(0.02)
        now -= 1
        return {}

    jobs = make()
    jobs.register("work", work, at_once=2)
    asked = [await ask(jobs, db) for _ in range(8)]
    jobs.start()
    for job_id in asked:
        await wait_for(jobs, job_id, "completed")
    assert most == 2


async def test_a_failure_is_tried_again_and_then_told(make: Any, db: Database) -> None:
    jobs, tries = make(), 0
    is_mended = False

    async def work(_run: JobRun) -> dict[str, Any]:
        nonlocal tries
        tries += 1
        if not is_mended:
            raise ValueError("secret")
        return {"ok": True}

    jobs.register("work", work, tries=3)
    jobs.start()
    job_id = await ask(jobs, db)
    failed = await wait_for(jobs, job_id, "failed")
    assert (tries, failed.attempt) == (3, 3)
    assert "ValueError" in failed.error
    assert "secret" not in failed.error
    is_mended = True
    await jobs.retry(job_id)
    assert (await wait_for(jobs, job_id, "completed")).attempt == 1
    with pytest.raises(Conflict):
        await jobs.retry(job_id)


async def test_where_trying_again_cannot_help_it_fails_at_once(make: Any, db: Database) -> None:
    jobs, tries = make(), 0

    async def work(_run: JobRun) -> dict[str, Any]:
        nonlocal tries
        tries += 1
        raise JobFailed("This is no video.")

    jobs.register("work", work)
    jobs.start()
    failed = await wait_for(jobs, await ask(jobs, db), "failed")
    assert (failed.error, tries) == ("This is no video.", 1)


@pytest.mark.parametrize("fault", [RetryLater("The disk is full."), Unavailable("The store is away.")])
async def test_a_passing_fault_uses_up_no_tries(make: Any, db: Database, fault: Exception) -> None:
    jobs, left = make(), 6

    async def work(_run: JobRun) -> dict[str, Any]:
        nonlocal left
        left -= 1
        if left:
            raise fault
        return {}

    jobs.register("work", work, tries=1)
    jobs.start()
    job_id = await ask(jobs, db)

    async def look() -> Job | None:
        return await jobs.find(job_id)

    waiting = await eventually(look, lambda job: job is not None and job.error != "", within_s=IN_TIME_S)
    assert waiting is not None
    assert waiting.error == str(fault)
    assert (await wait_for(jobs, job_id, "completed")).attempt == 1


async def test_one_that_takes_too_long_is_ended(make: Any, db: Database) -> None:
    jobs = make()
    was_ended = asyncio.Event()

    async def work(_run: JobRun) -> dict[str, Any]:
        try:
            await asyncio.sleep(3600)
        finally:
            was_ended.set()
        return {}

    jobs.register("work", work, tries=1, timeout_s=0.1)
    jobs.start()
    assert "longer than" in (await wait_for(jobs, await ask(jobs, db), "failed")).error
    assert was_ended.is_set()


@pytest.mark.parametrize("is_elsewhere", [False, True])
async def test_cancelling_ends_what_runs_and_what_waits(make: Any, db: Database, is_elsewhere: bool) -> None:
    jobs, began, ended = make(), asyncio.Event(), asyncio.Event()

    async def work(_run: JobRun) -> dict[str, Any]:
        began.set()
        try:
            await asyncio.sleep(3600)
        finally:
            ended.set()
        return {}

    jobs.register("work", work)
    jobs.start()
    running, waiting = await ask(jobs, db), await ask(jobs, db)
    other = await ask(jobs, db, kind="unknown", subject="other")
    await asyncio.wait_for(began.wait(), IN_TIME_S)
    await (make() if is_elsewhere else jobs).cancel_of("thing")
    assert ended.is_set()
    for job_id in (running, waiting):
        job = await jobs.find(job_id)
        assert job is not None
        assert (job.status, job.error) == ("failed", CANCELLED)
    untouched = await jobs.find(other)
    assert untouched is not None
    assert untouched.status == "pending"
    await jobs.forget("thing")
    assert await jobs.list_of(["thing"]) == {"thing": []}


class StallingDatabase(Database):
    """One whose next transaction takes as long as the test wants."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.is_armed = False
        self.stalled, self.go_on = asyncio.Event(), asyncio.Event()

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[AsyncSession]:
        if self.is_armed:
            self.is_armed = False
            self.stalled.set()
            await self.go_on.wait()
        async with super().begin() as tx:
            yield tx


async def is_cancelled(db: Database, job_id: JobId) -> bool:
    async with db.read() as tx:
        return bool(await tx.scalar(select(JobRow.is_cancelled).where(JobRow.job_id == job_id)))


async def test_what_is_done_is_written_down_though_it_is_cancelled_meanwhile(address: str) -> None:
    db = StallingDatabase(address)
    await migrations.migrate(db)
    # No heartbeat takes the stalled turn, and no lease that runs out hides what was never written.
    jobs = Jobs(db=db, clock=SystemClock(), pace=Pace(poll_s=60, lease_s=600))

    async def work(_run: JobRun) -> dict[str, Any]:
        db.is_armed = True
        return {"made": "all of it"}

    jobs.register("work", work)
    jobs.start()
    job_id = await ask(jobs, db)
    await asyncio.wait_for(db.stalled.wait(), IN_TIME_S)
    cancelling = asyncio.create_task(jobs.cancel_of("thing"))
    await eventually(lambda: is_cancelled(db, job_id), lambda found: found, within_s=IN_TIME_S)
    db.go_on.set()
    await asyncio.wait_for(cancelling, IN_TIME_S)
    job = await jobs.find(job_id)
    await jobs.close()
    await db.close()
    assert job is not None
    assert (job.status, job.result) == ("completed", {"made": "all of it"})


async def test_a_job_waits_for_those_before_it(make: Any, db: Database) -> None:
    jobs, order, go_on = make(), [], asyncio.Event()

    async def work(run: JobRun) -> dict[str, Any]:
        if run.payload["name"] == "first":
            await go_on.wait()
        order.append(run.payload["name"])
        return {}

    jobs.register("work", work, at_once=3)
    jobs.start()
    first, second = await ask(jobs, db, name="first"), await ask(jobs, db, name="second")
    last = await ask(jobs, db, name="last", after=(first, second))
    await wait_for(jobs, second, "completed")
    held = await jobs.find(last)
    assert held is not None
    assert held.status == "pending"
    go_on.set()
    await wait_for(jobs, last, "completed")
    # On a machine that stands still for longer than a lease a job may be done twice.
    assert list(dict.fromkeys(order)) == ["second", "first", "last"]


async def test_what_waits_for_a_failure_fails_and_is_retried_with_it(make: Any, db: Database) -> None:
    jobs, is_mended = make(), False

    async def work(_run: JobRun) -> dict[str, Any]:
        if not is_mended:
            raise JobFailed("broken")
        return {}

    jobs.register("work", work)
    jobs.register("next", nothing)
    jobs.start()
    first = await ask(jobs, db)
    second = await ask(jobs, db, kind="next", after=(first,))
    third = await ask(jobs, db, kind="next", after=(second,))
    assert (await wait_for(jobs, third, "failed")).error == NOT_BEFORE
    is_mended = True
    await jobs.retry(third)
    await wait_for(jobs, third, "completed")
    await wait_for(jobs, first, "completed")


async def test_what_is_asked_for_behind_a_failure_fails_at_once(make: Any, db: Database) -> None:
    jobs = make()

    async def work(_run: JobRun) -> dict[str, Any]:
        raise JobFailed("broken")

    jobs.register("work", work)
    jobs.register("next", nothing)
    jobs.start()
    first = await ask(jobs, db)
    await wait_for(jobs, first, "failed")
    second = await ask(jobs, db, kind="next", after=(first,))
    third = await ask(jobs, db, kind="next", after=(second,))
    for one in (second, third):
        assert (await wait_for(jobs, one, "failed")).error == NOT_BEFORE


async def test_closing_gives_back_what_is_not_done(make: Any, db: Database) -> None:
    jobs, began = make(), asyncio.Event()

    async def endless(_run: JobRun) -> dict[str, Any]:
        began.set()
        await asyncio.sleep(3600)
        return {}

    jobs.register("work", endless)
    jobs.start()
    job_id = await ask(jobs, db)
    await asyncio.wait_for(began.wait(), IN_TIME_S)
    await jobs.close()
    left = await jobs.find(job_id)
    assert left is not None
    assert (left.status, left.attempt) == ("pending", 0)
    after = make()
    after.register("work", nothing)
    after.start()
    await wait_for(after, job_id, "completed")


async def test_finished_ones_are_forgotten_in_time(make: Any, db: Database) -> None:
    jobs = make()
    jobs.register("work", nothing, keep=timedelta(0))
    jobs.register("kept", nothing)
    jobs.start()
    gone, kept = await ask(jobs, db), await ask(jobs, db, kind="kept")
    await wait_for(jobs, gone, "completed")
    await wait_for(jobs, kept, "completed")
    await jobs.sweep()
    assert await jobs.find(gone) is None
    assert await jobs.find(kept) is not None


WORKER = """
    import asyncio, os, sys
    from pathlib import Path
    from salon.platform.clock import SystemClock
    from salon.platform.db import Database
    from salon.platform.jobs import Jobs, Pace

    async def main(address, folder):
        jobs = Jobs(db=Database(address), clock=SystemClock(), pace=Pace(poll_s=0.1, lease_s=2))
        async def work(run):
            with (Path(folder) / "began").open("a") as log:
                log.write(f"{os.getpid()}\\n")
            await asyncio.sleep(3600)
        jobs.register("work", work, tries=3)
        jobs.start()
        await asyncio.sleep(3600)

    asyncio.run(main(*sys.argv[1:]))
"""


async def test_a_killed_process_loses_no_job(make: Any, db: Database, address: str, tmp_path: Path) -> None:
    """A process takes the job and is killed in the middle of it; another one does it, once it is sure."""
    jobs = make()
    job_id = await ask(jobs, db)
    script = tmp_path / "worker.py"
    script.write_text(textwrap.dedent(WORKER))
    process = await asyncio.create_subprocess_exec(sys.executable, script, address, tmp_path)
    try:
        await wait_for(jobs, job_id, "processing")
        done = []

        async def work(run: JobRun) -> dict[str, Any]:
            done.append(run.attempt)
            return {"by": "another"}

        jobs.register("work", work, tries=3)
        jobs.start()
        # As long as the other one lives it is left alone, longer than its lease.
        await asyncio.sleep(QUICK.lease_s * 1.5)
        assert done == []
    finally:
        process.kill()
        await process.wait()
    finished = await wait_for(jobs, job_id, "completed")
    assert (finished.result, finished.attempt, done) == ({"by": "another"}, 2, [2])
    assert (tmp_path / "began").read_text().split() == [str(process.pid)]


async def test_what_kills_every_process_is_given_up(make: Any, db: Database) -> None:
    jobs = make()
    job_id = await ask(jobs, db)
    # As three killed processes leave it.
    async with db.begin() as tx:
        await tx.execute(
            update(JobRow).values(
                status="processing", attempt=3, lease_until=SystemClock().now() - timedelta(seconds=1)
            )
        )
    jobs.register("work", nothing, tries=3)
    jobs.start()
    assert "ended each time" in (await wait_for(jobs, job_id, "failed")).error
