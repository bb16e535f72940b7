"""What a file is: by its content, whatever it is called."""

import re
import warnings
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Literal

import filetype
from PIL import Image, UnidentifiedImageError

from salon.platform.errors import BadRequest, TooLarge, UnsupportedType

FileType = Literal["video", "audio", "image", "document", "other"]

MAX_PIXELS = 200_000_000
"""Nothing here decodes whole pictures; browsers of those who look at it do."""

_HEAD = 8192
_MAX_NAME = 255

_EXTENSIONS: dict[str, FileType] = {
    **dict.fromkeys(("mp4", "avi", "mov", "wmv", "flv", "webm", "mkv", "m4v"), "video"),
    **dict.fromkeys(("mp3", "wav", "aac", "flac", "ogg", "m4a", "wma"), "audio"),
    **dict.fromkeys(("jpg", "jpeg", "png", "gif", "bmp", "webp", "svg"), "image"),
    **dict.fromkeys(("txt", "pdf", "doc", "docx", "ppt", "pptx", "xls", "xlsx", "csv", "md"), "document"),
}
_TEXTS = ("txt", "csv", "md")
_PICTURES = ("PNG", "JPEG", "WEBP", "GIF", "BMP")


@dataclass(frozen=True, slots=True)
class Kind:
    """What a file turned out to be."""

    file_type: FileType
    mime_type: str
    """As it may be served: never a type that a browser runs."""
    width: int = 0
    height: int = 0

    @property
    def is_timed(self) -> bool:
        """Sound or moving pictures: worth a look by ffprobe."""
        return self.file_type in ("video", "audio")


def clean_name(name: str) -> str:
    """The last part of a name, without anything but printable characters; never empty."""
    last = re.split(r"[/\\]", name.replace("\x00", ""))[-1]
    clean = "".join(char for char in last if char.isprintable() and not "\ud800" <= char <= "\udfff").strip(
        ' "'
    )
    if clean.strip(". ") == "":
        return "file"
    stem, suffix = PurePosixPath(clean).stem, PurePosixPath(clean).suffix[:16]
    return stem[: _MAX_NAME - len(suffix)] + suffix


def extension_of(name: str) -> str:
    """The extension of a cleaned name, in small letters, without the dot; empty if it is no plain word."""
    found = PurePosixPath(name).suffix.lower().removeprefix(".")
    return found if re.fullmatch(r"[a-z0-9]{1,8}", found) else ""


def judge(path: Path, name: str) -> Kind:
    """Look into a file.

    Raises:
        BadRequest: it is empty, or a damaged picture.
        UnsupportedType: it is called a video, a sound or a picture and is none.
        TooLarge: a picture of more than 200 megapixels.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if not head:
        raise BadRequest("The file is empty. Choose another one.")
    extension = extension_of(name)
    claimed = _EXTENSIONS.get(extension, "other")
    found = filetype.guess(head)
    mime = str(found.mime) if found is not None else ""
    kind = mime.partition("/")[0]
    if kind in ("video", "audio"):
        return Kind("audio" if claimed == "audio" else "video" if kind == "video" else "audio", mime)
    if kind == "image":
        return _judge_picture(path, mime)
    if claimed in ("video", "audio", "image") and extension != "svg":
        raise UnsupportedType(f"This file is called .{extension} but is none. Choose another one.")
    if mime == "application/pdf" and head.startswith(b"%PDF-"):
        return Kind("document", mime)
    if extension in _TEXTS and _is_text(head):
        return Kind("document", "text/plain")
    # SVG, HTML, archives, programs: kept and given back as they are, but as nothing that would be run.
    return Kind(claimed, "application/octet-stream")


def _judge_picture(path: Path, mime: str) -> Kind:
    """Size of a picture, from its head alone; what is no common one is kept without a look."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(path, formats=_PICTURES) as image:
                width, height, mime = image.width, image.height, Image.MIME.get(image.format or "", mime)
    except Image.DecompressionBombError as fault:
        raise TooLarge("The picture has too many pixels. Choose a smaller one.") from fault
    except UnidentifiedImageError:
        return Kind("image", "application/octet-stream")
    except (OSError, ValueError, SyntaxError) as fault:
        raise BadRequest("The picture is damaged. Choose another one.") from fault
    if width * height > MAX_PIXELS:
        raise TooLarge("The picture has too many pixels. Choose a smaller one.")
    return Kind("image", mime, width, height)


def _is_text(head: bytes) -> bool:
    try:
        head[: _HEAD - 4].decode()
    except UnicodeDecodeError as fault:
        return len(head) - fault.start < 4 and b"\x00" not in head
    return b"\x00" not in head
