"""What every build script stands on: paths, the cache, required tools, running commands, content stamps.

Standard library only: these scripts run before anything is installed.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
WEB = ROOT / "web"
UV_VERSION = "0.13.8"

_CACHE_HOME = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
CACHE = Path(os.environ.get("SALON_CACHE") or _CACHE_HOME / "salon")
"""Outside the checkout, so that a second clean checkout finds what the first one built."""

TOOLS = CACHE / "tools"
UV = TOOLS / "bin" / "uv"


class Failure(Exception):
    """What went wrong and what to do, in one sentence for the person at the terminal."""


def environment(**extra: str) -> dict[str, str]:
    """The environment of every command we start: caches outside the checkout, no downloads unasked."""
    env = dict(os.environ)
    env.setdefault("CARGO_TARGET_DIR", str(CACHE / "target"))
    env.setdefault("npm_config_cache", str(CACHE / "npm"))
    env.update(
        VIRTUAL_ENV=str(VENV),
        UV_PROJECT_ENVIRONMENT=str(VENV),
        UV_PYTHON_DOWNLOADS="never",
        PATH=f"{VENV / 'bin'}{os.pathsep}{TOOLS / 'bin'}{os.pathsep}{env.get('PATH', '')}",
        PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD="1",
    )
    env.update(extra)
    return env


def say(text: str) -> None:
    """One line for the person who waits."""
    print(f"\033[1m▸ {text}\033[0m" if sys.stdout.isatty() else f"▸ {text}", flush=True)


def run(command: Sequence[str | Path], *, cwd: Path = ROOT, env: Mapping[str, str] | None = None) -> None:
    """Run a command with its output shown.

    Raises:
        Failure: it ended with another code than 0.
    """
    done = subprocess.run([str(part) for part in command], cwd=cwd, env=env or environment(), check=False)
    if done.returncode != 0:
        raise Failure(f"`{' '.join(str(part) for part in command)}` failed (exit code {done.returncode}).")


def need(tool: str, remedy: str) -> str:
    """The path of a program.

    Raises:
        Failure: it is not installed; the sentence names the remedy.
    """
    path = shutil.which(tool)
    if path is None:
        raise Failure(f"{tool} is missing: {remedy}")
    return path


def need_version(tool: str, at_least: tuple[int, ...], remedy: str) -> None:
    """Hold a program to a lowest version.

    Raises:
        Failure: missing, or older.
    """
    path = need(tool, remedy)
    text = subprocess.run([path, "--version"], capture_output=True, text=True, check=False, cwd=ROOT).stdout
    found = tuple(int(part) for part in _first_version(text).split(".")[: len(at_least)])
    if found < at_least:
        wanted = ".".join(str(part) for part in at_least)
        raise Failure(f"{tool} {_first_version(text)} is too old, {wanted} or newer is needed: {remedy}")


def _first_version(text: str) -> str:
    for word in text.split():
        bare = word.lstrip("v")
        if bare and all(part.isdigit() for part in bare.split(".")[:3]) and "." in bare:
            return ".".join(bare.split(".")[:3])
    return "0.0.0"


def require_python() -> None:
    """Hold the interpreter itself to 3.11.

    Raises:
        Failure: it is older.
    """
    if sys.version_info < (3, 11):  # noqa: UP036 - these scripts are what tells so
        raise Failure("Python 3.11 or newer is needed: install it, then run the command again.")


def pyproject(*keys: str) -> object:
    """One part of pyproject.toml."""
    import tomllib  # noqa: PLC0415 - absent before 3.11, and then `require_python` has the better sentence

    part: Any = tomllib.loads((ROOT / "pyproject.toml").read_text())
    for key in keys:
        part = part[key]
    return part


def digest(paths: Iterable[Path], *words: str) -> str:
    """A hash over the content of files and of every file below folders, and over further words."""
    total = hashlib.sha256()
    for word in words:
        total.update(word.encode() + b"\0")
    for file in sorted(_files(paths)):
        total.update(str(file.relative_to(ROOT)).encode() + b"\0")
        total.update(hashlib.sha256(file.read_bytes()).digest())
    return total.hexdigest()


_NOT_SOURCES = {"node_modules", "target", "__pycache__", "dist", "coverage", ".vite"}


def _files(paths: Iterable[Path]) -> Iterable[Path]:
    for path in paths:
        if path.is_file():
            yield path
        elif path.is_dir():
            for folder, names, files in os.walk(path):
                names[:] = [name for name in names if name not in _NOT_SOURCES]
                yield from (Path(folder) / file for file in files)


class Stamp:
    """Remembers from which sources something was built, so that it is built again only when they change."""

    def __init__(self, folder: Path, name: str, sources: str) -> None:
        """``folder`` is thrown away together with what was built, e.g. ``.venv``."""
        self._file = folder / f".salon-{name}.stamp"
        self._sources = sources

    def is_fresh(self) -> bool:
        """Whether the last finished build used exactly these sources."""
        try:
            return self._file.read_text() == self._sources
        except FileNotFoundError:
            return False

    def write(self) -> None:
        """Say that the build has finished."""
        self._file.parent.mkdir(parents=True, exist_ok=True)
        self._file.write_text(self._sources)


class Stopwatch:
    """Seconds since it was made."""

    def __init__(self) -> None:
        self._start = time.monotonic()

    def __str__(self) -> str:
        """For example ``1 min 05 s`` or ``2.1 s``."""
        return duration(time.monotonic() - self._start)


def duration(seconds: float) -> str:
    """A length of time as a person says it."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    return f"{int(seconds) // 60} min {int(seconds) % 60:02d} s"
