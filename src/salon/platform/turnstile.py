"""A narrow door before what is dear: many may ask at once, few are served at once, in the order they came."""

import asyncio
from collections import deque

from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from salon.platform.envelope import ErrorBody

AT_ONCE = 2
"""Requests behind the door: one whose password is being hashed, and one ready to follow it."""

MOST_WAITING = 4096
"""Load tools sign in 2000 at once; beyond this the caller is told to come back."""

_RETRY_AFTER_S = 2


class Turnstile:
    """Lets requests that hash a password through a few at a time.

    Each of them costs the event loop some milliseconds: two hundred that come together would be worked on
    together, and everybody else would wait for all of them. Here they wait before anything is done for them
    but to read what they sent; who sends slowly waits outside and holds nobody up.
    """

    def __init__(self, app: ASGIApp, *, paths: frozenset[str]) -> None:
        self._app = app
        self._paths = paths
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._waiting = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, in its turn if its path is one of the dear ones."""
        if scope["type"] != "http" or scope["method"] != "POST" or scope["path"] not in self._paths:
            await self._app(scope, receive, send)
            return
        if self._waiting >= MOST_WAITING:
            body = ErrorBody(code=503, message="Too many sign-ins at this moment. Try again.")
            headers = {"retry-after": str(_RETRY_AFTER_S)}
            await JSONResponse(body.model_dump(mode="json"), 503, headers)(scope, receive, send)
            return
        self._waiting += 1
        try:
            receive = await _sent(receive)
            async with self._turns:
                await self._app(scope, receive, send)
        finally:
            self._waiting -= 1


async def _sent(receive: Receive) -> Receive:
    """Waits until the request is here; gives what brings it once more."""
    messages: deque[Message] = deque()
    refusal: HTTPException | None = None
    is_more = True
    while is_more:
        try:
            message = await receive()
        except HTTPException as refused:
            # Too large. The application knows how to say so.
            refusal = refused
            break
        messages.append(message)
        is_more = message["type"] == "http.request" and message.get("more_body", False)

    async def again() -> Message:
        if messages:
            return messages.popleft()
        if refusal is not None:
            raise refusal
        return await receive()

    return again
