"""The tables of recordings and their queries."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import (
    JSON,
    BigInteger,
    ColumnElement,
    ForeignKey,
    Index,
    String,
    delete,
    func,
    or_,
    select,
    text,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from salon.platform.db import Base, UtcDateTime

_RUNS = text("status = 'recording'")


class RecordingRow(Base):
    """One recording of one meeting."""

    __tablename__ = "recordings"
    __table_args__ = (
        # One at a time, whichever process is asked.
        Index("uq_recordings_running", "meeting_id", unique=True, sqlite_where=_RUNS, postgresql_where=_RUNS),
        Index(None, "meeting_id", "id"),
        Index(None, "user_id", "id"),
        Index(None, "status", "end_time"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    recording_id: Mapped[str] = mapped_column(String(36), unique=True)
    meeting_id: Mapped[int]
    room_id: Mapped[str] = mapped_column(String(100))
    user_id: Mapped[int]
    """Who started it."""
    username: Mapped[str] = mapped_column(String(50))
    title: Mapped[str] = mapped_column(String(255))
    status: Mapped[str] = mapped_column(String(16))
    quality: Mapped[str] = mapped_column(String(8))
    format: Mapped[str] = mapped_column(String(8))
    start_time: Mapped[datetime] = mapped_column(UtcDateTime)
    end_time: Mapped[datetime | None] = mapped_column(UtcDateTime)
    duration: Mapped[float]
    """Seconds, from start to end."""
    segments: Mapped[int]
    """Files of tracks on the disk; 0: nobody sent anything."""
    raw_bytes: Mapped[int] = mapped_column(BigInteger)
    """Their size together."""
    participants: Mapped[list[str]] = mapped_column(JSON)
    """Ids of who was there."""
    warning: Mapped[str] = mapped_column(String(500))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)


class RenditionRow(Base):
    """A file that was made of a recording, and where it is kept."""

    __tablename__ = "recording_renditions"

    recording: Mapped[int] = mapped_column(ForeignKey("recordings.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(160), primary_key=True)
    """One of `rules.KINDS`, or ``track:<its name>``."""
    name: Mapped[str] = mapped_column(String(255))
    media_type: Mapped[str] = mapped_column(String(64))
    bytes: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


async def find(tx: AsyncSession, recording_id: str, *, lock: bool = False) -> RecordingRow | None:
    """The recording of that id."""
    query = select(RecordingRow).where(RecordingRow.recording_id == recording_id)
    query = query.with_for_update() if lock else query
    return (await tx.execute(query)).scalar_one_or_none()


async def find_running(tx: AsyncSession, meeting_id: int) -> RecordingRow | None:
    """The one that runs in this meeting."""
    query = select(RecordingRow).where(
        RecordingRow.meeting_id == meeting_id, RecordingRow.status == "recording"
    )
    return (await tx.execute(query)).scalar_one_or_none()


async def find_latest(tx: AsyncSession, meeting_id: int) -> RecordingRow | None:
    """The newest of this meeting."""
    query = select(RecordingRow).where(RecordingRow.meeting_id == meeting_id)
    return (await tx.execute(query.order_by(RecordingRow.id.desc()).limit(1))).scalar_one_or_none()


async def list_by_status(tx: AsyncSession, statuses: Sequence[str]) -> Sequence[RecordingRow]:
    """Every recording in one of these states, oldest first."""
    query = select(RecordingRow).where(RecordingRow.status.in_(statuses)).order_by(RecordingRow.id)
    return (await tx.execute(query)).scalars().all()


async def list_all(tx: AsyncSession) -> Sequence[RecordingRow]:
    """Every recording, oldest first: for the command line."""
    return (await tx.execute(select(RecordingRow).order_by(RecordingRow.id))).scalars().all()


async def list_known(tx: AsyncSession, recording_ids: Sequence[str]) -> set[str]:
    """Those of the ids that are recordings."""
    query = select(RecordingRow.recording_id).where(RecordingRow.recording_id.in_(recording_ids))
    return set((await tx.execute(query)).scalars())


async def list_of_meeting(tx: AsyncSession, meeting_id: int, *, limit: int) -> Sequence[RecordingRow]:
    """The recordings of a meeting, newest first."""
    query = select(RecordingRow).where(RecordingRow.meeting_id == meeting_id)
    return (await tx.execute(query.order_by(RecordingRow.id.desc()).limit(limit))).scalars().all()


async def list_visible(
    tx: AsyncSession,
    *,
    user_id: int,
    meeting_ids: Sequence[int],
    started_by: int | None,
    offset: int,
    limit: int,
) -> tuple[Sequence[RecordingRow], int]:
    """A user's own and those of these meetings, newest first, and how many there are."""

    seen: ColumnElement[bool] = RecordingRow.user_id == user_id
    if meeting_ids:
        seen = or_(seen, RecordingRow.meeting_id.in_(meeting_ids))
    chosen = select(RecordingRow).where(seen)
    if started_by is not None:
        chosen = chosen.where(RecordingRow.user_id == started_by)
    page = chosen.order_by(RecordingRow.id.desc()).offset(offset).limit(limit)
    total = select(func.count()).select_from(chosen.subquery())
    return (await tx.execute(page)).scalars().all(), (await tx.execute(total)).scalar_one()


async def list_expired(tx: AsyncSession, ended_before: datetime, *, limit: int) -> Sequence[RecordingRow]:
    """Finished recordings that ended earlier, oldest first."""
    query = select(RecordingRow).where(
        RecordingRow.status.in_(("completed", "failed")), RecordingRow.end_time < ended_before
    )
    return (await tx.execute(query.order_by(RecordingRow.end_time).limit(limit))).scalars().all()


async def used_bytes(tx: AsyncSession, user_ids: Sequence[int]) -> dict[int, int]:
    """What the finished recordings of these users take, and what was made of them."""
    if not user_ids:
        return {}
    made = (
        select(RenditionRow.recording, func.sum(RenditionRow.bytes).label("bytes"))
        .group_by(RenditionRow.recording)
        .subquery()
    )
    query = (
        select(RecordingRow.user_id, func.sum(RecordingRow.raw_bytes + func.coalesce(made.c.bytes, 0)))
        .outerjoin(made, made.c.recording == RecordingRow.id)
        .where(RecordingRow.user_id.in_(user_ids))
        .group_by(RecordingRow.user_id)
    )
    return {row[0]: int(row[1]) for row in await tx.execute(query)}


async def list_renditions(tx: AsyncSession, rows: Sequence[RecordingRow]) -> dict[int, list[RenditionRow]]:
    """What was made of these recordings, by their row ids."""
    if not rows:
        return {}
    query = select(RenditionRow).where(RenditionRow.recording.in_([row.id for row in rows]))
    found: dict[int, list[RenditionRow]] = {row.id: [] for row in rows}
    for one in (await tx.execute(query)).scalars():
        found[one.recording].append(one)
    return found


async def keep_rendition(
    tx: AsyncSession, row: RecordingRow, *, kind: str, name: str, media_type: str, size: int, now: datetime
) -> RenditionRow:
    """Remember a file; made again, it replaces the one before."""
    await tx.execute(delete(RenditionRow).where(RenditionRow.recording == row.id, RenditionRow.kind == kind))
    made = RenditionRow(
        recording=row.id, kind=kind, name=name, media_type=media_type, bytes=size, created_at=now
    )
    tx.add(made)
    await tx.flush()
    return made


async def remove(tx: AsyncSession, row: RecordingRow) -> None:
    """Forget a recording and what was made of it."""
    await tx.execute(delete(RenditionRow).where(RenditionRow.recording == row.id))
    await tx.execute(delete(RecordingRow).where(RecordingRow.id == row.id))
