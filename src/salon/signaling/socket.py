"""The WebSocket around the signaling protocol: handshake, reading, writing, closing."""

import asyncio

import structlog
from fastapi import WebSocket
from fastapi.responses import JSONResponse
from starlette.websockets import WebSocketDisconnect

from salon.platform.auth import Authentication, Caller
from salon.platform.envelope import ErrorBody
from salon.platform.errors import NotAllowed, NotSignedIn, SalonError
from salon.signaling.connection import Connection
from salon.signaling.face import EndCause
from salon.signaling.handshake import Hello, pick_token, read_hello
from salon.signaling.lobby import LobbySockets, Waiting
from salon.signaling.outbox import Closing, Outbox
from salon.signaling.service import SignalingService

log = structlog.get_logger()

WRITE_TIMEOUT_S = 10.0
MAX_MESSAGE = 256 * 1024
"""Bytes; the server's own limit is the same, this one holds where a server has none."""

READER_PATIENCE_S = 0.5
"""After the writer stopped: a closed socket tells the reader at once, a stuck one never."""

DENIAL_LINGER_S = 0.05

GOING_AWAY = 1001
"""The page itself is going: nobody comes back with this session. After any other code somebody may."""


class SignalingSocket:
    """Serves `/ws/signaling`, one call a socket."""

    def __init__(
        self, service: SignalingService, lobby: LobbySockets, authentication: Authentication
    ) -> None:
        self._service = service
        self._lobby = lobby
        self._authentication = authentication

    async def serve(self, websocket: WebSocket) -> None:
        """Refuse with an HTTP error, or run the session to its end."""
        try:
            hello, caller = await self._check(websocket)
            if await self._lobby.is_waiting(caller, hello):
                await self._serve_waiting(websocket, await self._lobby.open(caller, hello))
                return
            connection = await self._service.open(
                caller=caller, hello=hello, request_host=websocket.url.hostname or "127.0.0.1"
            )
        except SalonError as refusal:
            await _deny(websocket, refusal)
            return
        cause: EndCause = "lost"
        try:
            await websocket.accept()
            await self._service.report_present(connection)
            cause = await self._serve(websocket, connection)
        finally:
            await self._service.end(connection, cause)

    async def _serve_waiting(self, websocket: WebSocket, waiting: Waiting) -> None:
        """A socket in the lobby: it is told things, and what it says is not listened to."""
        try:
            await websocket.accept()
            writer = asyncio.create_task(_write(websocket, waiting.outbox))
            reader = asyncio.create_task(_drain(websocket))
            try:
                await asyncio.wait({reader, writer}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in (reader, writer):
                    task.cancel()
                await asyncio.gather(reader, writer, return_exceptions=True)
        finally:
            self._lobby.end(waiting)

    async def _serve(self, websocket: WebSocket, connection: Connection) -> EndCause:
        """Read and write until either side is over."""
        writer = asyncio.create_task(_write(websocket, connection.outbox))
        reader = asyncio.create_task(self._read(websocket, connection))
        try:
            await asyncio.wait({reader, writer}, return_when=asyncio.FIRST_COMPLETED)
            if not reader.done():
                await asyncio.wait({reader}, timeout=READER_PATIENCE_S)
            return reader.result() if reader.done() else "lost"
        finally:
            for task in (reader, writer):
                task.cancel()
            await asyncio.gather(reader, writer, return_exceptions=True)

    async def _check(self, websocket: WebSocket) -> tuple[Hello, Caller]:
        hello = read_hello(websocket.query_params)
        token = pick_token(websocket.headers, websocket.query_params, websocket.cookies)
        try:
            caller = await self._authentication.verify(token)
        except NotSignedIn as refusal:
            raise NotSignedIn(f"unauthorized: {refusal.message}") from refusal
        if caller.user_id != hello.user_id:
            raise NotAllowed("forbidden: token user mismatch")
        # Browsers name the page's origin, and send our cookie along from any page.
        if not self._authentication.origins.admits(websocket.headers):
            raise NotAllowed("forbidden: this page may not connect")
        return hello, caller

    async def _read(self, websocket: WebSocket, connection: Connection) -> EndCause:
        while True:
            message = await websocket.receive()
            if message["type"] == "websocket.disconnect":
                return "left" if message.get("code") == GOING_AWAY else "lost"
            text = message.get("text")
            if text is None:
                continue  # binary frames are ignored
            if len(text) > MAX_MESSAGE:
                connection.outbox.close(1009, "message too big")
                continue
            await self._service.receive(connection, text)


async def _drain(websocket: WebSocket) -> None:
    """Read until the client goes."""
    while (await websocket.receive())["type"] != "websocket.disconnect":
        pass


async def _write(websocket: WebSocket, outbox: Outbox) -> None:
    """Send what is queued until the outbox closes or the client stops reading."""
    while True:
        item = await outbox.take()
        try:
            async with asyncio.timeout(WRITE_TIMEOUT_S):
                if isinstance(item, Closing):
                    await websocket.close(item.code, item.reason)
                    return
                await websocket.send_text(item)
        except TimeoutError:
            log.info("session.write_timeout")
            return
        except (WebSocketDisconnect, RuntimeError):
            return  # it closed under the write; the reader learns why


async def _deny(websocket: WebSocket, refusal: SalonError) -> None:
    body = ErrorBody(code=refusal.status, message=refusal.message)
    await websocket.send_denial_response(
        JSONResponse(body.model_dump(mode="json"), status_code=refusal.status)
    )
    # The server calls a refusal incomplete, and logs an error, if we return before its transport has closed.
    await asyncio.sleep(DENIAL_LINGER_S)
