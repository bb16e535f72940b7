"""Ends a recording that broke off: what is on the disk is measured and said, and nothing is rewritten."""

import hashlib
import json
import os
from pathlib import Path
from typing import Any

from salon.media.rendering.log import read_log
from salon.media.rendering.model import SECOND_US

RECOVERED = "recovered"
_CHUNK_BYTES = 1 << 20


def seal(folder: Path) -> dict[str, Any]:
    """Appends a ``sealed`` line for each open segment, and a ``stop`` if the last run has none.

    Safe to repeat: the second time there is nothing to do. The engine must not be writing here.

    Raises:
        NotARecording: there is no recording in this folder.
        OSError: the disk does not take the lines.
    """
    log = read_log(folder)
    lines: list[dict[str, Any]] = []
    for segment in log.segments:
        if segment.is_sealed:
            continue
        line: dict[str, Any] = {
            "t": segment.end_us,
            "kind": "sealed",
            "track": segment.track,
            "file": segment.file,
        }
        line |= {"start_us": segment.start_us, "end_us": segment.end_us, "frames": segment.frames}
        lines.append({**line, "bytes": segment.bytes, "sha256": sha256_of(segment.path)})
    if not log.is_stopped:
        lines.append({"t": log.end_us, "kind": "stop", "cause": RECOVERED})
    if lines:
        _append(folder / "index.jsonl", lines)
    sealed = read_log(folder) if lines else log
    return {
        "sealed": sum(line["kind"] == "sealed" for line in lines),
        "stopped": any(line["kind"] == "stop" for line in lines),
        "segments": sum(1 for _ in sealed.segments),
        "bytes": sum(segment.bytes for segment in sealed.segments),
        "duration": sealed.duration_us / SECOND_US,
        "gaps": len(sealed.gaps),
        "empty": sealed.is_empty,
    }


def sha256_of(path: Path) -> str:
    """The hash of a file; of one that is gone, that of nothing."""
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK_BYTES):
                digest.update(chunk)
    except FileNotFoundError:
        pass
    return digest.hexdigest()


def _append(path: Path, lines: list[dict[str, Any]]) -> None:
    """On the disk when this returns. A torn last line stays, on a line of its own."""
    text = "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines)
    with path.open("a+b") as file:
        if file.seek(0, os.SEEK_END):
            file.seek(-1, os.SEEK_END)
            if file.read(1) != b"\n":
                text = "\n" + text
        file.write(text.encode())
        file.flush()
        os.fsync(file.fileno())
