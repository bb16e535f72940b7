"""What waits to be sent to one session: two lanes, both bounded."""

import asyncio
from collections import deque
from dataclasses import dataclass

NORMAL_LIMIT = 2048
URGENT_LIMIT = 128


@dataclass(frozen=True, slots=True)
class Closing:
    """The last thing an outbox yields: close the socket with this code."""

    code: int
    reason: str


class Outbox:
    """Frames for one client. Too slow a client overflows: its frames are dropped and it is closed (1013).

    Nobody who puts ever waits; one task takes.
    """

    def __init__(self) -> None:
        self._urgent: deque[str] = deque()
        self._normal: deque[str] = deque()
        self._closing: Closing | None = None
        self._wake = asyncio.Event()
        self.has_overflowed = False

    def put(self, text: str, *, urgent: bool = False) -> None:
        """Queue a frame; ignored once the outbox is closing."""
        if self._closing is not None:
            return
        lane, limit = (self._urgent, URGENT_LIMIT) if urgent else (self._normal, NORMAL_LIMIT)
        if len(lane) >= limit:
            self.has_overflowed = True
            self._urgent.clear()
            self._normal.clear()
            self.close(1013, "too slow")
            return
        lane.append(text)
        self._wake.set()

    def close(self, code: int, reason: str) -> None:
        """Close after what is queued; the first reason stands."""
        if self._closing is None:
            self._closing = Closing(code, reason)
        self._wake.set()

    async def take(self) -> str | Closing:
        """The next frame, urgent ones first; `Closing` at the end and ever after."""
        while True:
            if self._urgent:
                return self._urgent.popleft()
            if self._normal:
                return self._normal.popleft()
            if self._closing is not None:
                return self._closing
            self._wake.clear()
            await self._wake.wait()
