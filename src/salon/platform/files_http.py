"""Files over HTTP: parts of them, what is already known of them, and never anything that a browser would run.

RFC 9110 sections 13 and 14 (conditions, one range), RFC 6266 (names), from a path or from a blob.
"""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from salon.platform.blobs import BlobInfo, Blobs
from salon.platform.errors import NotFound, RangeNotSatisfiable

_PIECE = 256 * 1024
_RANGE = re.compile(r"bytes\s*=\s*(\d{0,18})\s*-\s*(\d{0,18})\s*", re.IGNORECASE)

_INLINE = re.compile(
    r"audio/[\w.+-]+|video/[\w.+-]+|image/(png|jpeg|gif|webp|avif|bmp)|text/plain|application/pdf|text/vtt",
)
"""What a browser shows without running anything in it. SVG and HTML are not among it."""

_HEADERS = {
    "accept-ranges": "bytes",
    "x-content-type-options": "nosniff",
    # Should a browser take it for a page all the same, it is one without scripts, forms or our origin.
    "content-security-policy": "sandbox; default-src 'none'; media-src 'self'; style-src 'unsafe-inline'",
    "cross-origin-resource-policy": "same-origin",
    # Only this user's own browser may keep it, and it has to ask each time. Under /api nobody may.
    "cache-control": "private, no-cache",
}


@dataclass(frozen=True, slots=True)
class BlobFile:
    """A file in the blob store."""

    blobs: Blobs
    name: str


async def file_response(
    request: Request,
    source: Path | BlobFile,
    *,
    name: str,
    media_type: str,
    is_inline: bool = False,
) -> Response:
    """Answer a GET or HEAD with a file, or the part of it that was asked for.

    Args:
        request: for its method, `Range`, `If-Range`, `If-None-Match`.
        source: where the bytes are; they must not change under one name.
        name: what it is called when it is saved; any text.
        media_type: what it is. What a browser might run is sent as bytes that it can only save.
        is_inline: shown rather than saved, where its type is harmless.

    Raises:
        NotFound: there is no such file.
        RangeNotSatisfiable: the part begins beyond its end.
        BlobsUnavailable: the store is away.
    """
    info = await _info(source)
    if info is None:
        raise NotFound("This file is not there any more.")
    is_harmless = _INLINE.fullmatch(media_type) is not None
    headers = _HEADERS | {
        "etag": f'"{info.etag}"',
        "last-modified": format_datetime(info.modified.astimezone(UTC), usegmt=True),
        "content-disposition": content_disposition(name, is_inline=is_inline and is_harmless),
        "content-type": media_type if is_harmless or not is_inline else "application/octet-stream",
    }
    if _knows(request.headers.get("if-none-match"), info):
        return Response(status_code=304, headers=headers)
    part = None
    if _may_be_part(request.headers.get("if-range"), info):
        part = parse_range(request.headers.get("range"), info.size)
    start, end = part or (0, info.size)
    status = 200
    if part is not None:
        status = 206
        headers["content-range"] = f"bytes {start}-{end - 1}/{info.size}"
    headers["content-length"] = str(end - start)
    if request.method == "HEAD":
        return Response(status_code=status, headers=headers)
    return StreamingResponse(_bytes(source, start, end), status_code=status, headers=headers)


def content_disposition(name: str, *, is_inline: bool) -> str:
    """The header that names a file, for old and new readers alike (RFC 6266, appendix D)."""
    kind = "inline" if is_inline else "attachment"
    clean = "".join(char for char in name if char.isprintable() and char not in '/\\"').strip(". ") or "file"
    clean = clean.encode("utf-8", "ignore").decode()[:200]
    plain = clean.encode("ascii", "replace").decode().replace("?", "_").replace("%", "_").replace(";", "_")
    value = f'{kind}; filename="{plain}"'
    return value if plain == clean else f"{value}; filename*=UTF-8''{quote(clean, safe='')}"


def parse_range(header: str | None, size: int) -> tuple[int, int] | None:
    """The part that a `Range` header asks for: first byte, and the one after the last.

    None for the whole: no header, another unit, several parts at once, or nonsense, all of which a server
    may leave unheard (RFC 9110, section 14.2).

    Raises:
        RangeNotSatisfiable: it begins beyond the end.
    """
    found = _RANGE.fullmatch(header) if header is not None else None
    if found is None or not any(found.groups()):
        return None
    first, last = found.groups()
    if not first:
        start, end = max(0, size - int(last)), size
    else:
        start = int(first)
        end = min(int(last) + 1, size) if last else size
        if last and int(last) < start:
            return None
    if start >= size or start >= end:
        fault = RangeNotSatisfiable(f"The file has {size} bytes. Ask for a part of it.")
        fault.headers = {"content-range": f"bytes */{size}"}
        raise fault
    return start, end


async def _info(source: Path | BlobFile) -> BlobInfo | None:
    if isinstance(source, BlobFile):
        return await source.blobs.info(source.name)
    try:
        stat = await asyncio.to_thread(source.stat)
    except OSError:
        return None
    modified = datetime.fromtimestamp(stat.st_mtime, UTC)
    return BlobInfo(stat.st_size, f"{stat.st_mtime_ns:x}-{stat.st_size:x}", modified)


def _knows(header: str | None, info: BlobInfo) -> bool:
    """Whether the caller has these bytes already."""
    if header is None:
        return False
    tags = [tag.strip().removeprefix("W/") for tag in header.split(",")]
    return "*" in tags or f'"{info.etag}"' in tags


def _may_be_part(header: str | None, info: BlobInfo) -> bool:
    """Whether a part fits what the caller has of the file: only if it is still the same."""
    if header is None:
        return True
    if header.startswith(('"', "W/")):
        return header == f'"{info.etag}"'
    try:
        return parsedate_to_datetime(header) == info.modified.astimezone(UTC).replace(microsecond=0)
    except (TypeError, ValueError):
        return False


async def _bytes(source: Path | BlobFile, start: int, end: int) -> AsyncIterator[bytes]:
    if isinstance(source, BlobFile):
        async for piece in source.blobs.stream(source.name, start=start, end=end):
            yield piece
        return
    file = await asyncio.to_thread(_open, source, start)
    try:
        left = end - start
        while left > 0:
            piece = await asyncio.to_thread(file.read, min(_PIECE, left))
            if not piece:
                return
            left -= len(piece)
            yield piece
    finally:
        file.close()


def _open(path: Path, start: int) -> BinaryIO:
    file = path.open("rb")
    file.seek(start)
    return file
