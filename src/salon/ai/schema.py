"""Shapes of the endpoints of inference."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, Field, StringConstraints

from salon.platform.envelope import RequestModel

_LARGEST = 2**53
_NumberAsId = Annotated[float, Field(ge=-_LARGEST, le=_LARGEST)]


def _as_text(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    if not -_LARGEST <= value <= _LARGEST:
        raise ValueError("is too large for an id")
    return f"{value:g}" if isinstance(value, float) else str(value)


_AsText = BeforeValidator(_as_text, json_schema_input_type=Annotated[str, Field(max_length=64)] | _NumberAsId)

Id = Annotated[str, _AsText, StringConstraints(max_length=64)]
Short = Annotated[str, _AsText, StringConstraints(max_length=64)]
Name = Annotated[str, StringConstraints(max_length=32, strip_whitespace=True, to_lower=True)]
Base64 = Annotated[str, Field(description="standard base64 with padding")]


class AudioRequest(RequestModel):
    """Sound: a WAV file, raw samples of 16 bit, or a file of another kind."""

    audio_data: Base64
    format: Name = "wav"
    sample_rate: Annotated[int, Field(description="Hz; of `pcm`")] = 16_000
    channels: Annotated[int, Field(description="of `pcm`")] = 1
    meeting_id: Id | None = None


class AsrRequest(AudioRequest):
    """Sound, and the language that is spoken; without one it is found out."""

    language: Name = ""


class EmotionRequest(RequestModel):
    """A text, or sound; sound wins if both are there."""

    text: Annotated[str, StringConstraints(max_length=20_000)] = ""
    audio_data: Base64 = ""
    format: Name = "wav"
    sample_rate: int = 16_000
    channels: int = 1
    language: Name = ""
    meeting_id: Id | None = None


class ModelSetupRequest(RequestModel):
    """Which models are to be made ready; all, if none is named."""

    meeting_id: Annotated[int, Field(ge=0, le=2**53)] = 0
    models: Annotated[list[Short], Field(max_length=32)] = Field(default_factory=list)


class AnalyzeRequest(RequestModel):
    """One piece of work in the general form."""

    task_type: Name
    input_data: Base64 = ""
    params: dict[str, Any] = Field(default_factory=dict)
    meeting_id: Id | None = None
    user_id: Id | None = None
    model_path: str = ""


class BatchTask(BaseModel):
    """One of many; what is wrong with it is told in its result."""

    task_id: Any = ""
    type: Any = ""
    data: Any = None


class BatchRequest(RequestModel):
    """Many pieces of work at once."""

    tasks: Annotated[list[BatchTask], Field(max_length=32)] = Field(default_factory=list)


class AsrResult(BaseModel):
    """What was said; empty for silence and noise."""

    text: str
    transcription: str
    confidence: float
    language: str
    duration_ms: int


class EmotionResult(BaseModel):
    """A mood, and how all of them share out."""

    emotion: Literal["neutral", "happy", "sad", "angry", "fear", "disgust", "surprise"]
    confidence: float
    emotions: dict[str, float]
    duration_ms: int


class SynthesisResult(BaseModel):
    """Whether a voice seems to be made by a machine; `confidence` is that in the verdict."""

    is_synthetic: bool
    score: float
    confidence: float
    duration_ms: int


class ReadyModel(BaseModel):
    """One model, and whether it is ready."""

    model_name: str
    ready: bool
    error: str | None = Field(default=None, exclude_if=lambda value: value is None)


class ModelSetupResult(BaseModel):
    """Every model that was asked for."""

    meeting_id: int
    models: dict[str, ReadyModel]
    timestamp: int


class HealthResult(BaseModel):
    """The service works."""

    status: Literal["healthy"] = "healthy"
    service: str = "ai-inference-service"
    timestamp: int


class InfoResult(BaseModel):
    """What the service can do, and with which models."""

    service: str = "ai-inference-service"
    version: str
    description: str
    capabilities: list[str]
    models: dict[str, str]
    timestamp: int


class AnalyzeResult(BaseModel):
    """What came of it."""

    task_id: str
    result: AsrResult | EmotionResult | SynthesisResult


class BatchEntry(BaseModel):
    """What came of one of many."""

    task_id: str
    type: str
    result: AsrResult | EmotionResult | SynthesisResult | None = Field(
        default=None, exclude_if=lambda value: value is None
    )
    error: str | None = Field(default=None, exclude_if=lambda value: value is None)


class BatchResult(BaseModel):
    """All of them, in the order they were asked for."""

    results: list[BatchEntry]
    total: int
