"""``salon recording``: what lies on the disk, whether it is whole, and a copy of it."""

import asyncio
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from salon.media.recording import store
from salon.media.recording.store import RecordingRow
from salon.media.rendering.checking import verify
from salon.platform.db import Database


@dataclass(frozen=True, slots=True)
class Listing:
    """Every recording, and the folders that belong to none."""

    rows: list[RecordingRow]
    orphans: list[str]


async def list_recordings(db: Database, root: Path) -> Listing:
    """What the database and the disk know of."""
    async with db.read() as tx:
        rows = list(await store.list_all(tx))
    known = {row.recording_id for row in rows}
    names = await asyncio.to_thread(_folders, root)
    return Listing(rows, [name for name in names if name not in known])


def check(folder: Path) -> dict[str, Any]:
    """See `salon.media.rendering.checking.verify`."""
    return verify(folder, lambda _percent: None)


def export(root: Path, recording_id: str, target: Path) -> Path:
    """Copy a recording's folder; tells where to. Files that are made of it are downloaded instead.

    Raises:
        FileNotFoundError: there is no such recording.
        FileExistsError: there is something of that name already.
        OSError: the disk does not take it.
    """
    folder = root / recording_id
    if recording_id in ("", ".", "..") or "/" in recording_id or not folder.is_dir():
        raise FileNotFoundError(f"There is no recording {recording_id} in {root}.")
    out = target / recording_id
    shutil.copytree(folder, out)
    return out


def _folders(root: Path) -> list[str]:
    return sorted(entry.name for entry in root.iterdir() if entry.is_dir()) if root.is_dir() else []
