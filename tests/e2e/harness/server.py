"""The real server: ``salon serve`` as a process with a fresh data folder and ports of its own."""

from __future__ import annotations

import asyncio
import os
import re
import socket
import sys
from asyncio.subprocess import DEVNULL
from datetime import UTC, datetime
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import httpx

from .wait import eventually

PROGRAM = Path(sys.executable).with_name("salon")
START_S = 60.0
"""Far more than a start takes: many tests at once make a machine slow."""


class Server:
    """A server that can be killed and started again on the same ports and data."""

    def __init__(self, folder: Path, **settings: str) -> None:
        """``folder`` is empty; data and log go below it. ``settings``: more of its ``SALON_*``."""
        self._folder = folder
        self._settings = settings
        self._process: asyncio.subprocess.Process | None = None
        self.port = _free_port(socket.SOCK_STREAM)
        self._udp_port = _free_port(socket.SOCK_DGRAM)
        self.url = f"http://localhost:{self.port}"
        self.log = folder / "server.log"

    async def start(self) -> None:
        """Start it and wait until it answers."""
        self._folder.mkdir(parents=True, exist_ok=True)
        env = {name: value for name, value in os.environ.items() if not name.startswith("SALON_")}
        env |= {
            "SALON_HOST": "127.0.0.1",
            "SALON_PORT": str(self.port),
            "SALON_UDP_PORT": str(self._udp_port),
            "SALON_DATA_DIR": str(self._folder / "data"),
        } | self._settings
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                PROGRAM, "serve", env=env, cwd=self._folder, stdout=log, stderr=log
            )
        await eventually(
            self._health, lambda it: it == "ok", within_s=START_S, what="the server answers /health"
        )

    async def _health(self) -> str:
        assert self._process is not None
        if self._process.returncode is not None:
            return f"ended with code {self._process.returncode}: {self.log.read_text()[-2000:]}"
        async with httpx.AsyncClient(verify=False) as client:  # noqa: S501 - plain HTTP; spares loading certificates
            try:
                answer = await client.get(f"{self.url}/health", timeout=2)
            except httpx.TransportError as error:
                return repr(error)
            return str(answer.json()["status"])

    async def make_admin(self, username: str) -> None:
        """Make an existing account an administrator, as whoever runs the server does."""
        env = os.environ | {
            "SALON_DATA_DIR": str(self._folder / "data"),
            "SALON_ADMIN_PASSWORD": "Unused@Pass123",
        }
        process = await asyncio.create_subprocess_exec(
            PROGRAM, "admin", "create", username, f"{username}@example.org", env=env, stdout=DEVNULL
        )
        assert await asyncio.wait_for(process.wait(), START_S) == 0

    async def kill(self) -> None:
        """As the power goes: no farewell."""
        assert self._process is not None
        self._process.kill()
        await self._process.wait()

    async def stop(self) -> None:
        """End it in good order; idempotent."""
        if self._process is None or self._process.returncode is not None:
            return
        self._process.terminate()
        try:
            await asyncio.wait_for(self._process.wait(), 10)
        except TimeoutError:
            await self.kill()
            raise AssertionError("the server did not end within 10 s of SIGTERM") from None

    async def setup_link(self) -> str:
        """The link to the first administrator, as the terminal shows it."""
        found = await eventually(
            lambda: asyncio.to_thread(lambda: re.search(r"/setup\?key=[\w-]+", self.log.read_text())),
            lambda it: it is not None,
            within_s=10,
            what="the setup link is printed",
        )
        assert found is not None
        return self.url + found[0]

    async def letter_to(self, address: str) -> str:
        """The plain text of the newest letter to somebody; without a mail server it lies in a folder."""
        return await eventually(
            lambda: asyncio.to_thread(self._newest_letter, address),
            bool,
            within_s=10,
            what=f"a letter to {address} is written",
        )

    def _newest_letter(self, address: str) -> str:
        files = sorted(
            (self._folder / "data" / "mail").glob("*.eml"), key=lambda file: file.stat().st_mtime_ns
        )
        for file in reversed(files):
            letter = message_from_bytes(file.read_bytes(), policy=policy.default)
            if address in str(letter["to"]):
                body = letter.get_body(("plain",))
                return "" if body is None else str(body.get_content())
        return ""

    async def metrics(self) -> dict[str, float]:
        """The figures of ``/metrics`` without labels summed per name."""
        async with httpx.AsyncClient() as client:
            text = (await client.get(f"{self.url}/metrics", timeout=5)).text
        figures: dict[str, float] = {}
        for line in text.splitlines():
            if line and not line.startswith("#"):
                name, value = line.rsplit(" ", 1)
                bare = name.split("{")[0]
                figures[bare] = figures.get(bare, 0.0) + float(value)
        return figures


class Account:
    """Someone with an account, as the REST interface sees them: for setting up what a test is not about."""

    PASSWORD = "Test@Pass123"

    def __init__(self, server: Server, username: str, token: str) -> None:
        """Use :meth:`register`."""
        self._server = server
        self.username = username
        self._token = token

    @classmethod
    async def register(cls, server: Server, username: str, nickname: str) -> Account:
        """Make an account and sign in."""
        async with httpx.AsyncClient(base_url=server.url, timeout=20) as client:
            body = {
                "username": username,
                "email": f"{username}@example.org",
                "password": cls.PASSWORD,
                "nickname": nickname,
            }
            (await client.post("/api/v1/auth/register", json=body)).raise_for_status()
        return await cls.sign_in(server, username)

    @classmethod
    async def sign_in(cls, server: Server, username: str) -> Account:
        """Sign in with an account that exists."""
        async with httpx.AsyncClient(base_url=server.url, timeout=20) as client:
            answer = await client.post(
                "/api/v1/auth/login", json={"username": username, "password": cls.PASSWORD}
            )
            return cls(server, username, str(answer.raise_for_status().json()["data"]["token"]))

    async def call(self, method: str, path: str, body: Any = None) -> Any:
        """The ``data`` of an answer.

        Raises:
            httpx.HTTPStatusError: the server refused.
        """
        async with httpx.AsyncClient(base_url=self._server.url, timeout=20) as client:
            headers = {"Authorization": f"Bearer {self._token}"}
            answer = await client.request(method, f"/api/v1{path}", json=body, headers=headers)
            return answer.raise_for_status().json().get("data")

    async def fetch(self, path: str) -> httpx.Response:
        """A file.

        Raises:
            httpx.HTTPStatusError: the server refused.
        """
        async with httpx.AsyncClient(base_url=self._server.url, timeout=60) as client:
            headers = {"Authorization": f"Bearer {self._token}"}
            return (await client.get(f"/api/v1{path}", headers=headers)).raise_for_status()

    async def create_meeting(self, title: str) -> int:
        """A meeting that may be entered now; returns its number."""
        data = await self.call(
            "POST", "/meetings", {"title": title, "start_time": datetime.now(UTC).isoformat()}
        )
        return int(data["meeting"]["id"])


def _free_port(kind: socket.SocketKind) -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
