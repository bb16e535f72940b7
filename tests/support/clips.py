"""Small real sounds, videos and pictures, made by ffmpeg and Pillow."""

from __future__ import annotations

import io
import subprocess
import tempfile
from functools import lru_cache
from pathlib import Path

from PIL import Image


@lru_cache
def clip(kind: str, *, seconds: float = 2, size: str = "320x240") -> bytes:
    """A test picture with a tone (`mp4`, `webm`, `mkv`), or a tone alone (`mp3`, `wav`, `ogg`)."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / f"clip.{kind}"
        command = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", f"sine=duration={seconds}"]
        if kind in ("mp4", "webm", "mkv"):
            command += ["-f", "lavfi", "-i", f"testsrc=size={size}:rate=10:duration={seconds}"]
            command += ["-pix_fmt", "yuv420p", "-shortest"]
        subprocess.run([*command, str(out)], check=True)
        return out.read_bytes()


def picture(kind: str = "PNG", size: tuple[int, int] = (64, 48)) -> bytes:
    """A picture of one colour."""
    out = io.BytesIO()
    Image.new("RGB", size, (200, 30, 90)).save(out, kind)
    return out.getvalue()
