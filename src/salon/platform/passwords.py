"""Password hashing: Argon2id, off the event loop, so many at a time and no more."""

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from pwdlib.exceptions import UnknownHashError
from pwdlib.hashers.argon2 import Argon2Hasher

from salon.platform.errors import Unavailable

R = TypeVar("R")

_MAX_WAITING = 4096
"""Load tools sign in 2000 at once; beyond this the caller is told to come back."""


class Passwords:
    """Hashes and checks passwords in a small pool of threads, which it owns."""

    def __init__(self) -> None:
        # OWASP's recommendation for Argon2id: 19 MiB, two passes, one lane.
        self._hasher = Argon2Hasher(time_cost=2, memory_cost=19_456, parallelism=1)
        # One core stays with the event loop. (A lower priority would not do: a thread that lost its core to
        # another program while it holds the interpreter's lock stops everybody.)
        threads = max(1, (os.cpu_count() or 1) - 1)
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="passwords")
        self._waiting = 0
        self._decoy = self._hasher.hash("nobody has this password")

    async def hash(self, password: str) -> str:
        """The text to store.

        Raises:
            Unavailable: too many are being hashed already.
        """
        return await self._run(lambda: self._hasher.hash(password))

    async def verify(self, password: str, stored: str | None) -> bool:
        """Whether the password is the stored one; takes as long if nothing is stored.

        Raises:
            Unavailable: too many are being hashed already.
        """

        def check() -> bool:
            try:
                matches = self._hasher.verify(password, stored if stored is not None else self._decoy)
            except UnknownHashError:
                return False
            return matches and stored is not None

        return await self._run(check)

    async def rehash(self, password: str, stored: str) -> str | None:
        """A new text to store for a password that was just found right; None if the old one still does.

        Parameters grow with the years; who signs in is moved to the present ones.

        Raises:
            Unavailable: too many are being hashed already.
        """
        if not self._hasher.check_needs_rehash(stored):
            return None
        return await self.hash(password)

    async def _run(self, work: Callable[[], R]) -> R:
        self._refuse_if_full()
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, work)
        finally:
            self._waiting -= 1

    def _refuse_if_full(self) -> None:
        if self._waiting >= _MAX_WAITING:
            raise Unavailable("Too many sign-ins at this moment. Try again.", retry_after_s=2)

    def close(self) -> None:
        """End the threads; what waits is given up."""
        self._pool.shutdown(wait=False, cancel_futures=True)
