"""The tables of second factors, and their queries."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, String, UniqueConstraint, delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from salon.platform.db import Base, UtcDateTime
from salon.platform.ids import UserId


class TotpRow(Base):
    """The shared secret of one account's authenticator; without `enabled_at` it waits for its first code."""

    __tablename__ = "user_totp"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True, autoincrement=False)
    sealed_secret: Mapped[str] = mapped_column(String(255))
    enabled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_step: Mapped[int] = mapped_column(BigInteger)
    """The newest 30-second step whose code was taken: it and older ones are used up."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class RecoveryCodeRow(Base):
    """A code for whoever lost the authenticator; works once."""

    __tablename__ = "user_recovery_codes"
    __table_args__ = (UniqueConstraint("user_id", "code_hash"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    code_hash: Mapped[str] = mapped_column(String(64))
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


async def find_totp(tx: AsyncSession, user_id: UserId, *, lock: bool = False) -> TotpRow | None:
    """The account's authenticator, enabled or not. `lock`: nobody else takes a code meanwhile."""
    query = select(TotpRow).where(TotpRow.user_id == user_id)
    return (await tx.execute(query.with_for_update() if lock else query)).scalar_one_or_none()


async def remove_totp(tx: AsyncSession, user_id: UserId) -> None:
    """Forget the authenticator and its recovery codes."""
    await tx.execute(delete(RecoveryCodeRow).where(RecoveryCodeRow.user_id == user_id))
    await tx.execute(delete(TotpRow).where(TotpRow.user_id == user_id))


async def replace_recovery_codes(tx: AsyncSession, user_id: UserId, hashes: list[str]) -> None:
    """These codes and no others work from now on."""
    await tx.execute(delete(RecoveryCodeRow).where(RecoveryCodeRow.user_id == user_id))
    tx.add_all([RecoveryCodeRow(user_id=user_id, code_hash=code_hash) for code_hash in hashes])


async def use_recovery_code(tx: AsyncSession, user_id: UserId, code_hash: str, now: datetime) -> bool:
    """Use the code up; False if there is no such unused one."""
    query = (
        update(RecoveryCodeRow)
        .where(
            RecoveryCodeRow.user_id == user_id,
            RecoveryCodeRow.code_hash == code_hash,
            RecoveryCodeRow.used_at.is_(None),
        )
        .values(used_at=now)
        .returning(RecoveryCodeRow.id)
    )
    return (await tx.execute(query)).scalar_one_or_none() is not None


async def count_recovery_codes(tx: AsyncSession, user_id: UserId) -> int:
    """How many are left."""
    query = select(RecoveryCodeRow.id).where(
        RecoveryCodeRow.user_id == user_id, RecoveryCodeRow.used_at.is_(None)
    )
    return len((await tx.execute(query)).all())
