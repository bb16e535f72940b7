"""The table of accounts and its queries."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ForeignKey, String, delete, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from salon.platform.db import Base, UtcDateTime
from salon.platform.ids import MAX_ROW_ID, UserId
from salon.user.face import UserRole, UserStatus


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
    token_version: Mapped[int] = mapped_column(default=0, server_default="0")
    """Raised to end every token issued before."""
    tokens_valid_from: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """The same for tokens made elsewhere, which carry no version."""
    last_login: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    deleted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class RevokedSignInRow(Base):
    """A sign-in that ended before its tokens expire."""

    __tablename__ = "user_revoked_sign_ins"

    sid: Mapped[str] = mapped_column(String(64), primary_key=True)
    user_id: Mapped[int] = mapped_column(index=True)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    """When its last token expires, and the row may go."""


class ResetCodeRow(Base):
    """A mailed code that allows one new password."""

    __tablename__ = "user_reset_codes"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), unique=True)
    code_hash: Mapped[str] = mapped_column(String(64))
    tries: Mapped[int]
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)


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


async def find_token_facts(
    tx: AsyncSession, user_id: UserId, now: datetime
) -> tuple[UserRow, frozenset[str]] | None:
    """What decides about a token: the account, deleted or not, and its sign-ins that ended early."""
    user = (await tx.execute(select(UserRow).where(UserRow.id == user_id))).scalar_one_or_none()
    if user is None:
        return None
    query = select(RevokedSignInRow.sid).where(
        RevokedSignInRow.user_id == user_id, RevokedSignInRow.expires_at > now
    )
    return user, frozenset((await tx.execute(query)).scalars())


async def get_for_update(tx: AsyncSession, user_id: UserId) -> UserRow | None:
    """The account, unless deleted; nobody else decides on it until the transaction ends."""
    query = select(UserRow).where(UserRow.id == user_id, UserRow.deleted_at.is_(None)).with_for_update()
    return (await tx.execute(query)).scalar_one_or_none()


async def count_admins(tx: AsyncSession, *, except_id: int | None = None) -> int:
    """Administrators who can act; the answer holds until the transaction ends."""
    query = (
        select(UserRow.id)
        .where(
            UserRow.role >= int(UserRole.ADMIN),
            UserRow.status == int(UserStatus.ACTIVE),
            UserRow.deleted_at.is_(None),
        )
        .with_for_update()
    )
    return sum(1 for user_id in (await tx.execute(query)).scalars() if user_id != except_id)


async def page_users(
    tx: AsyncSession, *, keyword: str, offset: int, limit: int
) -> tuple[Sequence[UserRow], int]:
    """One page of the accounts, newest first, and how many there are. Guests are none."""
    query = select(UserRow).where(UserRow.deleted_at.is_(None), UserRow.role > int(UserRole.GUEST))
    if keyword:
        query = query.where(
            or_(
                UserRow.username.icontains(keyword, autoescape=True),
                UserRow.email.icontains(keyword, autoescape=True),
                UserRow.nickname.icontains(keyword, autoescape=True),
            )
        )
    total = (await tx.execute(select(func.count()).select_from(query.subquery()))).scalar_one()
    page = query.order_by(UserRow.id.desc()).offset(offset).limit(limit)
    return (await tx.execute(page)).scalars().all(), total


async def find_reset_code(tx: AsyncSession, user_id: UserId) -> ResetCodeRow | None:
    """The account's code; nobody else tries it until the transaction ends."""
    query = select(ResetCodeRow).where(ResetCodeRow.user_id == user_id).with_for_update()
    return (await tx.execute(query)).scalar_one_or_none()


async def remove_reset_code(tx: AsyncSession, user_id: UserId) -> None:
    """Forget the account's code."""
    await tx.execute(delete(ResetCodeRow).where(ResetCodeRow.user_id == user_id))


async def forget_expired(tx: AsyncSession, now: datetime) -> None:
    """Drop what is of no use any more."""
    await tx.execute(delete(RevokedSignInRow).where(RevokedSignInRow.expires_at <= now))
    await tx.execute(delete(ResetCodeRow).where(ResetCodeRow.expires_at <= now))


async def list_users(tx: AsyncSession, user_ids: Sequence[UserId]) -> Sequence[UserRow]:
    """These accounts, without the deleted."""
    known = [number for number in user_ids if number <= MAX_ROW_ID]
    query = select(UserRow).where(UserRow.id.in_(known), UserRow.deleted_at.is_(None))
    return (await tx.execute(query)).scalars().all()


async def list_taken(tx: AsyncSession, *, username: str, email: str) -> Sequence[UserRow]:
    """Accounts that hold one of the two; deleted ones keep theirs."""
    query = select(UserRow).where(
        or_(UserRow.username_key == fold(username), UserRow.email_key == fold(email))
    )
    return (await tx.execute(query)).scalars().all()
