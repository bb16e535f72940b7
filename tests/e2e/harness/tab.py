"""One browser tab as a person uses it, the same for every browser."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PATIENCE_S = 15.0
"""How long an element may take to appear and to become usable; this machine may be busy."""


@dataclass(frozen=True)
class Target:
    """An element: by role and accessible name, as assistive technology finds it, or by selector."""

    role: str = ""
    name: str = ""
    css: str = ""


def role(kind: str, name: str) -> Target:
    """The first element with this role and exactly this accessible name."""
    return Target(role=kind, name=name)


def test_id(name: str) -> Target:
    """The first element with this ``data-testid``."""
    return Target(css=f'[data-testid="{name}"]')


def field(name: str) -> Target:
    """The input of a form by the name it is submitted under."""
    return Target(css=f'input[name="{name}"]')


test_id.__test__ = False  # type: ignore[attr-defined] # pytest would take it for a test


class Tab(ABC):
    """What a person, and someone looking over their shoulder, can do with a tab.

    Every method fails with an error of the driver when the element does not come within ``PATIENCE_S``.
    """

    @abstractmethod
    async def goto(self, url: str) -> None:
        """Open a page and wait until it has loaded."""

    @abstractmethod
    async def click(self, target: Target) -> None:
        """A real click in the middle of an element that is visible and enabled."""

    @abstractmethod
    async def fill(self, target: Target, text: str) -> None:
        """Type a text into a field in place of what is there."""

    @abstractmethod
    async def choose_file(self, name: str, path: Path) -> None:
        """Give a file to the file field of this name, as the system's own dialog would."""

    @abstractmethod
    async def press(self, key: str) -> None:
        """One key, by its DOM name: ``Tab``, ``Escape``, ``m``."""

    @abstractmethod
    async def evaluate(self, function: str, argument: Any = None) -> Any:
        """The JSON-like result of a JavaScript function, which may be async and takes one argument."""

    @abstractmethod
    async def add_init_script(self, script: str) -> None:
        """Run a script in every page before its own."""

    @abstractmethod
    async def resize(self, width_px: int, height_px: int) -> None:
        """Change the size of the viewport."""

    @abstractmethod
    async def screenshot(self, path: Path) -> None:
        """A PNG of what is visible."""

    @abstractmethod
    async def problems(self) -> list[str]:
        """Uncaught errors and console errors so far."""

    @abstractmethod
    async def close(self) -> None:
        """End the browser with its process."""
