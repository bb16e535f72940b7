"""Uploads as they come in: piece by piece to disk, with every limit held while reading."""

import asyncio
import shutil
import uuid
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import ClientDisconnect, Request

from salon.platform.errors import BadRequest, SalonError, TooLarge, TooManyRequests, Unavailable

_MAX_PARTS = 16
_MAX_HEADERS = 8 * 1024
_MAX_FIELD = 1024
_BLOCK = 1024 * 1024
_PER_USER = 4
_ALTOGETHER = 64
_DISK_FLOOR = 256 * 1024 * 1024
"""Bytes that stay free on the disk, for the database and for recordings."""


@dataclass(slots=True)
class Received:
    """A form that has come in whole. The file is the staging area's, and goes with it."""

    path: Path
    name: str = ""
    size: int = 0
    fields: dict[str, str] = field(default_factory=dict)


class Staging:
    """Where what comes in lies until it is known what it is; emptied at the start of the process."""

    def __init__(self, folder: Path, *, max_bytes: int, idle_s: float) -> None:
        self.folder = folder
        self.max_bytes = max_bytes
        self._idle_s = idle_s
        self._busy: Counter[int] = Counter()

    def clear(self) -> None:
        """Throw away what was being received when the last process ended."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(mode=0o700, parents=True)

    def require_space(self, size: int = 0) -> None:
        """Refuse what would fill the disk.

        Raises:
            Unavailable: it is nearly full.
        """
        if shutil.disk_usage(self.folder).free < _DISK_FLOOR + size:
            raise Unavailable("The server's disk is nearly full. Tell its administrator.", retry_after_s=300)

    @asynccontextmanager
    async def receive(self, request: Request, user_id: int) -> AsyncIterator[Received]:
        """Read a multipart form with one part `file`.

        Raises:
            BadRequest: no such form, too many parts, cut off, or it stood still.
            TooLarge: more than the limit.
            TooManyRequests: too many uploads at the same time.
        """
        boundary = _boundary_of(request)
        async with self._place(user_id), self._file() as path:
            try:
                received = await self._read(request, boundary, path)
            except SalonError as fault:
                if "content-length" not in request.headers:
                    # Who knows how much more comes: it is not read to its end only to be thrown away.
                    fault.headers["connection"] = "close"
                raise
            yield received

    @asynccontextmanager
    async def _place(self, user_id: int) -> AsyncIterator[None]:
        if self._busy[user_id] >= _PER_USER or self._busy.total() >= _ALTOGETHER:
            raise TooManyRequests("Too many uploads at the same time. Wait for one to end.", retry_after_s=5)
        self._busy[user_id] += 1
        try:
            yield
        finally:
            self._busy[user_id] -= 1
            self._busy += Counter()  # drops the zeroes

    @asynccontextmanager
    async def _file(self) -> AsyncIterator[Path]:
        self.require_space()
        path = self.folder / uuid.uuid4().hex
        try:
            yield path
        finally:
            await asyncio.to_thread(path.unlink, missing_ok=True)

    async def _read(self, request: Request, boundary: bytes, path: Path) -> Received:
        form = _Form(boundary, self.max_bytes)
        received = Received(path)
        file = await asyncio.to_thread(path.open, "wb")
        try:
            async for piece in self.pieces(request):
                form.feed(piece)
                if len(form.block) >= _BLOCK:
                    await asyncio.to_thread(file.write, form.take())
            form.finish()
            await asyncio.to_thread(file.write, form.take())
        finally:
            await asyncio.to_thread(file.close)
        received.name, received.size, received.fields = form.file_name, form.size, form.fields
        return received

    async def pieces(self, request: Request) -> AsyncIterator[bytes]:
        """The body as it comes.

        Raises:
            BadRequest: it was cut off, or nothing came for too long.
        """
        stream = request.stream()
        while True:
            try:
                async with asyncio.timeout(self._idle_s):
                    piece = await anext(stream, None)
            except TimeoutError as fault:
                stalled = BadRequest(f"Nothing came for {self._idle_s:g} s. Upload the file again.")
                stalled.headers["connection"] = "close"
                raise stalled from fault
            except ClientDisconnect as fault:
                raise BadRequest("The upload was cut off. Upload the file again.") from fault
            if piece is None:
                return
            yield piece


def too_large(max_bytes: int) -> TooLarge:
    """What somebody is told whose file is too large."""
    return TooLarge(f"The file is larger than {max_bytes // 1024 // 1024} MB. Choose a smaller one.")


def _boundary_of(request: Request) -> bytes:
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    boundary = options.get(b"boundary", b"")
    if kind != b"multipart/form-data" or not boundary or len(boundary) > 256:
        raise BadRequest("Send the file as the part `file` of a multipart form.")
    return boundary


class _Form:
    """The state of reading a form; no waiting, no disk."""

    def __init__(self, boundary: bytes, max_bytes: int) -> None:
        self.block = bytearray()
        """Bytes of the file that are not on disk yet."""
        self.size = 0
        self.file_name = ""
        self.fields: dict[str, str] = {}
        self._max_bytes = max_bytes
        self._parts = 0
        self._headers: dict[bytes, bytes] = {}
        self._header_bytes = 0
        self._header_name = bytearray()
        self._header_value = bytearray()
        self._name = ""
        self._value = bytearray()
        self._is_file = False
        self._has_file = False
        self._has_ended = False
        self._parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._begin,
                "on_header_field": self._on_header_name,
                "on_header_value": self._on_header_value,
                "on_header_end": self._on_header_end,
                "on_headers_finished": self._on_headers,
                "on_part_data": self._on_data,
                "on_part_end": self._on_part_end,
                "on_end": self._on_end,
            },
        )

    def feed(self, piece: bytes) -> None:
        """Take the next bytes."""
        try:
            self._parser.write(piece)
        except MultipartParseError as fault:
            raise BadRequest("The form is damaged. Send it again.") from fault

    def take(self) -> bytes:
        """The bytes of the file since the last time."""
        block, self.block = bytes(self.block), bytearray()
        return block

    def finish(self) -> None:
        """The body is over: it must be a whole form with a file in it."""
        if not self._has_ended:
            raise BadRequest("The form ends too early. Send it again.")
        if not self._has_file:
            raise BadRequest("Send the file as the part `file` of a multipart form.")

    def _begin(self) -> None:
        self._parts += 1
        if self._parts > _MAX_PARTS:
            raise BadRequest(f"The form has more than {_MAX_PARTS} parts. Send `file` and what goes with it.")
        self._headers, self._header_bytes = {}, 0

    def _count(self, length: int) -> None:
        self._header_bytes += length
        if self._header_bytes > _MAX_HEADERS:
            raise BadRequest("The head of a part of the form is too long.")

    def _on_header_name(self, data: bytes, start: int, end: int) -> None:
        self._count(end - start)
        self._header_name += data[start:end]

    def _on_header_value(self, data: bytes, start: int, end: int) -> None:
        self._count(end - start)
        self._header_value += data[start:end]

    def _on_header_end(self) -> None:
        self._headers[bytes(self._header_name).lower()] = bytes(self._header_value)
        self._header_name.clear()
        self._header_value.clear()

    def _on_headers(self) -> None:
        _, options = parse_options_header(self._headers.get(b"content-disposition", b""))
        self._name = options.get(b"name", b"").decode("utf-8", "replace")
        self._value.clear()
        self._is_file = self._name == "file" and b"filename" in options
        if self._is_file and self._has_file:
            raise BadRequest("Send one file at a time.")
        if self._is_file:
            self._has_file = True
            self.file_name = options[b"filename"].decode("utf-8", "replace")

    def _on_data(self, data: bytes, start: int, end: int) -> None:
        if self._is_file:
            self.size += end - start
            if self.size > self._max_bytes:
                raise too_large(self._max_bytes)
            self.block += data[start:end]
            return
        self._value += data[start:end]
        if len(self._value) > _MAX_FIELD:
            raise BadRequest("A field of the form is too long.")

    def _on_part_end(self) -> None:
        if not self._is_file:
            self.fields[self._name] = self._value.decode("utf-8", "replace")

    def _on_end(self) -> None:
        self._has_ended = True
