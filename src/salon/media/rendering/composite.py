"""The recording as one film: everybody's picture in a grid, everybody's voice."""

import gc
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from av.audio.frame import AudioFrame
from av.container import OutputContainer

from salon.media.rendering.encoding import FPS, NOTHING_S, QUALITIES, Quality, add_picture, write_nothing
from salon.media.rendering.mixing import add_sound, gain_of, normalised
from salon.media.rendering.model import SECOND_US, RecordingLog
from salon.media.rendering.output import CONTENT_TYPES, Container, Report, muxer, part_of, whole_file
from salon.media.rendering.painter import Painter

EARLY_US = 8_000
"""A picture may be shown this much early: a camera's clock is not ours, and many would just miss."""


FORMATS: dict[str, Container] = {"mp4": "mp4", "webm": "webm", "mkv": "mkv"}


def write_composite(
    log: RecordingLog, out: Path, report: Report, *, quality: str = "720p", file_format: str = "mp4"
) -> dict[str, Any]:
    """Renders the film.

    An empty recording gives a film of two seconds that says so: whoever downloads it gets a file that plays.
    """
    size, container = QUALITIES[quality], FORMATS[file_format]
    bad_blocks = 0
    # A frame leaves many small objects, none in a cycle: what was imported need not be searched for them.
    gc.freeze()
    with whole_file(out) as part:
        if log.is_empty:
            write_nothing(part, container, size)
        else:
            bad_blocks = _write_film(log, part, container, size, report)
    return {
        "file": str(out),
        "bytes": out.stat().st_size,
        "duration": NOTHING_S if log.is_empty else log.duration_us / SECOND_US,
        "width": size.width,
        "height": size.height,
        "content_type": CONTENT_TYPES[container],
        "bad_blocks": bad_blocks,
        "empty": log.is_empty,
    }


def _write_film(log: RecordingLog, part: Path, container: Container, size: Quality, report: Report) -> int:
    gain = gain_of(log, part_of(report, 0, 5))
    with muxer(part, container) as output:
        picture, sound = add_picture(output, container, size), add_sound(output, container)
        painter = Painter(log, size.width, size.height)
        film = _Film(output, picture, sound, painter, normalised(log, gain))
        film.write(log, part_of(report, 5, 100))
        output.mux(picture.encode(None))
        output.mux(sound.encode(None))
    return painter.bad_blocks


@dataclass(slots=True)
class _Film:
    """The outputs of a film in the making, and what fills them."""

    output: OutputContainer
    picture: Any
    sound: Any
    painter: Painter
    voices: Iterator[AudioFrame]

    def write(self, log: RecordingLog, report: Report) -> None:
        """Picture by picture, the sound following: no more of either is held than the codecs want."""
        count = max(1, round(log.duration_us * FPS / SECOND_US))
        for number in range(count):
            self.painter.paint(log.start_us + number * SECOND_US // FPS + EARLY_US)
            frame = self.painter.canvas.frame()
            frame.pts, frame.time_base = number, Fraction(1, FPS)
            self.output.mux(self.picture.encode(frame))
            if number % (FPS // 2) == 0:
                self._sound_to(number / FPS)
                report(100 * number / count)
        self._sound_to(float("inf"))

    def _sound_to(self, seconds: float) -> None:
        for frame in self.voices:
            self.output.mux(self.sound.encode(frame))
            if (frame.pts or 0) / frame.sample_rate >= seconds:
                return
