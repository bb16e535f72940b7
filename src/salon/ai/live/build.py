"""Composition of live captions and of what listens to voices beside them."""

from dataclasses import dataclass

from prometheus_client import CollectorRegistry

from salon.ai.live.captions import LiveCaptions
from salon.ai.live.reader import Reader
from salon.ai.live.scorer import WorkerScorer
from salon.ai.live.telling import Teller
from salon.ai.live.voice_watch import VoiceWatch
from salon.ai.model_store import ModelStore
from salon.ai.transcripts.model import Transcripts
from salon.ai.workers import Workers
from salon.media.face import RoomAudio
from salon.meeting.face import Meetings
from salon.platform.bus import Bus
from salon.platform.clock import Clock
from salon.platform.db import Database
from salon.settings import AiSettings
from salon.signaling.face import Signaling


@dataclass(slots=True)
class LiveParts:
    """Captions, and the watch over voices where a detector is set up."""

    captions: LiveCaptions
    watch: VoiceWatch | None


def build_live(
    ai: AiSettings,
    *,
    readers: Workers,
    scorers: Workers,
    store: ModelStore,
    transcripts: Transcripts,
    db: Database,
    bus: Bus,
    clock: Clock,
    meetings: Meetings,
    audio: RoomAudio,
    signaling: Signaling,
    registry: CollectorRegistry,
) -> LiveParts:
    """Build them; nothing is started yet.

    Args:
        readers: they read captions.
        scorers: they score voices; other ones, or captions would wait behind the scores.
    """
    reader = Reader(
        readers,
        model=ai.caption_model,
        languages=ai.caption_languages,
        now=lambda: clock.now().timestamp(),
    )
    watch = None
    if ai.voice_model:
        watch = VoiceWatch(
            detector=ai.voice_model,
            scorer=WorkerScorer(scorers, model=ai.voice_model, phrases_waiting=lambda: reader.waiting),
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
    return LiveParts(captions, watch)
