"""What administrators do to other people's accounts."""

from collections.abc import Sequence
from dataclasses import dataclass

import structlog
from pydantic import JsonValue
from sqlalchemy.ext.asyncio import AsyncSession

from salon.platform.audit import AuditEntry, record
from salon.platform.auth import Caller
from salon.platform.bus import Bus
from salon.platform.clock import Clock
from salon.platform.db import Database
from salon.platform.errors import NotAllowed, NotFound, NotSignedIn
from salon.platform.ids import MAX_ROW_ID, UserId
from salon.user import store
from salon.user.face import UserDisabled, UserRole, UserStatus
from salon.user.service import ProfileChange, UserService, apply_change
from salon.user.sign_ins import SignIns
from salon.user.store import UserRow

log = structlog.get_logger()


class UserNotFound(NotFound):
    """There is no such account, or no more."""

    kind = "user_not_found"
    text = "There is no such user."


@dataclass(frozen=True, slots=True)
class UserChange:
    """What is to become different; None stays."""

    profile: ProfileChange
    role: UserRole | None = None
    status: UserStatus | None = None


class UserAdministration:
    """Lists, changes, bans and deletes accounts. Whoever calls has been checked to be an administrator."""

    def __init__(
        self, *, db: Database, bus: Bus, clock: Clock, users: UserService, sign_ins: SignIns
    ) -> None:
        self._db = db
        self._bus = bus
        self._clock = clock
        self._users = users
        self._sign_ins = sign_ins

    async def page(self, *, keyword: str, page: int, page_size: int) -> tuple[Sequence[UserRow], int]:
        """One page of the accounts, newest first, and how many there are."""
        async with self._db.read() as tx:
            return await store.page_users(
                tx, keyword=keyword.strip(), offset=(page - 1) * page_size, limit=page_size
            )

    async def get(self, user_id: UserId) -> UserRow:
        """An account.

        Raises:
            UserNotFound: there is none.
        """
        if user_id > MAX_ROW_ID:
            raise UserNotFound
        async with self._db.read() as tx:
            user = await store.find_user(tx, user_id)
        if user is None:
            raise UserNotFound
        return user

    async def update(self, by: Caller, user_id: UserId, change: UserChange) -> UserRow:
        """Change an account.

        Raises:
            UserNotFound: there is none.
            NotAllowed: see `_reach`; or a role above the caller's own.
        """
        async with self._db.begin() as tx:
            actor, user = await self._reach(tx, by, user_id, may_be_self=True)
            was_active = user.status == UserStatus.ACTIVE
            apply_change(user, change.profile)
            if change.role is not None and change.role != user.role:
                self._change_role(actor, user, change.role)
            if change.status is not None and change.status != user.status:
                self._change_status(actor, user, change.status)
            user.updated_at = self._clock.now()
            details: dict[str, JsonValue] = {"role": user.role, "status": user.status}
            await self._note(tx, "user.updated", by, user, details)
        if was_active and user.status != UserStatus.ACTIVE:
            await self._bus.publish(UserDisabled(user_id=user_id))
        return user

    async def delete(self, by: Caller, user_id: UserId) -> None:
        """Delete an account; its name and address become free.

        Raises:
            UserNotFound, NotAllowed: see `_reach`.
        """
        async with self._db.begin() as tx:
            _, user = await self._reach(tx, by, user_id)
            await self._users.bury(tx, user)
            await self._note(tx, "user.deleted", by, user)
        log.info("user.deleted", user_id=user_id, by=by.user_id)
        await self._bus.publish(UserDisabled(user_id=user_id))

    async def ban(self, by: Caller, user_id: UserId) -> None:
        """Shut somebody out: tokens, sockets and media end now. Twice is as good as once.

        Raises:
            UserNotFound, NotAllowed: see `_reach`.
        """
        async with self._db.begin() as tx:
            actor, user = await self._reach(tx, by, user_id)
            self._change_status(actor, user, UserStatus.BANNED)
            await self._note(tx, "user.banned", by, user)
        log.info("user.banned", user_id=user_id, by=by.user_id)
        await self._bus.publish(UserDisabled(user_id=user_id))

    async def unban(self, by: Caller, user_id: UserId) -> None:
        """Let somebody in again; they have to sign in anew.

        Raises:
            UserNotFound, NotAllowed: see `_reach`.
        """
        async with self._db.begin() as tx:
            actor, user = await self._reach(tx, by, user_id)
            self._change_status(actor, user, UserStatus.ACTIVE)
            await self._note(tx, "user.unbanned", by, user)
        # What was known of the account, that it is shut out, holds no more.
        await self._sign_ins.announce(user_id)

    async def _reach(
        self, tx: AsyncSession, by: Caller, user_id: UserId, *, may_be_self: bool = False
    ) -> tuple[UserRow, UserRow]:
        """The one who acts and the one it happens to, both locked.

        Raises:
            NotSignedIn: the caller's account is gone.
            UserNotFound: there is no such account.
            NotAllowed: it is the caller's own, or one of a higher rank.
        """
        if user_id > MAX_ROW_ID:
            raise UserNotFound
        # In the order of their numbers: two administrators who act on each other must not wait for ever.
        rows = {}
        for number in sorted({by.user_id, user_id}):
            rows[number] = await store.get_for_update(tx, number)
        actor, user = rows[by.user_id], rows[user_id]
        if actor is None:
            raise NotSignedIn("This account does not exist any more.")
        if actor.role < UserRole.ADMIN:
            raise NotAllowed
        if user is None:
            raise UserNotFound
        if user.id == actor.id and not may_be_self:
            raise NotAllowed("This is your own account. Ask another administrator.")
        if user.role > actor.role:
            raise NotAllowed("This account ranks above yours.")
        return actor, user

    def _change_role(self, actor: UserRow, user: UserRow, role: UserRole) -> None:
        if role > actor.role:
            raise NotAllowed("You cannot give a rank above your own.")
        if UserRole.GUEST in (user.role, role):
            raise NotAllowed("A guest has no account: there is no rank to change.")
        if user.id == actor.id and role < UserRole.ADMIN:
            raise NotAllowed("You cannot give up your own rank. Ask another administrator.")
        user.role = int(role)

    def _change_status(self, actor: UserRow, user: UserRow, status: UserStatus) -> None:
        if user.id == actor.id:
            raise NotAllowed("You cannot shut yourself out. Ask another administrator.")
        if status is not UserStatus.ACTIVE:
            self._sign_ins.end_all(user)
        user.status = int(status)
        user.updated_at = self._clock.now()

    async def _note(
        self,
        tx: AsyncSession,
        action: str,
        by: Caller,
        user: UserRow,
        details: dict[str, JsonValue] | None = None,
    ) -> None:
        entry = AuditEntry(
            action=action,
            actor_id=by.user_id,
            actor_name=by.username,
            target=f"user:{user.id}",
            details={"username": user.username, **(details or {})},
        )
        await record(tx, entry, now=self._clock.now())
