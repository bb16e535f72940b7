"""All voices of all rooms that are listened to: sound in, phrases out. Works in a thread of its own."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from salon.ai.audio import RATE_HZ, Samples
from salon.ai.live.activity import WINDOW, SpeechProbability
from salon.ai.live.segmenter import Phrase, Segmenter
from salon.media.face import AudioChunk

SILENT_US = 450_000
"""Beyond this without a packet a phrase is over: the microphone was muted, or the sender pauses."""
JUMP_US = 150_000
"""A chunk that begins so much later than the one before ended comes after a pause."""


@dataclass(frozen=True, slots=True)
class VoiceKey:
    """One track of one speaker in one room."""

    room: str
    stream: str
    track: str


@dataclass(slots=True)
class _Voice:
    segmenter: Segmenter = field(default_factory=Segmenter)
    probability: SpeechProbability = field(default_factory=SpeechProbability)
    rest: Samples = field(default_factory=lambda: np.zeros(0, np.int16))
    next_us: int = 0
    heard_us: int = 0
    """When the latest chunk was taken, by our own clock."""


class Voices:
    """Belongs to one thread at a time."""

    def __init__(self) -> None:
        self._voices: dict[VoiceKey, _Voice] = {}

    def hear(self, chunks: Sequence[AudioChunk], now_us: int) -> list[tuple[VoiceKey, Phrase]]:
        """Take what was heard; the phrases it begins, continues and ends, in order.

        Args:
            chunks: of any room, oldest first; may be none.
            now_us: microseconds since 1970.
        """
        found: list[tuple[VoiceKey, Phrase]] = []
        for chunk in chunks:
            key = VoiceKey(chunk.room, chunk.stream, chunk.track)
            if chunk.is_last:
                voice = self._voices.pop(key, None)
                phrases = [] if voice is None else voice.segmenter.end()
            else:
                voice = self._voices.setdefault(key, _Voice())
                voice.heard_us = now_us
                phrases = _take(voice, chunk)
            found += [(key, phrase) for phrase in phrases]
        for key, voice in self._voices.items():
            if voice.segmenter.is_open and now_us - voice.heard_us > SILENT_US:
                found += [(key, phrase) for phrase in voice.segmenter.end()]
        return found

    def buffered_bytes_of(self, room: str, stream: str) -> int:
        """Sound of what a speaker is just saying, in bytes. May be asked from any thread."""
        own = [voice for key, voice in list(self._voices.items()) if (key.room, key.stream) == (room, stream)]
        return sum(voice.segmenter.size * 2 for voice in own)

    def forget(self, room: str) -> None:
        """Nobody listens to this room any more; what was under way is dropped."""
        self._voices = {key: voice for key, voice in self._voices.items() if key.room != room}


def _take(voice: _Voice, chunk: AudioChunk) -> list[Phrase]:
    found: list[Phrase] = []
    if chunk.has_gap or chunk.at_us - voice.next_us > JUMP_US:
        found += voice.segmenter.end()
        voice.probability = SpeechProbability()
        voice.rest = voice.rest[:0]
    pcm = np.frombuffer(chunk.pcm, "<i2")
    at_us = chunk.at_us - voice.rest.size * 1_000_000 // RATE_HZ
    voice.next_us = chunk.at_us + pcm.size * 1_000_000 // RATE_HZ
    pcm = np.concatenate([voice.rest, pcm])
    whole = pcm.size - pcm.size % WINDOW
    for start in range(0, whole, WINDOW):
        window = pcm[start : start + WINDOW]
        probability = voice.probability.of(window.astype(np.float32) / np.float32(32768))
        found += voice.segmenter.feed(window, probability, at_us + start * 1_000_000 // RATE_HZ)
    voice.rest = pcm[whole:]
    return found
