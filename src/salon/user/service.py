"""The rules of accounts and sign-in."""

from collections.abc import Sequence
from datetime import timedelta

import structlog
from sqlalchemy.exc import IntegrityError

from salon.platform.auth import Tokens
from salon.platform.clock import Clock
from salon.platform.db import Database
from salon.platform.errors import BadRequest, Conflict, NotSignedIn, TooManyRequests
from salon.platform.ids import UserId
from salon.platform.limits import RateLimiter
from salon.platform.passwords import Passwords
from salon.user import store
from salon.user.face import Standing, UserCard, UserRole, Users, UserStatus
from salon.user.store import UserRow

log = structlog.get_logger()

REFRESH_BEFORE = timedelta(hours=1)
"""A token that lives longer than this is handed back as it is."""

_MAX_IDS = 500
_WRONG = "Wrong user name or password."


class UserService(Users):
    """Accounts: register, sign in, look up."""

    def __init__(
        self, *, db: Database, clock: Clock, tokens: Tokens, passwords: Passwords, login_failures: int
    ) -> None:
        self._db = db
        self._clock = clock
        self._tokens = tokens
        self._passwords = passwords
        # Counts wrong passwords only, per account: a flood of good sign-ins is not slowed down.
        self._failures = RateLimiter(rate_per_s=0.1, burst=login_failures, clock=clock)

    async def register(
        self,
        *,
        username: str,
        email: str,
        password: str,
        nickname: str = "",
        phone: str = "",
        role: UserRole = UserRole.USER,
    ) -> UserRow:
        """Make an account.

        Raises:
            BadRequest: the name or the address is taken.
            Unavailable: too many are signing in at this moment.
        """
        async with self._db.read() as tx:
            _refuse_taken(await store.list_taken(tx, username=username, email=email), username)
        hashed = await self._passwords.hash(password)
        now = self._clock.now()
        user = UserRow(
            username=username,
            username_key=store.fold(username),
            email=email,
            email_key=store.fold(email),
            password_hash=hashed,
            nickname=nickname.strip(),
            avatar="",
            phone=phone.strip(),
            role=int(role),
            status=int(UserStatus.ACTIVE),
            created_at=now,
            updated_at=now,
        )
        try:
            async with self._db.begin() as tx:
                tx.add(user)
        except IntegrityError as fault:
            # Somebody else took it between the look and the write.
            raise BadRequest("This user name or e-mail address already exists.") from fault
        log.info("user.registered", user_id=user.id)
        return user

    async def login(self, *, login: str, password: str) -> tuple[UserRow, str]:
        """The account and a token for it.

        Raises:
            NotSignedIn: unknown user, wrong password, or an account out of use: one text for all.
            TooManyRequests: too many wrong passwords for this account.
        """
        key = store.fold(login)
        self._refuse_guessing(key)
        async with self._db.read() as tx:
            user = await store.find_user_by_login(tx, login)
        is_right = await self._passwords.verify(password, user.password_hash if user else None)
        # Again: of many guesses sent at once, those beyond the limit learn nothing.
        self._refuse_guessing(key)
        if user is None or not is_right or user.status != UserStatus.ACTIVE:
            self._failures.take(key)
            raise NotSignedIn(_WRONG)
        self._failures.forget(key)
        async with self._db.begin() as tx:
            stored = await store.find_user(tx, UserId(user.id))
            if stored is None:
                raise NotSignedIn(_WRONG)
            stored.last_login = self._clock.now()
        log.info("user.signed_in", user_id=stored.id)
        return stored, self._issue(stored)

    def _refuse_guessing(self, key: str) -> None:
        if not self._failures.has(key):
            raise TooManyRequests(
                "Too many wrong passwords. Wait a moment.", retry_after_s=self._failures.wait_s(key)
            )

    async def refresh(self, token: str) -> str:
        """A token that lives on; the same one if it still has more than an hour.

        Raises:
            NotSignedIn: not valid any more, or the account is out of use.
        """
        caller = self._tokens.verify(token)
        async with self._db.read() as tx:
            user = await store.find_user(tx, caller.user_id)
        if user is None or user.status != UserStatus.ACTIVE:
            raise NotSignedIn("This account cannot be used. Sign in with another one.")
        if self._tokens.expires_at(token) - self._clock.now() > REFRESH_BEFORE:
            return token
        return self._issue(user)

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
                return taken[0], False
        user = await self.register(username=username, email=email, password=password, role=UserRole.ADMIN)
        return user, True

    async def cards(self, *, user_ids: Sequence[UserId]) -> dict[UserId, UserCard]:
        """Cards of the users that exist; unknown ids are left out. At most 500 ids."""
        return {
            UserId(user.id): UserCard(
                id=UserId(user.id), username=user.username, nickname=user.nickname, avatar_url=user.avatar
            )
            for user in await self._list(user_ids)
        }

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

    def _issue(self, user: UserRow) -> str:
        return self._tokens.issue(user_id=UserId(user.id), username=user.username, email=user.email)


def _refuse_taken(taken: Sequence[UserRow], username: str) -> None:
    if not taken:
        return
    if any(user.username_key == store.fold(username) for user in taken):
        raise BadRequest("This user name already exists. Choose another one.")
    raise BadRequest("An account with this e-mail address already exists. Sign in instead.")
