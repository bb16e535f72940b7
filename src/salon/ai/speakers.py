"""Whose voice it is, as a direction in space: the same person's point alike. Runs in worker processes."""

from abc import ABC, abstractmethod
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from salon.ai.audio import RATE_HZ, BadAudio, Sound

Embedding = NDArray[np.float32]
"""A voice: of length 1, so that the product of two is the cosine of their angle (1: alike)."""

LEAST_S = 0.8
"""Speech that a voice is told by at least."""

_WINDOW, _STRIDE = 80, 40
_FRAME, _HOP, _FFT, _BANDS = 400, 160, 512, 40
_FLOOR = 1e-10


class SpeakerEmbedder(ABC):
    """Tells voices apart."""

    @abstractmethod
    def load(self) -> None:
        """Be ready for the first question."""

    @abstractmethod
    def embed(self, sound: Sound) -> Embedding:
        """The voice in a stretch of speech.

        Raises:
            BadAudio: it is shorter than `LEAST_S`.
        """


class DVectorEmbedder(SpeakerEmbedder):
    """An LSTM over windows of 0.8 s, their directions averaged (Wan et al. 2018, arXiv 1710.10467)."""

    def __init__(self, folder: Path, *, threads: int) -> None:
        self._folder, self._threads = folder, threads

    def load(self) -> None:
        self._session  # noqa: B018 - being asked for is what loads it

    @cached_property
    def _session(self) -> Any:
        import onnxruntime  # noqa: PLC0415 - loaded where somebody needs it

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads = self._threads, 1
        # Threads that wait by spinning take the cores from the media that is forwarded on them.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        return onnxruntime.InferenceSession(
            str(self._folder / "embedder.onnx"), options, providers=["CPUExecutionProvider"]
        )

    def embed(self, sound: Sound) -> Embedding:
        if sound.size < LEAST_S * RATE_HZ:
            raise BadAudio(f"A voice is told by {LEAST_S} s of speech at least.")
        features = _features(sound)
        missing = _WINDOW - features.shape[0]
        if missing > 0:
            features = np.pad(features, ((0, missing), (0, 0)), mode="edge")
        starts = range(0, features.shape[0] - _WINDOW + 1, _STRIDE)
        windows = np.stack([features[start : start + _WINDOW] for start in starts])
        found = self._session.run(None, {"mel_window": windows})[0]
        return _direction(_direction(found).mean(axis=0))


def _direction(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    length = np.linalg.norm(vectors, axis=-1, keepdims=True)
    found: NDArray[np.float32] = (vectors / np.maximum(length, 1e-9)).astype(np.float32)
    return found


def _features(sound: Sound) -> NDArray[np.float32]:
    """[frames, bands]: logarithms of energies, 25 ms every 10 ms."""
    frames = np.lib.stride_tricks.sliding_window_view(sound, _FFT)[::_HOP]
    # The window of 400 samples lies in the middle of the 512.
    window = np.pad(np.hamming(_FRAME + 1)[:-1], (_FFT - _FRAME) // 2)
    power = np.abs(np.fft.rfft(frames * window, axis=1)) ** 2
    found: NDArray[np.float32] = np.log10(power @ _bank().T + _FLOOR).astype(np.float32)
    return found


@cache
def _bank() -> NDArray[np.float64]:
    """Triangles of one area, evenly on the mel scale of Slaney's Auditory Toolbox (1998), up to 8 kHz."""
    top = 15 + 27 * np.log(RATE_HZ / 2 / 1000) / np.log(6.4)
    mels = np.linspace(0, top, _BANDS + 2)
    edges = np.where(mels < 15, mels * 200 / 3, 1000 * np.exp((mels - 15) * np.log(6.4) / 27))
    at = np.linspace(0, RATE_HZ / 2, _FFT // 2 + 1)
    low, middle, high = edges[:-2, None], edges[1:-1, None], edges[2:, None]
    slopes = np.minimum((at - low) / (middle - low), (high - at) / (high - middle))
    found: NDArray[np.float64] = np.maximum(0, slopes) * (2 / (high - low))
    return found
