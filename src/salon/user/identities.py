"""The table of identities at other providers, and its queries."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint, delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from salon.platform.db import Base, UtcDateTime
from salon.platform.ids import UserId


class IdentityRow(Base):
    """An account's identity at an OpenID provider. Issuer and subject name it, an address does not."""

    __tablename__ = "user_identities"
    __table_args__ = (UniqueConstraint("issuer", "subject"), UniqueConstraint("user_id", "issuer"))

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    issuer: Mapped[str] = mapped_column(String(255))
    subject: Mapped[str] = mapped_column(String(255))
    email: Mapped[str] = mapped_column(String(100))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_used_at: Mapped[datetime] = mapped_column(UtcDateTime)


async def find_identity(tx: AsyncSession, *, issuer: str, subject: str) -> IdentityRow | None:
    """Whose identity this is."""
    query = select(IdentityRow).where(IdentityRow.issuer == issuer, IdentityRow.subject == subject)
    return (await tx.execute(query)).scalar_one_or_none()


async def find_identity_of(tx: AsyncSession, user_id: UserId, *, issuer: str) -> IdentityRow | None:
    """The account's identity at this provider."""
    query = select(IdentityRow).where(IdentityRow.user_id == user_id, IdentityRow.issuer == issuer)
    return (await tx.execute(query)).scalar_one_or_none()


async def remove_identities(tx: AsyncSession, user_id: UserId, *, issuer: str | None = None) -> None:
    """Forget the account's identity at one provider, or at all."""
    query = delete(IdentityRow).where(IdentityRow.user_id == user_id)
    await tx.execute(query if issuer is None else query.where(IdentityRow.issuer == issuer))
