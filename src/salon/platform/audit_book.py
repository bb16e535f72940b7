"""Reading the audit log: searched, exported, and proven whole."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, select

from salon.platform.audit import GENESIS, AuditHeadRow, AuditRow, hash_row
from salon.platform.db import Database

_BATCH = 1000


@dataclass(frozen=True, slots=True)
class AuditQuery:
    """Which part of the log somebody wants; None asks for nothing in particular."""

    action: str = ""
    """A whole action, or its noun followed by a dot."""
    actor_id: int | None = None
    meeting_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    keyword: str = ""
    """Part of a name or a target."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the chain is whole."""

    rows: int
    last_hash: str
    fault: str = ""
    """What is wrong, in words; empty: nothing."""

    @property
    def is_whole(self) -> bool:
        """Nothing was edited, taken out, put in, or cut off."""
        return not self.fault


class AuditBook:
    """The log as administrators read it."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def page(self, query: AuditQuery, *, offset: int, limit: int) -> tuple[Sequence[AuditRow], int]:
        """One page, newest first, and how many rows match."""
        wanted = _filtered(query)
        async with self._db.read() as tx:
            total = (await tx.execute(select(func.count()).select_from(wanted.subquery()))).scalar_one()
            page = wanted.order_by(AuditRow.id.desc()).offset(offset).limit(limit)
            return (await tx.execute(page)).scalars().all(), total

    async def walk(self, query: AuditQuery | None = None) -> AsyncIterator[AuditRow]:
        """Every row that matches, oldest first, without holding them all."""
        wanted = _filtered(query or AuditQuery())
        last = 0
        while True:
            async with self._db.read() as tx:
                batch = wanted.where(AuditRow.id > last).order_by(AuditRow.id).limit(_BATCH)
                rows = (await tx.execute(batch)).scalars().all()
            if not rows:
                return
            for row in rows:
                yield row
            last = rows[-1].id

    async def verify(self) -> Verdict:
        """Walk the whole chain. What is appended meanwhile is left for the next time."""
        async with self._db.read() as tx:
            head = (await tx.execute(select(AuditHeadRow).where(AuditHeadRow.id == 1))).scalar_one_or_none()
        if head is None:
            return Verdict(0, GENESIS, "The head of the chain is missing.")
        count, previous = 0, GENESIS
        async for row in self.walk():
            if row.id > head.last_id:
                break
            fault = _fault_of(row, count + 1, previous)
            if fault:
                return Verdict(count, previous, fault)
            count, previous = row.id, row.row_hash
        if (count, previous) != (head.last_id, head.last_hash):
            return Verdict(
                count,
                previous,
                f"The log ends at row {count} of {head.last_id}: rows were cut off.",
            )
        return Verdict(count, previous)


def _fault_of(row: AuditRow, expected_id: int, previous: str) -> str:
    if row.id != expected_id:
        return f"Row {expected_id} is missing: it was taken out."
    if row.previous_hash != previous:
        return f"Row {row.id} does not follow the row before it: one of the two was exchanged."
    if row.row_hash != hash_row(row):
        return f"Row {row.id} was changed after it was written."
    return ""


def _filtered(query: AuditQuery) -> Select[AuditRow]:
    wanted = select(AuditRow)
    if query.action.endswith("."):
        wanted = wanted.where(AuditRow.action.startswith(query.action, autoescape=True))
    elif query.action:
        wanted = wanted.where(AuditRow.action == query.action)
    if query.actor_id is not None:
        wanted = wanted.where(AuditRow.actor_id == query.actor_id)
    if query.meeting_id is not None:
        wanted = wanted.where(AuditRow.meeting_id == query.meeting_id)
    if query.since is not None:
        wanted = wanted.where(AuditRow.at >= query.since)
    if query.until is not None:
        wanted = wanted.where(AuditRow.at <= query.until)
    if query.keyword:
        wanted = wanted.where(
            AuditRow.actor_name.icontains(query.keyword, autoescape=True)
            | AuditRow.target.icontains(query.keyword, autoescape=True)
            | AuditRow.details.icontains(query.keyword, autoescape=True)
        )
    return wanted
