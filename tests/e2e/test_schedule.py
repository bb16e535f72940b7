"""Planning a meeting, changing it, taking it away."""

from __future__ import annotations

from pathlib import Path

from conftest import Crew
from harness.tab import field, role, test_id

OVERFLOW = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
PHONE_PX = (360, 740)


async def test_a_meeting_is_planned_changed_and_cancelled(crew: Crew, pictures: Path) -> None:
    ada = await crew.chromium("Ada", size_px=(1280, 800))
    await ada.tab.click(role("button", "Schedule"))
    await ada.expect_text("Schedule a meeting")
    await ada.tab.screenshot(pictures / "schedule.png")
    await ada.tab.click(test_id("plan-submit"))
    await ada.expect_text("Please fill this in.")
    await ada.tab.fill(field("title"), "Planned with care")
    await ada.tab.fill(role("textbox", "Description optional"), "Bring your notes")
    await ada.tab.click(role("switch", "Lobby"))
    await ada.tab.click(role("switch", "Chat"))
    await ada.tab.fill(field("seats"), "12")
    await ada.tab.click(test_id("plan-submit"))
    await ada.expect_text("Bring your notes")
    await ada.expect_text("Up to 12 people")
    await ada.tab.screenshot(pictures / "details.png")

    (planned,) = (await ada.call("GET", "/meetings"))["list"]
    assert planned["settings"]["require_approval"] is True
    assert planned["allows"]["chat"] is False
    assert planned["allows"]["screen_share"] is True

    await ada.tab.click(role("button", "Change"))
    await ada.tab.fill(field("title"), "Planned again")
    await ada.tab.click(role("switch", "Chat"))
    await ada.tab.screenshot(pictures / "edit.png")
    await ada.tab.click(role("button", "Save changes"))
    await ada.expect_text("Saved")
    (changed,) = (await ada.call("GET", "/meetings"))["list"]
    assert changed["title"] == "Planned again"
    assert changed["allows"]["chat"] is True
    assert changed["settings"]["require_approval"] is True

    await ada.tab.click(role("button", "Cancel meeting"))
    await ada.tab.click(test_id("confirm-button"))
    await ada.expect_text("The meeting is cancelled")
    await ada.expect_no_text("Planned again")


async def test_planning_fits_on_a_phone(crew: Crew, pictures: Path) -> None:
    wen = await crew.chromium("Wen", size_px=PHONE_PX)
    await wen.tab.goto(f"{wen.server.url}/schedule")
    await wen.expect_text("Schedule a meeting")
    assert await wen.tab.evaluate(OVERFLOW) <= 0
    await wen.tab.screenshot(pictures / "phone-schedule.png")
    meeting_id = await wen.plan("A rather long title that has to break somewhere", allow_guests=True)
    await wen.tab.goto(f"{wen.server.url}/meetings/{meeting_id}")
    await wen.expect_text("Add to calendar")
    assert await wen.tab.evaluate(OVERFLOW) <= 0
    await wen.tab.screenshot(pictures / "phone-details.png")
