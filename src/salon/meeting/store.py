"""The tables of meetings, rooms, participants and chat, and their queries."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    ColumnElement,
    ForeignKey,
    FromClause,
    Index,
    String,
    Subquery,
    Text,
    UniqueConstraint,
    false,
    func,
    or_,
    select,
    text,
    true,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute, Mapped, mapped_column
from sqlalchemy.sql.base import ReadOnlyColumnCollection

from salon.meeting.face import MeetingId, MeetingStatus, ParticipantStatus, RoomId
from salon.platform.db import Base, UtcDateTime
from salon.platform.ids import MAX_ROW_ID, UserId

_EXISTS = text("deleted_at IS NULL")


class MeetingRow(Base):
    """What is planned and remembered."""

    __tablename__ = "meetings"
    __table_args__ = (
        Index(None, "status", "end_time"),
        Index(None, "series_id", "series_start"),
        # What lists of everybody's meetings walk along.
        Index(None, "start_time", "id", sqlite_where=_EXISTS, postgresql_where=_EXISTS),
        Index(None, "status", "start_time", "id", sqlite_where=_EXISTS, postgresql_where=_EXISTS),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(255))
    description: Mapped[str] = mapped_column(Text)
    creator_id: Mapped[int] = mapped_column(index=True)
    start_time: Mapped[datetime] = mapped_column(UtcDateTime)
    end_time: Mapped[datetime] = mapped_column(UtcDateTime)
    max_participants: Mapped[int]
    status: Mapped[int]
    meeting_type: Mapped[str] = mapped_column(String(16))
    password_hash: Mapped[str | None] = mapped_column(String(255))
    settings: Mapped[dict[str, Any]] = mapped_column(JSON)
    """Only what was chosen: an absent switch is not the same as one that is off."""
    locked: Mapped[bool] = mapped_column(default=False, server_default=false())
    series_id: Mapped[int | None]
    series_start: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When the rule of its series puts it, wherever it was moved to."""
    sequence: Mapped[int] = mapped_column(default=0, server_default="0")
    """Raised when what a calendar shows changes (RFC 5545, section 3.8.7.4)."""
    is_exception: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Differs from what its series says."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    deleted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class RoomRow(Base):
    """The live space of a meeting; one each."""

    __tablename__ = "meeting_rooms"

    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meetings.id"), unique=True)
    room_id: Mapped[str] = mapped_column(String(100), unique=True)
    sfu_node: Mapped[str] = mapped_column(String(100))
    status: Mapped[str] = mapped_column(String(16))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ParticipantRow(Base):
    """One user's membership of one meeting."""

    __tablename__ = "meeting_participants"
    __table_args__ = (
        UniqueConstraint("meeting_id", "user_id"),
        Index(None, "user_id", "meeting_id"),
        Index(None, "meeting_id", "status"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meetings.id"))
    user_id: Mapped[int]
    role: Mapped[int]
    status: Mapped[int]
    joined_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    left_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    audio_block: Mapped[str] = mapped_column(String(8), default="free", server_default="free")
    video_block: Mapped[str] = mapped_column(String(8), default="free", server_default="free")
    invite_id: Mapped[int | None] = mapped_column(index=True)
    """The link that gave the place."""
    is_guest: Mapped[bool] = mapped_column(default=False, server_default=false())
    admitted: Mapped[bool] = mapped_column(default=True, server_default=true())
    """False: came by a link, and has still to be let in where that is asked for."""


class KnockRow(Base):
    """Somebody who asked to be let in; one each and meeting."""

    __tablename__ = "meeting_knocks"
    __table_args__ = (UniqueConstraint("meeting_id", "user_id"), Index(None, "meeting_id", "state"))

    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meetings.id"))
    user_id: Mapped[int]
    state: Mapped[str] = mapped_column(String(16))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ChatRow(Base):
    """One chat message. The client's own id is not unique: a clash must not lose a message."""

    __tablename__ = "chat_messages"
    __table_args__ = (Index(None, "meeting_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[str] = mapped_column(String(64))
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meetings.id"))
    user_id: Mapped[int]
    username: Mapped[str] = mapped_column(String(50))
    content: Mapped[str] = mapped_column(Text)
    session_id: Mapped[str | None] = mapped_column(String(64))
    extra: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


_OPEN = (int(MeetingStatus.SCHEDULED), int(MeetingStatus.ACTIVE))
_OVER = (int(MeetingStatus.ENDED), int(MeetingStatus.CANCELLED))


async def find_meeting(tx: AsyncSession, meeting_id: MeetingId, *, lock: bool = False) -> MeetingRow | None:
    """The meeting, unless deleted. `lock`: nobody else decides on it until the transaction ends."""
    if meeting_id > MAX_ROW_ID:
        return None
    query = select(MeetingRow).where(MeetingRow.id == meeting_id, MeetingRow.deleted_at.is_(None))
    if lock:
        query = query.with_for_update()
    return (await tx.execute(query)).scalar_one_or_none()


async def find_meeting_or_deleted(tx: AsyncSession, meeting_id: MeetingId) -> MeetingRow | None:
    """The meeting, even if it was taken away."""
    return (await tx.execute(select(MeetingRow).where(MeetingRow.id == meeting_id))).scalar_one_or_none()


async def get_room(tx: AsyncSession, meeting_id: MeetingId) -> RoomRow:
    """The room of a meeting; it was made with it."""
    return (await tx.execute(select(RoomRow).where(RoomRow.meeting_id == meeting_id))).scalar_one()


async def find_participant(tx: AsyncSession, meeting_id: MeetingId, user_id: UserId) -> ParticipantRow | None:
    """The user's membership of the meeting."""
    if user_id > MAX_ROW_ID:
        return None
    query = select(ParticipantRow).where(
        ParticipantRow.meeting_id == meeting_id, ParticipantRow.user_id == user_id
    )
    return (await tx.execute(query)).scalar_one_or_none()


async def list_participants(tx: AsyncSession, meeting_id: MeetingId) -> Sequence[ParticipantRow]:
    """All memberships, oldest first."""
    query = select(ParticipantRow).where(ParticipantRow.meeting_id == meeting_id).order_by(ParticipantRow.id)
    return (await tx.execute(query)).scalars().all()


async def count_joined(tx: AsyncSession, meeting_id: MeetingId, *, except_user: UserId | None = None) -> int:
    """How many are in the meeting now."""
    query = select(func.count(ParticipantRow.id)).where(
        ParticipantRow.meeting_id == meeting_id, ParticipantRow.status == int(ParticipantStatus.JOINED)
    )
    if except_user is not None:
        query = query.where(ParticipantRow.user_id != except_user)
    return (await tx.execute(query)).scalar_one()


async def list_seats(
    tx: AsyncSession, user_id: UserId, meeting_ids: Sequence[MeetingId]
) -> list[tuple[MeetingRow, RoomRow, ParticipantRow | None]]:
    """Meetings the user made or is a participant of, with their rooms."""
    query = (
        select(MeetingRow, RoomRow, ParticipantRow)
        .join(RoomRow, RoomRow.meeting_id == MeetingRow.id)
        .outerjoin(
            ParticipantRow,
            (ParticipantRow.meeting_id == MeetingRow.id) & (ParticipantRow.user_id == user_id),
        )
        .where(MeetingRow.id.in_([number for number in meeting_ids if number <= MAX_ROW_ID]))
        .where(MeetingRow.deleted_at.is_(None))
        .where(or_(MeetingRow.creator_id == user_id, ParticipantRow.id.is_not(None)))
    )
    return [(meeting, room, participant) for meeting, room, participant in await tx.execute(query)]


async def list_rooms(tx: AsyncSession, room_ids: Sequence[RoomId]) -> list[tuple[str, int]]:
    """Room ids and the meetings they belong to."""
    query = select(RoomRow.room_id, RoomRow.meeting_id).where(RoomRow.room_id.in_(room_ids))
    return [(room_id, meeting_id) for room_id, meeting_id in await tx.execute(query)]


async def list_existing(tx: AsyncSession, meeting_ids: Sequence[int]) -> set[int]:
    """Those of the ids that are meetings."""
    query = select(MeetingRow.id).where(MeetingRow.id.in_(meeting_ids), MeetingRow.deleted_at.is_(None))
    return set((await tx.execute(query)).scalars())


_NARROW = (MeetingRow.id, MeetingRow.start_time, MeetingRow.end_time, MeetingRow.status)


def _mine(user_id: UserId, *more: InstrumentedAttribute[str]) -> Subquery:
    """The user's meetings, to choose from: only the columns that choosing takes, and `more`.

    By membership alone, which an index answers: who makes a meeting becomes its participant with it. What is
    asked of them further must not lead a database to an index over everybody's meetings; both SQLite and
    PostgreSQL look into a subquery no deeper than its offset.
    """
    query = (
        select(*_NARROW, *more)
        .join(ParticipantRow, ParticipantRow.meeting_id == MeetingRow.id)
        .where(
            ParticipantRow.user_id == user_id,
            ParticipantRow.status != int(ParticipantStatus.REJECTED),
            MeetingRow.deleted_at.is_(None),
        )
    )
    return query.offset(0).subquery("own")


def _mine_filtered(user_id: UserId, status: int, keyword: str) -> tuple[Subquery, list[ColumnElement[bool]]]:
    own = _mine(user_id, *((MeetingRow.title, MeetingRow.description) if keyword else ()))
    return own, _filters(own.c, status, keyword)


async def list_meetings(
    tx: AsyncSession, user_id: UserId, *, status: int, keyword: str, offset: int, limit: int
) -> Sequence[MeetingRow]:
    """One page of the user's meetings, latest start first."""
    own, filters = _mine_filtered(user_id, status, keyword)
    return await _list_latest(tx, own, filters, offset=offset, limit=limit)


async def count_meetings(tx: AsyncSession, user_id: UserId, *, status: int, keyword: str) -> int:
    """How many meetings of the user there are."""
    own, filters = _mine_filtered(user_id, status, keyword)
    return (await tx.execute(select(func.count()).select_from(own).where(*filters))).scalar_one()


async def list_all(
    tx: AsyncSession, *, status: int, keyword: str, offset: int, limit: int
) -> Sequence[MeetingRow]:
    """One page of everybody's meetings, latest start first. How many there are is slow to tell."""
    table = MeetingRow.__table__
    filters = [table.c.deleted_at.is_(None), *_filters(table.c, status, keyword)]
    return await _list_latest(tx, table, filters, offset=offset, limit=limit)


def _filters(
    columns: ReadOnlyColumnCollection[str, Any], status: int, keyword: str
) -> list[ColumnElement[bool]]:
    filters: list[ColumnElement[bool]] = []
    if status:
        filters.append(columns.status == status)
    if keyword:
        filters.append(
            or_(
                columns.title.icontains(keyword, autoescape=True),
                columns.description.icontains(keyword, autoescape=True),
            )
        )
    return filters


async def count_by_status(tx: AsyncSession) -> dict[int, int]:
    """How many meetings there are, by status."""
    query = (
        select(MeetingRow.status, func.count())
        .where(MeetingRow.deleted_at.is_(None))
        .group_by(MeetingRow.status)
    )
    return {row[0]: row[1] for row in await tx.execute(query)}


async def count_participants_by_status(tx: AsyncSession) -> dict[int, int]:
    """How many memberships there are, by status."""
    query = select(ParticipantRow.status, func.count()).group_by(ParticipantRow.status)
    return {row[0]: row[1] for row in await tx.execute(query)}


async def list_joined(
    tx: AsyncSession, meeting_id: MeetingId, *, lock: bool = False
) -> Sequence[ParticipantRow]:
    """Who is in the meeting now."""
    query = select(ParticipantRow).where(
        ParticipantRow.meeting_id == meeting_id, ParticipantRow.status == int(ParticipantStatus.JOINED)
    )
    query = query.order_by(ParticipantRow.id)
    return (await tx.execute(query.with_for_update() if lock else query)).scalars().all()


async def list_participants_of(
    tx: AsyncSession, meeting_id: MeetingId, user_ids: Sequence[UserId]
) -> dict[UserId, ParticipantRow]:
    """The memberships of these users, locked, in one order for everybody."""
    query = (
        select(ParticipantRow)
        .where(
            ParticipantRow.meeting_id == meeting_id,
            ParticipantRow.user_id.in_([number for number in user_ids if number <= MAX_ROW_ID]),
        )
        .order_by(ParticipantRow.id)
        .with_for_update()
    )
    return {UserId(row.user_id): row for row in (await tx.execute(query)).scalars()}


async def find_knock(
    tx: AsyncSession, meeting_id: MeetingId, user_id: UserId, *, lock: bool = False
) -> KnockRow | None:
    """How the user asked to be let in."""
    if max(meeting_id, user_id) > MAX_ROW_ID:
        return None
    query = select(KnockRow).where(KnockRow.meeting_id == meeting_id, KnockRow.user_id == user_id)
    return (await tx.execute(query.with_for_update() if lock else query)).scalar_one_or_none()


async def list_waiting(tx: AsyncSession, meeting_id: MeetingId, *, lock: bool = False) -> Sequence[KnockRow]:
    """Who waits to be let in, longest first."""
    query = (
        select(KnockRow)
        .where(KnockRow.meeting_id == meeting_id, KnockRow.state == "waiting")
        .order_by(KnockRow.asked_at, KnockRow.id)
    )
    return (await tx.execute(query.with_for_update() if lock else query)).scalars().all()


async def list_denied(
    tx: AsyncSession, meeting_id: MeetingId, user_ids: Sequence[UserId]
) -> Sequence[KnockRow]:
    """Which of these were turned away."""
    query = select(KnockRow).where(
        KnockRow.meeting_id == meeting_id, KnockRow.state == "denied", KnockRow.user_id.in_(user_ids)
    )
    return (await tx.execute(query.with_for_update())).scalars().all()


async def list_recorded_for(tx: AsyncSession, user_id: UserId, *, limit: int) -> list[int]:
    """Meetings whose recordings a member may see (see `rules.may_see_recordings`), newest first."""
    query = (
        select(MeetingRow.id)
        .join(ParticipantRow, ParticipantRow.meeting_id == MeetingRow.id)
        .where(
            ParticipantRow.user_id == user_id,
            ParticipantRow.status != int(ParticipantStatus.REJECTED),
            or_(ParticipantRow.admitted, ParticipantRow.joined_at.is_not(None)),
            MeetingRow.deleted_at.is_(None),
        )
        .order_by(MeetingRow.id.desc())
        .limit(limit)
    )
    return list((await tx.execute(query)).scalars())


async def list_upcoming(
    tx: AsyncSession, user_id: UserId, now: datetime, *, offset: int, limit: int
) -> Sequence[MeetingRow]:
    """The user's meetings that are neither over nor past their end."""
    own = _mine(user_id)
    filters = [own.c.status.in_(_OPEN), own.c.end_time > now]
    return await _list_latest(tx, own, filters, offset=offset, limit=limit)


async def list_history(
    tx: AsyncSession, user_id: UserId, now: datetime, *, offset: int, limit: int
) -> Sequence[MeetingRow]:
    """The user's meetings that are over or past their end."""
    own = _mine(user_id)
    filters = [or_(own.c.status.in_(_OVER), own.c.end_time <= now)]
    return await _list_latest(tx, own, filters, offset=offset, limit=limit)


async def _list_latest(
    tx: AsyncSession, rows: FromClause, filters: list[ColumnElement[bool]], *, offset: int, limit: int
) -> Sequence[MeetingRow]:
    """Chosen by number first: only the rows of the page are read as a whole."""
    chosen = select(rows.c.id).where(*filters).order_by(rows.c.start_time.desc(), rows.c.id.desc())
    page = chosen.offset(offset).limit(limit).subquery("page")
    query = select(MeetingRow).join(page, page.c.id == MeetingRow.id)
    query = query.order_by(MeetingRow.start_time.desc(), MeetingRow.id.desc())
    return (await tx.execute(query)).scalars().all()


async def list_rooms_of(tx: AsyncSession, meeting_ids: Sequence[int]) -> dict[int, str]:
    """Room ids by meeting."""
    query = select(RoomRow.meeting_id, RoomRow.room_id).where(RoomRow.meeting_id.in_(meeting_ids))
    return {row.meeting_id: row.room_id for row in await tx.execute(query)}


async def list_chat(
    tx: AsyncSession, meeting_id: MeetingId, *, limit: int, offset: int, before: int | None
) -> Sequence[ChatRow]:
    """Messages of a meeting, newest first."""
    query = select(ChatRow).where(ChatRow.meeting_id == meeting_id)
    if before is not None:
        query = query.where(ChatRow.id < before)
    query = query.order_by(ChatRow.id.desc()).offset(offset).limit(limit)
    return (await tx.execute(query)).scalars().all()


async def list_abandoned(tx: AsyncSession, ended_before: datetime, *, limit: int) -> Sequence[MeetingRow]:
    """Open meetings past their end with nobody in them."""
    joined = select(ParticipantRow.meeting_id).where(ParticipantRow.status == int(ParticipantStatus.JOINED))
    query = (
        select(MeetingRow)
        .where(
            MeetingRow.deleted_at.is_(None),
            MeetingRow.status.in_(_OPEN),
            MeetingRow.end_time < ended_before,
            MeetingRow.id.not_in(joined),
        )
        .with_for_update()
        .limit(limit)
    )
    return (await tx.execute(query)).scalars().all()


async def mark_everybody_left(
    tx: AsyncSession, now: datetime, *, meeting_id: MeetingId | None = None
) -> None:
    """Nobody is in the meeting any more, or in any if none is named."""
    query = update(ParticipantRow).where(ParticipantRow.status == int(ParticipantStatus.JOINED))
    if meeting_id is not None:
        query = query.where(ParticipantRow.meeting_id == meeting_id)
    await tx.execute(query.values(status=int(ParticipantStatus.LEFT), left_at=now))


async def count_active(tx: AsyncSession) -> int:
    """Meetings going on."""
    query = select(func.count(MeetingRow.id)).where(
        MeetingRow.status == int(MeetingStatus.ACTIVE), MeetingRow.deleted_at.is_(None)
    )
    return (await tx.execute(query)).scalar_one()
