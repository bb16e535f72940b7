"""Real figures of sound and moving pictures, measured by ffprobe under limits."""

import json
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from salon.platform.errors import UnsupportedType
from salon.platform.sandbox import ProgramFailed, run_limited

MEMORY = 2 * 1024**3

SAFE_INPUT = (
    # Playlists and lists of files are files that name others: no format on this list does.
    "-format_whitelist",
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,flv,asf,wav,mp3,aac,flac,ogg,mpegts,mpeg,amr,aiff,au",
    "-protocol_whitelist",
    "file,pipe",
)
"""What stands before every `-i` of a file that somebody sent."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured; 0 and empty where there is no such thing."""

    duration: float = 0.0
    width: int = 0
    height: int = 0
    bitrate: int = 0
    frame_rate: float = 0.0
    codec: str = ""
    has_video: bool = False
    has_audio: bool = False


async def probe(path: Path) -> Figures:
    """Measure a file.

    Raises:
        UnsupportedType: nothing that ffprobe knows, or too much for its limits.
        ProgramMissing: there is no ffprobe.
    """
    command = ["ffprobe", "-v", "error", *SAFE_INPUT, "-print_format", "json"]
    command += ["-show_format", "-show_streams", "-i", f"file:{path}"]
    try:
        out = await run_limited(command, cpu_s=20, memory_bytes=MEMORY, wall_s=60, cwd=path.parent)
        found = json.loads(out.stdout)
    except (ProgramFailed, ValueError) as fault:
        raise UnsupportedType("This is no sound or video that can be read. Choose another file.") from fault
    figures = _figures(found)
    if not (figures.has_video or figures.has_audio):
        raise UnsupportedType("There is neither sound nor video in this file. Choose another one.")
    return figures


def _figures(found: dict[str, Any]) -> Figures:
    streams = [one for one in found.get("streams", ()) if isinstance(one, dict)]
    # The picture on the cover of a song is a video stream of one frame.
    videos = [one for one in streams if one.get("codec_type") == "video" and not _is_cover(one)]
    sounds = [one for one in streams if one.get("codec_type") == "audio"]
    main = (videos or sounds or [{}])[0]
    whole = found.get("format", {})
    duration = _number(whole.get("duration")) or _number(main.get("duration"))
    return Figures(
        duration=round(duration, 3),
        width=int(_number(main.get("width"))) if videos else 0,
        height=int(_number(main.get("height"))) if videos else 0,
        bitrate=int(_number(whole.get("bit_rate"))),
        frame_rate=round(_rate(main.get("avg_frame_rate")), 3) if videos else 0.0,
        codec=str(main.get("codec_name", ""))[:32],
        has_video=bool(videos),
        has_audio=bool(sounds),
    )


def _is_cover(stream: dict[str, Any]) -> bool:
    return bool(stream.get("disposition", {}).get("attached_pic"))


def _number(value: object) -> float:
    try:
        number = float(str(value))
    except ValueError:
        return 0.0
    return number if 0 <= number < 2**53 else 0.0


def _rate(value: object) -> float:
    try:
        return _number(float(Fraction(str(value))))
    except (ValueError, ZeroDivisionError):
        return 0.0
