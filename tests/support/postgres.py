"""A real PostgreSQL: a cluster of its own in a temporary folder, a database for whoever asks."""

from __future__ import annotations

import atexit
import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

_COUNTER = itertools.count(1)


def _programs() -> Path:
    """The newest installed server's programs."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    if found:
        return found[-1]
    program = shutil.which("postgres")
    assert program is not None, "PostgreSQL is missing: run `make test`, which installs it"
    return Path(program).parent


class Postgres:
    """One cluster. It refuses to run as root; then it runs as the system's own user for it.

    Args:
        is_safe: whether what is committed survives a crash of the machine, at the price of speed. A killed
            process loses nothing either way.
    """

    def __init__(self, *, is_safe: bool = False) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="salon-postgres-"))
        self._is_safe = is_safe
        self._programs = _programs()
        self._process: subprocess.Popen[bytes] | None = None
        self._user: int | None = None
        if os.geteuid() == 0:
            owner = pwd.getpwnam("postgres")
            self._user = owner.pw_uid
            os.chown(self.folder, owner.pw_uid, owner.pw_gid)

    def create(self) -> Postgres:
        """Make the cluster's files, and start it."""
        self._run("initdb", "-D", str(self.folder / "data"), "-U", "salon", "-A", "trust", "-E", "UTF8")
        return self.start()

    def start(self) -> Postgres:
        """Start it, and return when it answers."""
        options = ["-c", "listen_addresses=", "-c", f"unix_socket_directories={self.folder}"]
        options += ["-c", "max_connections=200"]
        if not self._is_safe:
            options += ["-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off"]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [self._programs / "postgres", "-D", self.folder / "data", *options],
                user=self._user,
                stdout=log,
                stderr=log,
                cwd="/",
            )
        deadline = time.monotonic() + 30
        while True:
            answer = self._try("pg_isready", "-h", str(self.folder), "-U", "salon", "-d", "postgres")
            if answer == 0:
                return self
            assert self._process.poll() is None, (self.folder / "log").read_text()
            assert time.monotonic() < deadline, "PostgreSQL did not start in time"
            time.sleep(0.05)

    def kill(self) -> None:
        """End it as a power cut would: every process at once, nothing said."""
        assert self._process is not None
        children = subprocess.run(
            ["ps", "--ppid", str(self._process.pid), "-o", "pid="],
            capture_output=True,
            text=True,
            check=False,
        )
        for pid in (self._process.pid, *map(int, children.stdout.split())):
            try:
                os.kill(pid, 9)
            except ProcessLookupError:
                continue
        self._process.wait()

    def stop(self) -> None:
        """End it and remove its files."""
        if self._process is not None and self._process.poll() is None:
            # At once: nobody needs what is in it any more.
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait(10)
        shutil.rmtree(self.folder, ignore_errors=True)

    def make_database(self) -> str:
        """A new, empty database; its SQLAlchemy address."""
        name = f"salon_{next(_COUNTER)}"
        self._run("createdb", "-h", str(self.folder), "-U", "salon", name)
        return f"postgresql+asyncpg://salon@/{name}?host={self.folder}"

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [self._programs / program, *arguments],
            user=self._user,
            check=True,
            stdout=subprocess.DEVNULL,
            cwd="/",
        )

    def _try(self, program: str, *arguments: str) -> int:
        command: list[str | Path] = [self._programs / program, *arguments]
        return subprocess.run(command, check=False, stdout=subprocess.DEVNULL, cwd="/").returncode


_shared: list[Postgres] = []
_databases: dict[Path, str] = {}


def database_for(folder: Path) -> str:
    """The database that belongs to a data folder: the same one for the same folder, on one shared cluster."""
    if not _shared:
        _shared.append(Postgres().create())
        atexit.register(_shared[0].stop)
    if folder not in _databases:
        _databases[folder] = _shared[0].make_database()
    return _databases[folder]
