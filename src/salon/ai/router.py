"""HTTP endpoints of inference."""

import time
from typing import Annotated

from fastapi import APIRouter, Body, Depends

from salon import __version__
from salon.ai.schema import (
    AnalyzeRequest,
    AnalyzeResult,
    AsrRequest,
    AsrResult,
    AudioRequest,
    BatchRequest,
    BatchResult,
    EmotionRequest,
    EmotionResult,
    HealthResult,
    InfoResult,
    ModelSetupRequest,
    ModelSetupResult,
    SynthesisResult,
)
from salon.ai.service import InferenceService
from salon.platform.audit import client_address
from salon.platform.auth import SignedInOrGuest
from salon.platform.envelope import Envelope, errors
from salon.platform.quotas import Quota, Quotas

_WORK = errors(400, 401, 403, 413, 429, 503)


def build_router(service: InferenceService, quotas: Quotas, *, allow_anonymous: bool) -> APIRouter:
    """The eight endpoints. ``allow_anonymous``: nobody has to be signed in; questions count by address."""
    router = APIRouter(prefix="/api/v1/ai", tags=["ai"])

    async def count_caller(caller: SignedInOrGuest) -> None:
        await quotas.take(Quota.INFERENCE, f"user:{caller.user_id}")

    async def count_address() -> None:
        await quotas.take(Quota.INFERENCE, f"address:{client_address.get()}")

    limits = [Depends(count_address if allow_anonymous else count_caller)]

    @router.get("/health", responses=errors(503))
    async def health() -> Envelope[HealthResult]:
        """Whether speech can be recognised; 503 names the command that fetches the model."""
        service.require_ready()
        return Envelope.success(HealthResult(timestamp=int(time.time())))

    @router.get("/info")
    async def info() -> Envelope[InfoResult]:
        """What this service can do, and with which models."""
        return Envelope.success(
            InfoResult(
                version=__version__,
                description="Captions, mood and warnings, on this server alone.",
                capabilities=["speech_recognition", "emotion_detection", "synthesis_detection"],
                models=service.models(),
                timestamp=int(time.time()),
            )
        )

    @router.post("/asr", dependencies=limits, responses=_WORK)
    async def asr(body: AsrRequest) -> Envelope[AsrResult]:
        """What is said. Silence and noise give an empty text."""
        return Envelope.success(await service.recognize(body))

    @router.post("/emotion", dependencies=limits, responses=_WORK)
    async def emotion(body: EmotionRequest) -> Envelope[EmotionResult]:
        """The mood of a text, or of what is said in a sound: by its words, not by the voice."""
        return Envelope.success(await service.feel(body))

    @router.post("/synthesis", dependencies=limits, responses=_WORK)
    async def synthesis(body: AudioRequest) -> Envelope[SynthesisResult]:
        """Whether a voice seems to be made by a machine, by at least three seconds of speech."""
        return Envelope.success(await service.detect(body))

    @router.post("/setup", dependencies=limits, responses=_WORK)
    async def setup(body: Annotated[ModelSetupRequest | None, Body()] = None) -> Envelope[ModelSetupResult]:
        """Load models before the first question."""
        wanted = body or ModelSetupRequest()
        found = await service.set_up(wanted.models)
        return Envelope.success(
            ModelSetupResult(meeting_id=wanted.meeting_id, models=found, timestamp=int(time.time()))
        )

    @router.post("/analyze", dependencies=limits, responses=_WORK)
    async def analyze(body: AnalyzeRequest) -> Envelope[AnalyzeResult]:
        """One piece of work in the general form."""
        task_id, result = await service.analyze(body)
        return Envelope.success(AnalyzeResult(task_id=task_id, result=result))

    @router.post("/batch", dependencies=limits, responses=_WORK)
    async def batch(body: BatchRequest) -> Envelope[BatchResult]:
        """Many pieces of work; each has its result or its error."""
        results = await service.do_all(body.tasks)
        return Envelope.success(BatchResult(results=results, total=len(results)))

    return router
