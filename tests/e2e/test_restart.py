"""The server dies under a call and comes back."""

from __future__ import annotations

import time

from conftest import Crew
from harness.person import all_of
from harness.tab import test_id
from harness.wait import eventually
from support.aims import hold

BACK_AIM_S = 10.0


async def test_a_killed_server_loses_nothing_and_the_browsers_return_by_themselves(crew: Crew) -> None:
    ada, bo = await crew.chromium("Ada"), await crew.chromium("Bo")
    meeting_id = await ada.create_meeting("Power cut")
    await ada.enter(meeting_id)
    await bo.enter(meeting_id)
    await all_of(ada.expect_seen_and_heard({"Bo"}), bo.expect_seen_and_heard({"Ada"}))
    await ada.write("Before the cut")
    await bo.expect_chat_once("Before the cut")
    await bo.tab.click(test_id("mic-button"))
    await ada.expect_silence_of("Bo")

    await crew.server.kill()
    started = time.monotonic()
    await crew.server.start()
    answering = time.monotonic()

    async def both_back() -> tuple[bool, bool]:
        seen_by_ada, seen_by_bo = await all_of(ada.flows(over_s=0.5), bo.flows(over_s=0.5))
        return (
            "Bo" in seen_by_ada and seen_by_ada["Bo"].frames_per_second >= 10,
            "Ada" in seen_by_bo and seen_by_bo["Ada"].is_seen_and_heard,
        )

    await eventually(both_back, all, within_s=60, what="both see each other again")
    back = time.monotonic()
    print(f"both were back {back - started:.1f} s after the start")
    hold("from the server's first answer to both", back - answering, aim_s=BACK_AIM_S)

    await ada.expect_silence_of("Bo")
    assert (await bo.state_of("mic-button"))["label"] == "Unmute microphone"  # type: ignore[index]
    for person in (ada, bo):
        await person.expect_chat_once("Before the cut")
    await bo.write("After it")
    await ada.expect_chat_once("Before the cut", "After it")
    await bo.leave()
    await bo.sign_out()
    await bo.sign_in()
