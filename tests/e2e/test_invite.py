"""Invite links: made by a host, used with and without an account, taken back."""

from __future__ import annotations

from pathlib import Path

from conftest import Crew
from harness.person import Person
from harness.tab import field, role, test_id
from harness.wait import eventually

LINK = """() => [...document.querySelectorAll("input")].map((e) => e.value)
  .find((text) => text.includes("/invite/")) ?? "" """


async def make_link(host: Person, meeting_id: int) -> str:
    await host.tab.goto(f"{host.server.url}/meetings/{meeting_id}")
    await host.tab.click(test_id("make-invite"))
    return str(
        await eventually(lambda: host.tab.evaluate(LINK), bool, within_s=10, what="the new link is shown")
    )


async def test_a_guest_comes_in_by_a_link_under_a_name(crew: Crew, pictures: Path) -> None:
    ada = await crew.chromium("Ada", size_px=(1280, 800))
    gus = await crew.chromium("Gus", sign_in=False)
    meeting_id = await ada.plan("Open house", allow_guests=True)
    link = await make_link(ada, meeting_id)
    await ada.tab.screenshot(pictures / "invite-links.png")
    await ada.enter(meeting_id)

    await gus.tab.goto(link)
    await gus.expect_text("Ada invites you to")
    await gus.tab.screenshot(pictures / "invite-guest.png")
    await gus.tab.click(role("button", "Come in as a guest"))
    await gus.expect_text("Please fill this in.")
    await gus.tab.fill(field("guest-name"), "Gus the guest")
    await gus.tab.click(role("button", "Come in as a guest"))
    await gus.press_join()
    await ada.expect_live_tiles({"Gus the guest"}, within_s=20)
    await gus.expect_seen_and_heard({"Ada"})
    await gus.write("Hello from outside")
    await ada.expect_chat_once("Hello from outside")

    await gus.tab.goto(gus.server.url)
    await gus.expect_text("You are here as a guest")


async def test_somebody_with_an_account_comes_in_by_a_link_without_the_password(crew: Crew) -> None:
    ada, bo = await crew.chromium("Ada"), await crew.chromium("Bo")
    meeting_id = await ada.plan("By invitation")
    await ada.call("PUT", f"/meetings/{meeting_id}", {"password": "secret"})
    link = await make_link(ada, meeting_id)
    await ada.enter(meeting_id)
    await bo.tab.goto(link)
    await bo.tab.click(test_id("accept-invite"))
    await bo.press_join()
    await ada.expect_live_tiles({"Bo"}, within_s=20)


async def test_a_link_that_was_taken_back_leads_nowhere(crew: Crew) -> None:
    ada = await crew.chromium("Ada", size_px=(1280, 800))
    gus = await crew.chromium("Gus", sign_in=False)
    meeting_id = await ada.plan("No more", allow_guests=True)
    link = await make_link(ada, meeting_id)
    await gus.tab.goto(link)
    await gus.expect_text("Ada invites you to")
    await ada.tab.click(test_id("revoke-invite"))
    await ada.expect_text("No links yet.")
    await gus.tab.goto(link)
    await gus.expect_text("This invitation is not valid")


async def test_without_guests_in_the_meeting_a_link_asks_for_an_account(crew: Crew) -> None:
    ada = await crew.chromium("Ada")
    gus = await crew.chromium("Gus", sign_in=False)
    link = await make_link(ada, await ada.plan("Members only"))
    await gus.tab.goto(link)
    await gus.expect_text("This link is for people with an account here.")
    await gus.tab.click(role("button", "Sign in"))
    await gus.expect_text("Create account")
