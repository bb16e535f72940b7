"""``salon serve`` as a process of its own, on ports and a folder of its own: it can be killed."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx

PROGRAM = Path(sys.executable).with_name("salon")
START_S = 180.0
"""Far more than a start takes: many tests at once make a machine slow."""


class SalonProcess:
    """One server process; stopped or killed, it can be started again on the same port and data.

    Args:
        folder: for its data and its log.
        database_url: SQLAlchemy address; empty: SQLite in the folder.
        settings: further ``SALON_*`` values, by their name without the prefix.
    """

    def __init__(self, folder: Path, *, database_url: str = "", **settings: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self.port = _free_port(socket.SOCK_STREAM)
        self.url = f"http://127.0.0.1:{self.port}"
        self.database_url = database_url or f"sqlite+aiosqlite:///{folder / 'data' / 'salon.db'}"
        self.log = folder / "server.log"
        own = {name: value for name, value in os.environ.items() if not name.startswith("SALON_")}
        self._environment = own | {
            "SALON_HOST": "127.0.0.1",
            "SALON_PORT": str(self.port),
            "SALON_UDP_PORT": str(_free_port(socket.SOCK_DGRAM)),
            "SALON_PUBLIC_IP": "127.0.0.1",
            "SALON_DATA_DIR": str(folder / "data"),
            "SALON_DATABASE_URL": database_url,
            "SALON_RATE_LIMIT": "off",
            "SALON_LOG_LEVEL": "warning",
            **{f"SALON_{name.upper()}": value for name, value in settings.items()},
        }

    @property
    def pid(self) -> int:
        """The process's number."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> SalonProcess:
        """Start it, and return when it answers."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [PROGRAM, "serve"], env=self._environment, cwd=self._folder, stdout=log, stderr=log
            )
        deadline = time.monotonic() + START_S
        with httpx.Client() as client:
            while not self._answers(client):
                assert self._process.poll() is None, self.log.read_text()[-2000:]
                assert time.monotonic() < deadline, f"no start in time: {self.log.read_text()[-2000:]}"
                time.sleep(0.05)
        return self

    def _answers(self, client: httpx.Client) -> bool:
        try:
            return client.get(f"{self.url}/health", timeout=2).status_code == 200
        except httpx.TransportError:
            return False

    def kill(self) -> None:
        """End it as a power cut would: nothing said, nothing finished."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        """End it in good order; may come twice."""
        if self._process is None or self._process.poll() is not None:
            return
        self._process.terminate()
        self._process.wait(15)


def _free_port(kind: socket.SocketKind) -> int:
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
