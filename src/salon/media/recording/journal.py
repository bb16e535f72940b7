"""What the platform writes into a recording's folder: the manifest, and who is who (`events.jsonl`)."""

import asyncio
import json
import os
from collections.abc import Mapping
from concurrent.futures import Executor
from pathlib import Path

from pydantic import JsonValue

MANIFEST = "manifest.json"
EVENTS = "events.jsonl"
_SYNC_EVERY_S = 2.0
"""A power cut loses no more than the last events of this time."""


def prepare_folder(folder: Path, manifest: Mapping[str, JsonValue]) -> None:
    """Make the folder with its manifest: whole on the disk, or not there.

    Raises:
        OSError: the disk does not take it.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = folder / f".{MANIFEST}.new"
    with fresh.open("w", encoding="utf-8") as file:
        json.dump(manifest, file, ensure_ascii=False, separators=(",", ":"))
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(folder / MANIFEST)


class Journal:
    """Appends events in the order they came, off the event loop: a slow disk holds up nobody.

    Args:
        folder: of the recording; it is there.
        pool: runs the writing.
    """

    def __init__(self, folder: Path, pool: Executor) -> None:
        self._path = folder / EVENTS
        self._pool = pool
        self._pending: list[str] = []
        self._writing: asyncio.Task[None] | None = None
        self._file: int | None = None
        self._synced_at = 0.0
        self.fault: OSError | None = None
        """Why the last events could not be written; they are tried again with the next one."""

    def append(self, at_us: int, kind: str, **fields: JsonValue) -> None:
        """Queue an event; never waits."""
        line = {"t": at_us, "kind": kind, **fields}
        self._pending.append(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n")
        if self._writing is None:
            self._writing = asyncio.create_task(self._drain())

    async def close(self) -> None:
        """Write what is queued, to the disk itself; what cannot be written now is lost."""
        while self._writing is not None:
            await asyncio.gather(self._writing, return_exceptions=True)
        await asyncio.get_running_loop().run_in_executor(self._pool, self._finish)

    async def _drain(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            while self._pending:
                taken = list(self._pending)
                try:
                    await loop.run_in_executor(self._pool, self._write, "".join(taken).encode(), loop.time())
                except OSError as error:
                    self.fault = error
                    return
                self.fault = None
                del self._pending[: len(taken)]
        finally:
            self._writing = None

    def _write(self, content: bytes, now: float) -> None:
        if self._file is None:
            self._file = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            _end_torn_line(self._path, self._file)
        written = 0
        while written < len(content):
            written += os.write(self._file, content[written:])
        if now - self._synced_at >= _SYNC_EVERY_S:
            os.fdatasync(self._file)
            self._synced_at = now

    def _finish(self) -> None:
        if self._file is not None:
            os.fdatasync(self._file)
            os.close(self._file)
            self._file = None


def _end_torn_line(path: Path, file: int) -> None:
    """A line that a crash cut off must not swallow the next one."""
    size = path.stat().st_size
    if not size:
        return
    with path.open("rb") as reader:
        reader.seek(size - 1)
        if reader.read(1) != b"\n":
            os.write(file, b"\n")
