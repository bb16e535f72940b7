"""What hosts do in a call, and what those concerned see of it."""

from __future__ import annotations

from pathlib import Path

from conftest import Crew
from harness.person import Person
from harness.tab import role, test_id


async def call_of_two(crew: Crew, **settings: bool) -> tuple[Person, Person, int]:
    ada, bo = await crew.chromium("Ada"), await crew.chromium("Bo")
    meeting_id = await ada.plan("Under supervision", **settings)
    await ada.enter(meeting_id)
    await bo.enter(meeting_id)
    await ada.expect_seen_and_heard({"Bo"})
    return ada, bo, meeting_id


async def choose(host: Person, name: str, action: str) -> None:
    """An entry of the menu beside somebody in the open list of people."""
    await host.tab.click(role("button", f"What to do with {name}"))
    await host.tab.click(role("menuitem", action))


async def test_a_muted_person_learns_by_whom_and_may_speak_again_by_hand(crew: Crew, pictures: Path) -> None:
    ada, bo, _ = await call_of_two(crew)
    await ada.tab.click(test_id("people-button"))
    await ada.tab.click(role("button", "What to do with Bo"))
    await ada.tab.screenshot(pictures / "person-menu.png")
    await ada.tab.click(role("menuitem", "Mute"))
    await bo.expect_text("muted you. Press M to speak.")
    await bo.expect_label("mic-button", "Unmute microphone")
    await ada.expect_silence_of("Bo")
    await bo.tab.click(test_id("mic-button"))
    await ada.expect_seen_and_heard({"Bo"})


async def test_who_is_held_cannot_speak_until_the_host_allows_it(crew: Crew, pictures: Path) -> None:
    ada, bo, _ = await call_of_two(crew)
    await ada.tab.click(test_id("people-button"))
    await choose(ada, "Bo", "Mute until I allow it")
    await bo.expect_label("mic-button", "A moderator muted you. They have to allow it first.")
    await bo.tab.press("m")
    await bo.tab.screenshot(pictures / "held.png")
    await ada.expect_silence_of("Bo")
    await choose(ada, "Bo", "Allow microphone and camera again")
    await bo.expect_label("mic-button", "Unmute microphone")
    await bo.tab.press("m")
    await ada.expect_seen_and_heard({"Bo"})


async def test_a_removed_person_is_told_and_cannot_come_back(crew: Crew) -> None:
    ada, bo, _ = await call_of_two(crew)
    await ada.tab.click(test_id("people-button"))
    await choose(ada, "Bo", "Remove from meeting")
    await ada.tab.click(test_id("confirm-button"))
    await bo.expect_text("You were removed")
    await ada.expect_live_tiles(set(), within_s=10)


async def test_a_new_moderator_gets_the_menus_and_a_locked_meeting_takes_nobody(crew: Crew) -> None:
    ada, bo, meeting_id = await call_of_two(crew)
    await ada.tab.click(test_id("people-button"))
    await ada.tab.click(role("button", "What to do with Bo"))
    await ada.tab.click(role("menuitemradio", "Moderator"))
    await bo.expect_text("You are a moderator now")
    await bo.tab.click(test_id("people-button"))
    await bo.tab.click(test_id("host-menu"))
    await bo.tab.click(role("menuitem", "Lock meeting"))
    await ada.expect_text("Locked: nobody new comes in")
    cy = await crew.chromium("Cy")
    await cy.go_to(meeting_id)
    await cy.tab.click(test_id("join-button"))
    await cy.expect_text("This meeting is locked")


async def test_a_meeting_without_chat_and_sharing_says_so(crew: Crew) -> None:
    ada = await crew.chromium("Ada")
    meeting_id = await ada.plan("Quiet", enable_chat=False, enable_screen_share=False)
    await ada.enter(meeting_id)
    await ada.tab.click(test_id("chat-button"))
    await ada.expect_text("Chat is switched off in this meeting.")
    await ada.expect_label("share-button", "Sharing is off in this meeting.")


async def test_the_host_ends_the_meeting_for_everybody(crew: Crew) -> None:
    ada, bo, _ = await call_of_two(crew)
    await ada.tab.click(test_id("people-button"))
    await ada.tab.click(test_id("host-menu"))
    await ada.tab.click(role("menuitem", "End for everybody"))
    await ada.tab.click(test_id("confirm-button"))
    for person in (ada, bo):
        await person.expect_text("The meeting has ended")
