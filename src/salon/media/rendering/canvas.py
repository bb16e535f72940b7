"""Pictures in 4:2:0 as arrays: what is painted goes into the encoder without another conversion."""

from dataclasses import dataclass

import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray
from PIL import Image

from salon.media.rendering.layout import Box, even

Plane = NDArray[np.uint8]
Rgb = tuple[int, int, int]
MOST_CROP = 1.4
"""4:3 in 16:9 is 1.33: faces stay whole."""


@dataclass(frozen=True, slots=True)
class Planes:
    """Luma, and both chromas at half the width and height."""

    y: Plane
    u: Plane
    v: Plane

    @property
    def width(self) -> int:
        return int(self.y.shape[1])

    @property
    def height(self) -> int:
        return int(self.y.shape[0])

    def part(self, box: Box) -> "Planes":
        """A view on a part; its numbers are even."""
        x, y, right, bottom = box.x, box.y, box.x + box.width, box.y + box.height
        half = np.s_[y // 2 : bottom // 2, x // 2 : right // 2]
        return Planes(self.y[y:bottom, x:right], self.u[half], self.v[half])

    def paste(self, other: "Planes") -> None:
        """Takes over a picture of the same size."""
        self.y[:], self.u[:], self.v[:] = other.y, other.u, other.v

    def fill(self, rgb: Rgb) -> None:
        """One colour."""
        self.y[:], self.u[:], self.v[:] = yuv(rgb)


@dataclass(frozen=True, slots=True)
class Overlay:
    """A picture with an alpha channel, ready to be laid over others."""

    picture: Planes
    alpha_y: NDArray[np.uint16]
    alpha_uv: NDArray[np.uint16]

    def lay_on(self, ground: Planes) -> None:
        """Blends into a picture of the same size."""
        for target, source, alpha in (
            (ground.y, self.picture.y, self.alpha_y),
            (ground.u, self.picture.u, self.alpha_uv),
            (ground.v, self.picture.v, self.alpha_uv),
        ):
            target[:] = (target * (256 - alpha) + source * alpha) >> 8


class Canvas:
    """A picture of its own, in one piece of memory."""

    def __init__(self, width: int, height: int) -> None:
        self._memory: Plane = np.empty((height * 3 // 2, width), np.uint8)
        chroma = self._memory[height:].reshape(2, height // 2, width // 2)
        self.planes = Planes(self._memory[:height], chroma[0], chroma[1])

    def frame(self) -> VideoFrame:
        """A copy for an encoder."""
        return VideoFrame.from_ndarray(self._memory, format="yuv420p")


def yuv(rgb: Rgb) -> tuple[int, int, int]:
    """BT.601, limited range: what browsers send."""
    red, green, blue = rgb
    return (
        round(16 + 0.257 * red + 0.504 * green + 0.098 * blue),
        round(128 - 0.148 * red - 0.291 * green + 0.439 * blue),
        round(128 + 0.439 * red - 0.368 * green - 0.071 * blue),
    )


def planes_of(frame: VideoFrame) -> Planes:
    """A view on a yuv420p frame."""
    y, u, v = (
        np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)[: plane.height, : plane.width]
        for plane in frame.planes
    )
    return Planes(y, u, v)


def overlay_of(image: Image.Image) -> Overlay:
    """An RGBA image of even size."""
    rgba = np.asarray(image.convert("RGBA"))
    alpha = rgba[:, :, 3].astype(np.uint16) * 257 // 256
    height, width = alpha.shape
    halved = alpha.reshape(height // 2, 2, width // 2, 2).sum(axis=(1, 3), dtype=np.uint16) // 4
    return Overlay(picture_of(image), alpha, halved)


def picture_of(image: Image.Image) -> Planes:
    """An image of even size."""
    return planes_of(
        VideoFrame.from_ndarray(np.ascontiguousarray(image.convert("RGB"))).reformat(format="yuv420p")
    )


def fitted(frame: VideoFrame, width: int, height: int, *, may_crop: bool, ground: Rgb) -> Planes:
    """A frame scaled into a place.

    A camera fills it, losing an edge; what is upright (a telephone) or must be whole (a screen) gets bars.
    """
    cover = max(width / frame.width, height / frame.height)
    contain = min(width / frame.width, height / frame.height)
    if may_crop and cover / contain < MOST_CROP:
        scaled = _scaled(
            frame, max(width, even(frame.width * cover + 1)), max(height, even(frame.height * cover + 1))
        )
        return scaled.part(
            Box(even((scaled.width - width) / 2), even((scaled.height - height) / 2), width, height)
        )
    scaled = _scaled(
        frame,
        min(width, max(2, even(frame.width * contain + 1))),
        min(height, max(2, even(frame.height * contain + 1))),
    )
    if (scaled.width, scaled.height) == (width, height):
        return scaled
    whole = Canvas(width, height).planes
    whole.fill(ground)
    left, top = even((width - scaled.width) / 2), even((height - scaled.height) / 2)
    whole.part(Box(left, top, scaled.width, scaled.height)).paste(scaled)
    return whole


def _scaled(frame: VideoFrame, width: int, height: int) -> Planes:
    return planes_of(frame.reformat(width, height, format="yuv420p", interpolation="BILINEAR"))
