"""A real S3-compatible server over a temporary folder; it can be stopped and started again."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

from salon.settings import StorageSettings
from support.serving import free_port

_CACHE = Path(os.environ.get("SALON_CACHE") or Path(os.environ.get("XDG_CACHE_HOME", "~/.cache"), "salon"))
PROGRAM = _CACHE.expanduser() / "servers" / "versitygw"
BUCKET = "salon"


class S3:
    """One server on a port of its own, with one bucket."""

    def __init__(self) -> None:
        assert PROGRAM.exists(), "the S3 server is missing: run `python3 scripts/prepare.py servers`"
        self.folder = Path(tempfile.mkdtemp(prefix="salon-s3-"))
        self.port = free_port(socket.SOCK_STREAM)
        for name in (BUCKET, "../meta"):
            (self.folder / "root" / name).mkdir(parents=True, exist_ok=True)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def objects(self) -> list[str]:
        """The names of what is stored."""
        root = self.folder / "root" / BUCKET
        return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())

    def settings(self, prefix: str = "") -> StorageSettings:
        """What Salon needs to know of it."""
        values: dict[str, Any] = {
            "url": f"s3://{BUCKET}/{prefix}",
            "endpoint": f"http://127.0.0.1:{self.port}",
            "access_key_id": "salon",
            "secret_access_key": "salon-secret",
        }
        return StorageSettings(**values)

    def start(self) -> S3:
        """Start it, and return when it takes connections."""
        command = [PROGRAM, "--port", f"127.0.0.1:{self.port}", "--access", "salon"]
        command += ["--secret", "salon-secret", "--quiet", "posix"]
        command += ["--sidecar", str(self.folder / "meta"), str(self.folder / "root")]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log)
        deadline = time.monotonic() + 30
        while True:
            assert self._process.poll() is None, (self.folder / "log").read_text()
            assert time.monotonic() < deadline, "the S3 server did not start in time"
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return self
            time.sleep(0.05)

    def stop(self) -> None:
        """End it as a power cut would; what was stored stays."""
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait()

    def remove(self) -> None:
        """End it, and throw away what was stored."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
