"""One small interface for each task, and what stands behind it on this machine. Runs in worker processes."""

import zlib
from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cached_property
from math import exp
from pathlib import Path
from typing import Any

import numpy as np

from salon.ai.audio import RATE_HZ, BadAudio, Sound
from salon.ai.whisper import whisper_of

_PAD_S = 0.2
_JOIN_S = 0.5


@dataclass(frozen=True, slots=True)
class Words:
    """What was said in a stretch of sound; times in seconds from its start."""

    start: float
    end: float
    text: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Transcript:
    """What was said. Empty for silence and noise: nothing is made up."""

    text: str
    language: str
    confidence: float
    words: tuple[Words, ...] = ()


class VoiceActivity(ABC):
    """Where somebody speaks."""

    @abstractmethod
    def spans(self, sound: Sound) -> list[tuple[int, int]]:
        """Samples from and to, in order, not overlapping."""


class Recognizer(ABC):
    """Speech to text."""

    @abstractmethod
    def load(self) -> None:
        """Be ready for the first question."""

    @abstractmethod
    def recognize(self, sound: Sound, language: str) -> Transcript:
        """What is said. ``language`` as in ISO 639-1, empty: found out.

        Raises:
            BadAudio: it does not know the language.
        """


class SileroActivity(VoiceActivity):
    """The model that comes with faster-whisper (MIT, https://github.com/snakers4/silero-vad)."""

    def spans(self, sound: Sound) -> list[tuple[int, int]]:
        from faster_whisper.vad import VadOptions, get_speech_timestamps  # noqa: PLC0415

        options = VadOptions(
            threshold=0.5,
            min_speech_duration_ms=200,
            min_silence_duration_ms=int(_JOIN_S * 1000),
            speech_pad_ms=int(_PAD_S * 1000),
        )
        return [(int(one["start"]), int(one["end"])) for one in get_speech_timestamps(sound, options)]


class WhisperRecognizer(Recognizer):
    """Whisper by CTranslate2, behind a gate for voices.

    Whisper writes sentences of its training into silence and noise; it is shown speech only, and what it is
    itself not sure to be speech is left out.
    """

    NO_SPEECH = 0.6
    LEAST_LOGPROB = -1.0

    def __init__(self, folder: Path, *, threads: int, activity: VoiceActivity) -> None:
        self._folder, self._threads, self._activity = folder, threads, activity

    @cached_property
    def model(self) -> Any:
        """The model, loaded when somebody is first heard to speak."""
        return whisper_of(self._folder, threads=self._threads)

    def load(self) -> None:
        self.model  # noqa: B018 - being asked for is what loads it

    def check_language(self, language: str) -> None:
        if language and language not in self.model.supported_languages:
            raise BadAudio(f"The model does not know the language {language!r}.")

    def recognize(self, sound: Sound, language: str) -> Transcript:
        spans = self._activity.spans(sound)
        if not spans:
            return Transcript("", language, 0.0)
        self.check_language(language)
        words: list[Words] = []
        found = language
        for start, end in windows(spans):
            segments, info = self.model.transcribe(
                sound[start:end],
                language=found or None,
                beam_size=5,
                condition_on_previous_text=False,
                without_timestamps=False,
                no_speech_threshold=self.NO_SPEECH,
                log_prob_threshold=self.LEAST_LOGPROB,
                compression_ratio_threshold=MOST_REPEATED,
                temperature=(0.0, 0.4),
            )
            found = found or str(info.language)
            for one in segments:
                is_doubtful = one.no_speech_prob > self.NO_SPEECH and one.avg_logprob < self.LEAST_LOGPROB
                is_looped = one.compression_ratio > MOST_REPEATED
                text = str(one.text).strip()
                if text and not is_doubtful and not is_looped:
                    begin = start / RATE_HZ
                    words.append(
                        Words(begin + one.start, begin + one.end, text, min(1.0, exp(one.avg_logprob)))
                    )
        text = joined([one.text for one in words], found)
        confidence = float(np.mean([one.confidence for one in words])) if words else 0.0
        return Transcript(text, found, round(confidence, 4), tuple(words))


WINDOW_S = 28.0
"""Whisper hears thirty seconds at once."""


def windows(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Speech in windows a model hears at once, cut in pauses where there are any."""
    longest = int(WINDOW_S * RATE_HZ)
    found: list[tuple[int, int]] = []
    for start, end in spans:
        if found and end - found[-1][0] <= longest:
            found[-1] = (found[-1][0], end)
            continue
        for at in range(start, end, longest):
            found.append((at, min(end, at + longest)))
    return found


def joined(texts: list[str], language: str) -> str:
    """One text of the texts of windows: languages that write no spaces get none."""
    return ("" if language in ("zh", "ja", "th") else " ").join(texts)


MOST_REPEATED = 2.4
"""Text that packs better than this is a loop."""


def is_loop(text: str) -> bool:
    """Whether a text says the same over and over, as models do that lost the thread."""
    content = text.encode()
    return len(content) / len(zlib.compress(content)) > MOST_REPEATED
