"""Composition of the ai service."""

from dataclasses import dataclass

from fastapi import APIRouter

from salon.ai.model_store import ModelStore
from salon.ai.router import build_router
from salon.ai.service import Chosen, InferenceService
from salon.ai.workers import Workers
from salon.platform.quotas import Quotas
from salon.settings import Settings


@dataclass(slots=True)
class AiParts:
    """What the composition uses: it starts and closes the workers, and includes the router."""

    workers: Workers
    service: InferenceService
    router: APIRouter


def build(*, settings: Settings, quotas: Quotas) -> AiParts:
    """Build the service over its workers; no process is started yet."""
    store = ModelStore(settings.ai.resolved_models_dir)
    workers = Workers(store.root, count=settings.ai.workers or None, waiting=settings.ai.waiting)
    service = InferenceService(workers=workers, store=store, chosen=Chosen(asr=settings.ai.asr_model))
    router = build_router(service, quotas, allow_anonymous=settings.ai.allow_anonymous)
    return AiParts(workers, service, router)
