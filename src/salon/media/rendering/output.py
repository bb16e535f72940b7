"""Files that are there whole or not at all, and how far their making has come."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Literal

import av
from av.container import OutputContainer

Report = Callable[[float], None]
"""Takes how many percent are done."""

MICROSECONDS = Fraction(1, 1_000_000)
Container = Literal["mp4", "webm", "mkv", "ogg"]
_FORMATS: dict[Container, tuple[str, dict[str, str]]] = {
    # The index in front: a browser plays while it loads.
    "mp4": ("mp4", {"movflags": "+faststart"}),
    "webm": ("webm", {}),
    "mkv": ("matroska", {}),
    "ogg": ("ogg", {}),
}
CONTENT_TYPES: dict[Container, str] = {
    "mp4": "video/mp4",
    "webm": "video/webm",
    "mkv": "video/x-matroska",
    "ogg": "audio/ogg",
}


@contextmanager
def whole_file(out: Path) -> Iterator[Path]:
    """A name to write to; what is there becomes ``out`` at the end, or goes if an error ends the writing."""
    out.parent.mkdir(parents=True, exist_ok=True)
    part = out.with_name(f".{out.name}.{os.getpid()}.part")
    try:
        yield part
        part.replace(out)
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def muxer(path: Path, container: Container, **more: str) -> Iterator[OutputContainer]:
    """An output for packets in the order of time; its tail is written when all went well."""
    name, options = _FORMATS[container]
    with av.open(str(path), "w", format=name, options={**options, **more}) as out:
        yield out


def part_of(report: Report, begin: float, end: float) -> Report:
    """Reports a piece of work as a part of a greater one."""
    return lambda percent: report(begin + (end - begin) * percent / 100)
