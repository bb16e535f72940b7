"""Composition of the ai service."""

import os
from dataclasses import dataclass, replace
from datetime import timedelta

from fastapi import APIRouter
from prometheus_client import CollectorRegistry

from salon.ai.admin import AiAdministration
from salon.ai.admin import build_router as build_admin_router
from salon.ai.catalog import OPEN_INFERENCE, OPEN_INFERENCE_VOICE, OPENAI, Task, names_of
from salon.ai.figures import WorkerFigures
from salon.ai.live.captions import LiveCaptions
from salon.ai.live.reader import Reader
from salon.ai.live.router import build_router as build_captions_router
from salon.ai.live.scorer import WorkerScorer
from salon.ai.live.streams import Streams
from salon.ai.live.streams import build_router as build_streams_router
from salon.ai.live.telling import Teller
from salon.ai.live.voice_watch import VoiceWatch
from salon.ai.model_store import ModelStore
from salon.ai.recognizers import Remote
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
from salon.platform.priority import may_be_in_real_time
from salon.platform.quotas import Quotas
from salon.settings import AiSettings, Settings
from salon.signaling.face import Signaling
from salon.user.face import Users

CONSIDERATE = 2
"""How far models yield to the call, as in nice(2)."""


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
    _check_models(ai)
    store = ModelStore(ai.resolved_models_dir)
    workers = _workers(
        ai, store, model=ai.asr_model, count=ai.workers or None, niceness=CONSIDERATE, voice=ai.voice_model
    )
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
    readers = _readers(settings, store)
    registry.register(WorkerFigures({"requests": workers, "captions": readers}))
    reader = Reader(
        readers,
        model=ai.caption_model,
        languages=ai.caption_languages,
        now=lambda: clock.now().timestamp(),
    )
    watch = None
    if ai.voice_model:
        # Not by those who read captions: they would wait behind it.
        watch = VoiceWatch(
            detector=ai.voice_model,
            scorer=WorkerScorer(workers, model=ai.voice_model, phrases_waiting=lambda: reader.waiting),
            signaling=signaling,
            transcripts=transcripts,
            bus=bus,
            clock=clock,
            registry=registry,
        )
    captions = LiveCaptions(
        db=db,
        audio=audio,
        reader=reader,
        store=store,
        model=ai.caption_model,
        teller=Teller(signaling=signaling, transcripts=transcripts, bus=bus, tells_mood=ai.mood != "off"),
        meetings=meetings,
        bus=bus,
        clock=clock,
        registry=registry,
        watch=watch,
    )
    administration = AiAdministration(
        store=store,
        in_use={"recordings": ai.asr_model, "captions": ai.caption_model},
        pools={"recordings": workers, "captions": readers},
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


def _readers(settings: Settings, store: ModelStore) -> Workers:
    """Workers of captions: they must not wait behind questions about whole files.

    Of one thread each: a second one takes from other phrases what it gives to one.
    """
    ai = settings.ai
    # Media that goes before everything anyway needs no consideration.
    is_media_safe = settings.sfu_real_time and may_be_in_real_time()
    niceness = 0 if is_media_safe else CONSIDERATE
    return _workers(ai, store, model=ai.caption_model, count=ai.workers or os.cpu_count(), niceness=niceness)


def _check_models(ai: AiSettings) -> None:
    detectors, recognizers = names_of(Task.SYNTHESIS), names_of(Task.ASR)
    if ai.voice_model and ai.voice_model not in detectors:
        raise ValueError(
            f"SALON_AI_VOICE_MODEL={ai.voice_model} detects no synthetic voices. "
            f"Unset it, or choose one of: {', '.join(detectors)}."
        )
    for setting, name in (("ASR", ai.asr_model), ("CAPTION", ai.caption_model)):
        if name in detectors:
            raise ValueError(
                f"SALON_AI_{setting}_MODEL={name} recognises no speech. "
                f"Unset it, or choose one of: {', '.join(recognizers)}."
            )


def _writer(ai: AiSettings, clock: Clock, registry: CollectorRegistry) -> MinutesWriter:
    figures = MinutesFigures(registry)
    if not ai.minutes_model:
        return MinutesWriter(clock=clock, model=None, figures=figures)
    chat = ChatModel(ai.minutes_url, model=ai.minutes_model, key=ai.minutes_key.get_secret_value())
    timeout = timedelta(seconds=ai.minutes_timeout_s)
    model = ModelSummarizer(chat, timeout=timeout, figures=figures)
    return MinutesWriter(clock=clock, model=model, figures=figures)


def _workers(
    ai: AiSettings, store: ModelStore, *, model: str, count: int | None, niceness: int, voice: str = ""
) -> Workers:
    remote = _remote(ai, model)
    if voice == OPEN_INFERENCE_VOICE.name:
        remote = replace(remote, voice_oip_url=ai.voice_oip_url, voice_oip_model=ai.voice_oip_model)
    environment = remote.as_environment()
    return Workers(store.root, count=count, waiting=ai.waiting, environment=environment, niceness=niceness)


def _remote(ai: AiSettings, model: str) -> Remote:
    """Only of the model that is used: no worker knows a key it does not need."""
    if model == OPENAI.name:
        key = ai.openai_key.get_secret_value()
        return Remote(openai_url=ai.openai_url, openai_key=key, openai_model=ai.openai_model)
    if model == OPEN_INFERENCE.name:
        return Remote(oip_url=ai.oip_url, oip_model=ai.oip_model)
    return Remote()
