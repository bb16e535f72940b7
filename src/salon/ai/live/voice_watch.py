"""Listens to voices for hosts: whether one of them may be made by a machine, over several phrases."""

import asyncio
from collections import OrderedDict
from datetime import UTC, datetime

import numpy as np
import structlog
from prometheus_client import CollectorRegistry
from pydantic import BaseModel

from salon.ai.audio import RATE_HZ, Samples
from salon.ai.live.hysteresis import VoiceJudge, VoiceState
from salon.ai.live.reading import Reading
from salon.ai.live.scorer import Unscored, VoiceScorer
from salon.ai.live.segmenter import Phrase
from salon.ai.live.telling import find_speaker
from salon.ai.live.voice_figures import SkippedBy, VoiceFigures
from salon.ai.live.voices import VoiceKey
from salon.ai.transcripts.model import Transcripts, VoiceNote
from salon.meeting.face import MeetingId
from salon.platform.bus import Bus
from salon.platform.clock import Clock
from salon.platform.ids import UserId
from salon.signaling.face import LiveSession, Signaling, VoiceJudged

log = structlog.get_logger()

PIECE_S = 4.0
"""Speech that is scored together, at least: detectors know little of less."""
MOST_KEPT_S = 8.0
"""Speech of one voice that waits for its score, at most: 256 KB."""
MOST_VOICES = 128
"""That are listened to at one time; beyond, who has not been heard for longest is forgotten."""

_RANK: dict[VoiceState, int] = {"no_data": 0, "ok": 1, "suspicious": 2}


class SpeakerVoice(BaseModel):
    """What is thought of one speaker's voice."""

    speaker_key: str
    user_id: int
    speaker_label: str
    state: VoiceState
    score: float | None
    speech_s: float
    at_ms: int


class _Voice:
    """One track: what waits for a score, and what came of the scores so far."""

    def __init__(self, meeting_id: MeetingId) -> None:
        self.meeting_id = meeting_id
        self.judge = VoiceJudge()
        self.speaker: LiveSession | None = None
        """Known from the first score on."""
        self.at_ms = 0
        """Of the latest score."""
        self._waiting: Samples = np.zeros(0, np.int16)

    def add(self, speech: Samples) -> float:
        """Take more speech; how many seconds had to be left out for it."""
        whole = np.concatenate([self._waiting, speech])
        # A copy: a slice would keep the whole in memory.
        self._waiting = whole[-int(MOST_KEPT_S * RATE_HZ) :].copy()
        return (whole.size - self._waiting.size) / RATE_HZ

    @property
    def is_ready(self) -> bool:
        """Whether there is enough speech for a score."""
        return self._waiting.size >= PIECE_S * RATE_HZ

    def take(self) -> Samples:
        """All speech that waits."""
        taken, self._waiting = self._waiting, np.zeros(0, np.int16)
        return taken

    @property
    def rank(self) -> tuple[int, float]:
        """Of a speaker's tracks the highest counts."""
        return _RANK[self.judge.state], self.judge.score or 0.0


class VoiceWatch:
    """Hears finished phrases; scores one piece of speech at a time, and tells when a voice's state changes.

    Args:
        detector: the name of the model.
    """

    def __init__(
        self,
        *,
        detector: str,
        scorer: VoiceScorer,
        signaling: Signaling,
        transcripts: Transcripts,
        bus: Bus,
        clock: Clock,
        registry: CollectorRegistry,
    ) -> None:
        self.detector = detector
        self._scorer = scorer
        self._signaling = signaling
        self._transcripts = transcripts
        self._bus = bus
        self._clock = clock
        self._voices: OrderedDict[VoiceKey, _Voice] = OrderedDict()
        """Who was heard or scored last comes last."""
        self._told: dict[tuple[str, str], SpeakerVoice] = {}
        """What hosts have been told, by room and stream; without those of whom nothing is known."""
        self._telling = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None
        self.figures = VoiceFigures(registry, suspicious=self._count_suspicious)

    def _count_suspicious(self) -> int:
        return sum(told.state == "suspicious" for told in self._told.values())

    async def close(self) -> None:
        """Stop; what is being scored is lost. Safe to call twice."""
        self._voices.clear()
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    def list_voices(self, room: str) -> list[SpeakerVoice]:
        """Everybody of whom some speech was scored in a room, as it stands now."""
        streams = dict.fromkeys(key.stream for key in self._voices if key.room == room)
        found = [self._shown(room, stream) for stream in streams]
        return [one for one in found if one is not None]

    # What is heard.

    async def hear(self, meeting_id: MeetingId, reading: Reading) -> None:
        """Take a phrase of which captions are made; does not wait for its score."""
        if reading.phrase.state != "final":
            return
        speech = _speech_of(reading.phrase)
        if reading.outcome != "read":
            self.figures.on_skipped(
                speech.size / RATE_HZ, "behind" if reading.outcome == "late" else "failed"
            )
        elif reading.text:  # else nothing was said
            voice = self._voices.setdefault(reading.key, _Voice(meeting_id))
            self._voices.move_to_end(reading.key)
            self.figures.on_skipped(voice.add(speech), self._hindrance() or "surplus")
            if len(self._voices) > MOST_VOICES:
                await self.end(next(iter(self._voices)))
        self._go_on()

    async def end(self, key: VoiceKey) -> None:
        """This track is over: nothing is known of it any more."""
        voice = self._voices.pop(key, None)
        if voice is not None:
            await self._settle(voice.meeting_id, key)

    async def forget(self, room: str) -> None:
        """Nobody listens to this room any more."""
        for key in [key for key in self._voices if key.room == room]:
            await self.end(key)

    # What comes of it.

    def _hindrance(self) -> SkippedBy | None:
        return "busy" if self._task is not None else self._scorer.hindrance()

    def _go_on(self) -> None:
        """Score what is ready, if nothing more important is to be done; else it waits for the next phrase."""
        if self._hindrance() is not None:
            return
        ready = next((key for key, voice in self._voices.items() if voice.is_ready), None)
        if ready is not None:
            self._task = asyncio.create_task(self._score(ready, self._voices[ready]))

    async def _score(self, key: VoiceKey, voice: _Voice) -> None:
        speech = voice.take()
        # Others that are ready come first next time.
        self._voices.move_to_end(key)
        try:
            await self._judge(key, voice, speech)
        except Exception:  # a supervisor: one score must not end the watch
            log.exception("voices.judging_failed")
        self._task = None
        self._go_on()

    async def _judge(self, key: VoiceKey, voice: _Voice, speech: Samples) -> None:
        seconds = speech.size / RATE_HZ
        try:
            score = await self._scorer.score(speech)
        except Unscored as fault:
            log.warning("voices.unscored", fault=str(fault))
            self.figures.on_skipped(seconds, "failed")
            return
        self.figures.on_scored(seconds)
        speaker = await find_speaker(self._signaling, voice.meeting_id, key.stream)
        if self._voices.get(key) is not voice:
            return  # forgotten meanwhile
        if speaker is None:
            await self.end(key)
            return
        voice.speaker, voice.at_ms = speaker, int(self._clock.now().timestamp() * 1000)
        voice.judge.feed(score, seconds)
        await self._settle(voice.meeting_id, key)

    def _shown(self, room: str, stream: str) -> SpeakerVoice | None:
        tracks = [voice for key, voice in self._voices.items() if (key.room, key.stream) == (room, stream)]
        known = [voice for voice in tracks if voice.speaker is not None]
        voice = max(known, key=lambda one: one.rank, default=None)
        if voice is None or voice.speaker is None:
            return None
        score = voice.judge.score
        return SpeakerVoice(
            speaker_key=stream,
            user_id=voice.speaker.user_id,
            speaker_label=voice.speaker.shown_name,
            state=voice.judge.state,
            score=None if score is None else round(score, 4),
            speech_s=round(voice.judge.scored_s, 1),
            at_ms=voice.at_ms,
        )

    async def _settle(self, meeting_id: MeetingId, key: VoiceKey) -> None:
        """Tell hosts how a speaker stands now, if it is not what they were told; keep what must be kept."""
        place = (key.room, key.stream)
        # One after the other: what is told last must be what holds.
        async with self._telling:
            before = self._told.get(place)
            now = self._shown(*place)
            state: VoiceState = "no_data" if now is None else now.state
            was: VoiceState = "no_data" if before is None else before.state
            if state == was:
                return
            if now is None or state == "no_data":
                self._told.pop(place, None)
                now = self._silenced(before or now)
            else:
                # First: if it cannot be kept, the next score tries again.
                await self._keep(meeting_id, now, was)
                self._told[place] = now
            if now is not None:
                await self._tell(meeting_id, now)

    def _silenced(self, voice: SpeakerVoice | None) -> SpeakerVoice | None:
        if voice is None:
            return None
        at_ms = int(self._clock.now().timestamp() * 1000)
        return voice.model_copy(update={"state": "no_data", "score": None, "speech_s": 0.0, "at_ms": at_ms})

    async def _keep(self, meeting_id: MeetingId, voice: SpeakerVoice, was: VoiceState) -> None:
        if "suspicious" not in (voice.state, was):
            return
        log.info("voices.judged", meeting_id=meeting_id, user_id=voice.user_id, state=voice.state)
        await self._transcripts.note(
            VoiceNote(
                meeting_id=meeting_id,
                user_id=UserId(voice.user_id),
                speaker=voice.speaker_label,
                state="suspicious" if voice.state == "suspicious" else "ok",
                score=voice.score or 0.0,
                at=datetime.fromtimestamp(voice.at_ms / 1000, UTC),
            ),
            detector=self.detector,
        )

    async def _tell(self, meeting_id: MeetingId, voice: SpeakerVoice) -> None:
        await self._bus.publish(
            VoiceJudged(
                meeting_id=meeting_id,
                speaker_key=voice.speaker_key,
                is_known=voice.state != "no_data",
                payload=voice.model_dump(mode="json"),
            )
        )


def _speech_of(phrase: Phrase) -> Samples:
    """A phrase without the silence at its end."""
    return phrase.pcm[: (phrase.end_us - phrase.begin_us) * RATE_HZ // 1_000_000]
