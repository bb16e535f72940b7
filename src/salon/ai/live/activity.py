"""How likely it is that somebody speaks, 32 ms by 32 ms, as the sound comes."""

from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from salon.ai.audio import Sound

WINDOW = 512
"""Samples that are looked at together: 32 ms."""
_CONTEXT = 64


@lru_cache(maxsize=1)
def _session() -> Any:
    # Slow to import, and not needed before somebody speaks.
    import faster_whisper  # noqa: PLC0415
    import onnxruntime  # noqa: PLC0415

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4
    model = Path(faster_whisper.__file__).parent / "assets" / "silero_vad_v6.onnx"
    return onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])


class SpeechProbability:
    """One voice; remembers what came before (Silero, MIT, https://github.com/snakers4/silero-vad)."""

    def __init__(self) -> None:
        self._hidden = np.zeros((1, 1, 128), np.float32)
        self._cell = np.zeros((1, 1, 128), np.float32)
        self._context = np.zeros(_CONTEXT, np.float32)

    def of(self, window: Sound) -> float:
        """The probability of speech in the next `WINDOW` samples of -1 to 1."""
        framed = np.concatenate([self._context, window])[np.newaxis]
        out, self._hidden, self._cell = _session().run(
            None, {"input": framed, "h": self._hidden, "c": self._cell}
        )
        self._context = window[-_CONTEXT:]
        return float(out.reshape(-1)[0])
