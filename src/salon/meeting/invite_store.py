"""The table of invite links and its queries."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ForeignKey, String, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from salon.meeting.face import MeetingId
from salon.meeting.store import ParticipantRow
from salon.platform.db import Base, UtcDateTime
from salon.platform.ids import MAX_ROW_ID, UserId


class InviteRow(Base):
    """A link that gives whoever holds it a place in a meeting. Its secret itself is nowhere kept."""

    __tablename__ = "meeting_invites"

    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meetings.id"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    role: Mapped[int]
    guests: Mapped[bool]
    max_uses: Mapped[int | None]
    uses: Mapped[int]
    created_by: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


async def find_invite(tx: AsyncSession, token_hash: str, *, lock: bool = False) -> InviteRow | None:
    """The link with this secret."""
    query = select(InviteRow).where(InviteRow.token_hash == token_hash)
    return (await tx.execute(query.with_for_update() if lock else query)).scalar_one_or_none()


async def find_invite_of(tx: AsyncSession, meeting_id: MeetingId, invite_id: int) -> InviteRow | None:
    """A link of this meeting."""
    if invite_id > MAX_ROW_ID:
        return None
    query = select(InviteRow).where(InviteRow.meeting_id == meeting_id, InviteRow.id == invite_id)
    return (await tx.execute(query.with_for_update())).scalar_one_or_none()


async def list_invites(tx: AsyncSession, meeting_id: MeetingId, now: datetime) -> Sequence[InviteRow]:
    """The links of a meeting that still work, newest first."""
    query = (
        select(InviteRow)
        .where(InviteRow.meeting_id == meeting_id, InviteRow.revoked_at.is_(None), InviteRow.expires_at > now)
        .order_by(InviteRow.id.desc())
    )
    return (await tx.execute(query)).scalars().all()


async def list_guests(
    tx: AsyncSession, *, meeting_id: MeetingId | None = None, invite_id: int | None = None
) -> list[UserId]:
    """Guests of a meeting, or of a link."""
    query = select(ParticipantRow.user_id).where(ParticipantRow.is_guest)
    if meeting_id is not None:
        query = query.where(ParticipantRow.meeting_id == meeting_id)
    if invite_id is not None:
        query = query.where(ParticipantRow.invite_id == invite_id)
    return [UserId(user_id) for user_id in (await tx.execute(query)).scalars()]
