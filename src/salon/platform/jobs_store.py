"""The table of jobs, and its queries. No rights, no commit: `jobs.py` decides."""

from collections.abc import Sequence
from datetime import datetime

from pydantic import JsonValue
from sqlalchemy import (
    JSON,
    Index,
    String,
    Text,
    and_,
    bindparam,
    delete,
    exists,
    func,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, aliased, mapped_column

from salon.platform.db import Base, UtcDateTime

FINISHED = ("completed", "failed")


class JobRow(Base):
    """One piece of work that outlives the process that was asked for it."""

    __tablename__ = "jobs"
    __table_args__ = (
        Index(None, "status", "run_at"),
        Index(None, "subject", "id"),
        Index(None, "kind", "finished_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    job_id: Mapped[str] = mapped_column(String(36), unique=True)
    kind: Mapped[str] = mapped_column(String(64))
    subject: Mapped[str] = mapped_column(String(200))
    """What it is about, such as ``file:<id>``."""
    payload: Mapped[dict[str, JsonValue]] = mapped_column(JSON)
    status: Mapped[str] = mapped_column(String(16))
    progress: Mapped[float]
    note: Mapped[str] = mapped_column(String(200))
    error: Mapped[str] = mapped_column(Text)
    result: Mapped[dict[str, JsonValue] | None] = mapped_column(JSON(none_as_null=True))
    attempt: Mapped[int]
    """Tries that count, the present one included."""
    waits: Mapped[int]
    """Times in a row that it was put off for a passing fault."""
    is_cancelled: Mapped[bool]
    run_at: Mapped[datetime] = mapped_column(UtcDateTime)
    """Not before."""
    lease: Mapped[str] = mapped_column(String(36))
    """Changes with each taking: whoever holds another one has lost the job."""
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class JobAfterRow(Base):
    """A job that waits for another one."""

    __tablename__ = "job_after"

    job_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    after_id: Mapped[str] = mapped_column(String(36), primary_key=True, index=True)


_BEFORE = aliased(JobRow)
_NOW = bindparam("now", type_=UtcDateTime)
_IS_DUE = or_(
    and_(
        JobRow.status == "pending",
        JobRow.run_at <= _NOW,
        ~exists().where(
            JobAfterRow.job_id == JobRow.job_id,
            _BEFORE.job_id == JobAfterRow.after_id,
            _BEFORE.status != "completed",
        ),
    ),
    and_(JobRow.status == "processing", JobRow.lease_until < _NOW),
)
"""A job that may be taken: its time has come, or whoever had it is dead."""
# Asked every second for as long as the server runs: written once, for all kinds, and no row is made of it.
_SOME_DUE = select(literal(1)).where(JobRow.kind.in_(bindparam("kinds", expanding=True)), _IS_DUE).limit(1)


async def has_due(tx: AsyncSession, kinds: Sequence[str], now: datetime) -> bool:
    """Whether there is something to take; holds up no writer."""
    found = await tx.execute(_SOME_DUE, {"kinds": list(kinds), "now": now})
    return found.first() is not None


async def lock_due(tx: AsyncSession, kind: str, now: datetime, *, limit: int) -> Sequence[JobRow]:
    """Jobs of a kind to take, oldest first; those that another process is taking are left to it."""
    wanted = (
        select(JobRow)
        .where(JobRow.kind == kind, _IS_DUE)
        .order_by(JobRow.run_at, JobRow.id)
        .limit(limit)
        .with_for_update(of=JobRow, skip_locked=True)
    )
    return (await tx.execute(wanted, {"now": now})).scalars().all()


async def find(tx: AsyncSession, job_id: str, *, lock: bool = False) -> JobRow | None:
    """One job."""
    wanted = select(JobRow).where(JobRow.job_id == job_id)
    if lock:
        wanted = wanted.with_for_update()
    return (await tx.execute(wanted)).scalar_one_or_none()


async def lock_all(tx: AsyncSession, job_ids: Sequence[str]) -> Sequence[JobRow]:
    """These jobs, as far as they are remembered."""
    if not job_ids:
        return []
    wanted = select(JobRow).where(JobRow.job_id.in_(job_ids)).order_by(JobRow.id).with_for_update()
    return (await tx.execute(wanted)).scalars().all()


async def list_of(tx: AsyncSession, subjects: Sequence[str]) -> Sequence[JobRow]:
    """All jobs about these things, oldest first."""
    wanted = select(JobRow).where(JobRow.subject.in_(subjects)).order_by(JobRow.id)
    return (await tx.execute(wanted)).scalars().all()


async def hold(tx: AsyncSession, leases: Sequence[str], until: datetime) -> dict[str, bool]:
    """Renew leases: those still held, and whether their jobs are to be ended."""
    mine = (JobRow.status == "processing") & JobRow.lease.in_(leases)
    await tx.execute(update(JobRow).where(mine).values(lease_until=until))
    found = await tx.execute(select(JobRow.lease, JobRow.is_cancelled).where(mine))
    return {row.lease: row.is_cancelled for row in found}


async def note_progress(tx: AsyncSession, lease: str, percent: float, note: str) -> None:
    """Say how far a running job is."""
    mine = (JobRow.status == "processing") & (JobRow.lease == lease)
    await tx.execute(update(JobRow).where(mine).values(progress=percent, note=note))


async def lock_held(tx: AsyncSession, lease: str) -> JobRow | None:
    """The job of a lease, if it is still held."""
    wanted = select(JobRow).where(JobRow.lease == lease, JobRow.status == "processing").with_for_update()
    return (await tx.execute(wanted)).scalar_one_or_none()


async def lock_before(tx: AsyncSession, job_id: str) -> Sequence[JobRow]:
    """The jobs that one waits for."""
    after = select(JobAfterRow.after_id).where(JobAfterRow.job_id == job_id)
    wanted = select(JobRow).where(JobRow.job_id.in_(after)).order_by(JobRow.id).with_for_update()
    return (await tx.execute(wanted)).scalars().all()


async def lock_behind(tx: AsyncSession, job_id: str) -> Sequence[JobRow]:
    """The jobs that wait for one."""
    behind = select(JobAfterRow.job_id).where(JobAfterRow.after_id == job_id)
    wanted = select(JobRow).where(JobRow.job_id.in_(behind)).order_by(JobRow.id).with_for_update()
    return (await tx.execute(wanted)).scalars().all()


async def remove(tx: AsyncSession, job_ids: Sequence[str]) -> None:
    """Forget jobs, and what waited for what."""
    await tx.execute(delete(JobAfterRow).where(JobAfterRow.job_id.in_(job_ids)))
    await tx.execute(delete(JobAfterRow).where(JobAfterRow.after_id.in_(job_ids)))
    await tx.execute(delete(JobRow).where(JobRow.job_id.in_(job_ids)))


async def list_old(tx: AsyncSession, kind: str, before: datetime, *, limit: int) -> Sequence[str]:
    """Finished jobs of a kind from before a moment that nothing waits for any more."""
    behind = aliased(JobRow)
    is_wanted = exists().where(
        JobAfterRow.after_id == JobRow.job_id,
        behind.job_id == JobAfterRow.job_id,
        behind.status.not_in(FINISHED),
    )
    wanted = (
        select(JobRow.job_id)
        .where(JobRow.kind == kind, JobRow.finished_at < before, ~is_wanted)
        .order_by(JobRow.id)
        .limit(limit)
    )
    return (await tx.execute(wanted)).scalars().all()


async def count_by_status(tx: AsyncSession) -> dict[tuple[str, str], int]:
    """How many jobs of each kind are in each state."""
    wanted = select(JobRow.kind, JobRow.status, func.count()).group_by(JobRow.kind, JobRow.status)
    return {(kind, status): count for kind, status, count in await tx.execute(wanted)}
