"""Hosts, and nobody else, are told when a voice in their meeting may be made by a machine."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from support.captions import CAPTIONS, final_lines, speak, spoken, switched_off, switched_on
from support.detector_server import DetectorServer
from support.people import Frame, Person, Tab
from support.server import Salon
from support.speech import programme
from support.stage import Stage
from support.transcripts import AI, address_of, data, status
from support.wait import eventually

from salon.signaling.wire import MessageType

pytestmark = pytest.mark.timeout(400)

VOICE = int(MessageType.VOICE_STATE)
PATIENCE_S = 120.0


@dataclass
class House:
    """A Salon with a detector, and a meeting in it."""

    salon: Salon
    stage: Stage
    admin: Person

    async def audited(self) -> list[tuple[str, str]]:
        """What the audit log says of voices, oldest first."""
        query = {"action": "voice.", "meeting_id": self.stage.meeting_id}
        found = (await data(self.admin, "/api/v1/admin/audit", **query))["list"]
        return [(one["action"], one["target"]) for one in reversed(found)]


@pytest.fixture
def detector() -> Iterator[DetectorServer]:
    with DetectorServer() as server:
        yield server


@pytest.fixture
async def house(make_salon: Callable[..., Salon], detector: DetectorServer) -> AsyncIterator[House]:
    salon = make_salon(ai=detector.settings)
    people: list[Person] = []

    async def register(name: str) -> Person:
        people.append(await Person.register(salon.url, name))
        return people[-1]

    stage = Stage(register, settings={"enable_ai": True})
    admin = await Person.register_admin(salon, "admin")
    yield House(salon, stage, admin)
    await stage.close()
    for person in (admin, *people):
        await person.close()


async def voice(tab: Tab, state: str, *, of: str) -> dict[str, Any]:
    """The next message that says so of this speaker."""

    def is_it(frame: Frame) -> bool:
        told = frame["payload"]
        return frame["type"] == VOICE and told["state"] == state and told["speaker_key"] == of

    return dict((await tab.next(is_it, within_s=PATIENCE_S))["payload"])


async def test_a_suspicious_voice_is_told_to_hosts_kept_and_cleared(
    house: House, detector: DetectorServer
) -> None:
    stage = house.stage
    host = await stage.come("host", "captions", "voices")
    plain = await stage.come("plain", "captions", "voices")
    silent = await stage.come("mod", "captions", "voices")
    speaker = await stage.come("speaker", "media_push", "captions", "voices")
    meeting, key = stage.meeting_id, speaker.tab.peer_id
    path = f"{CAPTIONS}/{meeting}/voices"
    detector.score = 0.95
    microphone = await speak(speaker)
    await switched_on(host, meeting)
    microphone.play(programme(spoken(6), pause_s=0.8), loops=True)

    told = await voice(host.tab, "suspicious", of=key)
    assert (told["user_id"], told["speaker_label"]) == (speaker.tab.person.user_id, speaker.tab.person.name)
    assert told["score"] == pytest.approx(0.95)
    assert told["speech_s"] >= 8
    assert all(seconds >= 4 for seconds in detector.heard_s)
    now = await data(host.tab.person, path)
    assert now["detector"] == "open-inference-voice"
    assert [(one["speaker_key"], one["state"]) for one in now["voices"]] == [(key, "suspicious")]
    assert await house.audited() == [("voice.suspected", f"user:{speaker.tab.person.user_id}")]

    # Who comes, or becomes a moderator, is told too; who did not ask for it is not.
    host_again = await host.tab.person.enter(meeting, capabilities=["voices"])
    assert (await voice(host_again, "suspicious", of=key))["score"] is not None
    old = await host.tab.person.enter(meeting, capabilities=["captions"])
    role = f"/api/v1/meetings/{meeting}/participants/{silent.tab.person.user_id}/role"
    assert await status(host.tab.person, "PUT", role, {"role": 2}) == 200
    await voice(silent.tab, "suspicious", of=key)

    streams = (await data(host.tab.person, f"{AI}/streams"))["streams"]
    assert [one["ai_tasks"] for one in streams] == [["speech_recognition", "synthesis_detection"]]

    detector.score = 0.03
    cleared = await voice(host.tab, "ok", of=key)
    assert cleared["score"] <= 0.5
    assert [action for action, _ in await house.audited()] == ["voice.suspected", "voice.cleared"]
    await switched_off(host, meeting)
    gone = await voice(host.tab, "no_data", of=key)
    assert (gone["score"], gone["speech_s"]) == (None, 0)
    assert (await data(host.tab.person, path))["voices"] == []

    for tab in (plain.tab, speaker.tab, old):
        assert [frame for frame in await tab.settle() if frame["type"] == VOICE] == []
        await tab.close() if tab is old else None
    await host_again.close()
    await _look_at_what_is_left(house, host.tab.person, plain.tab.person, silent.tab.person)


async def _look_at_what_is_left(house: House, host: Person, plain: Person, moderator: Person) -> None:
    meeting = house.stage.meeting_id
    notes = await data(host, address_of(meeting, "voices"))
    assert notes["total"] == 2
    assert [(one["state"], one["speaker"][:7]) for one in notes["notes"]] == [
        ("suspicious", "speaker"),
        ("ok", "speaker"),
    ]
    assert notes["notes"][0]["score"] == pytest.approx(0.95)
    assert notes["notes"][0]["at"] < notes["notes"][1]["at"]
    for person, now, then in ((plain, 403, 403), (moderator, 200, 403), (house.admin, 404, 404)):
        assert await status(person, "GET", f"{CAPTIONS}/{meeting}/voices") == now
        assert await status(person, "GET", address_of(meeting, "voices")) == then
    figures = (await data(house.admin, "/api/v1/admin/ai"))["voices"]
    assert (figures["detector"], figures["ready"], figures["suspicious"]) == ("open-inference-voice", True, 0)
    assert figures["scored_s"] > 8
    metrics = (await host.http.get("/metrics")).text
    assert "salon_voices_scored_seconds_total" in metrics
    assert 'salon_voices_skipped_seconds_total{why="busy"}' in metrics
    assert "salon_voices_suspicious 0.0" in metrics
    # They go with the transcript.
    assert await status(host, "DELETE", address_of(meeting)) == 200
    assert (await data(host, address_of(meeting, "voices"))) == {"notes": [], "total": 0}


async def test_who_goes_is_forgotten_and_without_a_detector_nothing_is_said(
    house: House, detector: DetectorServer, make_salon: Callable[..., Salon]
) -> None:
    stage = house.stage
    host = await stage.come("host", "captions", "voices")
    speaker = await stage.come("speaker", "media_push", "captions")
    key = speaker.tab.peer_id
    microphone = await speak(speaker)
    await switched_on(host, stage.meeting_id)
    microphone.play(programme(spoken(6), pause_s=0.8), loops=True)
    assert (await voice(host.tab, "ok", of=key))["score"] == pytest.approx(0.1)
    await speaker.close()
    await speaker.tab.close()
    await voice(host.tab, "no_data", of=key)
    assert await house.audited() == []
    stage.clients.remove(speaker)

    async def voices() -> Any:
        return (await data(host.tab.person, f"{CAPTIONS}/{stage.meeting_id}/voices"))["voices"]

    assert await eventually(voices, lambda found: not found, within_s=10) == []

    bare = make_salon("bare")
    alone = await Person.register(bare.url, "host")
    other = Stage(lambda _name: Person.register(bare.url, "host"), settings={"enable_ai": True})
    client = await other.come("host", "media_push", "captions", "voices")
    microphone = await speak(client)
    await switched_on(client, other.meeting_id)
    microphone.play(programme(spoken(6), pause_s=0.8), loops=True)
    await final_lines(client.tab, 3)
    assert [frame for frame in await client.tab.settle() if frame["type"] == VOICE] == []
    said = await data(client.tab.person, f"{CAPTIONS}/{other.meeting_id}/voices")
    assert said == {"detector": "none", "voices": []}
    streams = (await data(client.tab.person, f"{AI}/streams"))["streams"]
    assert [one["ai_tasks"] for one in streams] == [["speech_recognition"]]
    await other.close()
    await alone.close()
