"""What every detector of synthetic speech can do. Runs in worker processes."""

from abc import ABC, abstractmethod
from math import ceil
from typing import Final

import numpy as np

from salon.ai.audio import RATE_HZ, BadAudio, Sound
from salon.ai.backends import VoiceActivity

LEAST_S: Final = 3.0
"""Speech that a detector needs: of less than three seconds even good ones know little."""
LONGEST_S: Final = 8.0
"""Speech that is scored at once; of more the mean of several scores counts."""


class SyntheticVoiceDetector(ABC):
    """Says how likely it is that speech was made by a machine."""

    @abstractmethod
    def load(self) -> None:
        """Be ready for the first question."""

    @abstractmethod
    def score(self, sound: Sound) -> float:
        """The probability that the speech is synthetic, 0 to 1.

        Args:
            sound: speech without long pauses, mono, 16 kHz, range [-1, 1], shape ``(samples,)``; of `LEAST_S`
                to `LONGEST_S`.

        Raises:
            RemoteFailed: another server runs it, and did not answer as it must.
        """


def score_of(detector: SyntheticVoiceDetector, speech: Sound) -> float:
    """The probability that speech of any length is synthetic, 0 to 1: the mean over windows of equal size.

    Raises:
        BadAudio: there is less of it than `LEAST_S`.
        RemoteFailed: see `SyntheticVoiceDetector.score`.
    """
    seconds = speech.size / RATE_HZ
    if seconds < LEAST_S:
        raise BadAudio(f"There are only {seconds:.1f} s of speech; at least {LEAST_S:g} s are needed.")
    # Of more than LONGEST_S each window has at least half of that.
    parts = np.array_split(speech, ceil(seconds / LONGEST_S))
    return float(np.mean([detector.score(part) for part in parts]))


def speech_in(sound: Sound, activity: VoiceActivity) -> Sound:
    """What is spoken in a sound, without the rest; may be empty."""
    return np.concatenate([sound[:0], *(sound[start:end] for start, end in activity.spans(sound))])
