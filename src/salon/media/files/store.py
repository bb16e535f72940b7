"""The table of uploaded files, and its queries. No rights, no commit."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import JsonValue
from sqlalchemy import JSON, BigInteger, Index, Integer, Select, String, delete, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from salon.platform.db import Base, UtcDateTime

_BYTES = BigInteger().with_variant(Integer, "sqlite")


class FileRow(Base):
    """One file of one user, perhaps shared with a meeting."""

    __tablename__ = "media_files"
    __table_args__ = (
        Index(None, "user_id", "id"),
        Index(None, "meeting_id", "id"),
        Index(None, "created_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    file_id: Mapped[str] = mapped_column(String(36), unique=True)
    file_name: Mapped[str] = mapped_column(String(64))
    original_name: Mapped[str] = mapped_column(String(255))
    file_type: Mapped[str] = mapped_column(String(16))
    mime_type: Mapped[str] = mapped_column(String(100))
    file_size: Mapped[int] = mapped_column(_BYTES)
    sha256: Mapped[str] = mapped_column(String(64))
    duration: Mapped[float]
    width: Mapped[int]
    height: Mapped[int]
    bitrate: Mapped[int] = mapped_column(_BYTES)
    frame_rate: Mapped[float]
    codec: Mapped[str] = mapped_column(String(32))
    status: Mapped[str] = mapped_column(String(16))
    has_thumbnail: Mapped[bool]
    user_id: Mapped[int]
    meeting_id: Mapped[int | None]
    source_id: Mapped[str | None] = mapped_column(String(36), index=True)
    """The file that this one was made of."""
    info: Mapped[dict[str, JsonValue]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which files somebody wants to see; None asks for nothing in particular."""

    user_id: int | None = None
    meeting_id: int | None = None
    file_type: str | None = None


async def find(tx: AsyncSession, file_id: str, *, lock: bool = False) -> FileRow | None:
    """One file."""
    wanted = select(FileRow).where(FileRow.file_id == file_id)
    if lock:
        wanted = wanted.with_for_update()
    return (await tx.execute(wanted)).scalar_one_or_none()


async def list_made_of(tx: AsyncSession, file_id: str) -> Sequence[FileRow]:
    """The files that were made of one."""
    return (await tx.execute(select(FileRow).where(FileRow.source_id == file_id))).scalars().all()


async def remove(tx: AsyncSession, file_ids: Sequence[str]) -> None:
    """Forget files."""
    await tx.execute(delete(FileRow).where(FileRow.file_id.in_(file_ids)))


async def sum_of(tx: AsyncSession, user_id: int) -> int:
    """Bytes that a user's files take."""
    total = select(func.coalesce(func.sum(FileRow.file_size), 0)).where(FileRow.user_id == user_id)
    return int((await tx.execute(total)).scalar_one())


async def list_old(tx: AsyncSession, before: datetime, *, limit: int) -> Sequence[str]:
    """Files from before a moment, oldest first."""
    wanted = select(FileRow.file_id).where(FileRow.created_at < before).order_by(FileRow.id).limit(limit)
    return (await tx.execute(wanted)).scalars().all()


async def page(
    tx: AsyncSession, wanted: Wanted, *, viewer: int, meetings: Sequence[int], offset: int, limit: int
) -> tuple[Sequence[FileRow], int]:
    """Files of the viewer and of these meetings that match, newest first, and how many there are."""
    query: Select[FileRow] = select(FileRow).where(
        or_(FileRow.user_id == viewer, FileRow.meeting_id.in_(meetings))
    )
    if wanted.user_id is not None:
        query = query.where(FileRow.user_id == wanted.user_id)
    if wanted.meeting_id is not None:
        query = query.where(FileRow.meeting_id == wanted.meeting_id)
    if wanted.file_type is not None:
        query = query.where(FileRow.file_type == wanted.file_type)
    total = (await tx.execute(select(func.count()).select_from(query.subquery()))).scalar_one()
    rows = await tx.execute(query.order_by(FileRow.id.desc()).offset(offset).limit(limit))
    return rows.scalars().all(), total
