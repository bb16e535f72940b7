"""Moonshine by ONNX Runtime: English, and an encoder that costs what the phrase lasts, not thirty seconds."""

from functools import cached_property
from math import exp
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from salon.ai.audio import RATE_HZ, BadAudio, Sound
from salon.ai.backends import Recognizer, Transcript, VoiceActivity, Words, is_loop, joined, windows

_LAYERS, _HEADS, _HEAD_SIZE = 8, 8, 52
_BEGIN, _END = 1, 2
_TOKENS_PER_S = 6.5
"""Speech has not more; a decoder that goes on is in a loop."""
_LEAST_S = 0.1
"""The encoder's first filters need so much."""


class MoonshineRecognizer(Recognizer):
    """Moonshine base (Jeffries et al. 2024, arXiv 2410.15608) in 8 bit, behind a gate for voices."""

    LEAST_LOGPROB = -1.0

    def __init__(self, folder: Path, *, threads: int, activity: VoiceActivity) -> None:
        self._folder, self._threads, self._activity = folder, threads, activity

    def load(self) -> None:
        self._encoder, self._decoder, self._pieces  # noqa: B018 - being asked for is what loads them

    def _session(self, name: str) -> Any:
        import onnxruntime  # noqa: PLC0415 - loaded where somebody needs it

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads = self._threads, 1
        # Threads that wait by spinning take the cores from the media that is forwarded on them.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        return onnxruntime.InferenceSession(
            str(self._folder / name), options, providers=["CPUExecutionProvider"]
        )

    @cached_property
    def _encoder(self) -> Any:
        return self._session("encoder_model.ort")

    @cached_property
    def _decoder(self) -> Any:
        return self._session("decoder_model_merged.ort")

    @cached_property
    def _pieces(self) -> list[bytes]:
        return pieces_of((self._folder / "tokenizer.bin").read_bytes())

    def recognize(self, sound: Sound, language: str) -> Transcript:
        if language not in ("", "en"):
            raise BadAudio(f"The model knows English only, not {language!r}.")
        words: list[Words] = []
        for start, end in windows(self._activity.spans(sound)):
            if end - start < _LEAST_S * RATE_HZ:
                continue
            text, logprob = self._hear(sound[start:end])
            if text and logprob >= self.LEAST_LOGPROB and not is_loop(text):
                words.append(Words(start / RATE_HZ, end / RATE_HZ, text, min(1.0, exp(logprob))))
        if not words:
            return Transcript("", language, 0.0)
        confidence = float(np.mean([one.confidence for one in words]))
        return Transcript(joined([one.text for one in words], "en"), "en", round(confidence, 4), tuple(words))

    def _hear(self, sound: Sound) -> tuple[str, float]:
        """The text of a window, and the mean logarithm of its tokens' probabilities."""
        hidden = self._encoder.run(None, {"input_values": sound[None, :]})[0]
        past = _nothing()
        tokens: list[int] = []
        logprobs: list[float] = []
        last = _BEGIN
        for _ in range(max(1, int(sound.size / RATE_HZ * _TOKENS_PER_S))):
            is_first = not logprobs
            given = {
                "input_ids": np.array([[last]], np.int64),
                "encoder_hidden_states": hidden,
                "use_cache_branch": np.array([not is_first]),
            }
            logits, *present = self._decoder.run(None, given | past)
            past = _kept(past, present, is_first=is_first)
            scores = logits[0, -1]
            last = int(scores.argmax())
            logprobs.append(-float(np.log(np.exp(scores - scores[last]).sum())))
            if last == _END:
                break
            tokens.append(last)
        return self._text(tokens), float(np.mean(logprobs))

    def _text(self, tokens: list[int]) -> str:
        # The vocabulary has numbers without a piece behind the last one.
        known = (token for token in tokens if _END < token < len(self._pieces))
        joined_pieces = b"".join(self._pieces[token] for token in known)
        return joined_pieces.decode("utf-8", "ignore").replace("\u2581", " ").strip()


Cache = dict[str, NDArray[np.float32]]


def _names() -> list[str]:
    """In the order in which the decoder gives its states back."""
    return [
        f"past_key_values.{layer}.{side}.{part}"
        for layer in range(_LAYERS)
        for side in ("decoder", "encoder")
        for part in ("key", "value")
    ]


def _nothing() -> Cache:
    return dict.fromkeys(_names(), np.zeros((1, _HEADS, 0, _HEAD_SIZE), np.float32))


def _kept(past: Cache, present: list[NDArray[np.float32]], *, is_first: bool) -> Cache:
    """The next step's states: those of the encoder are made in the first step only."""
    return {
        name: state if is_first or ".decoder." in name else past[name]
        for name, state in zip(_names(), present, strict=True)
    }


def pieces_of(content: bytes) -> list[bytes]:
    """Pieces of words by their number: each has its length before it, in one byte below 128 or in two.

    Raises:
        ValueError: it is cut off.
    """
    pieces: list[bytes] = []
    at = 0
    while at < len(content):
        size = content[at]
        at += 1
        if size >= 128:
            if at >= len(content):
                raise ValueError("The list of pieces is cut off.")
            size += (content[at] - 1) * 128
            at += 1
        if at + size > len(content):
            raise ValueError("The list of pieces is cut off.")
        pieces.append(content[at : at + size])
        at += size
    return pieces
