"""One's own account: forgotten passwords, profile and picture, second factor, leaving."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pyotp
from conftest import Crew
from harness.person import Person
from harness.server import Account
from harness.tab import field, role, test_id
from harness.wait import eventually
from PIL import Image

NEW_PASSWORD = "Other@Pass456"
SECRET = """() => document.querySelector('[data-testid="factor-secret"]')?.innerText ?? "" """
CODES = (
    """() => [...document.querySelectorAll('[data-testid="recovery-codes"] li')].map((e) => e.innerText)"""
)
PICTURES = """(within) => [...document.querySelectorAll(`${within} img`)]
  .filter((e) => e.complete && e.naturalWidth > 0).map((e) => new URL(e.src).pathname)"""


async def expect_picture(person: Person, within: str) -> str:
    """Wait until a picture of this server is drawn there; its path."""
    shown = await eventually(
        lambda: person.tab.evaluate(PICTURES, within),
        lambda paths: any(path.startswith("/avatars/") for path in paths),
        within_s=15,
        what=f"{person.nickname} sees a picture in {within}",
    )
    return str(shown[0])


async def sign_in_with(person: Person, password: str) -> None:
    await person.tab.goto(person.server.url)
    await person.tab.fill(field("username"), person.username)
    await person.tab.fill(field("password"), password)
    await person.tab.click(role("button", "Sign in"))


async def open_account(person: Person) -> None:
    await person.tab.click(test_id("account-menu"))
    await person.tab.click(role("menuitem", "My account"))
    await person.expect_text("How others see you, and how you sign in.")


async def draw_picture(folder: Path) -> Path:
    path = folder / "me.png"
    Image.effect_noise((900, 600), 90).convert("RGB").save(path)
    return path


async def test_a_forgotten_password_is_replaced_with_the_mailed_code(crew: Crew) -> None:
    ada = await crew.chromium("Ada", sign_in=False)
    address = "user_ada@example.org"
    await Account.register(crew.server, ada.username, ada.nickname)
    await ada.tab.goto(crew.server.url)
    await ada.tab.click(role("link", "Forgot password?"))
    await ada.tab.fill(field("email"), address)
    await ada.tab.click(role("button", "Mail me a code"))
    await ada.expect_text(f"If {address} belongs to an account here")
    code = re.search(r"[A-Z2-9]{4}-[A-Z2-9]{4}", await crew.server.letter_to(address))
    assert code is not None

    await ada.tab.fill(field("code"), "AAAA-2222")
    await ada.tab.fill(field("password"), NEW_PASSWORD)
    await ada.tab.click(role("button", "Set password"))
    await ada.expect_text("This code is not valid (any more).")
    await ada.tab.fill(field("code"), code[0].lower())
    await ada.tab.click(role("button", "Set password"))
    await ada.expect_text("Your new password is set.")
    await sign_in_with(ada, NEW_PASSWORD)
    await ada.expect_home()


async def test_for_an_address_without_an_account_the_page_says_the_same(crew: Crew) -> None:
    eve = await crew.chromium("Eve", sign_in=False)
    await eve.tab.goto(f"{crew.server.url}/forgot-password")
    await eve.tab.fill(field("email"), "nobody@example.org")
    await eve.tab.click(role("button", "Mail me a code"))
    await eve.expect_text("If nobody@example.org belongs to an account here")


async def test_name_and_picture_are_changed_and_seen_by_the_others(
    crew: Crew, tmp_path: Path, pictures: Path
) -> None:
    ada, bo = await crew.chromium("Ada", size_px=(1280, 800)), await crew.chromium("Bo")
    await open_account(ada)
    too_large = tmp_path / "large.png"
    too_large.write_bytes(b"\x89PNG" + b"x" * (5 * 1024 * 1024))
    await ada.tab.choose_file("avatar", too_large)
    await ada.expect_text("This picture is larger than 5 MB")
    await ada.tab.choose_file("avatar", await draw_picture(tmp_path))
    await ada.expect_text("This is how it will look.")
    await ada.tab.click(test_id("use-avatar"))
    await ada.expect_text("Your picture is changed")
    await ada.tab.fill(field("nickname"), "Ada L.")
    await ada.tab.fill(field("phone"), "+41 44 000 00 00")
    await ada.tab.click(test_id("save-profile"))
    await ada.expect_text("Saved")
    picture = await expect_picture(ada, '[data-testid="profile-card"]')
    assert await expect_picture(ada, '[data-testid="account-menu"]') == picture
    await ada.tab.screenshot(pictures / "account.png")

    meeting_id = await ada.plan("Faces")
    await ada.go_to(meeting_id)
    await ada.tab.click(test_id("camera-button"))
    await ada.press_join()
    await bo.enter(meeting_id)
    tile = '[data-testid="tile"][data-name="Ada L."]'
    assert await expect_picture(bo, tile) == picture
    await ada.write("Do you see me?")
    await bo.expect_chat_once("Do you see me?")
    assert await expect_picture(bo, '[data-testid="chat-message"]') == picture
    await bo.tab.click(test_id("people-button"))
    assert await expect_picture(bo, 'li[data-name="Ada L."][data-muted]') == picture
    await bo.tab.screenshot(pictures / "account-faces.png")

    await ada.tab.goto(f"{crew.server.url}/account")
    await ada.tab.click(test_id("remove-avatar"))
    await ada.expect_text("Your picture is removed")
    profile = await ada.call("GET", "/users/profile")
    assert (profile["nickname"], profile["phone"], profile["avatar"]) == ("Ada L.", "+41 44 000 00 00", "")


async def switch_factor_on(person: Person) -> tuple[str, list[str]]:
    """The app's secret and the recovery codes."""
    await person.tab.click(test_id("setup-factor"))
    await person.tab.fill(field("proof-password"), Account.PASSWORD)
    await person.tab.click(test_id("factor-next"))
    shown = await eventually(
        lambda: person.tab.evaluate(SECRET), bool, within_s=10, what="the secret is shown"
    )
    secret = str(shown).replace(" ", "")
    await person.tab.fill(field("code"), pyotp.TOTP(secret).now())
    await person.tab.click(test_id("factor-enable"))
    codes = await eventually(
        lambda: person.tab.evaluate(CODES), lambda seen: len(seen) == 10, within_s=10, what="codes are shown"
    )
    await person.tab.click(test_id("codes-kept"))
    return secret, [str(code) for code in codes]


async def test_with_a_second_factor_on_the_sign_in_asks_for_a_code(crew: Crew) -> None:
    ada = await crew.chromium("Ada", size_px=(1280, 800))
    await open_account(ada)
    secret, codes = await switch_factor_on(ada)
    await ada.expect_text("10 recovery codes left")
    await ada.sign_out()

    await sign_in_with(ada, Account.PASSWORD)
    await ada.expect_text("One more step")
    await ada.tab.fill(field("code"), "000000")
    await ada.tab.click(role("button", "Confirm"))
    await ada.expect_text("This code is not right")
    # The code of the next half minute: the present one may have been used up to switch it on.
    await ada.tab.fill(field("code"), pyotp.TOTP(secret).at(int(time.time()) + 30))
    await ada.tab.click(role("button", "Confirm"))
    await ada.expect_home()
    await ada.sign_out()

    await sign_in_with(ada, Account.PASSWORD)
    await ada.tab.click(role("button", "Use a recovery code"))
    await ada.tab.fill(field("code"), codes[0])
    await ada.tab.click(role("button", "Confirm"))
    await ada.expect_home()

    await open_account(ada)
    await ada.expect_text("9 recovery codes left")
    await ada.tab.click(test_id("disable-factor"))
    await ada.tab.fill(field("proof-password"), Account.PASSWORD)
    await ada.tab.fill(field("proof-code"), codes[1])
    await ada.tab.click(test_id("proof-confirm"))
    await ada.expect_text("Two-factor sign-in is off")
    await ada.sign_out()
    await ada.sign_in()


async def test_a_new_password_keeps_this_browser_signed_in_and_ends_the_others(crew: Crew) -> None:
    ada = await crew.chromium("Ada", size_px=(1280, 800))
    other = await crew.chromium("Ada2", sign_in=False)
    other.username = ada.username
    await other.sign_in()
    await open_account(ada)
    await ada.tab.fill(field("old-password"), "Wrong@Pass000")
    await ada.tab.fill(field("new-password"), NEW_PASSWORD)
    await ada.tab.click(test_id("change-password"))
    await ada.expect_text("This password is not right.")
    await ada.tab.fill(field("old-password"), Account.PASSWORD)
    await ada.tab.click(test_id("change-password"))
    await ada.expect_text("Your password is changed")
    await ada.tab.goto(crew.server.url)
    await ada.expect_home()
    await other.tab.goto(crew.server.url)
    await other.expect_text("You were signed out.")


async def test_signing_out_everywhere_ends_the_sign_in_of_another_browser(crew: Crew) -> None:
    ada = await crew.chromium("Ada", size_px=(1280, 800))
    other = await crew.chromium("Ada2", sign_in=False)
    other.username = ada.username
    await other.sign_in()
    await ada.sign_out()
    await other.tab.goto(f"{crew.server.url}/account")
    await other.expect_text("How others see you")  # an ordinary sign-out ends its own browser's sign-in alone
    await ada.sign_in()
    await open_account(ada)
    await ada.tab.click(test_id("sign-out-everywhere"))
    await ada.tab.click(test_id("confirm-button"))
    await ada.expect_text("Forgot password?")
    await other.tab.goto(crew.server.url)
    await other.expect_text("You were signed out.")


async def test_an_account_is_deleted_once_its_name_is_typed(crew: Crew) -> None:
    ada = await crew.chromium("Ada", size_px=(1280, 800))
    await open_account(ada)
    await ada.tab.click(test_id("delete-account"))
    disabled = "() => document.querySelector('[data-testid=\"delete-confirm\"]').disabled"
    await ada.tab.fill(field("confirm-name"), "user_ad")
    assert await ada.tab.evaluate(disabled) is True
    await ada.tab.fill(field("confirm-name"), ada.username)
    await ada.tab.click(test_id("delete-confirm"))
    await ada.expect_text("Your account is deleted")
    await sign_in_with(ada, Account.PASSWORD)
    await ada.expect_text("User name or password is not right.")


async def test_the_first_administrator_comes_by_the_printed_link_once(crew: Crew) -> None:
    ada, eve = await crew.chromium("Ada", sign_in=False), await crew.chromium("Eve", sign_in=False)
    await eve.tab.goto(f"{crew.server.url}/setup?key=guessed")
    await eve.tab.fill(field("username"), "eve")
    await eve.tab.fill(field("email"), "eve@example.org")
    await eve.tab.fill(field("password"), Account.PASSWORD)
    await eve.tab.click(role("button", "Create administrator"))
    await eve.expect_text("This setup link does not work")

    link = await crew.server.setup_link()
    await ada.tab.goto(link)
    await ada.tab.fill(field("username"), "chief")
    await ada.tab.fill(field("email"), "chief@example.org")
    await ada.tab.fill(field("password"), Account.PASSWORD)
    await ada.tab.click(role("button", "Create administrator"))
    await ada.expect_home()
    assert (await ada.call("GET", "/users/profile"))["role"] >= 3
    await eve.tab.goto(link)
    await eve.expect_text("Setup is done already")


async def test_a_guest_has_no_account_page(crew: Crew) -> None:
    ada, gus = await crew.chromium("Ada"), await crew.chromium("Gus", sign_in=False)
    meeting_id = await ada.plan("Open house", allow_guests=True)
    invite = await ada.call(
        "POST", f"/meetings/{meeting_id}/invites", {"role": 1, "expires_in_h": 24, "guests": True}
    )
    await gus.tab.goto(f"{crew.server.url}/invite/{invite['token']}")
    await gus.tab.fill(field("guest-name"), "Gus")
    await gus.tab.click(role("button", "Come in as a guest"))
    await gus.press_join()
    await gus.tab.goto(f"{crew.server.url}/account")
    await gus.expect_text("This address leads nowhere.")
