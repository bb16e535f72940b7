"""Composition of the ai service."""

from dataclasses import dataclass
from datetime import timedelta

from fastapi import APIRouter
from prometheus_client import CollectorRegistry

from salon.ai.admin import AiAdministration
from salon.ai.admin import build_router as build_admin_router
from salon.ai.figures import WorkerFigures
from salon.ai.live.build import build_live
from salon.ai.live.captions import LiveCaptions
from salon.ai.live.router import build_router as build_captions_router
from salon.ai.live.streams import Streams
from salon.ai.live.streams import build_router as build_streams_router
from salon.ai.model_store import ModelStore
from salon.ai.pools import answerers, check_models, readers
from salon.ai.remote.chat import ChatModel
from salon.ai.router import build_router
from salon.ai.service import Chosen, InferenceService
from salon.ai.transcripts.consents import Consents
from salon.ai.transcripts.figures import MinutesFigures
from salon.ai.transcripts.router import build_router as build_transcripts_router
from salon.ai.transcripts.service import FindRecording, TranscriptService
from salon.ai.transcripts.summarizers import ModelSummarizer
from salon.ai.transcripts.writer import MinutesWriter
from salon.ai.workers import Workers
from salon.media.face import RoomAudio, Tracks
from salon.meeting.face import Meetings
from salon.platform.bus import Bus
from salon.platform.clock import Clock
from salon.platform.db import Database
from salon.platform.quotas import Quotas
from salon.settings import AiSettings, Settings
from salon.signaling.face import Signaling
from salon.user.face import Users


@dataclass(slots=True)
class AiParts:
    """What the composition uses: it starts and closes workers and transcripts, and includes the routers."""

    workers: Workers
    service: InferenceService
    transcripts: TranscriptService
    consents: Consents
    captions: LiveCaptions
    routers: tuple[APIRouter, ...]


def build(
    *,
    settings: Settings,
    quotas: Quotas,
    db: Database,
    bus: Bus,
    clock: Clock,
    users: Users,
    meetings: Meetings,
    find_recording: FindRecording,
    audio: RoomAudio,
    tracks: Tracks,
    signaling: Signaling,
    registry: CollectorRegistry,
) -> AiParts:
    """Build the services; no process is started yet.

    Raises:
        ValueError: a setting names a model of another kind; the text says which.
    """
    ai = settings.ai
    check_models(ai)
    store = ModelStore(ai.resolved_models_dir)
    pools = {"requests": answerers(ai, store), "captions": readers(settings, store)}
    registry.register(WorkerFigures(pools))
    workers = pools["requests"]
    chosen = Chosen(asr=ai.asr_model, voice=ai.voice_model)
    service = InferenceService(workers=workers, store=store, chosen=chosen)
    transcripts = TranscriptService(
        db=db,
        bus=bus,
        clock=clock,
        meetings=meetings,
        users=users,
        find_recording=find_recording,
        writer=_writer(ai, clock, registry),
        keep=timedelta(days=ai.transcript_days) if ai.transcript_days else None,
    )
    consents = Consents(db=db, clock=clock, allowed_here=ai.mood == "voice")
    live = build_live(
        ai,
        readers=pools["captions"],
        scorers=workers,
        store=store,
        transcripts=transcripts,
        db=db,
        bus=bus,
        clock=clock,
        meetings=meetings,
        audio=audio,
        signaling=signaling,
        registry=registry,
    )
    captions, watch = live.captions, live.watch
    administration = AiAdministration(
        store=store,
        in_use={"recordings": ai.asr_model, "captions": ai.caption_model},
        pools={"recordings": workers, "captions": pools["captions"]},
        captions=captions.figures,
        voices=None if watch is None else (watch.detector, watch.figures),
    )
    routers = (
        build_admin_router(administration),
        build_router(service, quotas, allow_anonymous=ai.allow_anonymous),
        build_transcripts_router(transcripts, consents, quotas),
        build_captions_router(captions, quotas),
        build_streams_router(Streams(tracks=tracks, captions=captions, service=service, meetings=meetings)),
    )
    return AiParts(workers, service, transcripts, consents, captions, routers)


def _writer(ai: AiSettings, clock: Clock, registry: CollectorRegistry) -> MinutesWriter:
    figures = MinutesFigures(registry)
    if not ai.minutes_model:
        return MinutesWriter(clock=clock, model=None, figures=figures)
    chat = ChatModel(ai.minutes_url, model=ai.minutes_model, key=ai.minutes_key.get_secret_value())
    timeout = timedelta(seconds=ai.minutes_timeout_s)
    model = ModelSummarizer(chat, timeout=timeout, figures=figures)
    return MinutesWriter(clock=clock, model=model, figures=figures)
