"""The Rust target folder that all checkouts of this user share, one at a time.

Cargo tells the crates of a workspace apart by their path inside it and judges freshness by file times. Two
checkouts that build into one folder would therefore take each other's results for their own. So the folder is
locked while one builds, and a checkout that was not the last to build gives its sources a new time first:
Salon's own crates compile again, everything from outside stays compiled.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from workshop import ROOT, environment, run, say

_MARKER = ".salon-checkout"


@contextmanager
def own_target() -> Iterator[None]:
    """Hold the target folder for this checkout; waits while another one builds."""
    target = Path(environment()["CARGO_TARGET_DIR"])
    target.mkdir(parents=True, exist_ok=True)
    # The number tells a checkout from an earlier one in the same place.
    checkout = f"{ROOT} {ROOT.stat().st_ino}"
    with (target / _MARKER).open("a+") as marker:
        try:
            fcntl.flock(marker, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Rust: waiting until another checkout has finished building")
            fcntl.flock(marker, fcntl.LOCK_EX)
        marker.seek(0)
        if marker.read() != checkout:
            for file in _sources():
                os.utime(file)
            marker.truncate(0)
            marker.write(checkout)
            marker.flush()
        yield


def cargo(*arguments: str) -> None:
    """Run cargo in the target folder, alone.

    Raises:
        Failure: it ended with another code than 0.
    """
    build(["cargo", *arguments])


def build(command: Sequence[str | Path]) -> None:
    """Run a command that builds Rust, alone in the target folder.

    Raises:
        Failure: it ended with another code than 0.
    """
    with own_target():
        run(command)


def _sources() -> Iterator[Path]:
    for folder, _names, files in os.walk(ROOT / "sfu"):
        yield from (Path(folder) / file for file in files if file.endswith((".rs", ".toml")))
    yield ROOT / "Cargo.toml"
