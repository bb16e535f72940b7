"""What every request passes: its id, its figures, its log line, the headers of its answer."""

import re
import time
import uuid
from collections.abc import Iterator
from http.cookies import SimpleCookie

import structlog
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from salon.platform.audit import client_address
from salon.platform.auth import ACCESS_COOKIE, authentication_of
from salon.platform.csrf import CSRF_COOKIE, CSRF_HEADER, CSRF_LIFETIME_S
from salon.platform.envelope import ErrorBody, echoed_request_id
from salon.platform.errors import SalonError
from salon.platform.metrics import Metrics

log = structlog.get_logger()

_REQUEST_ID = re.compile(r"[\x21-\x7e]{1,128}")
_CSRF_PREFIXES = ("/api/v1/auth", "/api/v1/users", "/api/v1/admin/users")

_PAGE_HEADERS = {
    "content-security-policy": "; ".join(
        (
            "default-src 'self'",
            # Same-origin sockets are named because older browsers do not count them as 'self'.
            "connect-src 'self' {sockets}",
            "img-src 'self' data: blob:",
            "media-src 'self' blob:",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    ),
    "permissions-policy": "camera=(self), microphone=(self), display-capture=(self), geolocation=()",
    "referrer-policy": "same-origin",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
}


class Edge:
    """The outermost layer of the application."""

    def __init__(
        self, app: ASGIApp, *, metrics: Metrics, cookie_lifetime_s: int, max_upload: int = 100 * 1024 * 1024
    ) -> None:
        self._app = app
        self._metrics = metrics
        self._cookie_lifetime_s = cookie_lifetime_s
        # The form around a file takes something as well; the endpoint itself counts the file's bytes.
        self._max_upload = max_upload + _MAX_BODY

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or pass on what is none."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        _call_it_json(scope)
        connection = HTTPConnection(scope)
        given = _given_request_id(connection)
        echo = echoed_request_id.set(given)
        from_address = client_address.set(_address_of(scope))
        request_id = given or uuid.uuid4().hex
        started = time.perf_counter()
        status = 500
        has_begun = False
        limit = self._body_limit(scope["path"])

        async def send_on(message: Message) -> None:
            nonlocal status, has_begun
            if message["type"] == "http.response.start":
                status, has_begun = message["status"], True
                self._add_headers(connection, MutableHeaders(scope=message), request_id)
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                if "\x00" in scope["path"]:
                    # No database takes it as text, and nothing has it in its name.
                    await _refuse(scope, receive, send_on, 400, "The address contains a NUL.")
                elif _declared_length(connection) > limit:
                    await _refuse(scope, receive, send_on, 413, _too_large(limit))
                else:
                    await self._app(scope, _limited(receive, limit), send_on)
            except Exception:  # the outermost place: nothing of it reaches the caller but a sentence
                self._metrics.count_failure(scope["path"])
                log.exception("request.failed", method=scope["method"], endpoint=_endpoint(scope))
                if not has_begun:
                    await _refuse(scope, receive, send_on, 500, SalonError.text)
            finally:
                seconds = time.perf_counter() - started
                endpoint = _endpoint(scope)
                method = scope["method"] if scope["method"] in _METHODS else "OTHER"
                self._metrics.observe(method=method, endpoint=endpoint, status=status, seconds=seconds)
                log.debug(
                    "request.answered",
                    method=method,
                    endpoint=endpoint,
                    status=status,
                    ms=round(seconds * 1000, 1),
                )
                echoed_request_id.reset(echo)
                client_address.reset(from_address)

    def _body_limit(self, path: str) -> int:
        """Bytes a request's body may have."""
        if path.startswith(_UPLOADS):
            return self._max_upload
        return next((limit for prefix, limit in _BODY_LIMITS if path.startswith(prefix)), _MAX_BODY)

    def _add_headers(self, connection: HTTPConnection, headers: MutableHeaders, request_id: str) -> None:
        path: str = connection.scope["path"]
        headers["x-request-id"] = request_id
        headers["x-content-type-options"] = "nosniff"
        if path.startswith(("/api/", "/admin/")):
            headers["cache-control"] = "no-store"
        else:
            host = connection.headers.get("host", "")
            sockets = f"ws://{host} wss://{host}" if _HOST.fullmatch(host) else ""
            for name, value in _PAGE_HEADERS.items():
                headers[name] = value.replace(" {sockets}", f" {sockets}" if sockets else "")
        for cookie in self._cookies(connection, headers):
            headers.append("set-cookie", cookie)

    def _cookies(self, connection: HTTPConnection, headers: MutableHeaders) -> Iterator[str]:
        state = connection.scope.get("state", {})
        secure = connection.url.scheme == "https"
        access: str | None = state.get("access_cookie")
        if access is not None:
            lifetime_s = self._cookie_lifetime_s if access else 0
            yield _cookie(ACCESS_COOKIE, access, lifetime_s=lifetime_s, secure=secure)
        if connection.scope["path"].startswith(_CSRF_PREFIXES):
            token, is_new = authentication_of(connection).csrf.ensure(connection.cookies)
            headers[CSRF_HEADER] = token
            if is_new:
                yield csrf_cookie(token, secure=secure)


_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_MAX_BODY = 1024 * 1024
_RAW_PATHS = ("/api/v1/media", "/api/v1/ffmpeg/", "/api/v1/webrtc/", "/api/v1/recording/")
"""Their errors carry the text under `error` too, also where it is refused before a route is looked for."""

_UPLOADS = ("/api/v1/media/upload", "/api/v1/media/tus")
_BODY_LIMITS = (
    # Many of them may wait for their turn, whole.
    ("/api/v1/auth/", 64 * 1024),
    ("/api/v1/ai/", 35 * 1024 * 1024),
    # A picture of 5 MB and the form around it; a larger one gets the answer that names the limit.
    ("/api/v1/users/upload-avatar", 8 * 1024 * 1024),
)
_HOST = re.compile(r"[A-Za-z0-9.\-_\[\]:]{1,255}")


def csrf_cookie(token: str, *, secure: bool) -> str:
    """The header value that sets the CSRF cookie."""
    return _cookie(CSRF_COOKIE, token, lifetime_s=CSRF_LIFETIME_S, secure=secure)


def _cookie(name: str, value: str, *, lifetime_s: int, secure: bool) -> str:
    jar: SimpleCookie = SimpleCookie()
    jar[name] = value
    morsel = jar[name]
    morsel["path"] = "/"
    morsel["httponly"] = True
    morsel["samesite"] = "Strict"
    morsel["max-age"] = lifetime_s
    if secure:
        morsel["secure"] = True
    return morsel.OutputString()


def _given_request_id(connection: HTTPConnection) -> str | None:
    given = connection.headers.get("x-request-id") or connection.headers.get("request-id")
    return given if given is not None and _REQUEST_ID.fullmatch(given) else None


def _address_of(scope: Scope) -> str:
    """Where the request comes from; the server has put a trusted proxy's word in place by now."""
    client = scope.get("client")
    return str(client[0]) if client else ""


def _endpoint(scope: Scope) -> str:
    """The template of the matched route: paths hold ids, and anybody can make up paths."""
    context = scope.get("fastapi", {}).get("effective_route_context")
    for holder in (context, scope.get("route")):
        path = getattr(holder, "path", None)
        if isinstance(path, str):
            return path
    return "unmatched"


def _call_it_json(scope: Scope) -> None:
    """Existing clients send JSON under any name, shell clients as a form; only uploads are forms here."""
    if scope["method"] not in ("POST", "PUT", "PATCH", "DELETE") or not scope["path"].startswith("/api/"):
        return
    headers = [(name, value) for name, value in scope["headers"] if name != b"content-type"]
    given = next((value for name, value in scope["headers"] if name == b"content-type"), b"")
    # `application/offset+octet-stream` is what tus calls a piece of a file.
    if not given.lower().startswith((b"multipart/", b"application/offset+octet-stream")):
        scope["headers"] = [*headers, (b"content-type", b"application/json")]


def _declared_length(connection: HTTPConnection) -> int:
    declared = connection.headers.get("content-length", "0")
    return int(declared) if declared.isdecimal() else 0


def _limited(receive: Receive, limit: int) -> Receive:
    """Counts what really arrives: a chunked body declares no length."""
    taken = 0

    async def receive_counted() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > limit:
            raise HTTPException(413, _too_large(limit))
        return message

    return receive_counted


def _too_large(limit: int) -> str:
    return f"The body is too large: at most {limit // 1024} KiB are taken here."


async def _refuse(scope: Scope, receive: Receive, send: Send, status: int, message: str) -> None:
    is_raw = scope["path"].startswith(_RAW_PATHS)
    body = ErrorBody(code=status, message=message, error=message if is_raw else None)
    response = JSONResponse(body.model_dump(mode="json"), status_code=status)
    await response(scope, receive, send)
