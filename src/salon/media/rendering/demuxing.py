"""Segments read block by block. A torn tail or a damaged file gives what is whole, and never an error."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import av
import av.logging

from salon.media.rendering.model import SECOND_US, Segment

if TYPE_CHECKING:
    Block = av.Packet[Any]  # Generic for type checkers only.
else:
    Block = av.Packet

BLOCK_US = {"audio": 20_000, "video": 33_333}
"""How long a last block is taken to last if nothing else tells: an Opus packet, a picture of 30 a second."""
MAX_BLOCK_US = 200_000
SLACK_US = 40_000
"""A block may begin this late after the segment's told end: times are rounded."""

av.logging.set_level(
    av.logging.PANIC
)  # FFmpeg's remarks on damaged files go to nobody who could act on them.


@dataclass(frozen=True, slots=True)
class Measured:
    """What is whole in a segment: its blocks, and how long they last from its time 0."""

    blocks: int
    length_us: int


@contextmanager
def opened(path: Path) -> Iterator[av.container.InputContainer | None]:
    """The segment's container with at least one track in it, or None if it cannot be read at all."""
    try:
        # A recording is read from local files only, whatever a damaged file may name.
        container = av.open(str(path), format="matroska", options={"protocol_whitelist": "file"})
    except (av.FFmpegError, OSError, ValueError):
        yield None
        return
    with container:
        yield container if container.streams else None


def blocks(container: av.container.InputContainer) -> Iterator[tuple[int, Block]]:
    """The whole blocks with their microseconds from the segment's start (sound: less its codec's delay)."""
    demuxed = container.demux(container.streams[0])
    while True:
        try:
            packet = next(demuxed)
        except StopIteration:
            return
        except (av.FFmpegError, OSError, ValueError):
            return  # Nothing behind a tear can be trusted; what follows in time is in another segment.
        if packet.size == 0 or packet.pts is None or packet.time_base is None or packet.is_corrupt:
            continue
        yield int(packet.pts * packet.time_base * SECOND_US), packet


def blocks_of(segment: Segment) -> Iterator[tuple[int, Block]]:
    """The whole blocks with their true times, as far as the segment counts: the next may begin earlier."""
    with opened(segment.path) as container:
        if container is None:
            return
        for at_us, packet in blocks(container):
            if segment.start_us + at_us < segment.end_us + SLACK_US:
                yield segment.start_us + at_us, packet


def measure(path: Path, media: str) -> Measured:
    """Reads a segment to its last whole block."""
    count, last_us, step_us = 0, 0, BLOCK_US[media]
    with opened(path) as container:
        if container is None:
            return Measured(0, 0)
        for at_us, packet in blocks(container):
            if packet.duration and packet.time_base:
                step_us = min(MAX_BLOCK_US, int(packet.duration * packet.time_base * SECOND_US))
            elif count:
                step_us = min(MAX_BLOCK_US, max(1000, at_us - last_us))
            count, last_us = count + 1, max(last_us, at_us)
    return Measured(count, last_us + step_us if count else 0)
