"""How long a click on Join takes until somebody is seen."""

from __future__ import annotations

from conftest import Crew
from support.aims import hold
from test_call import first_frames_s

JOINS = 10
P50_AIM_S = 0.8
P95_AIM_S = 1.5


async def test_the_first_remote_frame_comes_soon_after_the_click_on_join(crew: Crew) -> None:
    ada, bo = await crew.chromium("Ada"), await crew.chromium("Bo")
    meeting_id = await ada.create_meeting("Quick")
    await ada.enter(meeting_id)
    times_s = []
    for _ in range(JOINS):
        await bo.go_to(meeting_id)
        await bo.press_join()
        await bo.expect_live_tiles({"Ada"}, within_s=15)
        times_s.append(await first_frames_s(bo, of=1))
        await bo.leave()
        await ada.expect_live_tiles(set(), within_s=10)
    times_s.sort()
    print("join to first remote frame, s:", ", ".join(f"{it:.2f}" for it in times_s))
    hold("p50", times_s[JOINS // 2 - 1], aim_s=P50_AIM_S)
    hold("p95", times_s[-1], aim_s=P95_AIM_S)
