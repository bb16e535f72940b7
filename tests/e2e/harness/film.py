"""What is to be seen and heard in a film, measured."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

RATE_HZ = 48_000
STEP_S = 0.01
WINDOW_S = 0.02
WIDTH_PX, HEIGHT_PX = 320, 180
"""Pictures are measured at this size; a film of a minute fits into memory then."""


@dataclass(frozen=True)
class Tile:
    """A rectangle of the film, in pixels of the measured size; ends are exclusive."""

    left: int
    top: int
    right: int
    bottom: int

    def overlaps(self, other: Tile) -> bool:
        """Whether they share a pixel."""
        across = self.left < other.right and other.left < self.right
        return across and self.top < other.bottom and other.top < self.bottom

    @property
    def share(self) -> float:
        """Its part of the picture, 0 to 1."""
        return (self.right - self.left) * (self.bottom - self.top) / (WIDTH_PX * HEIGHT_PX)


class Film:
    """A decoded film: ``pictures`` (n, height, width, RGB), ``times`` (n) in seconds, ``sound`` mono."""

    def __init__(self, path: Path) -> None:
        pictures: list[NDArray[np.uint8]] = []
        times: list[float] = []
        with av.open(str(path)) as container:
            for frame in container.decode(video=0):
                small = frame.reformat(width=WIDTH_PX, height=HEIGHT_PX, format="rgb24")
                pictures.append(small.to_ndarray().astype(np.uint8, copy=False))
                times.append(float(frame.time or 0))
        self.pictures = np.stack(pictures)
        self.times = np.array(times)
        self.sound = _sound_of(path)

    def find_tile(self, rgb: tuple[int, int, int]) -> Tile:
        """Where most pictures have this colour.

        Raises:
            AssertionError: hardly anywhere.
        """
        sample = self.pictures[:: max(1, len(self.pictures) // 40)].astype(np.int16)
        is_near = (np.abs(sample - np.array(rgb, np.int16)).max(axis=3) < 70).mean(axis=0) > 0.5
        rows, columns = np.flatnonzero(is_near.mean(axis=1) > 0.1), np.flatnonzero(is_near.mean(axis=0) > 0.1)
        assert rows.size, f"{rgb} is nowhere in the film"
        assert columns.size, f"{rgb} is nowhere in the film"
        return Tile(int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)

    def share_changing(self, tile: Tile) -> float:
        """The part of the pictures in which the tile differs from the picture before, 0 to 1."""
        inside = self._inside(tile).astype(np.int16)
        return float((np.abs(np.diff(inside, axis=0)).mean(axis=(1, 2, 3)) > 0.5).mean())

    def flashes(self, tile: Tile) -> list[float]:
        """When the tile turns white, in seconds."""
        return _onsets(self._inside(tile).min(axis=3).mean(axis=(1, 2)) / 255, self.times)

    def loud_tones(self, hz: float) -> list[float]:
        """When a tone becomes loud, in seconds."""
        size = round(WINDOW_S * RATE_HZ)
        turn = np.hanning(size) * np.exp(-2j * np.pi * hz * np.arange(size) / RATE_HZ)
        starts = np.arange(0, self.sound.size - size, round(STEP_S * RATE_HZ))
        levels = np.array([abs(np.dot(self.sound[at : at + size], turn)) for at in starts])
        return _onsets(levels, starts / RATE_HZ + WINDOW_S / 2)

    def strength(self, hz: float) -> float:
        """The amplitude of a tone over the whole film, by its bin of the Fourier transform."""
        turn = np.exp(-2j * np.pi * hz * np.arange(self.sound.size) / RATE_HZ)
        return float(2 * abs(np.dot(self.sound, turn)) / self.sound.size)

    def _inside(self, tile: Tile) -> NDArray[np.uint8]:
        return self.pictures[:, tile.top : tile.bottom, tile.left : tile.right]


def skews(seen: list[float], heard: list[float], *, within_s: float = 1.0) -> list[float]:
    """For each flash, by how many seconds it comes after the nearest tone; those without one are left out."""
    nearest = [(at, min(heard, key=lambda tone, at=at: abs(tone - at))) for at in seen if heard]  # type: ignore[misc]
    return [at - tone for at, tone in nearest if abs(at - tone) < within_s]


def _onsets(levels: NDArray[np.float64], times: NDArray[np.float64]) -> list[float]:
    """When a level comes over the middle between low and high, at least a second apart."""
    low, high = np.percentile(levels, 20), np.percentile(levels, 99)
    is_high = levels > (low + high) / 2
    found: list[float] = []
    for at in times[1:][is_high[1:] & ~is_high[:-1]]:
        if not found or at - found[-1] > 1:
            found.append(float(at))
    return found


def _sound_of(path: Path) -> NDArray[np.float32]:
    with av.open(str(path)) as container:
        total = round((container.duration or 0) * RATE_HZ / 1_000_000) + RATE_HZ
        heard = np.zeros(total, np.float32)
        resampler = av.AudioResampler(format="fltp", layout="mono", rate=RATE_HZ)
        for frame in container.decode(audio=0):
            at = round((frame.time or 0) * RATE_HZ)
            for piece in resampler.resample(frame):
                samples = piece.to_ndarray()[0]
                skip = max(0, -at)
                room = heard[at + skip : at + samples.size]
                room[:] = samples[skip : skip + room.size]
                at += samples.size
    return heard
