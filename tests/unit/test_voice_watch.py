"""How much of voices is scored, what is left out, and what is told, by a detector that says what it must."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from prometheus_client import CollectorRegistry

from salon.ai.audio import RATE_HZ, Samples
from salon.ai.live.reading import Outcome, Reading
from salon.ai.live.scorer import Hindrance, Unscored, VoiceScorer
from salon.ai.live.segmenter import Phrase, State
from salon.ai.live.voice_watch import MOST_KEPT_S, MOST_VOICES, VoiceWatch
from salon.ai.live.voices import VoiceKey
from salon.ai.transcripts.model import Line, Transcripts, VoiceNote
from salon.meeting.face import MeetingId
from salon.platform.bus import InProcessBus
from salon.platform.clock import SystemClock
from salon.signaling.face import (
    LiveSession,
    MediaSwitches,
    SessionId,
    Signaling,
    SignalingPeerId,
    VoiceJudged,
)
from salon.user.face import UserId

MEETING = MeetingId(7)
ROOM = "room"
PAUSE_S = 0.5


class Detector(VoiceScorer):
    """Foreign: says what it is told to, when it is let."""

    def __init__(self) -> None:
        self.says: float | None = 0.1
        self.why: Hindrance | None = None
        self.gate = asyncio.Event()
        self.gate.set()
        self.asked_s: list[float] = []
        self.at_once = self.most_at_once = 0

    def hindrance(self) -> Hindrance | None:
        return self.why

    async def score(self, speech: Samples) -> float:
        self.asked_s.append(speech.size / RATE_HZ)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        await self.gate.wait()
        self.at_once -= 1
        if self.says is None:
            raise Unscored("out of order")
        return self.says


class Present(Signaling):
    """Everybody who is asked for is in the meeting, but who has gone."""

    def __init__(self) -> None:
        self.gone: set[str] = set()
        self.names = ["ada", "bo"]

    async def list_live_sessions(
        self, *, meeting_id: MeetingId, user_id: UserId | None = None
    ) -> list[LiveSession]:
        return [
            LiveSession(
                session_id=SessionId(f"s_{name}"),
                signaling_peer_id=SignalingPeerId(f"web_{name}"),
                user_id=UserId(number),
                username=name,
                nickname="",
                meeting_id=meeting_id,
                connected_at=datetime.now(UTC),
                wants_media_push=False,
            )
            for number, name in enumerate(self.names, start=1)
            if name not in self.gone
        ]

    async def find_switches(self, *, session_id: SessionId) -> MediaSwitches | None:
        return None

    async def set_switches(self, *, session_id: SessionId, switches: MediaSwitches) -> None:
        return None


class Notes(Transcripts):
    """Keeps notes in a list; fails so many times first."""

    def __init__(self) -> None:
        self.kept: list[VoiceNote] = []
        self.failures = 0

    async def append(self, line: Line) -> None:
        raise AssertionError("no line is written here")

    async def note(self, note: VoiceNote, *, detector: str) -> None:
        if self.failures:
            self.failures -= 1
            raise OSError("the disk is full")
        self.kept.append(note)


class Bench:
    """A watch, and what it tells."""

    def __init__(self) -> None:
        self.detector, self.present, self.notes = Detector(), Present(), Notes()
        self.bus = InProcessBus()
        self.told: list[dict[str, Any]] = []
        self.bus.subscribe(VoiceJudged, self._on_judged)
        self.registry = CollectorRegistry()
        self.watch = VoiceWatch(
            detector="test",
            scorer=self.detector,
            signaling=self.present,
            transcripts=self.notes,
            bus=self.bus,
            clock=SystemClock(),
            registry=self.registry,
        )
        self._number = 0

    async def _on_judged(self, event: VoiceJudged) -> None:
        assert event.meeting_id == MEETING
        self.told.append(dict(event.payload))

    @property
    def states(self) -> list[tuple[Any, Any]]:
        return [(one["speaker_label"], one["state"]) for one in self.told]

    async def speak(
        self,
        seconds: float,
        *,
        by: str = "ada",
        track: str = "mic",
        room: str = ROOM,
        state: State = "final",
        outcome: Outcome = "read",
        text: str = "words",
    ) -> None:
        """A phrase of so much speech, and the pause that ended it; waits until nothing is left to do."""
        self._number += 1
        pcm = np.ones(int((seconds + PAUSE_S) * RATE_HZ), np.int16)
        phrase = Phrase(self._number, state, 0, int(seconds * 1e6), pcm)
        await self.watch.hear(
            MEETING, Reading(VoiceKey(room, f"web_{by}", track), phrase, outcome, text=text)
        )
        for _ in range(20):
            await asyncio.sleep(0)

    def skipped(self, why: str) -> float:
        found = self.registry.get_sample_value("salon_voices_skipped_seconds_total", {"why": why})
        assert found is not None
        return found


@pytest.fixture
def bench() -> Bench:
    return Bench()


async def test_speech_is_scored_when_enough_is_together_without_its_pauses(bench: Bench) -> None:
    await bench.speak(2.5)
    await bench.speak(1.0)
    assert bench.detector.asked_s == []
    await bench.speak(1.5)
    assert bench.detector.asked_s == [5.0]
    assert bench.registry.get_sample_value("salon_voices_scored_seconds_total") == 5.0


async def test_only_what_is_finished_and_is_words_counts(bench: Bench) -> None:
    await bench.speak(6, state="partial")
    await bench.speak(6, state="likely")
    await bench.speak(6, text="")
    assert bench.detector.asked_s == []
    await bench.speak(6, outcome="late")
    await bench.speak(5, outcome="failed")
    assert bench.detector.asked_s == []
    assert (bench.skipped("behind"), bench.skipped("failed")) == (6.0, 5.0)


async def test_hosts_are_told_of_changes_and_what_matters_is_kept(bench: Bench) -> None:
    for _ in range(3):
        await bench.speak(5)
    assert bench.states == [("ada", "ok")]
    bench.detector.says = 0.97
    for _ in range(8):
        await bench.speak(5)
    assert bench.states == [("ada", "ok"), ("ada", "suspicious")]
    last = bench.told[-1]
    assert set(last) == {"speaker_key", "user_id", "speaker_label", "state", "score", "speech_s", "at_ms"}
    assert (last["speaker_key"], last["user_id"]) == ("web_ada", 1)
    assert last["score"] >= 0.8
    assert bench.registry.get_sample_value("salon_voices_suspicious") == 1
    bench.detector.says = 0.02
    for _ in range(4):
        await bench.speak(5)
    assert bench.states[2:] == [("ada", "ok")]
    assert [(one.user_id, one.speaker, one.state) for one in bench.notes.kept] == [
        (1, "ada", "suspicious"),
        (1, "ada", "ok"),
    ]
    (shown,) = bench.watch.list_voices(ROOM)
    assert shown.speech_s == 75.0


async def test_one_piece_at_a_time_and_nobody_is_forgotten_over_another(bench: Bench) -> None:
    bench.detector.gate.clear()
    await bench.speak(5, by="ada")
    for _ in range(2):
        await bench.speak(5, by="bo")
        await bench.speak(5, by="ada")
    assert bench.detector.asked_s == [5.0]
    # What does not fit is counted.
    assert bench.skipped("busy") == pytest.approx(2 * (2 * 5 - MOST_KEPT_S))
    bench.detector.gate.set()
    for _ in range(40):
        await asyncio.sleep(0)
    assert bench.detector.asked_s == [5.0, MOST_KEPT_S, MOST_KEPT_S]
    assert bench.detector.most_at_once == 1
    assert sorted(bench.states) == [("ada", "ok"), ("bo", "ok")]


@pytest.mark.parametrize("why", ["busy", "behind"])
async def test_captions_come_first(bench: Bench, why: Hindrance) -> None:
    bench.detector.why = why
    for _ in range(3):
        await bench.speak(5)
    assert bench.detector.asked_s == []
    assert bench.skipped(why) == pytest.approx(15 - MOST_KEPT_S)
    bench.detector.why = None
    await bench.speak(0.5)
    assert bench.detector.asked_s == [MOST_KEPT_S]


async def test_a_phrase_longer_than_is_kept_is_cut(bench: Bench) -> None:
    await bench.speak(12)
    assert bench.detector.asked_s == [MOST_KEPT_S]
    assert bench.skipped("surplus") == pytest.approx(12 - MOST_KEPT_S)


async def test_a_detector_that_fails_makes_nothing_up(bench: Bench) -> None:
    bench.detector.says = None
    for _ in range(3):
        await bench.speak(5)
    assert bench.skipped("failed") == 15.0
    assert bench.told == []
    assert bench.watch.list_voices(ROOM) == []


async def test_what_could_not_be_kept_is_tried_again_and_told_then(bench: Bench) -> None:
    bench.detector.says = 1.0
    bench.notes.failures = 1
    await bench.speak(7)
    await bench.speak(5)
    assert bench.notes.kept == []
    assert "suspicious" not in [state for _, state in bench.states]
    await bench.speak(5)
    assert [one.state for one in bench.notes.kept] == ["suspicious"]
    assert bench.states[-1] == ("ada", "suspicious")


async def test_an_ended_track_and_a_room_without_captions_are_forgotten(bench: Bench) -> None:
    bench.detector.says = 0.97
    for name in ("ada", "bo"):
        for _ in range(3):
            await bench.speak(5, by=name)
    await bench.watch.end(VoiceKey(ROOM, "web_ada", "mic"))
    await bench.watch.end(VoiceKey(ROOM, "web_ada", "mic"))
    assert bench.states[-1] == ("ada", "no_data")
    assert bench.told[-1]["score"] is None
    await bench.watch.forget("another room")
    assert bench.states[-1] == ("ada", "no_data")
    await bench.watch.forget(ROOM)
    assert bench.states[-1] == ("bo", "no_data")
    assert bench.states.count(("ada", "no_data")) == 1
    assert bench.watch.list_voices(ROOM) == []
    # Forgetting clears nobody.
    assert [one.state for one in bench.notes.kept] == ["suspicious", "suspicious"]
    assert bench.registry.get_sample_value("salon_voices_suspicious") == 0
    # And who comes back begins anew.
    await bench.speak(5)
    assert bench.states[-1] == ("bo", "no_data")


async def test_what_is_scored_of_somebody_forgotten_is_not_told(bench: Bench) -> None:
    bench.detector.gate.clear()
    await bench.speak(8)
    await bench.watch.forget(ROOM)
    bench.detector.gate.set()
    await bench.speak(0.1)
    assert bench.told == []


async def test_of_two_tracks_of_one_speaker_the_more_suspicious_counts(bench: Bench) -> None:
    for _ in range(3):
        await bench.speak(5, track="mic")
    bench.detector.says = 0.97
    for _ in range(3):
        await bench.speak(5, track="screen")
    assert bench.states == [("ada", "ok"), ("ada", "suspicious")]
    await bench.watch.end(VoiceKey(ROOM, "web_ada", "screen"))
    assert bench.states[2:] == [("ada", "ok")]


async def test_a_speaker_who_is_gone_is_nobody(bench: Bench) -> None:
    bench.present.gone.add("ada")
    await bench.speak(8)
    assert bench.detector.asked_s == [8.0]
    assert bench.told == []
    assert bench.watch.list_voices(ROOM) == []


async def test_there_is_an_end_to_how_many_are_listened_to(bench: Bench) -> None:
    bench.present.names = [f"p{number}" for number in range(MOST_VOICES + 1)]
    for name in bench.present.names:
        await bench.speak(7, by=name)
    assert len(bench.watch.list_voices(ROOM)) == MOST_VOICES
    assert bench.states[-2:] == [("p0", "no_data"), (f"p{MOST_VOICES}", "ok")]


async def test_closing_ends_what_is_being_scored(bench: Bench) -> None:
    bench.detector.gate.clear()
    await bench.speak(5)
    await bench.watch.close()
    await bench.watch.close()
    assert bench.told == []
