"""Waiting to be let in, from both sides of the door."""

from __future__ import annotations

from pathlib import Path

from conftest import Crew
from harness.person import Person
from harness.tab import role, test_id


async def knock(person: Person, meeting_id: int) -> None:
    await person.go_to(meeting_id)
    await person.tab.click(test_id("join-button"))
    await person.expect_text("The host will let you in")


async def test_who_is_let_in_comes_in_and_who_is_turned_away_reads_why(crew: Crew, pictures: Path) -> None:
    ada, bo, cy = [await crew.chromium(name) for name in ("Ada", "Bo", "Cy")]
    meeting_id = await ada.plan("Behind the door", require_approval=True)
    await ada.enter(meeting_id)
    await knock(bo, meeting_id)
    await ada.expect_text("Bo waits to be let in")
    await ada.tab.screenshot(pictures / "lobby-banner.png")
    await bo.expect_text("You are next.")
    await knock(cy, meeting_id)
    await cy.expect_text("You are number 2 in line.")

    await ada.tab.click(test_id("people-button"))
    await ada.tab.fill(role("textbox", "Message to those who wait"), "Two minutes, please")
    await ada.tab.press("Enter")
    for person in (bo, cy):
        await person.expect_text("Two minutes, please")
    await bo.tab.screenshot(pictures / "lobby-waiting.png")
    await ada.tab.screenshot(pictures / "lobby-list.png")

    await ada.tab.click(role("button", "Let Bo in"))
    await bo.expect_in_call()
    await ada.expect_live_tiles({"Bo"}, within_s=20)
    await ada.tab.click(role("button", "Turn Cy away"))
    await cy.expect_text("The host did not let you in")


async def test_who_stops_waiting_leaves_the_hosts_list(crew: Crew) -> None:
    ada, bo = await crew.chromium("Ada"), await crew.chromium("Bo")
    meeting_id = await ada.plan("Behind the door", require_approval=True)
    await ada.enter(meeting_id)
    await knock(bo, meeting_id)
    await ada.expect_text("Bo waits to be let in")
    await bo.tab.click(role("button", "Do not wait"))
    await ada.expect_no_text("Bo waits to be let in")


async def test_without_approval_nobody_waits(crew: Crew) -> None:
    ada, bo = await crew.chromium("Ada"), await crew.chromium("Bo")
    meeting_id = await ada.plan("Open door")
    await ada.enter(meeting_id)
    await bo.enter(meeting_id)
    await ada.expect_live_tiles({"Bo"}, within_s=20)
