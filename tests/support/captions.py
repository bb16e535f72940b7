"""People whose speech becomes captions."""

from __future__ import annotations

import time
from typing import Any

from support.media import MediaClient
from support.people import Frame, Person, Tab
from support.speech import Prompt, Speech, prompts

STATE, LINE, RESULT = 25, 26, 17
"""Message types."""
CAPTIONS = "/api/v1/ai/captions"
PATIENCE_S = 90.0


def spoken(count: int, *, offset: int = 0) -> list[Prompt]:
    """So many prompts, always the same."""
    chosen = sorted(prompts().values(), key=lambda one: one.name)
    return chosen[offset::7][:count]


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


async def switched_off(client: MediaClient, meeting_id: int) -> None:
    answer = await switch(client.tab.person, meeting_id, on=False)
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
