"""What people see before the call: narrow screens, Chinese, the keyboard."""

from __future__ import annotations

from pathlib import Path

from conftest import Crew
from harness.tab import field, role, test_id

OVERFLOW = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
PHONE_PX = (360, 740)


async def test_before_and_in_a_call_everything_fits_on_a_phone(crew: Crew, pictures: Path) -> None:
    ada = await crew.chromium("Ada", size_px=PHONE_PX)
    meeting_id = await ada.create_meeting("On the road")
    assert await ada.tab.evaluate(OVERFLOW) <= 0
    await ada.go_to(meeting_id)
    await ada.tab.screenshot(pictures / "phone-pre-join.png")
    assert await ada.tab.evaluate(OVERFLOW) <= 0
    await ada.press_join()
    await ada.tab.screenshot(pictures / "phone-call.png")
    assert await ada.tab.evaluate(OVERFLOW) <= 0
    for name in ("mic-button", "camera-button", "leave-button"):
        await ada.tab.click(test_id(name))


async def test_a_chinese_browser_is_greeted_in_chinese(crew: Crew, pictures: Path) -> None:
    wen = await crew.chromium("Wen", locale="zh-CN", sign_in=False)
    await wen.tab.goto(wen.server.url)
    await wen.tab.click(role("tab", "注册"))
    await wen.tab.fill(field("username"), "wen")
    await wen.tab.screenshot(pictures / "chinese-sign-up.png")
    assert await wen.tab.evaluate("() => document.documentElement.lang") == "zh-CN"


async def test_a_call_can_be_joined_muted_and_left_with_the_keyboard_alone(crew: Crew) -> None:
    ada = await crew.chromium("Ada")
    meeting_id = await ada.create_meeting("No mouse")
    await ada.go_to(meeting_id)
    await ada.tab_to("join-button")
    await ada.tab.press("Enter")
    await ada.expect_in_call()
    await ada.tab_to("mic-button")
    await ada.tab.press("Enter")
    assert (await ada.state_of("mic-button"))["label"] == "Unmute microphone"  # type: ignore[index]
    await ada.tab_to("leave-button")
    await ada.tab.press("Enter")
    await ada.expect_left()
