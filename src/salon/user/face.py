"""What other services may know of users."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import timedelta
from enum import IntEnum

from pydantic import BaseModel, ConfigDict

from salon.platform.bus import Event
from salon.platform.ids import UserId

__all__ = [
    "Standing",
    "TokensRevoked",
    "UserCard",
    "UserDisabled",
    "UserId",
    "UserRole",
    "UserStatus",
    "Users",
]


class UserRole(IntEnum):
    """What an account may do on the whole server."""

    GUEST = 0
    USER = 1
    MODERATOR = 2
    ADMIN = 3
    SUPER_ADMIN = 4


class UserStatus(IntEnum):
    """Whether an account may be used."""

    INACTIVE = 0
    ACTIVE = 1
    BANNED = 2


class UserCard(BaseModel):
    """What anybody in the same meeting may see of a user."""

    model_config = ConfigDict(frozen=True)

    id: UserId
    username: str
    nickname: str
    avatar_url: str
    role: UserRole = UserRole.USER

    @property
    def is_guest(self) -> bool:
        """Let in by a link, without an account of their own."""
        return self.role is UserRole.GUEST


class Standing(BaseModel):
    """What an account may do at this moment."""

    model_config = ConfigDict(frozen=True)

    role: UserRole
    status: UserStatus


class UserDisabled(Event):
    """An account was banned or deleted: its sockets and media end."""

    user_id: UserId


class TokensRevoked(Event):
    """Sign-ins of a user ended: what hangs on their tokens, sockets and media, ends with them."""

    user_id: UserId
    sid: str | None
    """The one sign-in that ended; None: all of them."""


class Users(ABC):
    """The user service as the others see it."""

    @abstractmethod
    async def cards(self, *, user_ids: Sequence[UserId]) -> dict[UserId, UserCard]:
        """Cards of the users that exist; unknown ids are left out. At most 500 ids."""

    @abstractmethod
    async def find_standing(self, *, user_ids: Sequence[UserId]) -> dict[UserId, Standing]:
        """Role and status as stored now; unknown and deleted ids are left out. At most 500 ids."""

    @abstractmethod
    async def create_guest(
        self, *, nickname: str, meeting_id: int, lifetime: timedelta
    ) -> tuple[UserCard, str]:
        """An account without password that may enter one meeting, and its token.

        Args:
            nickname: 1-50 characters, shown to the others.
            lifetime: of the token; it cannot be renewed.
        """

    @abstractmethod
    async def disable_guests(self, *, user_ids: Sequence[UserId]) -> None:
        """End these guests' tokens, sockets and media; ids that are no guests are left alone. At most 500."""
