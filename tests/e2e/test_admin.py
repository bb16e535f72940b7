"""Administrators at their pages, and what the others notice of it."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from conftest import Crew
from harness.person import Person, all_of
from harness.server import Account
from harness.tab import Tab, field, role, test_id
from harness.wait import eventually

OVERFLOW = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
INNER = """(name) => document.querySelector(`[data-testid="${name}"]`)?.innerText ?? ''"""
SECTIONS = {
    "overview": ("", "Overview", "概览"),
    "users": ("/users", "Users", "用户"),
    "meetings": ("/meetings", "Meetings", "会议"),
    "ai": ("/ai", "Intelligence", "智能"),
    "audit": ("/audit", "Audit log", "审计日志"),
}
PHONE_PX = (390, 844)
DESK_PX = (1280, 860)


async def administrator(crew: Crew, *, locale: str = "en-US", size_px: tuple[int, int] = DESK_PX) -> Person:
    """Someone signed in whom the command line made an administrator."""
    root = await crew.chromium("Root", locale=locale, size_px=size_px, sign_in=False)
    await Account.register(crew.server, root.username, root.nickname)
    await crew.server.make_admin(root.username)
    await root.tab.goto(crew.server.url)
    await root.tab.fill(field("username"), root.username)
    await root.tab.fill(field("password"), Account.PASSWORD)
    await root.tab.press("Enter")
    await root._expect_present("account-menu", True)
    return root


async def expect_figure(person: Person, name: str, value: int) -> None:
    """Wait until a card of the overview shows this figure."""
    await eventually(
        lambda: person.tab.evaluate(INNER, f"figure-{name}"),
        lambda text: str(value) in str(text).split(),
        within_s=15,
        what=f"{name} is {value}",
    )


async def settle_picture(tab: Tab, path: Path) -> None:
    """A picture once what is on its way is there."""
    await eventually(
        lambda: tab.evaluate(
            "() => document.querySelector('main') !== null && document.querySelector('[aria-busy]') === null"
        ),
        bool,
        within_s=15,
        what="nothing is loading",
    )
    await tab.screenshot(path)


async def test_a_ban_reaches_into_the_call_and_the_log_tells_of_it(crew: Crew, pictures: Path) -> None:
    root, bo, cy = await administrator(crew), await crew.chromium("Bo"), await crew.chromium("Cy")
    meeting_id = await cy.plan("Standup")
    await cy.enter(meeting_id)
    await bo.enter(meeting_id)
    await all_of(cy.expect_live_tiles({"Bo"}, within_s=30), bo.expect_live_tiles({"Cy"}, within_s=30))

    await root.tab.click(test_id("account-menu"))
    await root.tab.click(role("menuitem", "Administration"))
    for name, value in (("rooms", 1), ("people", 2), ("sessions", 2), ("accounts", 3)):
        await expect_figure(root, name, value)
    await root.expect_text("Standup")
    await settle_picture(root.tab, pictures / "admin-live.png")

    await root.tab.click(role("link", "Users"))
    await root.tab.fill(field("keyword"), "USER_B")
    await root.expect_no_text("user_cy")
    await root.tab.click(test_id("user-user_bo"))
    await root.tab.screenshot(pictures / "admin-user.png")
    await root.tab.click(test_id("ban-button"))
    await root.tab.screenshot(pictures / "admin-ban.png")
    banned_s = time.monotonic()
    await root.tab.click(test_id("confirm-button"))
    await bo.expect_text("Your access has ended", within_s=10)
    told_s = time.monotonic() - banned_s
    await cy.expect_live_tiles(set(), within_s=10)
    print(f"banned: told after {told_s:.2f} s, gone from the call after {time.monotonic() - banned_s:.2f} s")
    await bo.expect_left()
    await bo.tab.click(role("button", "To my meetings"))
    await bo.expect_text("You were signed out")

    await root.tab.click(test_id("unban-button"))
    await root.expect_text("Bo may sign in again")
    await bo.sign_in()
    await root.tab.press("Escape")

    await root.tab.click(role("link", "Overview"))
    await expect_figure(root, "people", 1)
    await root.tab.click(role("link", "Meetings"))
    await root.tab.click(role("button", "End Standup for everybody"))
    await root.tab.click(test_id("confirm-button"))
    await cy.expect_text("The meeting has ended")
    await root.tab.click(role("link", "Overview"))
    await root.expect_text("Nobody is in a meeting")

    await root.tab.click(role("link", "Audit log"))
    for sentence in (
        "user_root banned user_bo",
        "user_root lifted the ban on user_bo",
        f"user_root ended meeting no. {meeting_id} as an administrator",
    ):
        await root.expect_text(sentence)
    await root.tab.click(test_id("verify-button"))
    await root.expect_text("The log is whole")
    await root.tab.screenshot(pictures / "admin-verified.png")


async def test_who_is_no_administrator_finds_nothing(crew: Crew) -> None:
    bo = await crew.chromium("Bo")
    await bo.tab.click(test_id("account-menu"))
    await bo.expect_text("Sign out")
    await bo.expect_no_text("Administration")
    for path, _, _ in SECTIONS.values():
        await bo.tab.goto(f"{crew.server.url}/administration{path}")
        await bo.expect_text("Nothing here")


async def test_administrators_cannot_shut_themselves_out(crew: Crew) -> None:
    root = await administrator(crew)
    bo = await Account.register(crew.server, "user_bo", "Bo")
    await root.tab.goto(f"{crew.server.url}/administration/users")
    await root.tab.click(test_id("user-user_root"))
    await root.expect_text("This is your own account.")
    disabled = "() => [...document.querySelectorAll('dialog :is(button, select):disabled')].length"
    # Ban, delete, rank, status, and nothing to save yet.
    assert await root.tab.evaluate(disabled) == 5
    await root.tab.press("Escape")
    await root.tab.click(test_id("user-user_bo"))
    await root.tab.click(test_id("delete-button"))
    await root.tab.fill(field("confirm-username"), "user_b")
    await root.tab.click(test_id("confirm-button"))
    await root.expect_text("That is not the user name.")
    await root.tab.fill(field("confirm-username"), "user_bo")
    await root.tab.click(test_id("confirm-button"))
    await root.expect_text("The account is deleted")
    await root.expect_no_text("user_bo")
    with pytest.raises(Exception, match="401"):
        await bo.call("GET", "/users/profile")


@pytest.mark.parametrize("locale", ["en-US", "zh-CN"])
async def test_every_page_fits_on_desk_and_phone(crew: Crew, pictures: Path, locale: str) -> None:
    root = await administrator(crew, locale=locale)
    for number in range(24):
        person = await Account.register(crew.server, f"person_{number}", f"Person {number}")
        if number % 4 == 0:
            await person.create_meeting("A rather long title of a meeting about next year's plans")
    for name, (path, english, chinese) in SECTIONS.items():
        for size_px in (DESK_PX, PHONE_PX):
            await root.tab.resize(*size_px)
            await root.tab.goto(f"{crew.server.url}/administration{path}")
            await root.expect_text(english if locale == "en-US" else chinese)
            shape = "phone" if size_px == PHONE_PX else "desk"
            await settle_picture(root.tab, pictures / f"admin-{name}-{shape}-{locale}.png")
            assert await root.tab.evaluate(OVERFLOW) <= 0, (name, size_px)
    await root.tab.goto(f"{crew.server.url}/administration/users")
    await root.tab.click(test_id("user-person_23"))
    await root.tab.screenshot(pictures / f"admin-sheet-phone-{locale}.png")
    assert await root.tab.evaluate(OVERFLOW) <= 0
