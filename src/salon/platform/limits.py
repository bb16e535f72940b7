"""How often somebody may do something: token buckets in memory, bounded."""

from collections import OrderedDict
from collections.abc import Hashable

from salon.platform.clock import Clock


class RateLimiter:
    """Allows `burst` at once and `rate_per_s` on average, for each key by itself.

    At most `max_keys` keys are remembered; the one unused for longest is forgotten first, which can only
    be to its advantage.
    """

    def __init__(self, *, rate_per_s: float, burst: int, clock: Clock, max_keys: int = 10_000) -> None:
        self._rate_per_s = rate_per_s
        self._burst = float(burst)
        self._clock = clock
        self._max_keys = max_keys
        self._buckets: OrderedDict[Hashable, tuple[float, float]] = OrderedDict()

    def take(self, key: Hashable) -> bool:
        """Use one permission; False if there is none left."""
        level = self._level(key)
        allowed = level >= 1.0
        self._store(key, level - 1.0 if allowed else level)
        return allowed

    def has(self, key: Hashable) -> bool:
        """Whether `take` would succeed; uses nothing."""
        return self._level(key) >= 1.0

    def wait_s(self, key: Hashable) -> int:
        """Whole seconds until `take` succeeds again, at least 1."""
        missing = 1.0 - self._level(key)
        return max(1, int(missing / self._rate_per_s + 0.999))

    def forget(self, key: Hashable) -> None:
        """Give the key its full burst back."""
        self._buckets.pop(key, None)

    def _level(self, key: Hashable) -> float:
        found = self._buckets.get(key)
        if found is None:
            return self._burst
        level, at = found
        return min(self._burst, level + (self._clock.monotonic() - at) * self._rate_per_s)

    def _store(self, key: Hashable, level: float) -> None:
        self._buckets[key] = (level, self._clock.monotonic())
        self._buckets.move_to_end(key)
        while len(self._buckets) > self._max_keys:
            self._buckets.popitem(last=False)
