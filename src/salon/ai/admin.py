"""What administrators see of the models: whether they are there, how they work, what captions cost."""

from collections.abc import Mapping
from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from salon.ai.catalog import CATALOG
from salon.ai.figures import quantile_of
from salon.ai.live.figures import CaptionFigures
from salon.ai.live.voice_figures import VoiceFigures
from salon.ai.model_store import ModelMissing, ModelStore
from salon.ai.workers import Workers
from salon.platform.auth import Admin
from salon.platform.envelope import Envelope, errors

Use = Literal["recordings", "captions"]


class ModelInUse(BaseModel):
    """A model that this server is set to use."""

    use: Use
    name: str
    title: str
    is_remote: bool = Field(description="another server runs it")
    ready: bool
    problem: str | None = Field(description="why it cannot be used, and what to do; null if it can")


class WorkerPool(BaseModel):
    """Processes that hold models, since the start of this server."""

    use: Use
    workers: int
    busy: int
    waiting: int = Field(description="questions that wait now")
    done: int
    refused: int = Field(description="turned away because too many waited")
    failed: int
    restarts: int = Field(description="processes that had to be replaced")
    audio_s: float = Field(description="seconds of sound worked on")
    real_time_factor: float = Field(description="seconds of work for one second of sound")
    latency_p50_s: float | None = Field(description="of the latest answers, waiting included")
    latency_p95_s: float | None


class CaptionPace(BaseModel):
    """Live captions since the start of this server."""

    meetings: int = Field(description="meetings with captions now")
    waiting: int = Field(description="finished phrases that wait for a model now")
    lines: int
    lag_p50_s: float | None = Field(description="from the end of a phrase to its line, of the latest lines")
    lag_p95_s: float | None
    late_s: float = Field(description="seconds of speech left out because the models were late")
    failed_s: float = Field(description="seconds of speech left out because a model failed")


class VoiceWatchPace(BaseModel):
    """The warning about synthetic voices since the start of this server."""

    detector: str
    ready: bool
    problem: str | None = Field(description="why it cannot be used, and what to do; null if it can")
    suspicious: int = Field(description="voices that hosts are warned of now")
    scored_s: float = Field(description="seconds of speech with a score")
    skipped_s: dict[str, float] = Field(
        description="seconds of speech without one, by why: `busy`, `behind`, `surplus`, `failed`",
        examples=[{"busy": 4.0, "behind": 8.5, "surplus": 0.0, "failed": 0.0}],
    )


class AiOverview(BaseModel):
    """The models at a glance."""

    models: list[ModelInUse]
    pools: list[WorkerPool]
    captions: CaptionPace
    voices: VoiceWatchPace | None = Field(
        description="the warning about synthetic voices; null where there is no detector"
    )


class AiAdministration:
    """Gathers the figures; measures nothing itself."""

    def __init__(
        self,
        *,
        store: ModelStore,
        in_use: Mapping[Use, str],
        pools: Mapping[Use, Workers],
        captions: CaptionFigures,
        voices: tuple[str, VoiceFigures] | None,
    ) -> None:
        self._store = store
        self._in_use = in_use
        self._pools = pools
        self._captions = captions
        self._voices = voices

    def overview(self) -> AiOverview:
        """How it stands at this moment."""
        return AiOverview(
            models=[self._model(use, name) for use, name in self._in_use.items()],
            pools=[_pool(use, workers) for use, workers in self._pools.items()],
            captions=_pace(self._captions),
            voices=None if self._voices is None else self._watch(*self._voices),
        )

    def _watch(self, detector: str, figures: VoiceFigures) -> VoiceWatchPace:
        is_ready = self._store.has(detector)
        return VoiceWatchPace(
            detector=detector,
            ready=is_ready,
            problem=None if is_ready else str(ModelMissing(detector)),
            suspicious=figures.suspicious(),
            scored_s=round(figures.scored_s, 1),
            skipped_s={why: round(seconds, 1) for why, seconds in figures.skipped_s.items()},
        )

    def _model(self, use: Use, name: str) -> ModelInUse:
        known, is_ready = CATALOG.get(name), self._store.has(name)
        return ModelInUse(
            use=use,
            name=name,
            title=name if known is None else known.title,
            is_remote=known is not None and known.is_remote,
            ready=is_ready,
            problem=None if is_ready else str(ModelMissing(name)),
        )


def _pool(use: Use, workers: Workers) -> WorkerPool:
    figures = workers.figures
    return WorkerPool(
        use=use,
        workers=workers.count,
        busy=workers.busy,
        waiting=workers.queue_length,
        done=figures.done,
        refused=figures.refused,
        failed=figures.failed,
        restarts=figures.restarts,
        audio_s=round(figures.audio_s, 1),
        real_time_factor=round(figures.real_time_factor, 3),
        latency_p50_s=_rounded(quantile_of(figures.latest_s, 0.5)),
        latency_p95_s=_rounded(quantile_of(figures.latest_s, 0.95)),
    )


def _pace(figures: CaptionFigures) -> CaptionPace:
    return CaptionPace(
        meetings=figures.meetings(),
        waiting=figures.reader.waiting,
        lines=figures.lines,
        lag_p50_s=_rounded(quantile_of(figures.latest_lags_s, 0.5)),
        lag_p95_s=_rounded(quantile_of(figures.latest_lags_s, 0.95)),
        late_s=round(figures.dropped_s["late"], 1),
        failed_s=round(figures.dropped_s["failed"], 1),
    )


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)


def build_router(administration: AiAdministration) -> APIRouter:
    """The endpoint over it."""
    router = APIRouter(prefix="/api/v1/admin/ai", tags=["admin"])

    @router.get("", responses=errors(401, 403))
    async def ai_overview(_caller: Admin) -> Envelope[AiOverview]:
        """How the models and live captions do on this server."""
        return Envelope.success(administration.overview())

    return router
