"""What a bench of the models says."""

from typing import Literal

from pydantic import BaseModel

SPEAKERS = 4
"""Who speak at once in a meeting that the default model has to follow."""
SHARE = 0.5
"""Of the cores: the rest is for the media."""


class SpeechFigures(BaseModel):
    """How one model did in one language."""

    language: str
    source: str
    is_synthetic: bool
    """The speech was made by a machine."""
    unit: Literal["word", "character"]
    clips: int
    audio_s: float
    units: int
    errors: int
    error_rate: float
    cpu_s: float
    """Of all cores, the gate for voices included."""
    wall_s: float


class LiveFigures(BaseModel):
    """How one model did as captions use it: phrase by phrase, in one thread."""

    error_rate: float
    """Of words, on the same English clips."""
    cpu_real_time_factor: float
    """Seconds of one core for each second of speech."""
    phrase_s: float
    """Mean length of the phrases of about 4 s."""
    phrases: int
    phrase_median_s: float | None
    """From the phrase to its text; None: there was no such phrase."""
    phrase_p95_s: float | None
    keeps_up: bool
    """Four speakers who all speak all the time take at most half of the cores."""


class ModelFigures(BaseModel):
    """How one model did."""

    model: str
    licence: str
    speech: list[SpeechFigures]
    words_in: dict[str, int]
    """Words found in 30 s in which nobody speaks."""
    real_time_factor: float
    """Seconds that passed for each second of speech; suffers from whatever else this machine does."""
    cpu_real_time_factor: float
    """Seconds of one core for each second of speech."""
    live: LiveFigures
    load_s: float
    peak_memory_mib: float


class MoodFigures(BaseModel):
    """How the mood of texts did in one language."""

    language: str
    sentences: int
    right: int
    accuracy: float


class VoiceFigures(BaseModel):
    """How well a model tells voices apart."""

    model: str
    licence: str
    speakers: int
    clips: int
    pairs: int
    """Of clips that were held against each other."""
    equal_error_rate: float
    """As many pairs of one speaker are taken for two as of two for one."""
    threshold: float
    """The likeness (cosine) at which they are."""
    cpu_real_time_factor: float


class EngineFigures(BaseModel):
    """How a detector did with one synthesiser against all people."""

    engine: str
    pieces: int
    equal_error_rate: float
    equal_error_rate_after_opus: float


class DetectorFigures(BaseModel):
    """How well a detector tells synthetic voices, by pieces of speech of engines and people it never met."""

    model: str
    licence: str
    pieces_of_people: int
    speakers: int
    engines: list[EngineFigures]
    equal_error_rate: float
    """As many of the machines' pieces are missed as of the people's are taken for a machine's."""
    equal_error_rate_after_opus: float
    raised: float
    """The score from which a call begins to suspect."""
    people_raised: float
    """Share of people's single pieces that reach it after Opus; a warning takes several."""
    machines_raised: float
    is_good_enough: bool
    """Whether the rate after Opus is low enough to warn by."""


class Report(BaseModel):
    """Everything."""

    cores: int
    threads: int
    rule_of_texts: str
    left_out: str
    sources: list[str]
    missing: list[str]
    """What could not be measured here, and what to install."""
    models: list[ModelFigures]
    mood_source: str
    mood: list[MoodFigures]
    voices_source: str
    voices: list[VoiceFigures]
    detectors_source: str
    detectors: list[DetectorFigures]
    default: str
    best: str | None
    """Errs least in live English of those that keep up and know every language measured."""


def best_of(models: list[ModelFigures]) -> str | None:
    """The one to use by default: knows the most languages, keeps up, and errs least in live English."""
    able = [model for model in models if model.live.keeps_up and model.speech]
    if not able:
        return None
    most = max(len(model.speech) for model in able)
    able = [model for model in able if len(model.speech) == most]
    return min(able, key=lambda model: model.live.error_rate).model
