"""Sound for requests: WAV files, base64, and what a model could take for speech but must not."""

from __future__ import annotations

import base64
import io
import wave

import numpy as np
from numpy.typing import NDArray

RATE_HZ = 16_000


def wav(samples: bytes, *, rate_hz: int = RATE_HZ, channels: int = 1) -> bytes:
    """A WAV file of signed 16 bit samples."""
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate_hz)
        file.writeframes(samples)
    return out.getvalue()


def as_base64(content: bytes) -> str:
    """As requests carry it."""
    return base64.b64encode(content).decode()


def pcm(sound: NDArray[np.float64]) -> bytes:
    """Samples of 16 bit from a sound in -1..1."""
    return (np.clip(sound, -1, 1) * 32_000).astype("<i2").tobytes()


def noise(seconds: float) -> bytes:
    """White noise, the same each time."""
    return pcm(np.random.default_rng(1).normal(0, 0.1, int(seconds * RATE_HZ)))


def music(seconds: float) -> bytes:
    """Chords that come and go."""
    at = np.arange(int(seconds * RATE_HZ)) / RATE_HZ
    tones = [
        0.2 * np.sin(2 * np.pi * hz * at) * (np.sin(np.pi * at + hz) > 0) for hz in (220, 277, 330, 440, 554)
    ]
    return pcm(np.sum(tones, axis=0))
