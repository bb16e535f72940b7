"""Two people in one meeting, for tests of what goes on between them."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from support.people import Person, Tab

Register = Callable[[str], Awaitable[Person]]


@pytest.fixture
async def host(register: Register) -> Person:
    return await register("host")


@pytest.fixture
async def guest(register: Register) -> Person:
    return await register("guest")


@pytest.fixture
async def meeting(host: Person, guest: Person) -> int:
    meeting_id = await host.create_meeting()
    await guest.join(meeting_id)
    return meeting_id


@pytest.fixture
async def tabs(host: Person, guest: Person, meeting: int) -> AsyncIterator[tuple[Tab, Tab]]:
    """Two people in one room; all frames of their arrival are taken."""
    first = await host.enter(meeting)
    second = await guest.enter(meeting)
    await first.settle()
    yield first, second
    await first.close()
    await second.close()
