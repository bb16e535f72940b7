"""Sign-in through a provider's own pages, in a real browser."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from conftest import Crew
from harness.person import Person
from harness.server import Server
from harness.tab import Target, field, role, test_id
from support.oidc_provider import CLIENT_ID, CLIENT_SECRET, free_port, provider

SUBMIT = Target(css='button[type="submit"]')


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    """A server that trusts a provider running beside it, on another host as the browser sees it."""
    port = free_port()
    server = Server(
        tmp_path / "server",
        SALON_OIDC_ISSUER=f"http://127.0.0.1:{port}",
        SALON_OIDC_CLIENT_ID=CLIENT_ID,
        SALON_OIDC_CLIENT_SECRET=CLIENT_SECRET,
        SALON_OIDC_LABEL="House account",
    )
    running = provider(port, f"{server.url}/api/v1/auth/oidc/callback")
    await asyncio.to_thread(running.__enter__)
    try:
        await server.start()
        yield server
    finally:
        await server.stop()
        running.__exit__(None, None, None)


async def pass_provider(person: Person, login: str) -> None:
    """Say who one is at the provider, and let Salon know it."""
    await person.tab.fill(field("login"), login)
    await person.tab.fill(field("password"), "anything")
    await person.tab.click(SUBMIT)
    await person.expect_text("Authorize")
    await person.tab.click(SUBMIT)


async def test_somebody_signs_in_through_the_provider_and_comes_back_to_where_they_were(crew: Crew) -> None:
    host = await crew.chromium("Ada")
    meeting_id = await host.plan("House meeting")
    bo = await crew.chromium("Bo", sign_in=False)
    await bo.tab.goto(f"{crew.server.url}/m/{meeting_id}")
    await bo.tab.click(test_id("provider-oidc"))
    await pass_provider(bo, "bo")
    await bo.expect_text("Nobody sees or hears you yet.")
    assert await bo.tab.evaluate("() => location.pathname + location.search") == f"/m/{meeting_id}"
    assert (await bo.call("GET", "/users/profile"))["email"] == "bo@example.org"


async def test_who_declines_at_the_provider_reads_why_they_are_not_in(crew: Crew) -> None:
    bo = await crew.chromium("Bo", sign_in=False)
    await bo.tab.goto(crew.server.url)
    await bo.tab.click(test_id("provider-oidc"))
    await bo.expect_text("Sign-in")
    await bo.tab.click(Target(css='a[href*="abort"]'))
    await bo.expect_text("It was cancelled.")


async def test_an_identity_is_connected_used_and_disconnected(crew: Crew, pictures: Path) -> None:
    ada = await crew.chromium("Ada", size_px=(1280, 800))
    await ada.tab.goto(f"{crew.server.url}/account")
    await ada.tab.click(test_id("connect"))
    await pass_provider(ada, "ada")
    await ada.expect_text("Connected as ada@example.org")
    await ada.tab.screenshot(pictures / "account-connected.png")
    await ada.sign_out()
    await ada.tab.click(test_id("provider-oidc"))
    await ada.expect_home()  # the provider remembers who they are
    assert (await ada.call("GET", "/users/profile"))["username"] == ada.username
    await ada.tab.goto(f"{crew.server.url}/account")
    await ada.tab.click(test_id("disconnect"))
    await ada.expect_text("Connect it, and you can sign in without typing your password.")


async def test_an_address_that_has_an_account_is_not_taken_over(crew: Crew) -> None:
    await crew.chromium("Ada")
    eve = await crew.chromium("Eve", sign_in=False)
    await eve.tab.goto(crew.server.url)
    await eve.tab.click(role("link", "Continue with House account"))
    await pass_provider(eve, "user_ada")
    await eve.expect_text("An account with your e-mail address exists.")
