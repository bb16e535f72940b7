"""Writing to each other."""

from __future__ import annotations

from conftest import Crew


async def test_chat_arrives_once_each_and_is_there_after_a_reload(crew: Crew) -> None:
    ada, bo = await crew.chromium("Ada"), await crew.chromium("Bo")
    meeting_id = await ada.create_meeting("Letters")
    await ada.enter(meeting_id)
    await bo.enter(meeting_id)

    await ada.write("Hello from Ada")
    await bo.write("你好，来自 Bo")
    for person in (ada, bo):
        await person.expect_chat_once("Hello from Ada", "你好，来自 Bo")

    await bo.enter(meeting_id)
    await bo.expect_chat_once("Hello from Ada", "你好，来自 Bo")
    await ada.write("Welcome back")
    for person in (ada, bo):
        await person.expect_chat_once("Hello from Ada", "你好，来自 Bo", "Welcome back")
