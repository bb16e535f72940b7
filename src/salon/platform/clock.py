"""Time as a parameter: what the world says, or what a test says."""

import time
from abc import ABC, abstractmethod
from datetime import UTC, datetime


class Clock(ABC):
    """Where code that depends on time reads it."""

    @abstractmethod
    def now(self) -> datetime:
        """The present moment, in UTC, aware. For what is stored or compared with what was stored."""

    @abstractmethod
    def monotonic(self) -> float:
        """Seconds since some moment, never backwards. For measuring."""


class SystemClock(Clock):
    """The machine's clocks."""

    def now(self) -> datetime:
        """The present moment, in UTC, aware."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds since some moment, never backwards."""
        return time.monotonic()
