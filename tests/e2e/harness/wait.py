"""Waiting for a condition with a deadline; nothing here sleeps and hopes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")
POLL_S = 0.1


async def eventually(
    look: Callable[[], Awaitable[T]],
    holds: Callable[[T], bool],
    *,
    within_s: float,
    what: str,
) -> T:
    """Look again and again until it holds; returns what was seen then.

    Raises:
        AssertionError: it did not hold in time; says what was seen last.
    """
    deadline = time.monotonic() + within_s
    while True:
        seen = await look()
        if holds(seen):
            return seen
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {within_s} s: {what}. Last seen: {seen!r}")
        await asyncio.sleep(POLL_S)
