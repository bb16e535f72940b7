"""What the clients of foreign servers share: how they ask, and what is said of one that does not answer."""

import io
import wave
from abc import abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx2 as httpx
import numpy as np

from salon.ai.audio import RATE_HZ, Sound
from salon.ai.backends import Recognizer, Transcript, VoiceActivity, Words, joined, windows

TIMEOUT_S = 60.0
LARGEST_BYTES = 4 * 2**20
"""Of an answer: text is short."""


class RemoteFailed(Exception):
    """The server did not answer, or not as its protocol says; there is no result."""


@contextmanager
def remote_failures() -> Iterator[None]:
    """Says of every fault of an exchange what it means.

    Raises:
        RemoteFailed: instead of what the client of HTTP raises.
    """
    try:
        yield
    except httpx.HTTPStatusError as fault:
        raise RemoteFailed(f"The server answered {fault.response.status_code}.") from fault
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as fault:
        raise RemoteFailed(f"The server does not answer: {type(fault).__name__}.") from fault


def headers_of(key: str) -> dict[str, str]:
    """What a server knows Salon by; without a key nothing."""
    return {"Authorization": f"Bearer {key}"} if key else {}


class RemoteModel:
    """One model on a server that is asked over HTTP."""

    def __init__(self, url: str, *, model: str, key: str = "") -> None:
        self.model = model
        self._client = httpx.Client(base_url=url.rstrip("/"), headers=headers_of(key), timeout=TIMEOUT_S)

    def ask(self, method: str, path: str, **content: Any) -> dict[str, Any]:
        """An answer in JSON.

        Raises:
            RemoteFailed: there was none.
        """
        with remote_failures():
            answer = self._client.request(method, path, **content)
            answer.raise_for_status()
            if len(answer.content) > LARGEST_BYTES:
                raise RemoteFailed("The answer is too long to be one about speech.")
            found = answer.json()
        if not isinstance(found, dict):
            raise RemoteFailed("The answer is not an object.")
        return found


class RemoteRecognizer(RemoteModel, Recognizer):
    """Asks window by window what is said."""

    def __init__(self, url: str, *, model: str, key: str, activity: VoiceActivity) -> None:
        super().__init__(url, model=model, key=key)
        self._activity = activity

    def recognize(self, sound: Sound, language: str) -> Transcript:
        words: list[Words] = []
        spoken = language
        for start, end in windows(self._activity.spans(sound)):
            heard = self.hear(sound[start:end], spoken)
            spoken = spoken or heard.language
            if heard.text:
                words.append(Words(start / RATE_HZ, end / RATE_HZ, heard.text, heard.confidence))
        if not words:
            return Transcript("", language, 0.0)
        confidence = float(np.mean([one.confidence for one in words]))
        return Transcript(
            joined([one.text for one in words], spoken), spoken, round(confidence, 4), tuple(words)
        )

    @abstractmethod
    def hear(self, sound: Sound, language: str) -> Transcript:
        """What is said in one window.

        Raises:
            RemoteFailed: the server did not answer as it must.
        """


def as_wav(sound: Sound) -> bytes:
    """The sound as a WAV file of 16 bit."""
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setparams((1, 2, RATE_HZ, 0, "NONE", ""))
        file.writeframes((sound.clip(-1, 1) * 32767).astype("<i2").tobytes())
    return out.getvalue()
