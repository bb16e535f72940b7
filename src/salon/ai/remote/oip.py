"""Any server of the Open Inference Protocol (Triton, KServe, MLServer), version 2 over REST.

A recogniser takes ``audio`` (FP32, ``[1, samples]``, 16 kHz) and ``language`` (BYTES, ``[1]``, empty: found
out), and gives ``text`` (BYTES, ``[1]``); ``language`` (BYTES) and ``confidence`` (FP32) too, if it can. A
detector of synthetic voices takes ``audio`` alone, and gives ``score`` (FP32, ``[1]``): the probability that
the speech is synthetic, 0 to 1.

Source: https://github.com/kserve/open-inference-protocol, specification/protocol/inference_rest.md.
"""

from typing import Any
from urllib.parse import quote

from salon.ai.audio import Sound
from salon.ai.backends import Transcript
from salon.ai.detection.detector import SyntheticVoiceDetector
from salon.ai.remote.client import RemoteFailed, RemoteModel, RemoteRecognizer

UNKNOWN = 0.5
"""Confidence where the model tells none."""


class OipModel(RemoteModel):
    """One model on a server of the Open Inference Protocol."""

    def load(self) -> None:
        self.ask("GET", f"/v2/models/{quote(self.model)}/ready")

    def infer(self, *inputs: dict[str, Any]) -> dict[str, Any]:
        """The first value of each output, by name; None where one has none.

        Raises:
            RemoteFailed: the server did not answer as it must.
        """
        found = self.ask("POST", f"/v2/models/{quote(self.model)}/infer", json={"inputs": list(inputs)})
        outputs = found.get("outputs")
        return {
            str(one.get("name")): _first(one.get("data"))
            for one in (outputs if isinstance(outputs, list) else ())
            if isinstance(one, dict)
        }


class OipRecognizer(OipModel, RemoteRecognizer):
    """Speech to text by a server of the Open Inference Protocol."""

    def hear(self, sound: Sound, language: str) -> Transcript:
        spoken_before = {"name": "language", "shape": [1], "datatype": "BYTES", "data": [language]}
        outputs = self.infer(_audio(sound), spoken_before)
        text = outputs.get("text")
        if not isinstance(text, str):
            raise RemoteFailed("There is no text in the answer.")
        confidence = outputs.get("confidence")
        spoken = outputs.get("language")
        return Transcript(
            text.strip(),
            str(spoken or language),
            min(1.0, max(0.0, float(confidence))) if isinstance(confidence, int | float) else UNKNOWN,
        )


class OipDetector(OipModel, SyntheticVoiceDetector):
    """Detects synthetic voices by a server of the Open Inference Protocol."""

    def score(self, sound: Sound) -> float:
        score = self.infer(_audio(sound)).get("score")
        if not isinstance(score, int | float) or isinstance(score, bool) or not 0 <= score <= 1:
            raise RemoteFailed("There is no score of 0 to 1 in the answer.")
        return float(score)


def _audio(sound: Sound) -> dict[str, Any]:
    return {"name": "audio", "shape": [1, sound.size], "datatype": "FP32", "data": sound.tolist()}


def _first(data: Any) -> Any:
    while isinstance(data, list):
        data = data[0] if data else None
    return data
