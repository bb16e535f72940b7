"""Salon as it ships: a process of its own."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx

from salon.settings import Settings

PROGRAM = Path(sys.executable).with_name("salon")
Environment = dict[str, str]


def free_port(kind: socket.SocketKind) -> int:
    """A port that was free a moment ago."""
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment_of(data: Path, **settings: str) -> Environment:
    """This environment without its own settings of Salon, with free ports and a data folder."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SALON_")}
    return {
        **kept,
        "SALON_HOST": "127.0.0.1",
        "SALON_PORT": str(free_port(socket.SOCK_STREAM)),
        "SALON_UDP_PORT": str(free_port(socket.SOCK_DGRAM)),
        "SALON_DATA_DIR": str(data),
        "COLUMNS": "200",
        **settings,
    }


class Serving:
    """A running `salon serve`."""

    def __init__(self, env: Environment, log: Path) -> None:
        self.url = f"http://127.0.0.1:{env['SALON_PORT']}"
        self.log = log
        self.settings = Settings(data_dir=Path(env["SALON_DATA_DIR"]))
        """Where its database is; nothing else of it."""
        with log.open("ab") as output:
            self.process = subprocess.Popen([PROGRAM, "serve"], env=env, stdout=output, stderr=output)

    def wait_until_it_answers(self) -> None:
        """Return when it does; fails with its log when it does not in time."""
        deadline = time.monotonic() + 90
        while not self._answers():
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < deadline, self.log.read_text()
            time.sleep(0.05)

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.url}/health", timeout=1).status_code == 200
        except httpx.TransportError:
            return False
