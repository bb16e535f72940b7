"""Resumable uploads: tus 1.0.0 with creation, termination and expiration.

The kept libraries for it serve a folder of their own: rights, quotas and limits of a piece would be theirs.
What is left without them is an offset, which is the size of a file; hence these few lines. What has come in
survives a restart of the process; the finished file goes the way of every upload.

Source: https://tus.io/protocols/resumable-upload
"""

import asyncio
import base64
import binascii
import json
import os
import re
import uuid
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

from fastapi import APIRouter, Request, Response

from salon.media.files.receive import Staging, too_large
from salon.media.files.service import Arrival, FileService
from salon.media.files.store import FileRow
from salon.platform.auth import Caller, SignedInOrGuest
from salon.platform.clock import Clock
from salon.platform.envelope import errors
from salon.platform.errors import (
    BadRequest,
    Conflict,
    NotFound,
    PreconditionFailed,
    TooLarge,
    TooManyRequests,
    UnsupportedType,
)
from salon.platform.web import RawRoute

VERSION = "1.0.0"
PATH = "/api/v1/media/tus"
_EXTENSIONS = "creation,termination,expiration"
_LIFETIME = timedelta(hours=24)
_PER_USER = 20
_ID = re.compile(r"[0-9a-f]{32}")
_BLOCK = 1024 * 1024


@dataclass(frozen=True, slots=True)
class _Upload:
    """One upload that is not finished: a file of what came, and this beside it."""

    upload_id: str
    user_id: int
    length: int
    meeting_id: int | None
    name: str
    expires: float
    """Seconds since the epoch."""


class Uploads:
    """The unfinished uploads of this process' staging folder."""

    def __init__(self, *, folder: Path, staging: Staging, service: FileService, clock: Clock) -> None:
        self._folder = folder
        self._staging = staging
        self._service = service
        self._clock = clock
        self._busy: set[str] = set()

    def start(self) -> None:
        """Make the folder; what lies in it goes on."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    async def create(self, caller: Caller, *, length: int, metadata: dict[str, str]) -> _Upload:
        """Begin one.

        Raises:
            TooLarge, TooManyRequests, NotFound, Unavailable: see `FileService.admit` and `Staging`.
        """
        if length > self._staging.max_bytes:
            raise too_large(self._staging.max_bytes)
        meeting = metadata.get("meeting_id", "")
        if meeting and not (meeting.isascii() and meeting.isdecimal() and len(meeting) < 10):
            raise BadRequest("`meeting_id` should be a number.")
        meeting_id = int(meeting) if meeting else None
        await self._service.admit(caller, meeting_id=meeting_id, size=length)
        self._staging.require_space(length)
        if sum(one.user_id == caller.user_id for one in await asyncio.to_thread(self._all)) >= _PER_USER:
            raise TooManyRequests("Too many unfinished uploads. Finish or remove some.", retry_after_s=60)
        upload = _Upload(
            upload_id=uuid.uuid4().hex,
            user_id=caller.user_id,
            length=length,
            meeting_id=meeting_id,
            name=metadata.get("filename", "file"),
            expires=(self._clock.now() + _LIFETIME).timestamp(),
        )
        await asyncio.to_thread(self._begin, upload)
        return upload

    async def get(self, caller: Caller, upload_id: str) -> tuple[_Upload, int]:
        """An upload of the caller's, and how much of it has come.

        Raises:
            NotFound: none, not the caller's, or expired.
        """
        upload = await asyncio.to_thread(self._read, upload_id) if _ID.fullmatch(upload_id) else None
        if upload is None or upload.user_id != caller.user_id:
            raise NotFound("There is no such upload. Begin a new one.")
        return upload, await asyncio.to_thread(lambda: self._data(upload_id).stat().st_size)

    async def append(
        self, caller: Caller, upload_id: str, offset: int, request: Request
    ) -> tuple[_Upload, int, FileRow | None]:
        """Take the next piece; the last one makes a file of it. What came of a piece that is cut off is kept.

        Raises:
            Conflict: not where the upload stands, or another piece is coming in.
            TooLarge: beyond the length that was announced.
        """
        upload, at = await self.get(caller, upload_id)
        if upload_id in self._busy or offset != at:
            raise Conflict(f"The upload stands at {at}. Go on from there.")
        self._busy.add(upload_id)
        try:
            at = await self._append(upload, at, request)
            row = await self._finish(caller, upload) if at == upload.length else None
        finally:
            self._busy.discard(upload_id)
        return upload, at, row

    async def _append(self, upload: _Upload, at: int, request: Request) -> int:
        self._staging.require_space()
        file = await asyncio.to_thread(self._data(upload.upload_id).open, "ab")
        block = bytearray()
        try:
            async for piece in self._staging.pieces(request):
                if at + len(block) + len(piece) > upload.length:
                    raise TooLarge(f"The upload was announced with {upload.length} bytes.")
                block += piece
                if len(block) >= _BLOCK:
                    await asyncio.to_thread(file.write, bytes(block))
                    at += len(block)
                    block.clear()
        finally:
            await asyncio.to_thread(file.write, bytes(block))
            await asyncio.to_thread(file.close)
        return at + len(block)

    async def _finish(self, caller: Caller, upload: _Upload) -> FileRow:
        """Keep the file. If the store is away the upload stays, whole: an empty piece tries again."""
        path = self._data(upload.upload_id)
        try:
            row = await self._service.keep(
                caller, Arrival(path, upload.name, upload.length, upload.meeting_id)
            )
        except (BadRequest, UnsupportedType):
            await asyncio.to_thread(self._forget, upload.upload_id)
            raise
        await asyncio.to_thread(self._forget, upload.upload_id)
        return row

    async def remove(self, caller: Caller, upload_id: str) -> None:
        """Give one up.

        Raises:
            NotFound: see `get`.
        """
        await self.get(caller, upload_id)
        await asyncio.to_thread(self._forget, upload_id)

    async def sweep(self) -> None:
        """Throw away what has expired."""
        await asyncio.to_thread(self._all)

    # Disk

    def _data(self, upload_id: str) -> Path:
        return self._folder / f"{upload_id}.part"

    def _begin(self, upload: _Upload) -> None:
        self._data(upload.upload_id).touch(mode=0o600)
        # Its name last: what has none does not count.
        about = self._folder / f"{upload.upload_id}.tmp"
        about.write_text(json.dumps(asdict(upload)), encoding="utf-8")
        os.replace(about, about.with_suffix(".json"))

    def _read(self, upload_id: str) -> _Upload | None:
        try:
            text = (self._folder / f"{upload_id}.json").read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        upload = _Upload(**json.loads(text))
        if upload.expires < self._clock.now().timestamp() and upload_id not in self._busy:
            self._forget(upload_id)
            return None
        return upload

    def _forget(self, upload_id: str) -> None:
        for suffix in ("json", "part"):
            (self._folder / f"{upload_id}.{suffix}").unlink(missing_ok=True)

    def _all(self) -> list[_Upload]:
        found = [self._read(path.stem) for path in self._folder.glob("*.json")]
        return [one for one in found if one is not None]


def build_tus_router(uploads: Uploads, staging: Staging) -> APIRouter:
    """The endpoints of tus."""
    router = APIRouter(tags=["media"], route_class=RawRoute)
    ok = {"description": "See the headers."}

    @router.options(PATH, include_in_schema=False)
    async def tell() -> Response:
        """What this server can do."""
        headers = {
            "tus-version": VERSION,
            "tus-extension": _EXTENSIONS,
            "tus-max-size": str(staging.max_bytes),
        }
        return Response(status_code=204, headers=_own(headers))

    @router.post(
        PATH,
        status_code=201,
        response_class=Response,
        responses={201: ok, **errors(400, 401, 403, 404, 412, 413, 429, 503)},
    )
    async def create(request: Request, caller: SignedInOrGuest) -> Response:
        """Begin a resumable upload (tus 1.0.0): `Upload-Length`, and `Upload-Metadata` with `filename`."""
        _require_version(request)
        length = _number(request, "upload-length")
        if length == 0:
            raise BadRequest("The file is empty. Choose another one.")
        metadata = _metadata(request.headers.get("upload-metadata", ""))
        upload = await uploads.create(caller, length=length, metadata=metadata)
        headers = {"location": f"{PATH}/{upload.upload_id}", "upload-expires": _expiry(upload)}
        return Response(status_code=201, headers=_own(headers))

    @router.head(f"{PATH}/{{upload_id}}", include_in_schema=False)
    async def stand(upload_id: str, request: Request, caller: SignedInOrGuest) -> Response:
        """How much of it has come."""
        _require_version(request)
        upload, at = await uploads.get(caller, upload_id)
        headers = {"upload-offset": str(at), "upload-length": str(upload.length)}
        return Response(headers=_own(headers | {"upload-expires": _expiry(upload)}))

    @router.patch(
        f"{PATH}/{{upload_id}}",
        status_code=204,
        responses={204: ok, **errors(400, 401, 403, 404, 409, 412, 413, 415, 503)},
    )
    async def append(upload_id: str, request: Request, caller: SignedInOrGuest) -> Response:
        """The next piece, from `Upload-Offset`. With the last one, `Upload-File-Id` names the file."""
        _require_version(request)
        if request.headers.get("content-type") != "application/offset+octet-stream":
            raise UnsupportedType("A piece of an upload is `application/offset+octet-stream`.")
        offset = _number(request, "upload-offset")
        upload, at, row = await uploads.append(caller, upload_id, offset, request)
        headers = {"upload-offset": str(at), "upload-expires": _expiry(upload)}
        if row is not None:
            headers["upload-file-id"] = row.file_id
        return Response(status_code=204, headers=_own(headers))

    @router.delete(
        f"{PATH}/{{upload_id}}", status_code=204, responses={204: ok, **errors(401, 403, 404, 412)}
    )
    async def remove(upload_id: str, request: Request, caller: SignedInOrGuest) -> Response:
        """Give an unfinished upload up."""
        _require_version(request)
        await uploads.remove(caller, upload_id)
        return Response(status_code=204, headers=_own({}))

    return router


def _own(headers: dict[str, str]) -> dict[str, str]:
    return {"tus-resumable": VERSION, **headers}


def _require_version(request: Request) -> None:
    if request.headers.get("tus-resumable") != VERSION:
        fault = PreconditionFailed(f"Tus-Resumable should be {VERSION}.")
        fault.headers = {"tus-version": VERSION}
        raise fault


def _number(request: Request, name: str) -> int:
    text = request.headers.get(name, "")
    if not (text.isascii() and text.isdecimal() and len(text) <= 18):
        raise BadRequest(f"The header {name.title()} should be a number of bytes.")
    return int(text)


def _metadata(header: str) -> dict[str, str]:
    """Pairs of a name and base64, separated by commas."""
    found: dict[str, str] = {}
    for pair in header.split(",")[:16]:
        name, _, value = pair.strip().partition(" ")
        try:
            found[name] = base64.b64decode(value, validate=True).decode("utf-8", "replace")[:1024]
        except binascii.Error:
            raise BadRequest("The header Upload-Metadata is not valid.") from None
    return found


def _expiry(upload: _Upload) -> str:
    return format_datetime(datetime.fromtimestamp(upload.expires, UTC), usegmt=True)
