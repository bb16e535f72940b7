"""People and their tabs as tests play them: real HTTP and real WebSockets against a running server."""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from collections.abc import Callable
from datetime import UTC, datetime
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import httpx
import websockets
from sqlalchemy import text
from websockets.asyncio.client import ClientConnection

from salon.platform.db import Database
from support.contract import client

if TYPE_CHECKING:
    from support.server import Salon
    from support.serving import Serving

Frame = dict[str, Any]
PASSWORD = "Test@Pass123"


class SocketClosed(AssertionError):
    """The socket closed while something was expected of it."""


class Person:
    """An account with its own HTTP client; requests carry a bearer token unless told otherwise."""

    def __init__(self, url: str, http: httpx.AsyncClient, name: str, user_id: int, token: str) -> None:
        self.url = url
        self.http = http
        self.name = name
        self.user_id = user_id
        self.token = token

    @classmethod
    async def register(cls, url: str, name: str) -> Person:
        """Make an account (the name gets a random tail) and sign in."""
        http = client(url)
        username = f"{name}_{secrets.token_hex(4)}"
        body = {"username": username, "email": f"{username}@example.org", "password": PASSWORD}
        created = await http.post("/api/v1/auth/register", json=body)
        assert created.status_code == 200, created.text
        answer = await http.post("/api/v1/auth/login", json={"username": username, "password": PASSWORD})
        assert answer.status_code == 200, answer.text
        data = answer.json()["data"]
        http.cookies.clear()
        return cls(url, http, username, data["user"]["id"], data["token"])

    @classmethod
    async def register_admin(cls, salon: Salon | Serving, name: str, *, role: int = 3) -> Person:
        """An administrator: the account is made like any other, its role set as `salon admin create` does."""
        person = await cls.register(salon.url, name)
        db = Database(salon.settings.resolved_database_url)
        async with db.begin() as tx:
            await tx.execute(
                text("UPDATE users SET role = :role WHERE id = :id"), {"role": role, "id": person.user_id}
            )
        await db.close()
        return person

    async def request(self, method: str, path: str, json: Any = None, **kwargs: Any) -> httpx.Response:
        """A request with this person's bearer token."""
        headers = {"Authorization": f"Bearer {self.token}", **kwargs.pop("headers", {})}
        answer = await self.http.request(method, path, json=json, headers=headers, **kwargs)
        self.http.cookies.clear()
        return answer

    async def create_meeting(self, **fields: Any) -> int:
        """A meeting that starts now; its id."""
        body = {"title": "A meeting", "start_time": datetime.now(UTC).isoformat(), **fields}
        answer = await self.request("POST", "/api/v1/meetings", json=body)
        assert answer.status_code == 201, answer.text
        return int(answer.json()["data"]["meeting"]["id"])

    async def join(self, meeting_id: int) -> str:
        """Become a participant; the room id."""
        answer = await self.request("POST", f"/api/v1/meetings/{meeting_id}/join")
        assert answer.status_code == 200, answer.text
        return str(answer.json()["data"]["room_id"])

    def socket_url(self, meeting_id: int, peer_id: str) -> str:
        """The address of this person's signaling WebSocket."""
        base = self.url.replace("http", "ws", 1)
        query = f"user_id={self.user_id}&meeting_id={meeting_id}&peer_id={peer_id}&token={self.token}"
        return f"{base}/ws/signaling?{query}"

    async def open(self, meeting_id: int, peer_id: str | None = None) -> Tab:
        """Open a tab's socket, without a word."""
        peer_id = peer_id or f"web_{secrets.token_hex(4)}"
        return await Tab.connect(self, meeting_id, peer_id)

    async def enter(self, meeting_id: int, *, capabilities: list[str] | None = None) -> Tab:
        """Join by REST, open a tab, say JOIN and take both ROOM_INFO."""
        await self.join(meeting_id)
        tab = await self.open(meeting_id)
        await tab.say(4, {"capabilities": capabilities or []})
        await tab.expect(14)
        await tab.expect(14)
        return tab

    async def close(self) -> None:
        """Close the HTTP client."""
        await self.http.aclose()


class Tab:
    """One signaling WebSocket; what it receives is collected as it comes."""

    def __init__(self, person: Person, meeting_id: int, peer_id: str, socket: ClientConnection) -> None:
        self.person = person
        self.meeting_id = meeting_id
        self.peer_id = peer_id
        self.socket = socket
        self.frames: list[Frame] = []
        self.close_code: int | None = None
        self.closed_at: float | None = None
        """When it closed, monotonic, in seconds."""
        self._news = asyncio.Condition()
        self._reader = asyncio.create_task(self._read())

    @classmethod
    async def connect(cls, person: Person, meeting_id: int, peer_id: str) -> Self:
        """Open the socket."""
        socket = await websockets.connect(person.socket_url(meeting_id, peer_id), max_size=2**22)
        return cls(person, meeting_id, peer_id, socket)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def say(self, kind: int, payload: Any = None, **fields: Any) -> None:
        """Send a message."""
        await self.say_text(
            json.dumps({"id": fields.pop("id", "m"), "type": kind, "payload": payload, **fields})
        )

    async def say_text(self, text: str | bytes) -> None:
        """Send a raw frame."""
        await self.socket.send(text)

    async def expect(
        self,
        kind: int,
        *,
        where: Callable[[Frame], bool] = lambda _: True,
        within_s: float = 5,
    ) -> Frame:
        """The next frame of a type, taken out; other frames stay."""
        return await self.next(lambda frame: frame["type"] == kind and where(frame), within_s=within_s)

    async def next(self, wanted: Callable[[Frame], bool] = lambda _: True, *, within_s: float = 5) -> Frame:
        """The next frame that is wanted, taken out."""
        async with asyncio.timeout(within_s), self._news:
            while True:
                for index, frame in enumerate(self.frames):
                    if wanted(frame):
                        return self.frames.pop(index)
                if self.close_code is not None:
                    raise SocketClosed(f"closed with {self.close_code} before it came")
                await self._news.wait()

    async def expect_closed(self, code: int, *, within_s: float = 5) -> None:
        """Wait for the server to close the socket."""
        async with asyncio.timeout(within_s), self._news:
            await self._news.wait_for(lambda: self.close_code is not None)
        assert self.close_code == code

    async def settle(self) -> list[Frame]:
        """All frames not yet taken, after everything sent before was handled (a ping tells)."""
        await self.say(11, id="settle")
        await self.expect(12)
        taken, self.frames = self.frames, []
        return taken

    async def close(self, code: int = 1000) -> None:
        """Close the socket as a page does."""
        await self.socket.close(code)
        await self._reader

    async def drop(self) -> None:
        """Lose the connection without a word."""
        self.socket.transport.abort()
        await self._reader

    async def _read(self) -> None:
        try:
            async for text in self.socket:
                async with self._news:
                    self.frames.append(json.loads(text))
                    self._news.notify_all()
        except websockets.ConnectionClosed:
            pass
        async with self._news:
            # What the server said: the code we see if it closed, ours if we did.
            received = self.socket.protocol.close_rcvd
            self.close_code = received.code if received else 1006
            self.closed_at = time.monotonic()
            self._news.notify_all()
