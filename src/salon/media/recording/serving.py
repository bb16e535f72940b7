"""Sends kept files: whole or a part, under a name that every browser takes."""

import hashlib
import re
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from salon.media.recording.service import Download
from salon.media.recording.tools import BlobStore
from salon.platform.errors import RangeNotSatisfiable

_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


def send(request: Request, found: Download, *, blobs: BlobStore, is_inline: bool) -> Response:
    """The file, or the one part of it that was asked for."""
    etag = f'"{hashlib.sha256(f"{found.blob} {found.size}".encode()).hexdigest()[:32]}"'
    headers = {
        "content-type": found.media_type,
        "accept-ranges": "bytes",
        "etag": etag,
        "content-disposition": disposition(found.name, is_inline=is_inline),
        "content-security-policy": "sandbox",
    }
    start, end = 0, found.size
    asked = request.headers.get("range", "")
    if asked and request.headers.get("if-range", etag) == etag:
        start, end = read_range(asked, found.size)
    if start >= end:
        refusal = RangeNotSatisfiable()
        refusal.headers["content-range"] = f"bytes */{found.size}"
        raise refusal
    is_part = (start, end) != (0, found.size)
    headers["content-length"] = str(end - start)
    if is_part:
        headers["content-range"] = f"bytes {start}-{end - 1}/{found.size}"
    body = blobs.stream(found.blob, start=start, end=end)
    return StreamingResponse(body, status_code=206 if is_part else 200, headers=headers)


def read_range(text: str, size: int) -> tuple[int, int]:
    """From where to where (exclusive); nothing between: outside of the file.

    Several parts at once, and what is no range, are answered with the whole (RFC 9110, section 14.2).
    """
    match = _RANGE.fullmatch(text.strip())
    first, last = match.groups() if match else ("", "")
    if not first and not last:
        return 0, size
    if not first:
        return max(0, size - int(last)), size
    start, end = int(first), min(size, int(last) + 1) if last else size
    return (0, size) if last and int(last) < start else (start, end)


def disposition(name: str, *, is_inline: bool) -> str:
    """The header of RFC 6266: a plain name for old clients, the true one beside it."""
    plain = "".join(
        char if char.isascii() and char.isprintable() and char not in '"\\' else "_" for char in name
    )
    kind = "inline" if is_inline else "attachment"
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
