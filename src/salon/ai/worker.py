"""The process that holds models and works on what it is sent.

``python -m salon.ai.worker FOLDER THREADS NICENESS``

Requests and answers are a JSON object each, preceded by its length in four bytes, big-endian; a request's
sound follows it, as many bytes as its ``bytes`` says. What a stranger sent is decoded here and nowhere else.
"""

import json
import os
import resource
import struct
import sys
import time
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from salon.ai.audio import RATE_HZ, BadAudio, Sound, decode
from salon.ai.backends import Recognizer, SileroActivity, Transcript
from salon.ai.detection.build import detector_of
from salon.ai.detection.detector import SyntheticVoiceDetector, score_of, speech_in
from salon.ai.live.phrases import Hints, PhraseRecognizer
from salon.ai.model_store import ModelMissing, ModelStore
from salon.ai.recognizers import Remote, phrases_of, recognizer_of
from salon.ai.strain import Strain

_MEMORY_BYTES = 8 * 2**30
"""Of address space: a file that unpacks without end is the end of this process only."""


class Desk:
    """Knows the models, and loads each when it is first asked for."""

    def __init__(self, root: Path, threads: int, remote: Remote) -> None:
        self._remote = remote
        self._store = ModelStore(root)
        self._threads = threads
        self._activity = SileroActivity()
        self._strain = Strain()
        self.recognizer = lru_cache(maxsize=2)(self._recognizer)
        self.phrases = lru_cache(maxsize=1)(self._phrases)
        self.detector = lru_cache(maxsize=1)(self._detector)

    def _recognizer(self, model: str) -> Recognizer:
        return recognizer_of(
            self._store, model, threads=self._threads, activity=self._activity, remote=self._remote
        )

    def _phrases(self, model: str) -> PhraseRecognizer:
        return phrases_of(
            self._store, model, threads=self._threads, activity=self._activity, remote=self._remote
        )

    def _detector(self, model: str) -> SyntheticVoiceDetector:
        return detector_of(self._store, model, threads=self._threads, remote=self._remote)

    def do(self, order: dict[str, Any], content: bytes) -> dict[str, Any]:
        """The result of one request."""
        started = time.perf_counter()
        if order["task"] == "ping":
            return {}
        if order["task"] == "load":
            self.recognizer(order["model"]).load()
            return {}
        if order["task"] == "phrases":
            return self._phrases_of(order, content, started)
        if order["task"] == "voice":
            return self._voice(order, content, started)
        sound = decode(content, order["format"], rate_hz=order["sample_rate"], channels=order["channels"])
        if order["task"] == "synthesis":
            speech = speech_in(sound, self._activity)
            return _scored(score_of(self.detector(order["model"]), speech), sound.size, started)
        heard = self.recognizer(order["model"]).recognize(sound, order["language"])
        return _told(heard, sound.size, started)

    def _phrases_of(self, order: dict[str, Any], content: bytes, started: float) -> dict[str, Any]:
        """Phrases one after the other in the content, each as long as its ``samples`` says."""
        recognizer = self.phrases(order["model"])
        if not content:
            recognizer.load()
            return {}
        sound = _sound_of(content)
        ends = np.cumsum([one["samples"] for one in order["phrases"]])
        sounds = np.split(sound, ends[:-1])
        hints = [Hints(one["language"], tuple(order["allowed"]), one["is_over"]) for one in order["phrases"]]
        self._strain.since_last()
        heard = recognizer.recognize_many(list(zip(sounds, hints, strict=True)))
        told = [_told(one, part.size, started) for one, part in zip(heard, sounds, strict=True)]
        strain = round(self._strain.since_last(), 2)
        return {"heard": told, "seconds": sound.size / RATE_HZ, "strain": strain}

    def _voice(self, order: dict[str, Any], content: bytes, started: float) -> dict[str, Any]:
        """Of phrases in which somebody was found to speak; without any the detector is loaded."""
        detector = self.detector(order["model"])
        if not content:
            detector.load()
            return {}
        speech = _sound_of(content)
        return _scored(score_of(detector, speech), speech.size, started)


def _sound_of(content: bytes) -> Sound:
    return np.frombuffer(content, "<i2").astype(np.float32) / np.float32(32768)


def _scored(score: float, samples: int, started: float) -> dict[str, Any]:
    took_ms = round((time.perf_counter() - started) * 1000)
    return {"score": score, "seconds": samples / RATE_HZ, "duration_ms": took_ms}


def _told(heard: Transcript, samples: int, started: float) -> dict[str, Any]:
    return {
        "text": heard.text,
        "language": heard.language,
        "confidence": heard.confidence,
        "words": [[one.start, one.end, one.text, one.confidence] for one in heard.words],
        "seconds": samples / RATE_HZ,
        "duration_ms": round((time.perf_counter() - started) * 1000),
    }


def answer_of(desk: Desk, order: dict[str, Any], content: bytes) -> dict[str, Any]:
    """A result, or what was wrong."""
    try:
        return {"result": desk.do(order, content)}
    except BadAudio as fault:
        return {"bad": str(fault)}
    except ModelMissing as fault:
        return {"missing": fault.name}
    except MemoryError:
        return {"bad": "The audio takes more memory than it may."}
    except Exception as fault:  # the caller is told that it failed; this process goes on
        return {"failed": f"{type(fault).__name__}: {fault}"}


def read_exactly(source: BinaryIO, count: int) -> bytes | None:
    """So many bytes; None at the end."""
    content = source.read(count)
    return content if len(content) == count else None


def make_way(niceness: int) -> None:
    """Let others go first: packets that are late are heard, a line that is late by as much is not noticed."""
    os.nice(niceness)
    # Where the kernel schedules by sessions (sched(7), autogroup) a niceness counts within one only.
    with suppress(OSError):
        Path("/proc/self/autogroup").write_text(str(niceness))


def main() -> None:
    """Entry point."""
    make_way(int(sys.argv[3]))
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    desk = Desk(Path(sys.argv[1]), int(sys.argv[2]), Remote.from_environment(os.environ))
    # What libraries print must not get among the answers.
    out = sys.stdout.buffer
    sys.stdout = sys.stderr
    while (head := read_exactly(sys.stdin.buffer, 4)) is not None:
        text = read_exactly(sys.stdin.buffer, struct.unpack(">I", head)[0])
        if text is None:
            return
        order: dict[str, Any] = json.loads(text)
        content = read_exactly(sys.stdin.buffer, int(order["bytes"]))
        if content is None:
            return
        answer = json.dumps(answer_of(desk, order, content)).encode()
        out.write(struct.pack(">I", len(answer)) + answer)
        out.flush()


if __name__ == "__main__":
    main()
