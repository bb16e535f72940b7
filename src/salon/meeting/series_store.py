"""The tables of recurring meetings and of mailed invitations, and their queries."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from salon.meeting.face import MeetingStatus
from salon.meeting.store import MeetingRow
from salon.platform.db import Base, UtcDateTime


class SeriesRow(Base):
    """What repeats. Its occurrences are meetings of their own, made some while ahead."""

    __tablename__ = "meeting_series"
    __table_args__ = (Index(None, "is_complete", "made_until"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    creator_id: Mapped[int]
    rule: Mapped[str] = mapped_column(String(255))
    """RFC 5545, section 3.3.10; UNTIL in UTC."""
    time_zone: Mapped[str] = mapped_column(String(64))
    """IANA name: the wall clock that the rule follows over changes to and from summer time."""
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    shift_s: Mapped[int]
    """How far, on the wall clock, occurrences made from now on lie from where the rule puts them."""
    duration_s: Mapped[int]
    template: Mapped[dict[str, Any]] = mapped_column(JSON)
    made_until: Mapped[datetime] = mapped_column(UtcDateTime)
    """Occurrences up to here were made."""
    ends_before: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Cut off: nothing from here on."""
    is_complete: Mapped[bool]
    """There is nothing left to make."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class LetterRow(Base):
    """An address that a meeting's invitation was mailed to."""

    __tablename__ = "meeting_letters"
    __table_args__ = (UniqueConstraint("meeting_id", "email"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meetings.id"))
    email: Mapped[str] = mapped_column(String(100))
    sequence: Mapped[int]
    """Which state of the meeting they were told last."""
    base_url: Mapped[str] = mapped_column(String(255))
    """What links in letters to them begin with."""
    sent_at: Mapped[datetime] = mapped_column(UtcDateTime)
    cancelled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


async def find_series(tx: AsyncSession, series_id: int, *, lock: bool = False) -> SeriesRow | None:
    """The series of that number."""
    query = select(SeriesRow).where(SeriesRow.id == series_id)
    return (await tx.execute(query.with_for_update() if lock else query)).scalar_one_or_none()


async def list_series(tx: AsyncSession, ids: Sequence[int]) -> dict[int, SeriesRow]:
    """These series by number."""
    query = select(SeriesRow).where(SeriesRow.id.in_(ids))
    return {row.id: row for row in (await tx.execute(query)).scalars()}


async def list_due_series(tx: AsyncSession, made_before: datetime, *, limit: int) -> Sequence[SeriesRow]:
    """Series whose next occurrences have to be made."""
    query = (
        select(SeriesRow)
        .where(SeriesRow.is_complete.is_(False), SeriesRow.made_until < made_before)
        .order_by(SeriesRow.made_until)
        .limit(limit)
        .with_for_update()
    )
    return (await tx.execute(query)).scalars().all()


async def list_occurrences(tx: AsyncSession, series_id: int) -> Sequence[MeetingRow]:
    """Everything that was ever made of a series, deleted ones included, in the order of the rule."""
    query = select(MeetingRow).where(MeetingRow.series_id == series_id).order_by(MeetingRow.series_start)
    return (await tx.execute(query)).scalars().all()


async def list_planned(
    tx: AsyncSession, series_id: int, *, since: datetime | None = None
) -> Sequence[MeetingRow]:
    """Occurrences that have not begun, from a place in the rule on; locked."""
    query = select(MeetingRow).where(
        MeetingRow.series_id == series_id,
        MeetingRow.deleted_at.is_(None),
        MeetingRow.status == int(MeetingStatus.SCHEDULED),
    )
    if since is not None:
        query = query.where(MeetingRow.series_start >= since)
    return (await tx.execute(query.order_by(MeetingRow.id).with_for_update())).scalars().all()


async def list_letters(tx: AsyncSession, meeting_id: int, *, lock: bool = False) -> Sequence[LetterRow]:
    """Where a meeting's invitation went, unless taken back."""
    query = select(LetterRow).where(LetterRow.meeting_id == meeting_id, LetterRow.cancelled_at.is_(None))
    query = query.order_by(LetterRow.id)
    return (await tx.execute(query.with_for_update() if lock else query)).scalars().all()
