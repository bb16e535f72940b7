"""Disks of a test's own: small ones that become full, and one that stands still."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[None]:
    """A file system of so many megabytes over a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    _mount("-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder))
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@contextmanager
def stoppable_disk(folder: Path, image: Path, megabytes: int) -> Iterator[Callable[[bool], None]]:
    """A file system in a file; while told to stand still, whoever writes to it waits."""
    if shutil.which("mkfs.ext4") is None or shutil.which("fsfreeze") is None:
        pytest.skip("a disk that stands still needs mkfs.ext4 and fsfreeze")
    folder.mkdir(parents=True, exist_ok=True)
    with image.open("wb") as file:
        file.truncate(megabytes * 2**20)
    subprocess.run(["mkfs.ext4", "-q", str(image)], check=True)
    _mount("-o", "loop", str(image), str(folder))
    is_still = False

    def stand_still(wanted: bool) -> None:
        nonlocal is_still
        if wanted != is_still:
            subprocess.run(["fsfreeze", "--freeze" if wanted else "--unfreeze", str(folder)], check=True)
        is_still = wanted

    try:
        yield stand_still
    finally:
        stand_still(False)
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(file: Path, *, but: int = 0) -> None:
    """Take all that is left of a disk, but so many bytes; remove the file to give it back."""
    state = os.statvfs(file.parent)
    with file.open("ab", buffering=0) as filler:
        filler.write(bytes(max(0, state.f_bavail * state.f_frsize - but)))


def _mount(*arguments: str) -> None:
    done = subprocess.run(["mount", *arguments], check=False, capture_output=True)
    if done.returncode != 0:
        pytest.skip("a file system of its own needs the right to mount")
