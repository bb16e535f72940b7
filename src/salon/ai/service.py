"""Inference: what is asked, of which model, and what is answered."""

import asyncio
import base64
import binascii
import secrets
import time
from dataclasses import dataclass
from typing import Any

import structlog
from pydantic import ValidationError

from salon.ai.audio import FORMATS, BadAudio
from salon.ai.errors import AudioUnusable, ModelsBusy, ModelUnready, UnknownTask
from salon.ai.model_store import ModelMissing, ModelStore
from salon.ai.mood import mood_of
from salon.ai.schema import (
    AnalyzeRequest,
    AsrRequest,
    AsrResult,
    AudioRequest,
    BatchEntry,
    BatchTask,
    EmotionRequest,
    EmotionResult,
    ReadyModel,
    SynthesisResult,
)
from salon.ai.workers import Busy, Workers, WorkFailed
from salon.platform.errors import BadRequest, SalonError, Unavailable

log = structlog.get_logger()

NO_DETECTOR = (
    "No detector of synthetic voices is switched on: the ones that can be had err too often to be relied on. "
    "Whoever runs this server can choose one, or one of their own, with SALON_AI_VOICE_MODEL."
)
NONE = "none"
"""The name of a model that is not there."""
SYNTHETIC_ABOVE = 0.5
"""Of a score, for the verdict: more likely than not (the wire contract's)."""
WORDS = "words"
"""The name of the mood model: lists of words."""

_TASKS = {
    "asr": "asr",
    "speech_recognition": "asr",
    "emotion": "emotion",
    "emotion_detection": "emotion",
    "synthesis": "synthesis",
    "synthesis_detection": "synthesis",
}

Result = AsrResult | EmotionResult | SynthesisResult


@dataclass(frozen=True, slots=True)
class Chosen:
    """The model of each task."""

    asr: str
    voice: str = ""
    """Detects synthetic voices; empty: nothing does."""


class InferenceService:
    """Answers questions about sound and text."""

    def __init__(self, *, workers: Workers, store: ModelStore, chosen: Chosen) -> None:
        self._workers = workers
        self._store = store
        self._chosen = chosen

    # What there is.

    def is_ready(self) -> bool:
        """Whether speech can be recognised."""
        return self._store.has(self._chosen.asr)

    def require_ready(self) -> None:
        """Raises:
        ModelUnready: speech cannot be recognised.
        """
        if not self.is_ready():
            raise ModelUnready(str(ModelMissing(self._chosen.asr)))

    async def why_unready(self) -> str | None:
        """Why speech cannot be recognised now; None if it can, be it after what is being worked on."""
        try:
            self.require_ready()
            if not self._workers.are_busy:
                await self._ask({"task": "ping"}, b"")
        except SalonError as error:
            return error.message
        return None

    def models(self) -> dict[str, str]:
        """The model of each task, by the task's name; ``none`` where there is none."""
        return {"asr": self._chosen.asr, "emotion": WORDS, "synthesis": self._chosen.voice or NONE}

    async def set_up(self, names: list[str]) -> dict[str, ReadyModel]:
        """Load models, so that the first question is answered as quickly as the next."""
        found: dict[str, ReadyModel] = {}
        for name in names or self.models():
            found[name] = await self._set_up(name)
        return found

    async def _set_up(self, name: str) -> ReadyModel:
        models = self.models()
        if name not in models:
            return ReadyModel(model_name=name, ready=False, error=f"There is no model {name!r}.")
        if name == "synthesis" and not self._chosen.voice:
            return ReadyModel(model_name=NONE, ready=False, error=NO_DETECTOR)
        orders = {
            "asr": {"task": "load", "model": self._chosen.asr},
            "synthesis": {"task": "voice", "model": self._chosen.voice},
        }
        if name in orders:
            try:
                await self._ask(orders[name], b"")
            except SalonError as error:
                return ReadyModel(model_name=models[name], ready=False, error=error.message)
        return ReadyModel(model_name=models[name], ready=True)

    # What is asked.

    async def recognize(self, request: AsrRequest) -> AsrResult:
        """What is said.

        Raises:
            AudioUnusable, ModelUnready, ModelsBusy, Unavailable: see there.
        """
        heard = await self._hear(request, request.language)
        text = str(heard["text"])
        return AsrResult(
            text=text,
            transcription=text,
            confidence=float(heard["confidence"]),
            language=str(heard["language"]),
            duration_ms=int(heard["duration_ms"]),
        )

    async def feel(self, request: EmotionRequest) -> EmotionResult:
        """The mood of a text, or of what is said: of the words, never of the voice.

        Raises:
            BadRequest: neither text nor sound.
        """
        started = time.perf_counter()
        text = request.text
        if request.audio_data:
            audio = AudioRequest.model_validate(request.model_dump(exclude={"text"}))
            text = str((await self._hear(audio, request.language))["text"])
        elif not text.strip():
            raise BadRequest("Send `text`, or `audio_data`.")
        mood = mood_of(text)
        return EmotionResult.model_validate(
            {
                "emotion": mood.label,
                "confidence": round(mood.confidence, 4),
                "emotions": mood.scores,
                "duration_ms": round((time.perf_counter() - started) * 1000),
            }
        )

    async def detect(self, request: AudioRequest) -> SynthesisResult:
        """Whether a voice seems to be made by a machine.

        Raises:
            AudioUnusable: it cannot be read, or there is too little speech in it.
            ModelUnready: there is no detector.
            ModelsBusy, Unavailable: see there.
        """
        if not self._chosen.voice:
            content_of(request.audio_data)
            raise ModelUnready(NO_DETECTOR)
        scored = await self._work_on(request, {"task": "synthesis", "model": self._chosen.voice})
        score = float(scored["score"])
        return SynthesisResult(
            is_synthetic=score > SYNTHETIC_ABOVE,
            score=round(score, 4),
            confidence=round(max(score, 1 - score), 4),
            duration_ms=int(scored["duration_ms"]),
        )

    async def analyze(self, request: AnalyzeRequest) -> tuple[str, Result]:
        """A piece of work in the general form: its id, and what came of it.

        Raises:
            UnknownTask: and what the task itself raises.
        """
        kind = _TASKS.get(request.task_type)
        if kind is None:
            raise UnknownTask(f"There is no task {request.task_type!r}. There are: {', '.join(_TASKS)}.")
        return new_task_id(), await self.do(kind, _data_of(kind, request))

    async def do(self, kind: str, data: Any) -> Result:
        """One piece of work.

        Raises:
            UnknownTask, BadRequest: there is no such work, or its data are not what it takes.
        """
        try:
            if kind == "asr":
                return await self.recognize(AsrRequest.model_validate(data))
            if kind == "emotion":
                return await self.feel(EmotionRequest.model_validate(data))
            if kind == "synthesis":
                return await self.detect(AudioRequest.model_validate(data))
        except ValidationError as fault:
            first = fault.errors()[0]
            place = ".".join(str(part) for part in first["loc"]) or "data"
            raise BadRequest(f"{place}: {first['msg']}") from fault
        raise UnknownTask(f"There is no task {kind!r}. There are: asr, emotion, synthesis.")

    async def do_all(self, tasks: list[BatchTask]) -> list[BatchEntry]:
        """Many pieces of work; one that fails does not fail the others."""

        async def one(task: BatchTask) -> BatchEntry:
            entry = BatchEntry(task_id=str(task.task_id), type=str(task.type))
            try:
                entry.result = await self.do(str(task.type), task.data)
            except SalonError as error:
                entry.error = error.message
            return entry

        # One after the other: a batch must not take all the places of those who wait.
        return [await one(task) for task in tasks]

    async def _hear(self, request: AudioRequest, language: str) -> dict[str, Any]:
        return await self._work_on(request, {"task": "asr", "model": self._chosen.asr, "language": language})

    async def _work_on(self, request: AudioRequest, order: dict[str, Any]) -> dict[str, Any]:
        content = await asyncio.to_thread(content_of, request.audio_data)
        if request.format not in FORMATS:
            raise AudioUnusable(f"The format {request.format!r} is not known: {', '.join(FORMATS)}.")
        form = {
            "format": request.format,
            "sample_rate": request.sample_rate,
            "channels": request.channels,
        }
        return await self._ask(order | form, content)

    async def _ask(self, order: dict[str, Any], content: bytes) -> dict[str, Any]:
        model = order.get("model", self._chosen.asr)
        if not self._store.has(model):
            raise ModelUnready(str(ModelMissing(model)))
        try:
            return await self._workers.ask(order, content)
        except BadAudio as fault:
            raise AudioUnusable(str(fault)) from fault
        except ModelMissing as fault:
            raise ModelUnready(str(fault)) from fault
        except Busy as fault:
            raise ModelsBusy(retry_after_s=fault.retry_after_s) from fault
        except WorkFailed as fault:
            raise Unavailable("The model failed over this request. Try again.", retry_after_s=1) from fault


def content_of(text: str) -> bytes:
    """The bytes of standard base64.

    Raises:
        AudioUnusable: it is none, or there is nothing in it.
    """
    try:
        content = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as fault:
        raise AudioUnusable("The data are not standard base64 with padding.") from fault
    if not content:
        raise AudioUnusable("There is no audio in the request.")
    return content


def _data_of(kind: str, request: AnalyzeRequest) -> dict[str, Any]:
    """What a task takes, from the general form."""
    params = {name.lower(): value for name, value in request.params.items()}
    form = str(params.get("format", "")).strip().lower()
    if kind == "emotion" and not form:
        text = params.get("text")
        if not isinstance(text, str) or not text.strip():
            text = _text_of(request.input_data)
        return {"text": text}
    return {
        "audio_data": request.input_data,
        "format": form or "pcm",
        "sample_rate": _number(params.get("sample_rate"), 16_000),
        "channels": _number(params.get("channels"), 1),
        "language": str(params.get("language", "")),
    }


def _text_of(data: str) -> str:
    if not data:
        raise BadRequest("Send `params.text`, or a text in `input_data`.")
    try:
        return base64.b64decode(data, validate=True).decode()
    except ValueError as fault:
        raise BadRequest("The text in `input_data` is not UTF-8 in base64.") from fault


def _number(value: object, default: int) -> int:
    try:
        return int(float(str(value)))
    except (ValueError, OverflowError):
        return default


def new_task_id() -> str:
    """An id that sorts by time."""
    return f"{time.time_ns():020d}-{secrets.token_hex(4)}"
