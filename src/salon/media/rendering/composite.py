"""The recording as one film: everybody's picture in a grid, everybody's voice."""

import gc
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from av.audio.frame import AudioFrame
from av.container import OutputContainer

from salon.media.rendering import lettering
from salon.media.rendering.canvas import Canvas
from salon.media.rendering.mixing import add_sound, gain_of, normalised
from salon.media.rendering.model import SECOND_US, RecordingLog
from salon.media.rendering.output import CONTENT_TYPES, Container, Report, muxer, part_of, whole_file
from salon.media.rendering.painter import Painter

FPS = 30
NOTHING = "Nothing was recorded"
NOTHING_S = 2
EARLY_US = 8_000
"""A picture may be shown this much early: a camera's clock is not ours, and many would just miss their frame."""


@dataclass(frozen=True, slots=True)
class Quality:
    """The size of the picture, and the most bits it takes."""

    width: int
    height: int
    bps: int


QUALITIES: dict[str, Quality] = {
    "480p": Quality(854, 480, 1_000_000),
    "720p": Quality(1280, 720, 2_500_000),
    "1080p": Quality(1920, 1080, 5_000_000),
    "4k": Quality(3840, 2160, 16_000_000),
}
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
    with whole_file(out) as part, muxer(part, container) as output:
        picture, sound = _add_picture(output, container, size), add_sound(output, container)
        if log.is_empty:
            _write_nothing(output, picture, size)
        else:
            voices = normalised(log, gain_of(log, part_of(report, 0, 5)))
            film = _Film(output, picture, sound, Painter(log, size.width, size.height), voices)
            film.write(log, part_of(report, 5, 100))
            bad_blocks = film.painter.bad_blocks
        output.mux(picture.encode(None))
        output.mux(sound.encode(None))
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


def _write_nothing(output: OutputContainer, video: Any, size: Quality) -> None:
    canvas = Canvas(size.width, size.height)
    canvas.planes.paste(lettering.notice(NOTHING, size.width, size.height))
    for number in range(NOTHING_S * FPS):
        frame = canvas.frame()
        frame.pts, frame.time_base = number, Fraction(1, FPS)
        output.mux(video.encode(frame))


def _add_picture(output: OutputContainer, container: Container, size: Quality) -> Any:
    """H.264, or VP8 for WebM. The bits are a ceiling: a still picture takes far fewer."""
    limits = {"maxrate": str(size.bps), "bufsize": str(2 * size.bps)}
    if container == "webm":
        codec = "libvpx"
        options = {
            "deadline": "realtime",
            "cpu-used": "6",
            "crf": "20",
            "auto-alt-ref": "0",
            "lag-in-frames": "0",
        }
    else:
        codec = "libx264"
        options = {"preset": "veryfast", "crf": "23", "profile": "high"}
    stream: Any = output.add_stream(
        codec, rate=FPS, options={**limits, **options, "g": str(2 * FPS), "threads": "auto"}
    )
    stream.width, stream.height, stream.pix_fmt = size.width, size.height, "yuv420p"
    stream.codec_context.time_base = Fraction(1, FPS)
    stream.codec_context.bit_rate = size.bps if container == "webm" else 0
    _tell_colours(stream.codec_context)
    return stream


def _tell_colours(context: Any) -> None:
    """BT.601 in limited range, as painted: players would take HD for BT.709 and shift the faces' colours."""
    context.color_range, context.colorspace, context.color_primaries, context.color_trc = 1, 6, 6, 6
