"""The append-only files of a recording, read so that no broken line ends the reading."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MAX_LINE_BYTES = 64 * 1024  # Far above any line that is written; what is longer is damage.


@dataclass(frozen=True, slots=True)
class Line:
    """One line: its moment, its kind, and typed access to the rest; wrong types read as absent."""

    t: int
    kind: str
    fields: dict[str, Any]

    def text(self, name: str) -> str:
        """A text, or the empty one."""
        value = self.fields.get(name)
        return value if isinstance(value, str) else ""

    def number(self, name: str) -> int | None:
        """A whole number, also one written as text."""
        value = self.fields.get(name)
        if isinstance(value, str) and value.isascii() and value.isdigit():
            return int(value)
        return int(value) if isinstance(value, int | float) and not isinstance(value, bool) else None

    def flag(self, name: str) -> bool | None:
        """A yes or no."""
        value = self.fields.get(name)
        return value if isinstance(value, bool) else None


@dataclass(slots=True)
class Damage:
    """How many lines could not be used."""

    lines: int = 0


def read_lines(path: Path, damage: Damage) -> Iterator[Line]:
    """The usable lines of a file in the order written; none if it is not there.

    A torn last line is what a power cut leaves: it is skipped. Any other unusable line is counted as damage.
    """
    try:
        file = path.open("rb")
    except FileNotFoundError:
        return
    with file:
        while raw := file.readline(MAX_LINE_BYTES):
            if not raw.endswith(b"\n"):
                if len(raw) < MAX_LINE_BYTES:
                    return
                damage.lines += 1
                continue
            line = _parse(raw)
            if line is not None:
                yield line
            elif raw.strip():
                damage.lines += 1


def _parse(raw: bytes) -> Line | None:
    try:
        fields = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    if not isinstance(fields, dict):
        return None
    t, kind = fields.get("t"), fields.get("kind")
    if not isinstance(t, int) or isinstance(t, bool) or not isinstance(kind, str):
        return None
    return Line(t, kind, fields)
