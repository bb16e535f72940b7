"""Password hashing: moved to present parameters, in a few threads, with an end to the queue."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Iterator

import pytest
from pwdlib.hashers.argon2 import Argon2Hasher

from salon.platform import passwords as module
from salon.platform.errors import Unavailable
from salon.platform.passwords import Passwords


@pytest.fixture
def passwords() -> Iterator[Passwords]:
    made = Passwords()
    yield made
    made.close()


async def test_it_is_argon2id_with_its_parameters_in_the_text(passwords: Passwords) -> None:
    stored = await passwords.hash("Test@Pass123")
    assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert await passwords.verify("Test@Pass123", stored)
    assert not await passwords.verify("test@Pass123", stored)
    assert not await passwords.verify("Test@Pass123", None)
    assert not await passwords.verify("Test@Pass123", "")


async def test_older_parameters_are_replaced_and_present_ones_kept(passwords: Passwords) -> None:
    old = Argon2Hasher(time_cost=1, memory_cost=8192, parallelism=1).hash("Test@Pass123")
    assert await passwords.verify("Test@Pass123", old)
    new = await passwords.rehash("Test@Pass123", old)
    assert new is not None
    assert await passwords.verify("Test@Pass123", new)
    assert await passwords.rehash("Test@Pass123", new) is None


async def test_beyond_the_queue_one_is_told_to_come_back(
    passwords: Passwords, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_MAX_WAITING", 3)
    results = await asyncio.gather(*(passwords.hash("x") for _ in range(8)), return_exceptions=True)
    refused = [one for one in results if isinstance(one, Unavailable)]
    assert (len(refused), {one.status for one in refused}) == (5, {503})
    # And it is over once they are done.
    assert (await passwords.hash("x")).startswith("$argon2id$")


async def test_the_event_loop_goes_on_and_no_more_threads_than_cores_work(passwords: Passwords) -> None:
    turns, work = 0, asyncio.gather(*(passwords.hash("x") for _ in range(12)))
    while not work.done():
        turns += 1
        await asyncio.sleep(0)
    await work
    assert turns > 12
    threads = [thread for thread in threading.enumerate() if thread.name.startswith("passwords")]
    assert len(threads) <= (os.cpu_count() or 1)
