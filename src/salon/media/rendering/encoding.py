"""How films are encoded, and the one that is made of nothing."""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from av.codec import codecs_available
from av.container import OutputContainer

from salon.media.rendering import lettering
from salon.media.rendering.canvas import Canvas
from salon.media.rendering.output import Container, muxer

FPS = 30
NOTHING = "Nothing was recorded"
NOTHING_S = 2


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


def add_picture(output: OutputContainer, container: Container, size: Quality) -> Any:
    """H.264, or VP8 for WebM. The bits are a ceiling: a still picture takes far fewer."""
    limits = {"maxrate": str(size.bps), "bufsize": str(2 * size.bps)}
    if container == "webm":
        # libvpx's threads wait by spinning: where others compute too, two are slower than one.
        codec, threads = "libvpx", "1"
        options = {
            "deadline": "realtime",
            "cpu-used": "6",
            "crf": "20",
            "auto-alt-ref": "0",
            "lag-in-frames": "0",
        }
    else:
        codec, threads = _h264(), "auto"
        # OpenH264 knows no quality to aim at: there the ceiling is the aim.
        is_x264 = codec == "libx264"
        options = {"preset": "veryfast", "crf": "23", "profile": "high"} if is_x264 else {}
    stream: Any = output.add_stream(
        codec, rate=FPS, options={**limits, **options, "g": str(2 * FPS), "threads": threads}
    )
    stream.width, stream.height, stream.pix_fmt = size.width, size.height, "yuv420p"
    stream.codec_context.time_base = Fraction(1, FPS)
    stream.codec_context.bit_rate = 0 if codec == "libx264" else size.bps
    _tell_colours(stream.codec_context)
    return stream


def _h264() -> str:
    """The encoder there is: a build of FFmpeg without GPL parts has only the second."""
    return next((name for name in ("libx264", "libopenh264") if name in codecs_available), "libx264")


def _tell_colours(context: Any) -> None:
    """BT.601 in limited range, as painted: players would take HD for BT.709 and shift the faces' colours."""
    context.color_range, context.colorspace, context.color_primaries, context.color_trc = 1, 6, 6, 6


def write_nothing(part: Path, container: Container, size: Quality) -> None:
    """Two seconds of a picture that says so: whoever downloads an empty recording gets a file that plays."""
    canvas = Canvas(size.width, size.height)
    canvas.planes.paste(lettering.notice(NOTHING, size.width, size.height))
    with muxer(part, container) as output:
        picture = add_picture(output, container, size)
        for number in range(NOTHING_S * FPS):
            frame = canvas.frame()
            frame.pts, frame.time_base = number, Fraction(1, FPS)
            output.mux(picture.encode(frame))
        output.mux(picture.encode(None))
