"""The first administrator: a link that works once, and only while there is none."""

import hmac
import secrets

import structlog

from salon.platform.db import Database
from salon.platform.errors import NotAllowed
from salon.user import store
from salon.user.face import UserRole
from salon.user.service import UserService
from salon.user.sign_ins import SignIns
from salon.user.store import UserRow

log = structlog.get_logger()


class SetupRefused(NotAllowed):
    """The link is wrong, was used, or is not needed any more."""

    kind = "setup_refused"
    text = (
        "This setup link is not valid (any more). Start Salon again for a new one, "
        "or use `salon admin create` on the server."
    )


class FirstAdmin:
    """Lets whoever can read the server's terminal become its first administrator."""

    def __init__(self, *, db: Database, users: UserService, sign_ins: SignIns) -> None:
        self._db = db
        self._users = users
        self._sign_ins = sign_ins
        self._key: str | None = None

    async def is_needed(self) -> bool:
        """Whether there is no administrator."""
        async with self._db.read() as tx:
            return await store.count_admins(tx) == 0

    async def offer(self) -> str | None:
        """A key for the setup page, good until it is used or the process ends; None if none is needed."""
        self._key = secrets.token_urlsafe(24) if await self.is_needed() else None
        return self._key

    async def accept(
        self, *, key: str, username: str, email: str, password: str, nickname: str
    ) -> tuple[UserRow, str]:
        """Make the first administrator, and sign them in.

        Raises:
            SetupRefused: the key is wrong or used, or there is an administrator by now.
            BadRequest: the name or the address is taken.
        """
        expected = self._key
        if expected is None or not hmac.compare_digest(expected.encode(), key.encode()):
            raise SetupRefused
        # Taken at once: of two who come together one is the first.
        self._key = None
        user = None
        try:
            if await self.is_needed():
                user = await self._users.make(
                    username=username,
                    email=email,
                    password=password,
                    nickname=nickname,
                    role=UserRole.SUPER_ADMIN,
                    made_admin_via="setup link",
                )
        except BaseException:
            # Nothing came of it, a taken name for instance: the link may be tried again.
            self._key = expected
            raise
        if user is None:
            raise SetupRefused
        log.info("setup.done", user_id=user.id)
        return user, self._sign_ins.issue(user)
