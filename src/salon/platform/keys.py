"""The server's own secrets: made on first start, kept in the data folder, readable by nobody else."""

import os
import secrets
from pathlib import Path

KEY_BYTES = 48


def ensure_key(folder: Path, name: str) -> bytes:
    """The secret of this name; made with mode 0600 if it is not there yet.

    Raises:
        OSError: the folder cannot be written, or the file cannot be read.
        ValueError: the file is there, but holds too little to be a secret of ours.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / name
    if not path.exists():
        _create(path)
    key = path.read_text("ascii").strip().encode("ascii")
    if len(key) < 32:
        raise ValueError(f"{path} is damaged: delete it, and everybody signs in anew.")
    return key


def _create(path: Path) -> None:
    """Write aside and link into place: two processes starting at once end with the same key."""
    aside = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(aside, path)
        except FileExistsError:
            return
    finally:
        aside.unlink()
