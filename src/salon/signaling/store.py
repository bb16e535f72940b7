"""Tables and queries of signaling: sessions and relayed messages."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import BigInteger, Index, Integer, String, Text, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from salon.platform.db import Base, UtcDateTime
from salon.signaling.face import SessionId
from salon.signaling.records import Kept, Opened
from salon.signaling.states import LIVE_STATES, SessionState

# SQLite numbers rows by itself only in an INTEGER key.
_RowId = BigInteger().with_variant(Integer, "sqlite")


class SessionRow(Base):
    """One signaling session, live or past."""

    __tablename__ = "signaling_sessions"
    __table_args__ = (Index("ix_signaling_sessions_meeting_id_status", "meeting_id", "status"),)

    id: Mapped[int] = mapped_column(_RowId, primary_key=True)
    session_id: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[int] = mapped_column(BigInteger)
    meeting_id: Mapped[int] = mapped_column(BigInteger)
    peer_id: Mapped[str] = mapped_column(String(64))
    status: Mapped[int]
    joined_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_ping_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    disconnected_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)


class MessageRow(Base):
    """One relayed offer or answer. Clients choose ``message_id``; two rows may carry the same."""

    __tablename__ = "signaling_messages"
    __table_args__ = (Index("ix_signaling_messages_meeting_id_created_at", "meeting_id", "created_at"),)

    id: Mapped[int] = mapped_column(_RowId, primary_key=True)
    message_id: Mapped[str] = mapped_column(String(64))
    session_id: Mapped[str] = mapped_column(String(64))
    from_user_id: Mapped[int] = mapped_column(BigInteger)
    to_user_id: Mapped[int | None] = mapped_column(BigInteger)
    meeting_id: Mapped[int] = mapped_column(BigInteger)
    message_type: Mapped[int]
    payload: Mapped[str] = mapped_column(Text)
    status: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)


SENT = 2
"""Status of a stored message; it is only stored once it was relayed."""


async def insert_session(tx: AsyncSession, opened: Opened) -> None:
    """Enter a session whose socket opened."""
    tx.add(
        SessionRow(
            session_id=opened.session_id,
            user_id=opened.user_id,
            meeting_id=opened.meeting_id,
            peer_id=opened.peer_id,
            status=SessionState.CONNECTING,
            joined_at=opened.at,
            last_ping_at=opened.at,
            created_at=opened.at,
            updated_at=opened.at,
        )
    )
    await tx.flush()


async def mark_joined(tx: AsyncSession, session_id: SessionId, at: datetime) -> None:
    """A session said JOIN."""
    await tx.execute(
        update(SessionRow)
        .where(SessionRow.session_id == session_id, SessionRow.status == SessionState.CONNECTING)
        .values(status=SessionState.CONNECTED, last_ping_at=at, updated_at=at)
    )


async def mark_alive(tx: AsyncSession, session_ids: Sequence[SessionId], at: datetime) -> None:
    """These sessions' sockets are up."""
    await tx.execute(update(SessionRow).where(SessionRow.session_id.in_(session_ids)).values(last_ping_at=at))


async def mark_closed(tx: AsyncSession, session_id: SessionId, at: datetime) -> None:
    """A session is over."""
    await tx.execute(
        update(SessionRow)
        .where(SessionRow.session_id == session_id, SessionRow.disconnected_at.is_(None))
        .values(status=SessionState.DISCONNECTED, disconnected_at=at, updated_at=at)
    )


async def close_all_but(tx: AsyncSession, live: Sequence[SessionId], at: datetime) -> list[tuple[int, int]]:
    """Close the records of sessions that did not live at that moment; (meeting, user) of each."""
    dead = (
        SessionRow.disconnected_at.is_(None)
        & SessionRow.session_id.not_in(live)
        # One that opened since `live` was written down is not in it, and lives.
        & (SessionRow.created_at <= at)
    )
    rows = await tx.execute(select(SessionRow.meeting_id, SessionRow.user_id).where(dead).distinct())
    gone = [(meeting_id, user_id) for meeting_id, user_id in rows]
    await tx.execute(
        update(SessionRow)
        .where(dead)
        .values(status=SessionState.DISCONNECTED, disconnected_at=at, updated_at=at)
        .execution_options(synchronize_session=False)
    )
    return gone


async def insert_message(tx: AsyncSession, kept: Kept) -> None:
    """Keep a relayed message."""
    tx.add(
        MessageRow(
            message_id=kept.message_id,
            session_id=kept.session_id,
            from_user_id=kept.from_user_id,
            to_user_id=kept.to_user_id,
            meeting_id=kept.meeting_id,
            message_type=kept.message_type,
            payload=kept.payload,
            status=SENT,
            created_at=kept.at,
            updated_at=kept.at,
        )
    )
    await tx.flush()


async def find_session(tx: AsyncSession, session_id: str) -> SessionRow | None:
    """The record of a session."""
    return await tx.scalar(select(SessionRow).where(SessionRow.session_id == session_id))


async def list_live(tx: AsyncSession, meeting_id: int, limit: int) -> list[SessionRow]:
    """Live sessions of a meeting, newest first."""
    rows = await tx.scalars(
        select(SessionRow)
        .where(SessionRow.meeting_id == meeting_id, SessionRow.status.in_(LIVE_STATES))
        .order_by(SessionRow.id.desc())
        .limit(limit)
    )
    return list(rows)


async def page_sessions(
    tx: AsyncSession, *, meeting_id: int | None, status: int | None, offset: int, limit: int
) -> tuple[list[SessionRow], int]:
    """A page of all sessions, newest first, and how many there are."""
    query = select(SessionRow)
    if meeting_id is not None:
        query = query.where(SessionRow.meeting_id == meeting_id)
    if status is not None:
        query = query.where(SessionRow.status == status)
    total = await tx.scalar(select(func.count()).select_from(query.subquery()))
    rows = await tx.scalars(query.order_by(SessionRow.id.desc()).offset(offset).limit(limit))
    return list(rows), total or 0


async def list_messages(tx: AsyncSession, meeting_id: int, limit: int) -> list[MessageRow]:
    """Relayed messages of a meeting, newest first."""
    rows = await tx.scalars(
        select(MessageRow)
        .where(MessageRow.meeting_id == meeting_id)
        .order_by(MessageRow.created_at.desc(), MessageRow.id.desc())
        .limit(limit)
    )
    return list(rows)
