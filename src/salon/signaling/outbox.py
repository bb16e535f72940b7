"""What waits to be sent to one session: two lanes, both bounded."""

import asyncio
from collections import deque
from dataclasses import dataclass

NORMAL_LIMIT = 2048
NORMAL_CHARACTERS = 16 * 1024 * 1024
"""Of all frames of the lane: so many frames of the largest size would fill the machine's memory."""

URGENT_LIMIT = 128
STATES_WAITING = 4
"""An arrival yields two at once; that many are always sent."""


@dataclass(frozen=True, slots=True)
class Closing:
    """The last thing an outbox yields: close the socket with this code."""

    code: int
    reason: str


@dataclass(frozen=True, slots=True)
class _Frame:
    text: str
    is_state: bool


class Outbox:
    """Frames for one client. Nobody who puts ever waits; one task takes.

    Urgent frames overtake the others while there are few of them. Too slow a client overflows the normal
    lane: its frames are dropped and it is closed (1013).
    """

    def __init__(self) -> None:
        self._urgent: deque[_Frame] = deque()
        self._normal: deque[str] = deque()
        self._normal_characters = 0
        self._closing: Closing | None = None
        self._wake = asyncio.Event()
        self.has_overflowed = False

    def put(self, text: str, *, urgent: bool = False, state: bool = False) -> None:
        """Queue a frame; ignored once the outbox is closing.

        Args:
            text: the frame.
            urgent: it overtakes.
            state: urgent, and it says all that earlier ones of its kind said; of many that wait, only the
                last few are sent, or a slow line would choke on the arrival of a crowd.
        """
        if self._closing is not None:
            return
        if state:
            waiting = [frame for frame in self._urgent if frame.is_state]
            if len(waiting) >= STATES_WAITING:
                self._urgent.remove(waiting[0])
        if state or (urgent and len(self._urgent) < URGENT_LIMIT):
            self._urgent.append(_Frame(text, state))
        elif len(self._normal) < NORMAL_LIMIT and self._normal_characters + len(text) <= NORMAL_CHARACTERS:
            self._normal.append(text)
            self._normal_characters += len(text)
        else:
            self.has_overflowed = True
            self._urgent.clear()
            self._normal.clear()
            self.close(1013, "too slow")
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
                return self._urgent.popleft().text
            if self._normal:
                text = self._normal.popleft()
                self._normal_characters -= len(text)
                return text
            if self._closing is not None:
                return self._closing
            self._wake.clear()
            await self._wake.wait()
