"""Composition of the ai service."""

from dataclasses import dataclass

from fastapi import APIRouter

from salon.ai.catalog import OPEN_INFERENCE, OPENAI
from salon.ai.model_store import ModelStore
from salon.ai.recognizers import Remote
from salon.ai.router import build_router
from salon.ai.service import Chosen, InferenceService
from salon.ai.workers import Workers
from salon.platform.quotas import Quotas
from salon.settings import AiSettings, Settings


@dataclass(slots=True)
class AiParts:
    """What the composition uses: it starts and closes the workers, and includes the router."""

    workers: Workers
    service: InferenceService
    router: APIRouter


def build(*, settings: Settings, quotas: Quotas) -> AiParts:
    """Build the service over its workers; no process is started yet."""
    store = ModelStore(settings.ai.resolved_models_dir)
    workers = Workers(
        store.root,
        count=settings.ai.workers or None,
        waiting=settings.ai.waiting,
        environment=_remote(settings.ai).as_environment(),
    )
    service = InferenceService(workers=workers, store=store, chosen=Chosen(asr=settings.ai.asr_model))
    router = build_router(service, quotas, allow_anonymous=settings.ai.allow_anonymous)
    return AiParts(workers, service, router)


def _remote(ai: AiSettings) -> Remote:
    """Only of the model that is used: no worker knows a key it does not need."""
    if ai.asr_model == OPENAI.name:
        key = ai.openai_key.get_secret_value()
        return Remote(openai_url=ai.openai_url, openai_key=key, openai_model=ai.openai_model)
    if ai.asr_model == OPEN_INFERENCE.name:
        return Remote(oip_url=ai.oip_url, oip_model=ai.oip_model)
    return Remote()
