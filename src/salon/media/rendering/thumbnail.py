"""One picture that stands for the recording."""

from pathlib import Path
from typing import Any

from PIL import Image

from salon.media.rendering import lettering
from salon.media.rendering.canvas import Canvas
from salon.media.rendering.encoding import NOTHING
from salon.media.rendering.model import SECOND_US, RecordingLog
from salon.media.rendering.output import Report, whole_file
from salon.media.rendering.painter import Painter
from salon.media.rendering.scenes import Scene, Show, find_scenes

WIDTH, HEIGHT = 1280, 720
JPEG_QUALITY = 85
SETTLED_US = 1_500_000
"""A camera's first pictures are dark: some time after the beginning of a scene is better."""


def write_thumbnail(log: RecordingLog, out: Path, report: Report) -> dict[str, Any]:
    """A JPEG of the film's layout, from a moment with many pictures in the first tenth."""
    canvas = Canvas(WIDTH, HEIGHT)
    at_us = log.start_us
    if log.is_empty:
        canvas.planes.paste(lettering.notice(NOTHING, WIDTH, HEIGHT))
    else:
        painter = Painter(log, WIDTH, HEIGHT)
        at_us = lively_moment(log, find_scenes(log))
        painter.paint(at_us)
        canvas = painter.canvas
    report(90)
    with whole_file(out) as part:
        image: Image.Image = canvas.frame().to_image()  # type: ignore[no-untyped-call]
        image.save(part, format="JPEG", quality=JPEG_QUALITY, optimize=True)
    at = log.seconds(at_us)
    return {
        "file": str(out),
        "bytes": out.stat().st_size,
        "at": at,
        "content_type": "image/jpeg",
        "empty": log.is_empty,
    }


def lively_moment(log: RecordingLog, scenes: tuple[Scene, ...]) -> int:
    """When most is to be seen within the first tenth (at least 10 s); if nothing, in all of it."""
    early_us = log.start_us + max(log.duration_us // 10, 10 * SECOND_US)
    early = [scene for scene in scenes if scene.start_us <= early_us]
    best = max(early, key=_liveliness, default=None)
    if best is None or _liveliness(best)[0] == 0:
        best = max(scenes, key=_liveliness, default=None)
    if best is None:
        return log.start_us
    return best.start_us + min(SETTLED_US, (best.end_us - best.start_us) // 2)


def _liveliness(scene: Scene) -> tuple[int, int, bool]:
    pictures = sum(tile.show is not Show.AVATAR for tile in scene.tiles)
    return pictures, len(scene.tiles), scene.end_us - scene.start_us > SETTLED_US
