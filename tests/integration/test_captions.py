"""What is said becomes lines: of the right speaker, soon, kept, and told to everybody who is to know."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import numpy as np
import psutil
import pytest
from support.media import MediaClient
from support.people import Frame, Person, Tab
from support.sounds import music, noise
from support.speech import RATE_HZ, Prompt, Speech, missed, programme, prompts
from support.stage import Stage
from support.wait import eventually

Register = Callable[[str], Awaitable[Person]]
STATE, LINE, RESULT = 25, 26, 17
CAPTIONS = "/api/v1/ai/captions"
PATIENCE_S = 90.0


def spoken(count: int, *, offset: int = 0) -> list[Prompt]:
    """So many prompts, always the same."""
    chosen = sorted(prompts().values(), key=lambda one: one.name)
    return chosen[offset::7][:count]


@pytest.fixture
async def stage(register: Register) -> AsyncIterator[Stage]:
    stage = Stage(register, settings={"enable_ai": True})
    yield stage
    await stage.close()


async def speak(client: MediaClient) -> Speech:
    microphone = Speech()
    await client.speak(microphone)
    await client.expect_connected(within_s=15)
    return microphone


async def switch(person: Person, meeting_id: int, *, on: bool) -> Any:
    return await person.request("POST", f"{CAPTIONS}/{meeting_id}", {"enabled": on})


async def switched_on(client: MediaClient, meeting_id: int) -> None:
    answer = await switch(client.tab.person, meeting_id, on=True)
    assert answer.status_code == 200, answer.text


async def final_lines(tab: Tab, count: int, *, within_s: float = PATIENCE_S) -> list[dict[str, Any]]:
    """So many finished lines, each with the moment it came as ``came_ms``."""

    def is_final(frame: Frame) -> bool:
        line = frame["payload"]
        return frame["type"] == LINE and line["is_final"] and bool(line["text"])

    found: list[dict[str, Any]] = []
    deadline = time.monotonic() + within_s
    while len(found) < count:
        frame = await tab.next(is_final, within_s=max(0.1, deadline - time.monotonic()))
        found.append({**frame["payload"], "came_ms": time.time() * 1000})
    return found


@pytest.mark.timeout(240)
async def test_each_line_has_its_speaker_and_is_kept(stage: Stage) -> None:
    ada, bo = [await stage.come(name, "media_push", "captions") for name in ("ada", "bo")]
    microphones = [await speak(ada), await speak(bo)]
    await switched_on(ada, stage.meeting_id)
    for client in (ada, bo):
        state = await client.tab.expect(STATE)
        assert state["payload"]["enabled"] is True
        assert state["payload"]["by"]["user_id"] == ada.tab.person.user_id

    sayings = [spoken(3), spoken(3, offset=3)]
    for microphone, said in zip(microphones, sayings, strict=True):
        microphone.play(programme(said, pause_s=1.5))
    heard = await final_lines(bo.tab, 6)
    for client, said in zip((ada, bo), sayings, strict=True):
        own = [line for line in heard if line["speaker_key"] == client.tab.peer_id]
        assert {line["user_id"] for line in own} == {client.tab.person.user_id}
        assert {line["language"] for line in own} == {"en"}
        text = " ".join(line["text"] for line in own)
        assert missed(" ".join(one.text for one in said), text) < 0.4, text
    for line in heard:
        assert line["timestamp_ms"] < line["end_ms"] < line["came_ms"]

    person = bo.tab.person
    path = f"/api/v1/ai/transcripts/{stage.meeting_id}"
    kept = (await person.request("GET", path)).json()["data"]["lines"]
    assert {line["line_id"] for line in heard} <= {line["line_id"] for line in kept}
    assert all(line["words"] for line in kept)
    vtt = await person.request("GET", f"{path}/download?format=vtt")
    assert vtt.text.startswith("WEBVTT\n")
    assert f"<v {ada.tab.person.name}>" in vtt.text


@pytest.mark.timeout(240)
async def test_a_phrase_grows_and_old_clients_get_it_when_it_is_finished(stage: Stage) -> None:
    ada = await stage.come("ada", "media_push", "captions")
    old = await stage.come("olga", "media_push")
    microphone = await speak(ada)
    await switched_on(ada, stage.meeting_id)
    long = max(prompts().values(), key=lambda one: one.seconds)
    states: list[dict[str, Any]] = []
    # The first phrases may come while the model is still being loaded, and be shown only in full.
    microphone.play(programme([long], pause_s=2), loops=True)
    deadline = time.monotonic() + PATIENCE_S
    while not any(state["is_final"] for state in states) or len(states) < 2:
        left_s = max(0.1, deadline - time.monotonic())
        line = (await ada.tab.next(lambda frame: frame["type"] == LINE, within_s=left_s))["payload"]
        states = [state for state in states if state["line_id"] == line["line_id"]] + [line]
    assert [state["is_final"] for state in states] == [False] * (len(states) - 1) + [True]
    result = (await old.tab.expect(RESULT))["payload"]
    assert set(result) == {"line_id", "speaker_key", "speaker_label", "timestamp_ms", "text", "tags"}
    assert result["speaker_key"] == ada.tab.peer_id
    assert not [frame for frame in await old.tab.settle() if frame["type"] in (STATE, LINE)]


@pytest.mark.timeout(240)
async def test_silence_noise_and_music_are_no_words(stage: Stage) -> None:
    ada = await stage.come("ada", "media_push", "captions")
    microphone = await speak(ada)
    await switched_on(ada, stage.meeting_id)
    for sound in (noise(30), music(30)):
        pcm = np.frombuffer(sound, "<i2")
        wide = np.interp(np.arange(pcm.size * 3) / 3, np.arange(pcm.size), pcm).astype(np.int16)
        microphone.play(np.concatenate([wide, np.zeros(RATE_HZ * 3, np.int16)]))

        async def is_over() -> bool:
            return microphone.is_over

        await eventually(is_over, bool, within_s=60)
    # What speaks afterwards is heard, so the ears were open all the time.
    microphone.play(programme(spoken(1), pause_s=1))
    first = (await final_lines(ada.tab, 1))[0]
    assert missed(spoken(1)[0].text, first["text"]) < 0.5, first["text"]


@pytest.mark.timeout(240)
async def test_a_fallen_model_is_replaced_and_captions_go_on(stage: Stage) -> None:
    ada = await stage.come("ada", "media_push", "captions")
    microphone = await speak(ada)
    await switched_on(ada, stage.meeting_id)
    microphone.play(programme(spoken(2), pause_s=1), loops=True)
    await final_lines(ada.tab, 1)
    fallen = workers()
    assert fallen
    for worker in fallen:
        worker.kill()
    after = await final_lines(ada.tab, 3)
    assert after
    assert {worker.pid for worker in workers()}.isdisjoint({worker.pid for worker in fallen})


async def test_who_may_switch_them(stage: Stage, register: Register) -> None:
    ada = await stage.come("ada", "captions")
    bo = await stage.come("bo", "captions")
    stranger = await register("stranger")
    path = f"{CAPTIONS}/{stage.meeting_id}"
    assert (await switch(bo.tab.person, stage.meeting_id, on=True)).status_code == 403
    assert (await switch(stranger, stage.meeting_id, on=True)).status_code in (403, 404)
    assert (await switch(ada.tab.person, 2**31 - 1, on=True)).status_code == 404
    for body in ({}, {"enabled": "yes"}, []):
        assert (await ada.tab.person.request("POST", path, body)).status_code == 400
    assert (await bo.tab.person.request("GET", path)).json()["data"]["enabled"] is False

    await switched_on(ada, stage.meeting_id)
    assert (await switch(bo.tab.person, stage.meeting_id, on=False)).status_code == 403
    late = await stage.come("late", "captions")
    assert (await late.tab.expect(STATE))["payload"]["enabled"] is True
    assert (await late.tab.person.request("GET", path)).json()["data"]["enabled"] is True
    assert (await switch(ada.tab.person, stage.meeting_id, on=False)).status_code == 200
    for client in (ada, bo, late):
        await client.tab.next(lambda it: it["type"] == STATE and not it["payload"]["enabled"])


async def test_a_meeting_that_forbids_it_has_none(register: Register) -> None:
    host = await register("host")
    meeting_id = await host.create_meeting(settings={"enable_ai": False})
    answer = await switch(host, meeting_id, on=True)
    assert answer.status_code == 403
    assert "switched off in this meeting" in answer.json()["message"]
    over = await host.create_meeting(settings={"enable_ai": True})
    assert (await host.request("POST", f"/api/v1/meetings/{over}/end")).status_code == 200
    assert (await switch(host, over, on=True)).status_code == 409


async def test_without_a_model_the_command_is_named(make_salon: Any, tmp_path: Any) -> None:
    own = make_salon(ai={"models_dir": tmp_path / "none"})
    host = await Person.register(own.url, "host")
    meeting_id = await host.create_meeting(settings={"enable_ai": True})
    answer = await switch(host, meeting_id, on=True)
    assert answer.status_code == 503
    assert "salon models pull" in answer.json()["message"]
    told = (await host.request("GET", "/api/v1/ai/connectivity")).json()["data"]
    assert (told["overall_healthy"], told["http"]["available"]) == (False, False)
    assert "salon models pull" in told["http"]["error"]
    await host.close()


@pytest.mark.timeout(240)
async def test_streams_tell_what_is_listened_to(stage: Stage, register: Register) -> None:
    ada = await stage.come("ada", "media_push", "captions")
    microphone = await speak(ada)
    person, stranger = ada.tab.person, await register("stranger")

    async def streams() -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await person.request("GET", "/api/v1/ai/streams")).json()["data"][
            "streams"
        ]
        return found

    before = await eventually(streams, bool, within_s=15)
    assert [(one["is_active"], one["ai_tasks"], one["last_processed"]) for one in before] == [
        (False, [], None)
    ]
    await switched_on(ada, stage.meeting_id)
    microphone.play(programme(spoken(2), pause_s=1), loops=True)
    await final_lines(ada.tab, 1)
    after = await streams()
    assert after[0]["is_active"] is True
    assert after[0]["ai_tasks"] == ["speech_recognition"]
    assert after[0]["last_processed"] is not None
    path = f"/api/v1/ai/streams/{after[0]['stream_id']}"
    assert after[0]["stream_id"].startswith(ada.peer_id)
    one = (await person.request("GET", path)).json()["data"]
    assert one["video_buffer"] == 0
    assert one["audio_buffer"] >= 0
    assert (await stranger.request("GET", path)).status_code == 404
    assert (await stranger.request("GET", "/api/v1/ai/streams")).json()["data"]["count"] == 0
    told = (await person.request("GET", "/api/v1/ai/connectivity")).json()["data"]
    assert told["overall_healthy"] is True
    metrics = (await person.http.get("/metrics")).text
    assert "salon_captions_lag_seconds_count" in metrics
    assert 'salon_captions_dropped_seconds_total{outcome="late"}' in metrics
    assert 'salon_ai_done_total{pool="captions"}' in metrics


def workers() -> list[psutil.Process]:
    """Processes of this one that hold models."""
    children = psutil.Process().children(recursive=True)
    return [child for child in children if "salon.ai.worker" in child.cmdline()]
