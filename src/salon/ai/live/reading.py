"""What becomes of a phrase."""

from dataclasses import dataclass
from typing import Literal

from salon.ai.live.segmenter import Phrase
from salon.ai.live.voices import VoiceKey

Outcome = Literal["read", "late", "failed"]


@dataclass(frozen=True, slots=True)
class Reading:
    """A phrase and what it says, or why nobody knows."""

    key: VoiceKey
    phrase: Phrase
    outcome: Outcome
    text: str = ""
    language: str = ""
    confidence: float = 0.0
    words: tuple[tuple[float, float, str], ...] = ()
    """When each word is said, in seconds from the beginning of the phrase, and the word."""
