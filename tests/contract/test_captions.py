"""Captions over HTTP: who may switch them, and what is told about what is listened to."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from support.captions import CAPTIONS, STATE, final_lines, speak, spoken, switch, switched_on
from support.people import Person
from support.speech import programme
from support.stage import Stage
from support.wait import eventually

Register = Callable[[str], Awaitable[Person]]


@pytest.fixture
async def stage(register: Register) -> AsyncIterator[Stage]:
    stage = Stage(register, settings={"enable_ai": True})
    yield stage
    await stage.close()


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
    for client in (ada, bo):
        # As it was when they came, and both changes.
        for is_on in (False, True, False):
            assert (await client.tab.expect(STATE))["payload"]["enabled"] is is_on
    assert (await late.tab.expect(STATE))["payload"]["enabled"] is False


async def test_who_cannot_decide_is_asked_to_wait(make_salon: Any) -> None:
    own = make_salon(rate_limit="on")
    host = await Person.register(own.url, "host")
    meeting_id = await host.create_meeting(settings={"enable_ai": True})
    answers = [(await switch(host, meeting_id, on=False)).status_code for _ in range(70)]
    assert answers[:55] == [200] * 55
    assert answers[-1] == 429
    await host.close()


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
    assert (await person.request("GET", "/api/v1/ai/streams/%00")).status_code == 400
    assert (await stranger.request("GET", "/api/v1/ai/streams")).json()["data"]["count"] == 0
    told = (await person.request("GET", "/api/v1/ai/connectivity")).json()["data"]
    assert told["overall_healthy"] is True
    metrics = (await person.http.get("/metrics")).text
    assert "salon_captions_lag_seconds_count" in metrics
    assert 'salon_captions_dropped_seconds_total{outcome="late"}' in metrics
    assert 'salon_ai_done_total{pool="captions"}' in metrics
