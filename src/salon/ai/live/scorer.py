"""What asks the detector of synthetic voices about live speech, and when it must not."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Literal

from salon.ai.audio import BadAudio, Samples
from salon.ai.model_store import ModelMissing
from salon.ai.workers import Busy, Workers, WorkFailed

MOST_WAITING = 1
"""Finished phrases that may wait for their captions while a voice is scored: captions come first."""

Hindrance = Literal["busy", "behind"]
"""`busy`: other work fills the models. `behind`: captions need the machine."""


class Unscored(Exception):
    """The detector gave no score; the text is for the log."""


class VoiceScorer(ABC):
    """Scores live speech."""

    @abstractmethod
    def hindrance(self) -> Hindrance | None:
        """Why nothing may be scored now; None if it may."""

    @abstractmethod
    async def score(self, speech: Samples) -> float:
        """The probability that the speech is synthetic, 0 to 1.

        Args:
            speech: mono, 16 kHz, 16 bit; of 3 to 8 s.

        Raises:
            Unscored: nobody knows.
        """


class WorkerScorer(VoiceScorer):
    """Scores in a pool of workers that makes no captions."""

    def __init__(self, workers: Workers, *, model: str, phrases_waiting: Callable[[], int]) -> None:
        self._workers = workers
        self._model = model
        self._phrases_waiting = phrases_waiting

    def hindrance(self) -> Hindrance | None:
        if self._workers.are_busy:
            return "busy"
        return "behind" if self._phrases_waiting() > MOST_WAITING else None

    async def score(self, speech: Samples) -> float:
        try:
            found = await self._workers.ask(
                {"task": "voice", "model": self._model}, speech.astype("<i2").tobytes()
            )
        except (Busy, BadAudio, ModelMissing, WorkFailed) as fault:
            raise Unscored(f"{type(fault).__name__}: {fault}") from fault
        return float(found["score"])
