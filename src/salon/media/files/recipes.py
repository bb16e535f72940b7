"""What ffmpeg is told: chosen from lists; nothing that a caller wrote becomes an argument as it is."""

import re
from dataclasses import dataclass
from pathlib import Path

from salon.media.files.probe import SAFE_INPUT, Figures
from salon.media.files.schema import JobParameters
from salon.platform.errors import BadRequest

OPERATIONS = ("transcode", "thumbnail", "extract_audio", "extract_video")

_VIDEO = {
    "h264": ("libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p"),
    "vp8": ("libvpx", "-deadline", "realtime", "-cpu-used", "6"),
}
_AUDIO = {"aac": "aac", "opus": "libopus", "mp3": "libmp3lame", "flac": "flac", "pcm": "pcm_s16le"}
_DEFAULTS = {"transcode": "mp4", "extract_audio": "mp3", "extract_video": "mp4"}
_HEIGHTS = {"480p": 480, "720p": 720, "1080p": 1080}
_CRF = {"low": "32", "medium": "26", "high": "20"}


@dataclass(frozen=True, slots=True)
class _Container:
    muxer: str
    mime: str
    video: tuple[str, ...]
    """Codecs it takes; the first is the default."""
    audio: tuple[str, ...]


_CONTAINERS = {
    "mp4": _Container("mp4", "video/mp4", ("h264",), ("aac", "mp3")),
    "webm": _Container("webm", "video/webm", ("vp8",), ("opus",)),
    "mkv": _Container("matroska", "video/x-matroska", ("h264", "vp8"), ("aac", "opus", "flac", "mp3")),
    "mp3": _Container("mp3", "audio/mpeg", (), ("mp3",)),
    "m4a": _Container("ipod", "audio/mp4", (), ("aac",)),
    "ogg": _Container("ogg", "audio/ogg", (), ("opus",)),
    "wav": _Container("wav", "audio/x-wav", (), ("pcm",)),
    "flac": _Container("flac", "audio/x-flac", (), ("flac",)),
}


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a file is made of another one."""

    extension: str
    file_type: str
    mime_type: str
    options: tuple[str, ...]

    def command(self, source: Path, out: Path) -> list[str]:
        """The whole command; it tells its progress on the standard output."""
        return [
            *("ffmpeg", "-nostdin", "-v", "error", "-y", "-progress", "pipe:1", "-nostats", "-threads", "2"),
            *SAFE_INPUT,
            *("-i", f"file:{source}", "-map_metadata", "-1", "-sn", "-dn"),
            *self.options,
            f"file:{out}",
        ]


def recipe_for(operation: str, parameters: JobParameters) -> Recipe:
    """What is to be done, from what was asked.

    Raises:
        BadRequest: an operation, a format or a codec that is not offered, or two that do not go together.
    """
    if parameters.filters or parameters.custom_args:
        raise BadRequest("`filters` and `custom_args` are not supported.")
    name = parameters.format or _DEFAULTS[operation]
    offered = [one for one, container in _CONTAINERS.items() if _fits(operation, container)]
    if name not in offered:
        raise BadRequest(f"`format` should be one of {', '.join(offered)}.")
    container = _CONTAINERS[name]
    options: list[str] = []
    if container.video:
        options += _video(container, parameters)
    else:
        options += ["-vn"]
    if operation == "extract_video":
        options += ["-an"]
    else:
        codec = _choice("audio_codec", parameters.audio_codec, container.audio)
        options += ["-map", "0:a:0?" if container.video else "0:a:0", "-c:a", _AUDIO[codec]]
    if name in ("mp4", "m4a"):
        options += ["-movflags", "+faststart"]
    file_type = "video" if container.video else "audio"
    return Recipe(name, file_type, container.mime, (*options, "-f", container.muxer))


def _fits(operation: str, container: _Container) -> bool:
    return operation == "transcode" or bool(container.video) == (operation == "extract_video")


def _video(container: _Container, parameters: JobParameters) -> list[str]:
    codec = _choice("video_codec", parameters.video_codec, container.video)
    options = ["-map", "0:v:0", "-c:v", *_VIDEO[codec]]
    if parameters.bitrate:
        options += ["-b:v", _bitrate(parameters.bitrate)]
    elif codec == "h264":
        options += ["-crf", _CRF[_choice("quality", parameters.quality, ("medium", "low", "high"))]]
    else:
        options += ["-b:v", "1500k"]
    scale = "scale=trunc(iw/2)*2:trunc(ih/2)*2"
    if parameters.resolution:
        scale = _scale(parameters.resolution)
    options += ["-vf", scale]
    if parameters.frame_rate:
        options += ["-r", f"{parameters.frame_rate:g}"]
    return options


def _scale(resolution: str) -> str:
    if resolution in _HEIGHTS:
        return f"scale=-2:{_HEIGHTS[resolution]}"
    found = re.fullmatch(r"(\d{2,4})x(\d{2,4})", resolution)
    if found is None or not all(16 <= int(side) <= 4096 for side in found.groups()):
        raise BadRequest("`resolution` should be 480p, 720p, 1080p, or like 1280x720.")
    width, height = (int(side) // 2 * 2 for side in found.groups())
    return f"scale={width}:{height}"


def _bitrate(text: str) -> str:
    found = re.fullmatch(r"(\d{1,8})([kKmM]?)", text)
    unit = {"k": 1000, "m": 1_000_000}.get(found[2].lower(), 1) if found else 0
    if found is None or not 16_000 <= int(found[1]) * unit <= 50_000_000:
        raise BadRequest("`bitrate` should be between 16k and 50m, like 1500k.")
    return str(int(found[1]) * unit)


def _choice(name: str, given: str, offered: tuple[str, ...]) -> str:
    if given and given not in offered:
        raise BadRequest(f"`{name}` should be one of {', '.join(offered)}.")
    return given or offered[0]


def thumbnail_command(
    source: Path, out: Path, figures: Figures, *, at: float, width: int, height: int
) -> list[str]:
    """One frame as a JPEG: at this moment, or the last one before the end."""
    at = max(0.0, min(at, figures.duration - 0.1))
    if width and height:
        scale = f"scale={width}:{height}:force_original_aspect_ratio=decrease"
    else:
        scale = f"scale={width or -2}:{height or -2}" if width or height else "scale='min(1280,iw)':-2"
    return [
        *("ffmpeg", "-nostdin", "-v", "error", "-y", "-threads", "2", *SAFE_INPUT),
        *("-ss", f"{at:.3f}", "-i", f"file:{source}", "-map", "0:v:0", "-frames:v", "1", "-vf", scale),
        *("-map_metadata", "-1", "-c:v", "mjpeg", "-q:v", "4", "-f", "image2", "-update", "1", f"file:{out}"),
    ]
