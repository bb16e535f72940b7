"""The stage of the browser tests: a real server, people in real browsers, pictures in tests/artifacts."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from harness.chromium import ChromiumTab
from harness.firefox import FirefoxTab
from harness.person import WATCH, Person
from harness.server import Account, Server
from harness.tab import Tab
from playwright.async_api import async_playwright

ARTIFACTS = Path(__file__).parent.parent / "artifacts"
SIZE_PX = (960, 600)
TIMEOUT_S = 300


class Crew:
    """Brings people in, each with a browser process and an empty profile of their own."""

    def __init__(self, server: Server, folder: Path, stack: AsyncExitStack) -> None:
        """Use the fixture."""
        self.server = server
        self.people: list[Person] = []
        self._folder = folder
        self._stack = stack
        self._playwright: object = None

    async def chromium(
        self,
        nickname: str,
        *,
        locale: str = "en-US",
        size_px: tuple[int, int] = SIZE_PX,
        flags: tuple[str, ...] = (),
        sign_in: bool = True,
    ) -> Person:
        """Someone with Chromium; with an account and signed in, unless told otherwise."""
        if self._playwright is None:
            self._playwright = await self._stack.enter_async_context(async_playwright())
        tab = await ChromiumTab.launch(
            self._playwright,  # type: ignore[arg-type]
            self._profile(nickname),
            locale=locale,
            size_px=size_px,
            flags=flags,
        )
        return await self._seat(tab, nickname, sign_in=sign_in)

    async def firefox(self, nickname: str, *, locale: str = "en-US") -> Person:
        """Someone with Firefox, signed in."""
        tab = await FirefoxTab.launch(self._profile(nickname), locale=locale, size_px=SIZE_PX)
        return await self._seat(tab, nickname, sign_in=True)

    def _profile(self, nickname: str) -> Path:
        return self._folder / f"profile-{len(self.people)}-{nickname}"

    async def _seat(self, tab: Tab, nickname: str, *, sign_in: bool) -> Person:
        self._stack.push_async_callback(tab.close)
        await tab.add_init_script(WATCH)
        person = Person(self.server, tab, f"user_{nickname.lower()}", nickname)
        self.people.append(person)
        if sign_in:
            await Account.register(self.server, person.username, nickname)
            await person.sign_in()
        return person


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A browser test takes longer than others; give it more time before it counts as hung."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.timeout(TIMEOUT_S))


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    """A running server with nothing in it."""
    server = Server(tmp_path / "server")
    try:
        await server.start()
        yield server
    finally:
        await server.stop()


@pytest.fixture
async def crew(server: Server, tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Crew]:
    """People on that server. When a test fails, what everybody saw is kept beside the server's log."""
    folder = ARTIFACTS / request.node.name
    shutil.rmtree(folder, ignore_errors=True)
    failures = request.session.testsfailed
    async with AsyncExitStack() as stack:
        crew = Crew(server, tmp_path, stack)
        yield crew
        if request.session.testsfailed > failures:
            await _keep(crew, folder)


async def _keep(crew: Crew, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(crew.server.log, folder / "server.log")
    for person in crew.people:
        await person.tab.screenshot(folder / f"failed-{person.nickname}.png")
        (folder / f"failed-{person.nickname}.txt").write_text("\n".join(await person.tab.problems()))


@pytest.fixture
def pictures() -> Path:
    """Where screenshots are kept."""
    ARTIFACTS.mkdir(parents=True, exist_ok=True)
    return ARTIFACTS
