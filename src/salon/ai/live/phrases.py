"""Short phrases to text, as fast as the machine can. Runs in worker processes."""

import zlib
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from math import exp
from pathlib import Path
from typing import Any

import numpy as np

from salon.ai.audio import RATE_HZ, Sound
from salon.ai.backends import Recognizer, Transcript, Words
from salon.ai.whisper import whisper_of

FRAMES_A_S = 100
"""Frames of the spectrogram in one second."""
WINDOWS = (1000, 1500, 2000, 3000)
"""Frames shown to the encoder. It was trained on 3000 and its time grows with them. A phrase reads the same
in ten seconds as in thirty, and costs a quarter; in five, the model begins to repeat itself."""
LEAST_PADDING = 100
"""Frames of silence after the phrase, so that the model sees its end."""

NO_SPEECH = 0.6
DOUBTFUL, WORST = -0.8, -1.3
"""Mean log probability of tokens: what is less certain than the first and seems no speech, and whatever is
less certain than the second, is left out."""
MOST_REPEATED = 2.4
"""Text that packs better than this is a loop."""
LEAST_NEW, LOOP_TOKENS = 0.5, 8
"""Of so many tokens or more, half of the pairs at least must be new: else it is a loop too short to pack."""
SURE_LANGUAGE = 0.6
"""Below, the language that the speaker spoke before is believed."""


@dataclass(frozen=True, slots=True)
class Hints:
    """What is known of a phrase before it is read."""

    language: str = ""
    """Spoken by this speaker before; empty: not known."""
    allowed: tuple[str, ...] = ()
    """Languages that may be spoken; empty: any."""
    is_over: bool = False
    """It is read once and for all: say also when each word is said, and read it again where the model begins
    to repeat itself. What is only shown until the phrase is over is not worth the time."""


class PhraseRecognizer(ABC):
    """Short phrases to text, with what is known of their speakers."""

    @abstractmethod
    def load(self) -> None:
        """Be ready for the first phrase."""

    @abstractmethod
    def recognize(self, sound: Sound, hints: Hints) -> Transcript:
        """What is said in one phrase of at most 28 s.

        Raises:
            BadAudio: the model does not know the language.
        """

    def recognize_many(self, phrases: Sequence[tuple[Sound, Hints]]) -> list[Transcript]:
        """What is said in several phrases, in their order; they may be of different speakers and rooms.

        Raises:
            BadAudio: as `recognize`.
        """
        return [self.recognize(sound, hints) for sound, hints in phrases]


class WholePhrases(PhraseRecognizer):
    """A phrase is a recording like any other, to a model that has no shorter way."""

    def __init__(self, recognizer: Recognizer) -> None:
        self._recognizer = recognizer

    def load(self) -> None:
        self._recognizer.load()

    def recognize(self, sound: Sound, hints: Hints) -> Transcript:
        language = hints.allowed[0] if len(hints.allowed) == 1 else ""
        return self._recognizer.recognize(sound, language)


class WhisperPhrases(PhraseRecognizer):
    """Whisper (Radford et al. 2022) on phrases: each encoded once, for its language and its words.

    Several are decoded together: a step of the decoder reads all its weights from memory, for one phrase as
    for four. They are encoded one by one, for that is arithmetic, and took longer together.
    """

    def __init__(self, folder: Path, *, threads: int) -> None:
        self._folder, self._threads = folder, threads

    @cached_property
    def _whisper(self) -> Any:
        return whisper_of(self._folder, threads=self._threads)

    def load(self) -> None:
        self._whisper  # noqa: B018 - being asked for is what loads it

    def recognize(self, sound: Sound, hints: Hints) -> Transcript:
        return self.recognize_many([(sound, hints)])[0]

    def recognize_many(self, phrases: Sequence[tuple[Sound, Hints]]) -> list[Transcript]:
        features = [
            self._whisper.feature_extractor(sound, padding=LEAST_PADDING * 160) for sound, _ in phrases
        ]
        windows = [_windows(one.shape[-1]) for one in features]
        found: list[Transcript | None] = [None] * len(phrases)
        for frames in sorted({own[0] for own in windows}):
            places = [place for place, own in enumerate(windows) if own[0] == frames]
            together = [(_fit(features[place], frames), *phrases[place]) for place in places]
            for place, (heard, is_loop) in zip(places, self._read(together), strict=True):
                if is_loop and phrases[place][1].is_over and len(windows[place]) > 1:
                    again = (_fit(features[place], windows[place][1]), *phrases[place])
                    heard = self._read([again])[0][0]  # noqa: PLW2901 - the second try counts
                found[place] = heard
        return [one for one in found if one is not None]

    def _read(self, phrases: Sequence[tuple[Any, Sound, Hints]]) -> list[tuple[Transcript, bool]]:
        """What is said in spectrograms of one length, and whether the model began to repeat itself."""
        whisper = self._whisper
        encoded = [whisper.encode(features) for features, _, _ in phrases]
        spoken = [self._language(one, hints) for one, (_, _, hints) in zip(encoded, phrases, strict=True)]
        tokenizers = [self._tokenizer(language) for language in spoken]
        found = whisper.model.generate(
            _together(encoded),
            [whisper.get_prompt(one, [], without_timestamps=True) for one in tokenizers],
            # More readings at once cost a third more and were no better on telephone prompts.
            beam_size=1,
            return_scores=True,
            return_no_speech_prob=True,
            # Nobody says more than that; a loop ends here.
            max_length=int(24 + 8 * max(sound.size for _, sound, _ in phrases) / RATE_HZ),
        )
        return [
            self._judged(result, tokenizer, one, (sound, hints))
            for result, tokenizer, one, (_, sound, hints) in zip(
                found, tokenizers, encoded, phrases, strict=True
            )
        ]

    def _judged(
        self, result: Any, tokenizer: Any, encoded: Any, phrase: tuple[Sound, Hints]
    ) -> tuple[Transcript, bool]:
        """What of a reading is to be believed, and whether it is a loop."""
        sound, hints = phrase
        spoken = str(tokenizer.language_code)
        tokens = result.sequences_ids[0]
        text = str(tokenizer.decode(tokens)).strip()
        # Scores are means over the tokens; the end counts as one.
        certainty = float(result.scores[0])
        is_loop = _is_loop(tokens) or _is_loop_of_text(text)
        if not text or is_loop or _is_doubtful(certainty, float(result.no_speech_prob)):
            return Transcript("", spoken, 0.0), is_loop
        words = self._words(tokenizer, tokens, encoded, sound) if hints.is_over else ()
        return Transcript(text, spoken, round(min(1.0, exp(certainty)), 4), words), False

    def _language(self, encoded: Any, hints: Hints) -> str:
        before, allowed = hints.language, hints.allowed
        if not self._whisper.model.is_multilingual:
            return "en"
        if len(allowed) == 1:
            return allowed[0]
        ranked = [
            (token[2:-2], float(chance)) for token, chance in self._whisper.model.detect_language(encoded)[0]
        ]
        offered = [pair for pair in ranked if not allowed or pair[0] in allowed] or ranked
        best, chance = offered[0]
        return before if before and chance < SURE_LANGUAGE else best

    def _tokenizer(self, language: str) -> Any:
        from faster_whisper.tokenizer import Tokenizer  # noqa: PLC0415

        whisper = self._whisper
        return Tokenizer(
            whisper.hf_tokenizer, whisper.model.is_multilingual, task="transcribe", language=language
        )

    def _words(self, tokenizer: Any, tokens: list[int], encoded: Any, sound: Sound) -> tuple[Words, ...]:
        said = [token for token in tokens if token < tokenizer.eot]
        frames = int(sound.size / RATE_HZ * FRAMES_A_S)
        found = self._whisper.find_alignment(tokenizer, [said], encoded, frames)
        longest = sound.size / RATE_HZ
        return tuple(
            Words(
                min(float(one["start"]), longest),
                min(float(one["end"]), longest),
                str(one["word"]),
                float(one["probability"]),
            )
            for one in (found[0] if found else ())
        )


def _together(encoded: Sequence[Any]) -> Any:
    """Encodings of one length as one batch."""
    if len(encoded) == 1:
        return encoded[0]
    from ctranslate2 import StorageView  # noqa: PLC0415

    return StorageView.from_array(np.concatenate([np.asarray(one) for one in encoded]))


def _windows(frames: int) -> tuple[int, ...]:
    """The smallest window that holds the phrase, and the one the model was trained on for when that fails."""
    smallest = next((size for size in WINDOWS if size >= frames), WINDOWS[-1])
    return (smallest,) if smallest == WINDOWS[-1] else (smallest, WINDOWS[-1])


def _fit(features: Any, frames: int) -> Any:
    missing = frames - features.shape[-1]
    return np.pad(features, ((0, 0), (0, missing))) if missing > 0 else features[..., :frames]


def _is_loop_of_text(text: str) -> bool:
    raw = text.encode()
    return len(raw) / len(zlib.compress(raw)) > MOST_REPEATED


def _is_loop(tokens: list[int]) -> bool:
    pairs = list(pairwise(tokens))
    return len(tokens) >= LOOP_TOKENS and len(set(pairs)) < LEAST_NEW * len(pairs)


def _is_doubtful(certainty: float, no_speech: float) -> bool:
    return certainty < WORST or (no_speech > NO_SPEECH and certainty < DOUBTFUL)
