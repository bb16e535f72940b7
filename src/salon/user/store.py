"""The table of accounts and its queries."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import String, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from salon.platform.db import Base, UtcDateTime
from salon.platform.ids import UserId


class UserRow(Base):
    """One account. The `_key` columns hold what must be unique whatever the letter case."""

    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(String(50))
    username_key: Mapped[str] = mapped_column(String(50), unique=True)
    email: Mapped[str] = mapped_column(String(100))
    email_key: Mapped[str] = mapped_column(String(100), unique=True)
    password_hash: Mapped[str] = mapped_column(String(255))
    nickname: Mapped[str] = mapped_column(String(50))
    avatar: Mapped[str] = mapped_column(String(255))
    phone: Mapped[str] = mapped_column(String(20))
    role: Mapped[int]
    status: Mapped[int]
    last_login: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    deleted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


def fold(text: str) -> str:
    """What two spellings of one name or address have in common."""
    return text.strip().casefold()


async def find_user(tx: AsyncSession, user_id: UserId) -> UserRow | None:
    """The account, unless deleted."""
    query = select(UserRow).where(UserRow.id == user_id, UserRow.deleted_at.is_(None))
    return (await tx.execute(query)).scalar_one_or_none()


async def find_user_by_login(tx: AsyncSession, login: str) -> UserRow | None:
    """The account with this user name or e-mail address, unless deleted."""
    key = fold(login)
    query = (
        select(UserRow)
        .where(or_(UserRow.username_key == key, UserRow.email_key == key), UserRow.deleted_at.is_(None))
        .limit(1)
    )
    return (await tx.execute(query)).scalar_one_or_none()


async def list_users(tx: AsyncSession, user_ids: Sequence[UserId]) -> Sequence[UserRow]:
    """These accounts, without the deleted."""
    query = select(UserRow).where(UserRow.id.in_(user_ids), UserRow.deleted_at.is_(None))
    return (await tx.execute(query)).scalars().all()


async def list_taken(tx: AsyncSession, *, username: str, email: str) -> Sequence[UserRow]:
    """Accounts that hold one of the two; deleted ones keep theirs."""
    query = select(UserRow).where(
        or_(UserRow.username_key == fold(username), UserRow.email_key == fold(email))
    )
    return (await tx.execute(query)).scalars().all()
