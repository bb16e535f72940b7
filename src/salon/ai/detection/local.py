"""A detector over what Whisper hears: the encoder of a model that is here already, and one weight a value.

That models of speech are a good front end for this is known (Kawa et al. 2023, arXiv 2306.01428). How often
it errs is told by ``salon models bench`` and docs/decisions/0004-synthetic-voices.md: too often to be on
without somebody's decision.
"""

from functools import cached_property
from importlib import resources
from math import ceil, exp
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from salon.ai.audio import RATE_HZ, Sound
from salon.ai.detection.detector import SyntheticVoiceDetector
from salon.ai.whisper import whisper_of

_WINDOW = 4 * RATE_HZ
_FRAMES = 400


class WhisperDetector(SyntheticVoiceDetector):
    """Logistic regression over mean, spread and change of the encoder's output in windows of four seconds."""

    def __init__(self, folder: Path, *, threads: int) -> None:
        self._folder, self._threads = folder, threads

    def load(self) -> None:
        self._whisper, self._head  # noqa: B018 - being asked for is what loads them

    @cached_property
    def _whisper(self) -> Any:
        return whisper_of(self._folder, threads=self._threads)

    @cached_property
    def _head(self) -> tuple[NDArray[np.float32], float]:
        with (
            (resources.files("salon.ai.detection") / "head.npz").open("rb") as file,
            np.load(file, allow_pickle=False) as found,
        ):
            return found["weights"], float(found["bias"])

    def score(self, sound: Sound) -> float:
        weights, bias = self._head
        whole = np.resize(sound, _WINDOW) if sound.size < _WINDOW else sound
        count = ceil(whole.size / _WINDOW)
        starts = np.linspace(0, whole.size - _WINDOW, count).astype(int)
        logits = [float(self._features(whole[at : at + _WINDOW]) @ weights) + bias for at in starts]
        return 1 / (1 + exp(-float(np.mean(logits))))

    def _features(self, window: Sound) -> NDArray[np.float32]:
        from ctranslate2 import StorageView  # noqa: PLC0415

        seen = self._whisper.feature_extractor(window, padding=0)[:, :_FRAMES]
        given = StorageView.from_array(np.ascontiguousarray(seen[None], np.float32))
        heard = np.array(self._whisper.model.encode(given, to_cpu=True))[0]
        found: NDArray[np.float32] = np.concatenate(
            [heard.mean(0), heard.std(0), np.abs(np.diff(heard, axis=0)).mean(0)]
        )
        return found
