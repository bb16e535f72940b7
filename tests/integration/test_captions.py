"""What is said becomes lines: of the right speaker, soon, kept, and told to everybody who is to know."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from support.media import MediaClient
from support.people import Person, Tab
from support.speech import Prompt, Speech, missed, programme, prompts
from support.stage import Stage

Register = Callable[[str], Awaitable[Person]]
STATE, LINE, RESULT = 25, 26, 17
SAID = ("agent-alreadyon", "conf-getpin", "vm-newpassword", "vm-reenterpassword")


def spoken(count: int, offset: int = 0) -> list[Prompt]:
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
    return await person.request("POST", f"/api/v1/ai/captions/{meeting_id}", {"enabled": on})


async def lines(
    tab: Tab, *, until: Callable[[list[dict[str, Any]]], bool], within_s: float
) -> list[dict[str, Any]]:
    """Final lines with the moment each came as `at_ms`, until there are enough."""
    found: list[dict[str, Any]] = []
    deadline = time.monotonic() + within_s
    while not until(found):
        frame = await tab.next(lambda it: it["type"] == LINE, within_s=max(0.1, deadline - time.monotonic()))
        line = frame["payload"]
        if line["is_final"] and line["text"]:
            found.append({**line, "at_ms": time.time() * 1000})
    return found


@pytest.mark.timeout(240)
async def test_each_line_has_its_speaker_and_comes_soon(stage: Stage) -> None:
    ada, bo = [await stage.come(name, "media_push", "captions") for name in ("ada", "bo")]
    old = await stage.come("olga", "media_push")
    microphones = [await speak(ada), await speak(bo)]
    answer = await switch(ada.tab.person, stage.meeting_id, on=True)
    assert answer.status_code == 200, answer.text
    assert answer.json()["data"]["by"]["user_id"] == ada.tab.person.user_id
    for client in (ada, bo):
        state = await client.tab.expect(STATE)
        assert state["payload"]["enabled"] is True

    sayings = [spoken(4), spoken(4, offset=3)]
    for microphone, said in zip(microphones, sayings, strict=True):
        microphone.play(programme(said, pause_s=1.5))
    heard = await lines(bo.tab, until=lambda found: len(found) >= 8, within_s=90)
    for client, said in zip((ada, bo), sayings, strict=True):
        own = [line for line in heard if line["speaker_key"] == client.tab.peer_id]
        assert {line["user_id"] for line in own} == {client.tab.person.user_id}
        text = " ".join(line["text"] for line in own)
        assert missed(" ".join(one.text for one in said), text) < 0.4, text
    lags = sorted(line["at_ms"] - line["end_ms"] for line in heard)
    print("lags", [round(lag) for lag in lags])
