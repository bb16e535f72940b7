"""Waiting for what is on the other side of a network."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")

POLL_S = 0.03


async def eventually(
    look: Callable[[], Awaitable[T]], wanted: Callable[[T], bool], *, within_s: float = 5
) -> T:
    """Look until what is seen is wanted.

    Raises:
        AssertionError: it was not within the time; shows what was seen last.
    """
    deadline = asyncio.get_running_loop().time() + within_s
    while True:
        seen = await look()
        if wanted(seen):
            return seen
        assert asyncio.get_running_loop().time() < deadline, f"after {within_s} s still: {seen!r}"
        await asyncio.sleep(POLL_S)
