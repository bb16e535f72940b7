"""Debian's Chromium with a fake camera and microphone; each person has a process and an empty profile."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from playwright.async_api import BrowserContext, Locator, Page, Playwright

from .tab import PATIENCE_S, Tab, Target

EXECUTABLE = "/usr/bin/chromium"
FLAGS = (
    "--no-sandbox",  # Debian's Chromium refuses to run as root with it, and CI is root
    "--use-fake-device-for-media-stream=fps=20",
    "--use-fake-ui-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-features=WebRtcHideLocalIpsWithMdns",
    "--force-webrtc-ip-handling-policy=default",
)


class ChromiumTab(Tab):
    """A page in a Chromium of its own, driven by Playwright."""

    def __init__(self, context: BrowserContext, page: Page) -> None:
        """Use :meth:`launch`."""
        self._context = context
        self._page = page
        self._problems: list[str] = []
        page.set_default_timeout(PATIENCE_S * 1000)
        page.on("pageerror", lambda error: self._note(f"uncaught: {error}"))
        page.on("console", lambda it: self._note(f"console: {it.text}") if it.type == "error" else None)
        page.on("response", lambda it: self._note(f"{it.status} {it.url}") if it.status >= 400 else None)

    def _note(self, problem: str) -> None:
        self._problems.append(problem)

    @classmethod
    async def launch(
        cls,
        playwright: Playwright,
        profile: Path,
        *,
        locale: str,
        size_px: tuple[int, int],
        flags: tuple[str, ...] = (),
    ) -> ChromiumTab:
        """Start a browser; ``profile`` is an empty folder."""
        context = await playwright.chromium.launch_persistent_context(
            profile,
            executable_path=EXECUTABLE,
            headless=True,
            args=[*FLAGS, *flags],
            locale=locale,
            viewport={"width": size_px[0], "height": size_px[1]},
        )
        return cls(context, context.pages[0])

    def _locate(self, target: Target) -> Locator:
        if target.css:
            return self._page.locator(target.css).first
        return self._page.get_by_role(target.role, name=target.name, exact=True).first  # type: ignore[arg-type]

    async def goto(self, url: str) -> None:
        await self._page.goto(url)

    async def click(self, target: Target) -> None:
        await self._locate(target).click()

    async def fill(self, target: Target, text: str) -> None:
        await self._locate(target).fill(text)

    async def choose_file(self, name: str, path: Path) -> None:
        await self._page.set_input_files(f'input[type="file"][name="{name}"]', path)

    async def press(self, key: str) -> None:
        await self._page.keyboard.press(key)

    async def evaluate(self, function: str, argument: Any = None) -> Any:
        return await asyncio.wait_for(self._page.evaluate(function, argument), PATIENCE_S * 2)

    async def add_init_script(self, script: str) -> None:
        await self._context.add_init_script(script)

    async def resize(self, width_px: int, height_px: int) -> None:
        await self._page.set_viewport_size({"width": width_px, "height": height_px})

    async def screenshot(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        await self._page.screenshot(path=path)

    async def problems(self) -> list[str]:
        return list(self._problems)

    async def close(self) -> None:
        await self._context.close()
