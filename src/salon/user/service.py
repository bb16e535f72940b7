"""The rules of accounts: made, changed, looked up, taken away."""

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import structlog
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from salon.platform.audit import AuditEntry, client_address, record
from salon.platform.auth import Caller
from salon.platform.bus import Bus
from salon.platform.clock import Clock
from salon.platform.db import Database
from salon.platform.errors import BadRequest, Conflict, NotAllowed, NotSignedIn
from salon.platform.ids import UserId
from salon.platform.passwords import Passwords
from salon.platform.quotas import Quota, Quotas
from salon.user import identities, store
from salon.user.face import Standing, UserCard, UserDisabled, UserRole, Users, UserStatus
from salon.user.sign_ins import SignIns
from salon.user.store import UserRow

log = structlog.get_logger()

_MAX_IDS = 500
_AVATAR = re.compile(r"(https?://|/avatars/)[\x21-\x7e]*")


@dataclass(frozen=True, slots=True)
class ProfileChange:
    """What is to become different; None stays, empty clears."""

    nickname: str | None = None
    avatar: str | None = None
    phone: str | None = None


class UserService(Users):
    """Accounts: register, change, look up."""

    def __init__(
        self,
        *,
        db: Database,
        bus: Bus,
        clock: Clock,
        passwords: Passwords,
        quotas: Quotas,
        sign_ins: SignIns,
    ) -> None:
        self._db = db
        self._bus = bus
        self._clock = clock
        self._passwords = passwords
        self._quotas = quotas
        self._sign_ins = sign_ins

    async def register(
        self,
        *,
        username: str,
        email: str,
        password: str,
        nickname: str = "",
        phone: str = "",
    ) -> UserRow:
        """Make an account for whoever asks.

        Raises:
            BadRequest: the name or the address is taken.
            TooManyRequests: too many new accounts from this address.
            Unavailable: too many are signing in at this moment.
        """
        await self._quotas.take(Quota.REGISTER, client_address.get())
        return await self.make(
            username=username, email=email, password=password, nickname=nickname, phone=phone
        )

    async def make(
        self,
        *,
        username: str,
        email: str,
        password: str,
        nickname: str = "",
        phone: str = "",
        role: UserRole = UserRole.USER,
        made_admin_via: str = "",
    ) -> UserRow:
        """Make an account; of an administrator the log says by which way it became one.

        Raises:
            BadRequest: the name or the address is taken.
            Unavailable: too many are signing in at this moment.
        """
        user = self._row(username=username, email=email, nickname=nickname, role=role)
        async with self._db.read() as tx:
            _refuse_taken(await store.list_taken(tx, username=username, email=email), username)
        user.password_hash = await self._passwords.hash(password)
        user.phone = phone.strip()
        try:
            async with self._db.begin() as tx:
                tx.add(user)
                await tx.flush()
                await self._note(tx, "user.registered", user)
                if role >= UserRole.ADMIN:
                    await self._note(tx, "user.made_admin", user, actor=False, via=made_admin_via)
        except IntegrityError as fault:
            # Somebody else took it between the look and the write.
            raise BadRequest("This user name or e-mail address already exists.") from fault
        log.info("user.registered", user_id=user.id)
        return user

    def _row(self, *, username: str, email: str, nickname: str, role: UserRole) -> UserRow:
        now = self._clock.now()
        return UserRow(
            username=username,
            username_key=store.fold(username),
            email=email,
            email_key=store.fold(email),
            password_hash="",
            nickname=nickname.strip(),
            avatar="",
            phone="",
            role=int(role),
            status=int(UserStatus.ACTIVE),
            created_at=now,
            updated_at=now,
        )

    async def get_profile(self, user_id: UserId) -> UserRow:
        """The caller's own account.

        Raises:
            NotSignedIn: it is gone.
        """
        async with self._db.read() as tx:
            user = await store.find_user(tx, user_id)
        if user is None:
            raise NotSignedIn("This account does not exist any more.")
        return user

    async def update_profile(self, caller: Caller, change: ProfileChange) -> UserRow:
        """Change what the caller shows of themselves.

        Raises:
            BadRequest: the avatar is no address of a picture.
            NotSignedIn: the account is gone.
        """
        async with self._db.begin() as tx:
            user = await self._get_own(tx, caller)
            apply_change(user, change)
            user.updated_at = self._clock.now()
        return user

    async def change_password(self, caller: Caller, *, old: str, new: str) -> str:
        """A new password; everything signed in with the old one ends. Answers a token of a new sign-in.

        Raises:
            BadRequest: the old password is wrong, or the new one is the same.
        """
        await self._quotas.check(Quota.SIGN_IN_ACCOUNT, f"change:{caller.user_id}")
        user = await self.get_profile(caller.user_id)
        if not await self._passwords.verify(old, user.password_hash):
            await self._quotas.hit(Quota.SIGN_IN_ACCOUNT, f"change:{caller.user_id}")
            raise BadRequest("The old password is wrong.")
        if old == new:
            raise BadRequest("The new password must differ from the old one.")
        hashed = await self._passwords.hash(new)
        async with self._db.begin() as tx:
            found = await self._get_own(tx, caller)
            if found.password_hash != user.password_hash:
                raise BadRequest("The password was changed meanwhile. Sign in with the new one.")
            found.password_hash = hashed
            found.updated_at = self._clock.now()
            self._sign_ins.end_all(found)
            await self._note(tx, "user.password_changed", found)
        await self._sign_ins.announce(caller.user_id)
        return self._sign_ins.issue(found)

    async def delete_account(self, caller: Caller) -> None:
        """Take the caller's own account away; its name and address become free.

        Raises:
            NotAllowed: the last administrator.
        """
        async with self._db.begin() as tx:
            user = await self._get_own(tx, caller)
            if user.role >= UserRole.ADMIN and await store.count_admins(tx, except_id=user.id) == 0:
                raise NotAllowed("You are the last administrator. Make somebody else one first.")
            await self.bury(tx, user)
            await self._note(tx, "user.deleted", user)
        log.info("user.deleted", user_id=caller.user_id, by=caller.user_id)
        await self._bus.publish(UserDisabled(user_id=caller.user_id))

    async def bury(self, tx: AsyncSession, user: UserRow) -> None:
        """Delete softly: meetings and chat keep their author's number, nothing of the person stays."""
        now = self._clock.now()
        user.deleted_at = user.updated_at = now
        # Unique and of no account that could be: a colon is in no name, and no address ends in `.invalid`.
        user.username_key = f"deleted:{user.id}"
        user.email_key = f"deleted:{user.id}@salon.invalid"
        user.email = user.phone = user.password_hash = ""
        self._sign_ins.end_all(user)
        await identities.remove_identities(tx, UserId(user.id))

    async def _get_own(self, tx: AsyncSession, caller: Caller) -> UserRow:
        user = await store.get_for_update(tx, caller.user_id)
        if user is None:
            raise NotSignedIn("This account does not exist any more.")
        return user

    async def _note(
        self, tx: AsyncSession, action: str, user: UserRow, *, actor: bool = True, **details: str
    ) -> None:
        """`actor`: whether the account itself did it, or the server on somebody's command."""
        entry = AuditEntry(
            action=action,
            actor_id=UserId(user.id) if actor else None,
            actor_name=user.username if actor else "",
            target=f"user:{user.id}",
            details={"username": user.username, **details} if not actor else {**details},
        )
        await record(tx, entry, now=self._clock.now())

    async def ensure_admin(self, *, username: str, email: str, password: str) -> tuple[UserRow, bool]:
        """Make an administrator, or make an existing account one; tells whether it is new.

        Raises:
            Conflict: the name and the address belong to two different accounts.
        """
        async with self._db.begin() as tx:
            taken = await store.list_taken(tx, username=username, email=email)
            if len(taken) > 1 or any(user.deleted_at is not None for user in taken):
                raise Conflict("This user name or e-mail address belongs to another account.")
            if taken:
                taken[0].role = max(taken[0].role, int(UserRole.ADMIN))
                await self._note(tx, "user.made_admin", taken[0], actor=False, via="command line")
                return taken[0], False
        user = await self.make(
            username=username,
            email=email,
            password=password,
            role=UserRole.ADMIN,
            made_admin_via="command line",
        )
        return user, True

    async def cards(self, *, user_ids: Sequence[UserId]) -> dict[UserId, UserCard]:
        """Cards of the users that exist; unknown ids are left out. At most 500 ids."""
        return {UserId(user.id): _card(user) for user in await self._list(user_ids)}

    async def find_standing(self, *, user_ids: Sequence[UserId]) -> dict[UserId, Standing]:
        """Role and status as stored now; unknown and deleted ids are left out. At most 500 ids."""
        return {
            UserId(user.id): Standing(role=UserRole(user.role), status=UserStatus(user.status))
            for user in await self._list(user_ids)
        }

    async def find_role(self, user_id: UserId) -> int | None:
        """The role of an active account; None if there is none."""
        standing = (await self.find_standing(user_ids=[user_id])).get(user_id)
        return None if standing is None or standing.status is not UserStatus.ACTIVE else int(standing.role)

    async def _list(self, user_ids: Sequence[UserId]) -> Sequence[UserRow]:
        if len(user_ids) > _MAX_IDS:
            raise ValueError(f"at most {_MAX_IDS} ids at a time")
        if not user_ids:
            return []
        async with self._db.read() as tx:
            return await store.list_users(tx, user_ids)

    # Guests.

    async def create_guest(
        self, *, nickname: str, meeting_id: int, lifetime: timedelta
    ) -> tuple[UserCard, str]:
        """See `Users.create_guest`."""
        name = f"guest_{secrets.token_hex(6)}"
        user = self._row(username=name, email=f"{name}@salon.invalid", nickname=nickname, role=UserRole.GUEST)
        async with self._db.begin() as tx:
            tx.add(user)
        token = self._sign_ins.issue_guest(user, meeting_id=meeting_id, lifetime=lifetime)
        return _card(user), token

    async def disable_guests(self, *, user_ids: Sequence[UserId]) -> None:
        """See `Users.disable_guests`."""
        if len(user_ids) > _MAX_IDS:
            raise ValueError(f"at most {_MAX_IDS} ids at a time")
        async with self._db.begin() as tx:
            guests = [user for user in await store.list_users(tx, user_ids) if user.role == UserRole.GUEST]
            for guest in guests:
                guest.status = int(UserStatus.INACTIVE)
                self._sign_ins.end_all(guest)
        for guest in guests:
            await self._bus.publish(UserDisabled(user_id=UserId(guest.id)))


def apply_change(user: UserRow, change: ProfileChange) -> None:
    """Put the change into the row.

    Raises:
        BadRequest: the avatar is no address of a picture.
    """
    if change.avatar and not _AVATAR.fullmatch(change.avatar):
        raise BadRequest("avatar: should be a web address, such as https://example.org/me.png")
    if change.nickname is not None:
        user.nickname = change.nickname.strip()
    if change.avatar is not None:
        user.avatar = change.avatar
    if change.phone is not None:
        user.phone = change.phone.strip()


def _card(user: UserRow) -> UserCard:
    return UserCard(
        id=UserId(user.id),
        username=user.username,
        nickname=user.nickname,
        avatar_url=user.avatar,
        role=UserRole(user.role),
    )


def _refuse_taken(taken: Sequence[UserRow], username: str) -> None:
    if not taken:
        return
    if any(user.username_key == store.fold(username) for user in taken):
        raise BadRequest("This user name already exists. Choose another one.")
    raise BadRequest("An account with this e-mail address already exists. Sign in instead.")
