"""A person at a browser: signs up, creates and joins meetings, sees, hears, writes, leaves."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from .measure import Flow, flows
from .server import Account, Server
from .tab import Tab, field, role, test_id
from .wait import eventually

WATCH = (Path(__file__).parent / "watch.js").read_text()

TILES = """() => [...document.querySelectorAll('[data-testid="tile"]')].map((tile) => ({
  stream: tile.dataset.streamId ?? "", name: tile.dataset.name ?? "",
  speaking: tile.dataset.speaking === "true", screen: tile.dataset.screen === "true",
  live: [...tile.querySelectorAll("video")].some((v) => v.videoWidth > 0 && !v.paused),
}))"""
CHAT = (
    """() => [...document.querySelectorAll('[data-testid="chat-message"]')].map((line) => line.innerText)"""
)
PRESENT = """(name) => document.querySelector(`[data-testid="${name}"]`) !== null"""
STATE = """(name) => {
  const it = document.querySelector(`[data-testid="${name}"]`);
  const label = it?.getAttribute("aria-label") ?? it?.innerText;
  return it && { pressed: it.getAttribute("aria-pressed"), label, state: it.dataset.state ?? null };
}"""


CALL = """async ([method, path, body]) => {
  const answer = await fetch(`/api/v1${path}`, {
    method, body: body === null ? undefined : JSON.stringify(body),
    headers: {
      "Content-Type": "application/json",
      Authorization: `Bearer ${localStorage.getItem("salon.token")}`,
    },
  });
  const parsed = await answer.json();
  if (!answer.ok) throw new Error(`${answer.status} ${parsed.message}`);
  return parsed.data ?? null;
}"""

SILENCE = 1e-5
"""Energy in two seconds; the fake microphone's beeps bring some thousand times as much."""


@dataclass(frozen=True)
class TileSeen:
    """A tile of somebody else."""

    stream: str
    name: str
    speaking: bool
    screen: bool
    live: bool


class Person:
    """Someone at a browser of their own."""

    def __init__(self, server: Server, tab: Tab, username: str, nickname: str) -> None:
        """Use the ``crew`` fixture."""
        self.server = server
        self.tab = tab
        self.username = username
        self.nickname = nickname

    # Account and meetings

    async def sign_up(self) -> None:
        """Create an account on the front page; ends on "My meetings"."""
        await self.tab.goto(self.server.url)
        await self.tab.click(role("tab", "Create account"))
        await self.tab.fill(field("username"), self.username)
        await self.tab.fill(field("email"), f"{self.username}@example.org")
        await self.tab.fill(field("nickname"), self.nickname)
        await self.tab.fill(field("password"), Account.PASSWORD)
        await self.tab.click(role("button", "Create account"))
        await self.expect_home()

    async def sign_in(self) -> None:
        """Sign in on the front page with an account that exists."""
        await self.tab.goto(self.server.url)
        await self.tab.fill(field("username"), self.username)
        await self.tab.fill(field("password"), Account.PASSWORD)
        await self.tab.click(role("button", "Sign in"))
        await self.expect_home()

    async def sign_out(self) -> None:
        """Sign out from the account menu of the front page."""
        await self.tab.goto(self.server.url)
        await self.tab.click(test_id("account-menu"))
        await self.tab.click(role("menuitem", "Sign out"))

    async def expect_home(self) -> None:
        """Wait for "My meetings"."""
        await eventually(
            lambda: self.tab.evaluate("() => document.body.innerText"),
            lambda text: "New meeting" in str(text),
            within_s=15,
            what=f"{self.nickname} is at My meetings",
        )

    async def create_meeting(self, title: str) -> int:
        """Create a meeting that starts now, in the dialog; returns its number."""
        await self.tab.click(role("button", "New meeting"))
        await self.tab.fill(role("textbox", "What is it about?"), title)
        await self.tab.click(role("button", "Create meeting"))
        link = await eventually(
            lambda: self.tab.evaluate(
                r"() => [...document.querySelectorAll('input, a, [data-testid]')]"
                r".map((e) => e.value || e.href || e.innerText || '').find((t) => /\/m\/\d+/.test(t)) ?? ''"
            ),
            bool,
            within_s=10,
            what="the link of the new meeting is shown",
        )
        found = re.search(r"/m/(\d+)", str(link))
        assert found is not None
        return int(found[1])

    async def call(self, method: str, path: str, body: Any = None) -> Any:
        """What the server answers to this page's own sign-in: for setting up what a test is not about."""
        return await self.tab.evaluate(CALL, [method, path, body])

    async def plan(self, title: str, **settings: bool) -> int:
        """A meeting that may be entered now, with these settings; returns its number."""
        body = {"title": title, "start_time": datetime.now(UTC).isoformat(), "settings": settings}
        return int((await self.call("POST", "/meetings", body))["meeting"]["id"])

    async def expect_text(self, text: str, *, within_s: float = 15) -> None:
        """Wait until the page shows a text."""
        await eventually(
            lambda: self.tab.evaluate("() => document.body.innerText"),
            lambda shown: text in str(shown),
            within_s=within_s,
            what=f"{self.nickname} reads {text!r}",
        )

    async def expect_no_text(self, text: str, *, within_s: float = 15) -> None:
        """Wait until the page does not show a text."""
        await eventually(
            lambda: self.tab.evaluate("() => document.body.innerText"),
            lambda shown: text not in str(shown),
            within_s=within_s,
            what=f"{self.nickname} does not read {text!r}",
        )

    async def label_of(self, name: str) -> str:
        """What an element is called for assistive technology, by test id."""
        state = await self.state_of(name)
        return "" if state is None else str(state["label"])

    async def expect_label(self, name: str, label: str, *, within_s: float = 10) -> None:
        """Wait until an element is called so."""
        await eventually(
            lambda: self.label_of(name),
            lambda seen: seen == label,
            within_s=within_s,
            what=f"{name} of {self.nickname} is called {label!r}",
        )

    # The call

    async def go_to(self, meeting_id: int) -> None:
        """Open the meeting's link and wait for the pre-join screen with a running camera."""
        await self.tab.goto(f"{self.server.url}/m/{meeting_id}")
        await eventually(
            lambda: self.tab.evaluate(
                """() => document.querySelector('[data-testid="join-button"]:not([disabled])') !== null
                && [...document.querySelectorAll("video")].some((v) => v.videoWidth > 0)"""
            ),
            bool,
            within_s=20,
            what=f"{self.nickname} sees the own picture and may join",
        )

    async def press_join(self) -> None:
        """Click on Join and wait for the call screen."""
        await self.tab.click(test_id("join-button"))
        await self.expect_in_call()

    async def expect_in_call(self) -> None:
        """Wait for the call screen."""
        await self._expect_present("leave-button", True)

    async def expect_left(self) -> None:
        """Wait until the call screen is gone."""
        await self._expect_present("leave-button", False)

    async def _expect_present(self, name: str, present: bool) -> None:
        await eventually(
            lambda: self.tab.evaluate(PRESENT, name),
            lambda seen: seen is present,
            within_s=15,
            what=f"{name} is {'there' if present else 'gone'} for {self.nickname}",
        )

    async def tab_to(self, name: str) -> None:
        """Press the Tab key until an element has the focus."""
        for _ in range(40):
            if await self.tab.evaluate("() => document.activeElement?.dataset?.testid ?? ''") == name:
                return
            await self.tab.press("Tab")
        raise AssertionError(f"{name} is not reached with the Tab key")

    async def enter(self, meeting_id: int) -> None:
        """Open the link and join."""
        await self.go_to(meeting_id)
        await self.press_join()

    async def leave(self) -> None:
        """Click on Leave."""
        await self.tab.click(test_id("leave-button"))

    async def tiles(self) -> list[TileSeen]:
        """The tiles of the others, in their order."""
        return [TileSeen(**tile) for tile in await self.tab.evaluate(TILES)]

    async def expect_live_tiles(self, names: set[str], *, within_s: float) -> list[TileSeen]:
        """Wait until exactly these people are shown, each with a moving picture."""
        return await eventually(
            self.tiles,
            lambda tiles: len(tiles) == len(names) and {t.name for t in tiles if t.live} == names,
            within_s=within_s,
            what=f"{self.nickname} sees exactly {sorted(names)}, live",
        )

    async def flows(self, *, over_s: float = 3.0) -> dict[str, Flow]:
        """What comes in from the others, by the name on their tile."""
        names = {tile.stream: tile.name for tile in await self.tiles()}
        return {names.get(s, s): flow for s, flow in (await flows(self.tab, over_s=over_s)).items()}

    async def expect_seen_and_heard(self, names: set[str], *, within_s: float = 20) -> dict[str, Flow]:
        """Wait until each of them comes in with at least 10 frames a second and with sound."""
        return await eventually(
            self.flows,
            lambda seen: set(seen) >= names and all(seen[name].is_seen_and_heard for name in names),
            within_s=within_s,
            what=f"{self.nickname} sees and hears {sorted(names)}",
        )

    async def expect_silence_of(self, name: str, *, within_s: float = 10) -> None:
        """Wait until nothing is heard of someone."""
        await eventually(
            lambda: self.flows(over_s=2),
            lambda seen: name in seen and seen[name].audio_energy < SILENCE,
            within_s=within_s,
            what=f"{self.nickname} hears nothing of {name}",
        )

    # Chat and people

    async def open_chat(self) -> None:
        """Open the chat panel."""
        if not await self.tab.evaluate(PRESENT, "chat-input"):
            await self.tab.click(test_id("chat-button"))

    async def write(self, text: str) -> None:
        """Send a chat message."""
        await self.open_chat()
        await self.tab.fill(test_id("chat-input"), text)
        await self.tab.click(test_id("chat-send"))

    async def chat(self) -> list[str]:
        """The messages that are shown, oldest first, each with everything written on it."""
        return [str(line) for line in await self.tab.evaluate(CHAT)]

    async def expect_chat_once(self, *texts: str, within_s: float = 5) -> None:
        """Wait until each text is shown, then insist that each is there once."""
        await self.open_chat()
        lines = await eventually(
            self.chat,
            lambda seen: all(any(text in line for line in seen) for text in texts),
            within_s=within_s,
            what=f"{self.nickname} reads {texts}",
        )
        for text in texts:
            assert sum(text in line for line in lines) == 1, lines

    # What the page noted by itself

    async def state_of(self, name: str) -> dict[str, Any] | None:
        """Label, pressed state and ``data-state`` of an element by test id."""
        found: dict[str, Any] | None = await self.tab.evaluate(STATE, name)
        return found

    async def watch(self) -> dict[str, Any]:
        """Times of clicks, of first frames, and of changes of the set of tiles (``watch.js``)."""
        noted: dict[str, Any] = await self.tab.evaluate("() => window.__watch")
        return noted


async def all_of(*steps: Any) -> list[Any]:
    """Let several people act at the same time; the first failure is raised."""
    return list(await asyncio.gather(*steps))
