"""Speech whose words are known: the prompts of Debian's asterisk-core-sounds, and a microphone for them."""

from __future__ import annotations

import asyncio
import gzip
import re
import wave
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path

import av
import numpy as np
from aiortc import MediaStreamTrack
from numpy.typing import NDArray

FOLDER = Path("/usr/share/asterisk/sounds/en_US_f_Allison")
TEXTS = Path("/usr/share/doc/asterisk-core-sounds-en/core-sounds-en.txt.gz")
RATE_HZ = 48_000
FRAME = 960


@dataclass(frozen=True)
class Prompt:
    """A sentence by one human speaker: 48 kHz, one channel, 16 bit."""

    name: str
    text: str
    pcm: NDArray[np.int16]

    @property
    def seconds(self) -> float:
        """How long it is."""
        return self.pcm.size / RATE_HZ


@cache
def prompts() -> dict[str, Prompt]:
    """Those of 2 to 7 seconds whose text is nothing but what is said, by name."""
    found = {}
    for line in gzip.decompress(TEXTS.read_bytes()).decode(errors="replace").splitlines():
        name, _, text = line.partition(": ")
        path = FOLDER / f"{name.strip()}.wav"
        if line.startswith(";") or not text or re.search(r"[\[\]()0-9<>]", text) or not path.is_file():
            continue
        with wave.open(str(path)) as file:
            pcm = np.frombuffer(file.readframes(file.getnframes()), "<i2")
            factor = RATE_HZ // file.getframerate()
        if 2 <= pcm.size * factor / RATE_HZ <= 7:
            found[name] = Prompt(name, text.strip(), _stretched(pcm, factor))
    assert len(found) > 60, "the package asterisk-core-sounds-en-wav is missing"
    return found


def _stretched(pcm: NDArray[np.int16], factor: int) -> NDArray[np.int16]:
    at = np.arange(pcm.size * factor) / factor
    return np.interp(at, np.arange(pcm.size), pcm).astype(np.int16)


def words_of(text: str) -> list[str]:
    """Lower-case words without punctuation."""
    return re.findall(r"[a-z']+", text.lower())


def missed(expected: str, heard: str) -> float:
    """The part of the expected words that is not heard, in any order; 0 to 1."""
    left = words_of(heard)
    words = words_of(expected)
    lost = 0
    for word in words:
        if word in left:
            left.remove(word)
        else:
            lost += 1
    return lost / max(1, len(words))


def programme(speech: list[Prompt], *, pause_s: float) -> NDArray[np.int16]:
    """Prompts one after the other, each followed by so much silence."""
    silence = np.zeros(round(pause_s * RATE_HZ), np.int16)
    return np.concatenate([part for one in speech for part in (one.pcm, silence)])


class Speech(MediaStreamTrack):
    """A microphone: silence, then a programme once it is told to play, again and again if asked for."""

    kind = "audio"

    def __init__(self) -> None:
        super().__init__()
        self._count = 0
        self._start: float | None = None
        self._pcm = np.zeros(0, np.int16)
        self._at = 0
        self._loops = False

    def play(self, pcm: NDArray[np.int16], *, loops: bool = False) -> None:
        """Begin with this at the next frame."""
        self._pcm, self._at, self._loops = pcm, 0, loops

    @property
    def is_over(self) -> bool:
        """Whether the programme is at its end."""
        return not self._loops and self._at >= self._pcm.size

    async def recv(self) -> av.AudioFrame:
        """The next 20 ms."""
        now = asyncio.get_running_loop().time()
        if self._start is None:
            self._start = now
        await asyncio.sleep(max(0.0, self._start + self._count * FRAME / RATE_HZ - now))
        piece = self._pcm[self._at : self._at + FRAME]
        self._at += FRAME
        if self._loops and self._at >= self._pcm.size:
            self._at = 0
        samples = np.zeros(FRAME, np.int16)
        samples[: piece.size] = piece
        frame = av.AudioFrame.from_ndarray(samples[np.newaxis], format="s16", layout="mono")
        frame.sample_rate = RATE_HZ
        frame.pts = self._count * FRAME
        frame.time_base = Fraction(1, RATE_HZ)
        self._count += 1
        return frame
