"""Serves the built web client: files as they are, and its page for every other address."""

import gzip
import mimetypes
from dataclasses import dataclass
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.types import Receive, Scope, Send

from salon.platform.errors import NotFound

_NO_PAGE = ("/api/", "/admin/", "/ws/", "/internal/")
_COMPRESSIBLE = ("text/", "application/json", "application/javascript", "image/svg+xml")
_FOREVER = "public, max-age=31536000, immutable"
_MISSING = """<!doctype html><meta charset="utf-8"><title>Salon</title>
<p>The web client is not built. Run <code>make web</code>, then load this page again.</p>
"""

# Registered here because the machine's own table may say text/plain, which browsers refuse to run.
_TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".wasm": "application/wasm"}


@dataclass(frozen=True, slots=True)
class _File:
    changed_ns: int
    plain: bytes
    packed: bytes | None
    media_type: str


class WebClient:
    """The last resort of routing: what no endpoint answers.

    Args:
        root: folder of the build; files below ``assets/`` have their content's hash in the name.
    """

    def __init__(self, root: Path) -> None:
        self._root = root.resolve()
        self._files: dict[Path, _File] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request that matched no route."""
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 4404, "reason": "no such address"})
            return
        response = await self._answer(Request(scope, receive))
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        path = request.url.path
        is_page = request.method in ("GET", "HEAD") and not f"{path}/".startswith(_NO_PAGE)
        if not is_page:
            raise NotFound("There is nothing at this address. See /docs.")
        file = await run_in_threadpool(self._find, path)
        is_asset = path.startswith("/assets/")
        if file is None and is_asset:
            # Not the page: a browser would take it for a script, and a cache would keep it.
            raise NotFound("This file belongs to another version. Load the page again.")
        file = file or await run_in_threadpool(self._find, "/index.html")
        if file is None:
            return HTMLResponse(_MISSING, status_code=503)
        headers = {
            "cache-control": _FOREVER if is_asset else "no-cache",
            "vary": "accept-encoding",
        }
        body = file.plain
        if file.packed is not None and "gzip" in request.headers.get("accept-encoding", ""):
            headers["content-encoding"] = "gzip"
            body = file.packed
        return Response(body, media_type=file.media_type, headers=headers)

    def _find(self, path: str) -> _File | None:
        """The file of a path, from memory if it has not changed; never one outside the build."""
        try:
            target = (self._root / path.lstrip("/")).resolve()
            if not target.is_relative_to(self._root) or not target.is_file():
                return None
            if any(part.startswith(".") for part in target.relative_to(self._root).parts):
                return None
            changed_ns = target.stat().st_mtime_ns
            known = self._files.get(target)
            if known is not None and known.changed_ns == changed_ns:
                return known
            plain = target.read_bytes()
        except (OSError, ValueError):  # a name no file system takes, or a build going on
            return None
        media_type = _TYPES.get(target.suffix) or mimetypes.guess_type(target.name)[0]
        media_type = media_type or "application/octet-stream"
        packed = gzip.compress(plain, 6) if media_type.startswith(_COMPRESSIBLE) else None
        file = _File(changed_ns, plain, packed, media_type)
        self._files[target] = file
        return file
