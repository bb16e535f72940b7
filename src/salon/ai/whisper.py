"""Whisper by CTranslate2, as everything here uses it: on the processor, in 8 bit, from local files."""

from pathlib import Path
from typing import Any


def whisper_of(folder: Path, *, threads: int) -> Any:
    """A ``faster_whisper.WhisperModel``; to load it takes a second or more.

    Raises:
        RuntimeError: the files are not a model.
    """
    from faster_whisper import WhisperModel  # noqa: PLC0415 - loaded where somebody needs it

    return WhisperModel(
        str(folder), device="cpu", compute_type="int8", cpu_threads=threads, local_files_only=True
    )
