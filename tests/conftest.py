"""What all tests share: a running Salon, and people with accounts."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from support.people import Person
from support.rows import (
    pytest_configure,
    pytest_sessionfinish,
    pytest_terminal_summary,
    pytest_unconfigure,
)
from support.server import Salon

__all__ = ["pytest_configure", "pytest_sessionfinish", "pytest_terminal_summary", "pytest_unconfigure"]

Register = Callable[[str], Awaitable[Person]]


@pytest.fixture(scope="session")
def salon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Salon]:
    """One Salon for all tests of a worker; they keep apart by making accounts of their own."""
    running = Salon(tmp_path_factory.mktemp("salon")).start()
    yield running
    running.stop()


@pytest.fixture
def make_salon(tmp_path: Path) -> Iterator[Callable[..., Salon]]:
    """Makes a Salon of the test's own, with settings of its own; stopped at the end."""
    made: list[Salon] = []

    def make(folder: str = "own", **settings: object) -> Salon:
        made.append(Salon(tmp_path / folder, **settings).start())
        return made[-1]

    yield make
    for one in made:
        one.stop()


@pytest.fixture
async def register(salon: Salon) -> AsyncIterator[Register]:
    """Makes people with fresh accounts on the shared Salon."""
    people: list[Person] = []

    async def make(name: str) -> Person:
        people.append(await Person.register(salon.url, name))
        return people[-1]

    yield make
    for person in people:
        await person.http.aclose()
