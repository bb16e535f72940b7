"""Any server with OpenAI's transcriptions (``POST /audio/transcriptions`` below the given address)."""

from math import exp
from typing import Any

import numpy as np

from salon.ai.audio import Sound
from salon.ai.backends import Transcript
from salon.ai.remote.client import RemoteFailed, RemoteRecognizer, as_wav

UNKNOWN = 0.5
"""Confidence where the server tells none."""
_NAMES = {"chinese": "zh", "english": "en", "french": "fr", "german": "de", "spanish": "es", "italian": "it"}
_NAMES |= {"russian": "ru", "japanese": "ja", "korean": "ko", "portuguese": "pt"}
"""Some servers call languages by their English names."""


class OpenAiRecognizer(RemoteRecognizer):
    """Speech to text by an OpenAI-compatible server."""

    def load(self) -> None:
        self.ask("GET", "/models")

    def hear(self, sound: Sound, language: str) -> Transcript:
        fields = {"model": self.model, "response_format": "verbose_json", "temperature": "0"}
        if language:
            fields["language"] = language
        files = {"file": ("speech.wav", as_wav(sound), "audio/wav")}
        found = self.ask("POST", "/audio/transcriptions", data=fields, files=files)
        text = found.get("text")
        if not isinstance(text, str):
            raise RemoteFailed("There is no text in the answer.")
        spoken = str(found.get("language") or language).lower()
        return Transcript(text.strip(), _NAMES.get(spoken, spoken), _confidence(found.get("segments")))


def _confidence(segments: Any) -> float:
    known = [
        float(one["avg_logprob"])
        for one in (segments if isinstance(segments, list) else ())
        if isinstance(one, dict) and isinstance(one.get("avg_logprob"), int | float)
    ]
    return min(1.0, exp(float(np.mean(known)))) if known else UNKNOWN
