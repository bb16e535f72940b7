"""How often somebody may do something, over all processes: rates counted in memory or in Redis.

The counting is the `limits` library's (sliding window counter); the table of rates is ours.
"""

import hashlib
from dataclasses import dataclass
from enum import Enum

import structlog
from limits import RateLimitItem, parse
from limits.aio.storage import MemoryStorage, RedisStorage, Storage
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from limits.errors import StorageError

from salon.platform.clock import Clock
from salon.platform.errors import TooManyRequests

log = structlog.get_logger()


_ROUNDING_S = 0.01
"""The library reckons with seconds since 1970, of which a float keeps no more than some digits."""


@dataclass(frozen=True, slots=True)
class Rate:
    """How often, and what is said beyond it."""

    text: str
    """As `limits` reads it: ``10 per 1 minute``."""
    refusal: str


class Quota(Enum):
    """Everything that is counted. Per-address rates are wide: a whole office comes from one address."""

    SIGN_IN_ADDRESS = Rate("300 per 1 minute", "Too many sign-ins from this network. Wait a minute.")
    SIGN_IN_ACCOUNT = Rate("30 per 5 minutes", "Too many wrong passwords. Wait a few minutes.")
    REGISTER = Rate("60 per 1 hour", "Too many new accounts from this network. Try again later.")
    RESET = Rate("5 per 1 hour", "Too many requests for a new password. Try again later.")
    RESET_CODE = Rate("10 per 1 hour", "Too many tries. Ask for a new code later.")
    CREATE_MEETING = Rate("120 per 1 hour", "Too many new meetings. Try again later.")
    CHAT = Rate("10 per 1 second", "At most 10 messages a second. Wait a moment.")
    JOIN_PASSWORD = Rate("10 per 1 minute", "Too many wrong passwords. Wait a moment.")
    TOTP = Rate("15 per 5 minutes", "Too many tries. Wait a few minutes.")
    GUEST = Rate("100 per 1 hour", "Too many guests from this network. Try again later.")
    INVITE_MAIL = Rate("200 per 1 hour", "Too many invitations. Send the rest later.")
    FILE = Rate("300 per 1 hour", "Too many files. Try again later.")
    INFERENCE = Rate("600 per 1 minute", "Too many questions to the models. Wait a moment.")
    TRANSCRIPT = Rate("120 per 1 minute", "Too many requests for transcripts. Wait a moment.")
    CAPTIONS = Rate("60 per 1 minute", "Too many changes of the captions. Wait a moment.")
    UPLOAD = Rate("30 per 1 hour", "Too many uploads. Try again later.")


class QuotaExceeded(TooManyRequests):
    """More than the quota allows."""

    kind = "quota_exceeded"

    def __init__(self, quota: Quota, *, limit: int, retry_after_s: int) -> None:
        super().__init__(quota.value.refusal, retry_after_s=retry_after_s)
        self.headers = {"x-ratelimit-limit": str(limit), "x-ratelimit-remaining": "0"}


class Quotas:
    """Counts what people do.

    Args:
        redis_url: where processes count together; empty: each for itself.
        is_on: off, nothing is counted or refused.
    """

    def __init__(self, *, redis_url: str, is_on: bool, clock: Clock) -> None:
        self._is_on = is_on
        self._clock = clock
        storage: Storage = (
            RedisStorage(f"async+{redis_url}", implementation="redispy", wrap_exceptions=True)
            if redis_url
            else MemoryStorage()
        )
        self._limiter = SlidingWindowCounterRateLimiter(storage)
        self._items: dict[Quota, RateLimitItem] = {quota: parse(quota.value.text) for quota in Quota}

    async def take(self, quota: Quota, *keys: str) -> None:
        """Use one permission.

        Raises:
            QuotaExceeded: there is none left for these keys.
        """
        if not self._is_on:
            return
        item, names = self._items[quota], _names(quota, keys)
        try:
            if await self._limiter.hit(item, *names):
                return
        except StorageError:
            # Whoever counts is away: better no limit for a while than nobody let in.
            log.warning("quotas.storage_unreachable", quota=quota.name)
            return
        raise await self._refusal(quota, item, names)

    async def hit(self, quota: Quota, *keys: str) -> None:
        """Count one, whether or not there was one left: a failure that has happened."""
        if not self._is_on:
            return
        try:
            await self._limiter.hit(self._items[quota], *_names(quota, keys))
        except StorageError:
            log.warning("quotas.storage_unreachable", quota=quota.name)

    async def check(self, quota: Quota, *keys: str) -> None:
        """As `take`, but uses nothing: for what only failures count against.

        Raises:
            QuotaExceeded: there is none left for these keys.
        """
        if not self._is_on:
            return
        item, names = self._items[quota], _names(quota, keys)
        try:
            if await self._limiter.test(item, *names):
                return
        except StorageError:
            log.warning("quotas.storage_unreachable", quota=quota.name)
            return
        raise await self._refusal(quota, item, names)

    async def forget(self, quota: Quota, *keys: str) -> None:
        """Give these keys their full quota back."""
        if not self._is_on:
            return
        try:
            await self._limiter.clear(self._items[quota], *_names(quota, keys))
        except StorageError:
            log.warning("quotas.storage_unreachable", quota=quota.name)

    async def _refusal(self, quota: Quota, item: RateLimitItem, names: tuple[str, ...]) -> QuotaExceeded:
        try:
            stats = await self._limiter.get_window_stats(item, *names)
            wait_s = stats.reset_time - self._clock.now().timestamp()
        except StorageError:
            wait_s = 1.0
        # Whole seconds, and later than the moment itself: just then there may still be none left.
        return QuotaExceeded(quota, limit=item.amount, retry_after_s=max(0, int(wait_s + _ROUNDING_S)) + 1)


def _names(quota: Quota, keys: tuple[str, ...]) -> tuple[str, ...]:
    """Keys are names and addresses of people: only their hashes are kept, of one length."""
    return (quota.name, *(hashlib.sha256(key.encode()).hexdigest()[:32] for key in keys))
