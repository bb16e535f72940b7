"""What is said becomes lines: of the right speaker, soon, kept, and told to everybody who is to know."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import numpy as np
import psutil
import pytest
from support.captions import (
    CAPTIONS,
    LINE,
    PATIENCE_S,
    RESULT,
    STATE,
    final_lines,
    speak,
    spoken,
    switched_on,
)
from support.people import Person
from support.server import Salon
from support.sounds import music, noise
from support.speech import RATE_HZ, missed, programme, prompts
from support.stage import Stage
from support.wait import eventually

Register = Callable[[str], Awaitable[Person]]


@pytest.fixture
async def stage(register: Register) -> AsyncIterator[Stage]:
    stage = Stage(register, settings={"enable_ai": True})
    yield stage
    await stage.close()


@pytest.mark.timeout(240)
async def test_each_line_has_its_speaker_and_is_kept(stage: Stage) -> None:
    ada, bo = [await stage.come(name, "media_push", "captions") for name in ("ada", "bo")]
    microphones = [await speak(ada), await speak(bo)]
    await switched_on(ada, stage.meeting_id)
    for client in (ada, bo):
        state = await client.tab.expect(STATE, where=lambda frame: frame["payload"]["enabled"])
        assert state["payload"]["by"]["user_id"] == ada.tab.person.user_id

    sayings = [spoken(3), spoken(3, offset=3)]
    for microphone, said in zip(microphones, sayings, strict=True):
        # Again and again: a machine that has much else to do leaves some lines out.
        microphone.play(programme(said, pause_s=3), loops=True)
    heard: list[dict[str, Any]] = []
    while min(sum(line["speaker_key"] == one.tab.peer_id for line in heard) for one in (ada, bo)) < 2:
        heard += await final_lines(bo.tab, 1)
    texts = [" ".join(one.text for one in said) for said in sayings]
    for client, said, others in zip((ada, bo), texts, reversed(texts), strict=True):
        own = [line for line in heard if line["speaker_key"] == client.tab.peer_id]
        assert {line["user_id"] for line in own} == {client.tab.person.user_id}
        # A line may be read badly; it must not be what the other one said.
        wrong = [line["text"] for line in own if missed(line["text"], others) < missed(line["text"], said)]
        assert not wrong
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
async def test_the_model_is_loaded_for_a_host_who_is_about_to_want_captions(
    make_salon: Callable[..., Salon],
) -> None:
    salon = make_salon()
    people: list[Person] = []

    async def register(name: str) -> Person:
        people.append(await Person.register(salon.url, name))
        return people[-1]

    stage = Stage(register, settings={"enable_ai": True})
    before = set(workers())

    async def new() -> set[psutil.Process]:
        return set(workers()) - before

    host, guest = [await stage.come(name, "media_push", "captions") for name in ("ada", "bo")]
    for client in (guest, host):
        assert not await new()
        answer = await client.tab.person.request("GET", f"{CAPTIONS}/{stage.meeting_id}")
        assert answer.json()["data"]["enabled"] is False
    await eventually(new, bool, within_s=30)
    await stage.close()
    for person in people:
        await person.close()


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


def workers() -> list[psutil.Process]:
    """Processes of this one that hold models."""
    children = psutil.Process().children(recursive=True)
    return [child for child in children if "salon.ai.worker" in child.cmdline()]
