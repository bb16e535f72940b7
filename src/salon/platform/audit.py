"""The audit log: who did what to whom, in a chain that shows every later change.

Each row carries the hash of the row before it, so that none can be edited, taken out or put in unseen; the
head row keeps the last hash and the number of rows, so that none can be cut off the end. Whoever can write
the whole database can forge the whole chain: keep `salon audit export` elsewhere against that.
"""

import hashlib
import json
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue
from sqlalchemy import BigInteger, Index, Integer, String, Text, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from salon.platform.db import Base, UtcDateTime
from salon.platform.ids import UserId

GENESIS = "0" * 64
"""What the first row calls its predecessor."""

client_address: ContextVar[str] = ContextVar("client_address", default="")
"""Where the request at hand comes from; set by whoever takes requests in."""

_ROW_ID = BigInteger().with_variant(Integer, "sqlite")


class AuditEntry(BaseModel):
    """One thing that was done, or tried."""

    model_config = ConfigDict(frozen=True)

    action: str = Field(pattern=r"^[a-z_]+\.[a-z_]+$", max_length=64)
    """What, as ``noun.verb``: ``user.banned``, ``participant.muted``."""
    actor_id: UserId | None
    """Who; None: nobody known, or the server itself."""
    actor_name: str
    target: str = ""
    """To what, as ``noun:id``: ``user:5``, ``meeting:7``."""
    meeting_id: int | None = None
    outcome: Literal["ok", "refused", "failed"] = "ok"
    details: dict[str, JsonValue] = Field(default_factory=dict)
    """What else matters. Never a secret."""


class AuditRow(Base):
    """One link of the chain."""

    __tablename__ = "audit_log"
    __table_args__ = (
        Index(None, "action", "id"),
        Index(None, "actor_id", "id"),
        Index(None, "meeting_id", "id"),
        Index(None, "at"),
    )

    id: Mapped[int] = mapped_column(_ROW_ID, primary_key=True, autoincrement=False)
    """1, 2, 3 … without a gap: a missing number is a missing row."""
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    action: Mapped[str] = mapped_column(String(64))
    outcome: Mapped[str] = mapped_column(String(16))
    actor_id: Mapped[int | None]
    actor_name: Mapped[str] = mapped_column(String(100))
    target: Mapped[str] = mapped_column(String(100))
    meeting_id: Mapped[int | None]
    address: Mapped[str] = mapped_column(String(64))
    details: Mapped[str] = mapped_column(Text)
    """JSON text as it was hashed."""
    previous_hash: Mapped[str] = mapped_column(String(64))
    row_hash: Mapped[str] = mapped_column(String(64))


class AuditHeadRow(Base):
    """The end of the chain; one row."""

    __tablename__ = "audit_head"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last_id: Mapped[int] = mapped_column(_ROW_ID)
    last_hash: Mapped[str] = mapped_column(String(64))


async def record(tx: AsyncSession, entry: AuditEntry, *, now: datetime) -> None:
    """Append to the log, in the transaction of the deed itself: both happen or neither.

    Holds the head of the chain until the transaction ends; call it last, so that others wait briefly.
    """
    # What the caller has changed is written before the head is locked: everybody locks in this order.
    await tx.flush()
    head = (await tx.execute(select(AuditHeadRow).where(AuditHeadRow.id == 1).with_for_update())).scalar_one()
    row = AuditRow(
        id=head.last_id + 1,
        at=now,
        action=entry.action,
        outcome=entry.outcome,
        actor_id=entry.actor_id,
        actor_name=entry.actor_name[:100],
        target=entry.target[:100],
        meeting_id=entry.meeting_id,
        address=client_address.get()[:64],
        details=json.dumps(entry.details, ensure_ascii=False, sort_keys=True, separators=(",", ":")),
        previous_hash=head.last_hash,
    )
    row.row_hash = hash_row(row)
    tx.add(row)
    head.last_id, head.last_hash = row.id, row.row_hash
    await tx.flush()


def hash_row(row: AuditRow) -> str:
    """SHA-256 over the row before and everything this one says, as canonical JSON."""
    said: list[Any] = [
        row.previous_hash,
        row.id,
        row.at.astimezone(UTC).isoformat(timespec="microseconds"),
        row.action,
        row.outcome,
        row.actor_id,
        row.actor_name,
        row.target,
        row.meeting_id,
        row.address,
        row.details,
    ]
    text = json.dumps(said, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
