"""Any server of the Open Inference Protocol (Triton, KServe, MLServer), version 2 over REST.

The model takes ``audio`` (FP32, ``[1, samples]``, 16 kHz) and ``language`` (BYTES, ``[1]``, empty: found
out), and gives ``text`` (BYTES, ``[1]``); ``language`` (BYTES) and ``confidence`` (FP32) too, if it can.

Source: https://github.com/kserve/open-inference-protocol, specification/protocol/inference_rest.md.
"""

from typing import Any
from urllib.parse import quote

from salon.ai.audio import Sound
from salon.ai.backends import Transcript
from salon.ai.remote.client import RemoteFailed, RemoteRecognizer

UNKNOWN = 0.5
"""Confidence where the model tells none."""


class OipRecognizer(RemoteRecognizer):
    """Speech to text by a server of the Open Inference Protocol."""

    def load(self) -> None:
        self.ask("GET", f"/v2/models/{quote(self._model)}/ready")

    def hear(self, sound: Sound, language: str) -> Transcript:
        inputs = [
            {"name": "audio", "shape": [1, sound.size], "datatype": "FP32", "data": sound.tolist()},
            {"name": "language", "shape": [1], "datatype": "BYTES", "data": [language]},
        ]
        found = self.ask("POST", f"/v2/models/{quote(self._model)}/infer", json={"inputs": inputs})
        outputs = {
            str(one.get("name")): one.get("data")
            for one in found.get("outputs") or ()
            if isinstance(one, dict)
        }
        text = _first(outputs.get("text"))
        if not isinstance(text, str):
            raise RemoteFailed("There is no text in the answer.")
        confidence = _first(outputs.get("confidence"))
        spoken = _first(outputs.get("language"))
        return Transcript(
            text.strip(),
            str(spoken or language),
            min(1.0, max(0.0, float(confidence))) if isinstance(confidence, int | float) else UNKNOWN,
        )


def _first(data: Any) -> Any:
    while isinstance(data, list):
        data = data[0] if data else None
    return data
