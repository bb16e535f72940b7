"""Sounds in which nobody speaks, made here: a recogniser must not find a word in them."""

import numpy as np

from salon.ai.audio import RATE_HZ, Sound

LASTS_S = 30
NAMES = ("silence", "white noise", "music")

_CHORDS_HZ = ((262, 330, 392), (220, 262, 330), (175, 220, 262), (196, 247, 294))
"""C, a minor, F and G: two bars of a second each, again and again."""


def sound_of(name: str, seconds: float = LASTS_S) -> Sound:
    """One of `NAMES`, the same at every call."""
    count = int(seconds * RATE_HZ)
    if name == "silence":
        return np.zeros(count, np.float32)
    random = np.random.default_rng(20)
    if name == "white noise":
        noise: Sound = (0.1 * random.standard_normal(count)).clip(-1, 1).astype(np.float32)
        return noise
    return _music(count)


def _music(count: int) -> Sound:
    """Plucked chords with a beat under them."""
    at = np.arange(count) / RATE_HZ
    within = at % 0.5
    chord = (at // 1).astype(int) % len(_CHORDS_HZ)
    total = np.zeros(count)
    for voice in range(3):
        pitch = np.array([each[voice] for each in _CHORDS_HZ])[chord]
        for overtone in (1, 2, 3):
            total += np.sin(2 * np.pi * pitch * overtone * at) / overtone**2
    found: Sound = (0.12 * total * np.exp(-3 * within)).astype(np.float32)
    beat = 0.3 * np.sin(2 * np.pi * 60 * at) * np.exp(-20 * within)
    return found + beat.astype(np.float32)
