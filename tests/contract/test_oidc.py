"""Sign-in through an OpenID provider, against a real one."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Callable, Iterator

import httpx
import pytest
from support.contract import client
from support.oidc_provider import CLIENT_ID, CLIENT_SECRET, Browser, free_port, provider
from support.people import PASSWORD, Person
from support.server import Salon

MakeSalon = Callable[..., Salon]
LOGIN = "/api/v1/auth/oidc/login"


@pytest.fixture
def oidc(make_salon: MakeSalon) -> Iterator[Salon]:
    """A Salon that signs people in through a provider running beside it."""
    port = free_port()
    salon = make_salon(
        oidc={
            "issuer": f"http://127.0.0.1:{port}",
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "label": "House account",
        }
    )
    with provider(port, f"{salon.url}/api/v1/auth/oidc/callback"):
        yield salon


@pytest.fixture
async def browser(oidc: Salon) -> AsyncIterator[Browser]:
    browser = Browser(oidc.url)
    yield browser
    await browser.close()


async def token_of(browser: Browser) -> str:
    answer = await browser.http.post(f"{browser.salon_url}/api/v1/auth/session")
    assert answer.status_code == 200, answer.text
    return str(answer.json()["data"]["token"])


async def profile_of(browser: Browser) -> dict[str, object]:
    headers = {"Authorization": f"Bearer {await token_of(browser)}"}
    answer = await browser.http.get(f"{browser.salon_url}/api/v1/users/profile", headers=headers)
    assert answer.status_code == 200, answer.text
    found: dict[str, object] = answer.json()["data"]
    return found


async def actions_of(salon: Salon, user_id: int) -> list[str]:
    """What the audit log tells of somebody, newest first."""
    admin = await Person.register_admin(salon, "auditor")
    answer = await admin.request("GET", "/api/v1/admin/audit", params={"actor_id": user_id})
    await admin.close()
    return [entry["action"] for entry in answer.json()["data"]["list"]]


async def test_the_providers_are_listed_and_none_without_one(oidc: Salon, salon: Salon) -> None:
    async with client(oidc.url) as http:
        found = (await http.get("/api/v1/auth/oidc/providers")).json()["data"]
    assert found == [{"id": "oidc", "label": "House account"}]
    async with client(salon.url) as http:
        assert (await http.get("/api/v1/auth/oidc/providers")).json()["data"] == []


async def test_a_first_sign_in_makes_an_account_and_the_second_finds_it(
    oidc: Salon, browser: Browser
) -> None:
    end = await browser.walk(f"{oidc.url}{LOGIN}?return_to=/m/7", login="ada")
    assert end.path == "/sign-in"
    assert dict(end.params) == {"signed_in": "oidc", "return_to": "/m/7"}
    first = await profile_of(browser)
    assert (first["username"], first["email"], first["nickname"]) == ("ada", "ada@example.org", "Person ada")
    other = Browser(oidc.url)
    await other.walk(f"{oidc.url}{LOGIN}", login="ada")
    assert (await profile_of(other))["id"] == first["id"]
    await other.close()


async def test_an_address_alone_opens_no_account(oidc: Salon, browser: Browser) -> None:
    async with client(oidc.url) as http:
        body = {"username": "grace_local", "email": "grace@example.org", "password": PASSWORD}
        assert (await http.post("/api/v1/auth/register", json=body)).status_code == 200
    end = await browser.walk(f"{oidc.url}{LOGIN}", login="grace")
    assert end.params["problem"] == "oidc_email_taken"
    assert (await browser.http.post(f"{oidc.url}/api/v1/auth/session")).status_code == 401


@pytest.mark.parametrize("login", ["nomail", "disputed"])
async def test_without_a_trusted_address_there_is_no_account(
    oidc: Salon, browser: Browser, login: str
) -> None:
    end = await browser.walk(f"{oidc.url}{LOGIN}", login=login)
    assert end.params["problem"] == "oidc_no_email"


async def test_an_account_is_connected_and_disconnected_by_its_owner(oidc: Salon, browser: Browser) -> None:
    person = await Person.register(oidc.url, "owner")
    headers = {"Authorization": f"Bearer {person.token}"}
    link = f"{oidc.url}/api/v1/auth/oidc/link"
    started = await browser.http.post(link, headers=headers)
    assert started.status_code == 200, started.text
    end = await browser.walk(started.json()["data"]["url"], login="linked")
    assert dict(end.params) == {"signed_in": "oidc", "return_to": "/account"}
    state = (await person.request("GET", "/api/v1/auth/oidc/link")).json()["data"]
    assert state == {"linked": True, "label": "House account", "email": "linked@example.org"}

    other = Browser(oidc.url)
    await other.walk(f"{oidc.url}{LOGIN}", login="linked")
    assert (await profile_of(other))["id"] == person.user_id
    await other.close()

    assert (await person.request("DELETE", "/api/v1/auth/oidc/link")).status_code == 200
    assert (await person.request("GET", "/api/v1/auth/oidc/link")).json()["data"]["linked"] is False
    assert await actions_of(oidc, person.user_id) == [
        "user.identity_unlinked",
        "user.signed_in",
        "user.identity_linked",
        "user.signed_in",
        "user.registered",
    ]
    await person.close()


async def test_an_identity_belongs_to_one_account_only(oidc: Salon, browser: Browser) -> None:
    await browser.walk(f"{oidc.url}{LOGIN}", login="taken")
    person = await Person.register(oidc.url, "late")
    other = Browser(oidc.url)
    headers = {"Authorization": f"Bearer {person.token}"}
    started = await other.http.post(f"{oidc.url}/api/v1/auth/oidc/link", headers=headers)
    end = await other.walk(started.json()["data"]["url"], login="taken")
    assert end.params["problem"] == "oidc_linked_elsewhere"
    await other.close()
    await person.close()


async def test_an_account_without_a_password_cannot_disconnect(oidc: Salon, browser: Browser) -> None:
    await browser.walk(f"{oidc.url}{LOGIN}", login="only")
    headers = {"Authorization": f"Bearer {await token_of(browser)}"}
    answer = await browser.http.delete(f"{oidc.url}/api/v1/auth/oidc/link", headers=headers)
    assert answer.status_code == 409


async def test_the_answer_works_once_and_in_its_own_browser_only(oidc: Salon, browser: Browser) -> None:
    back = await browser.walk_to_callback(f"{oidc.url}{LOGIN}", login="once")
    stranger = Browser(oidc.url)
    refused = await stranger.http.get(back)
    assert httpx.URL(refused.headers["location"]).params["problem"] == "oidc_expired"
    taken = await browser.http.get(back)
    assert "signed_in=oidc" in taken.headers["location"]
    again = await browser.http.get(back)
    assert httpx.URL(again.headers["location"]).params["problem"] == "oidc_expired"
    await stranger.close()


async def test_a_changed_state_or_a_foreign_code_is_refused(oidc: Salon, browser: Browser) -> None:
    back = await browser.walk_to_callback(f"{oidc.url}{LOGIN}", login="mallory")
    wrong_state = await browser.http.get(back.copy_set_param("state", secrets.token_urlsafe(32)))
    assert httpx.URL(wrong_state.headers["location"]).params["problem"] == "oidc_expired"

    victim = Browser(oidc.url)
    theirs = await victim.walk_to_callback(f"{oidc.url}{LOGIN}", login="victim")
    # Mallory's code in the victim's flow: PKCE and the nonce tie a code to the flow that asked for it.
    swapped = await victim.http.get(theirs.copy_set_param("code", back.params["code"]))
    assert httpx.URL(swapped.headers["location"]).params["problem"] == "oidc_failed"
    await victim.close()


async def test_who_declines_at_the_provider_is_told_so(oidc: Salon, browser: Browser) -> None:
    started = await browser.http.get(f"{oidc.url}{LOGIN}?return_to=/m/3")
    state = httpx.URL(started.headers["location"]).params["state"]
    answer = await browser.http.get(
        f"{oidc.url}/api/v1/auth/oidc/callback", params={"error": "access_denied", "state": state}
    )
    assert dict(httpx.URL(answer.headers["location"]).params) == {
        "problem": "oidc_denied",
        "return_to": "/m/3",
    }


@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example/", "/\\evil.example", "x"])
async def test_nobody_is_sent_to_another_host(oidc: Salon, browser: Browser, target: str) -> None:
    end = await browser.walk(f"{oidc.url}{LOGIN}?return_to={target}", login="careful")
    assert end.params["return_to"] == "/"


async def test_a_provider_that_is_down_is_said_to_be(make_salon: MakeSalon) -> None:
    salon = make_salon(oidc={"issuer": f"http://127.0.0.1:{free_port()}", "client_id": CLIENT_ID})
    async with client(salon.url) as http:
        answer = await http.get(LOGIN)
        assert answer.headers["location"].startswith("/sign-in?problem=oidc_unavailable")


async def test_without_a_provider_the_login_leads_back(salon: Salon) -> None:
    async with client(salon.url) as http:
        answer = await http.get(LOGIN)
        assert answer.headers["location"].startswith("/sign-in?problem=oidc_unavailable")


async def test_a_banned_account_stays_out(oidc: Salon, browser: Browser) -> None:
    await browser.walk(f"{oidc.url}{LOGIN}", login="banned")
    user_id = (await profile_of(browser))["id"]
    admin = await Person.register_admin(oidc, "chief")
    answer = await admin.request("POST", f"/api/v1/admin/users/{user_id}/ban")
    assert answer.status_code == 200, answer.text
    other = Browser(oidc.url)
    end = await other.walk(f"{oidc.url}{LOGIN}", login="banned")
    assert end.params["problem"] == "account_disabled"
    newest = (await admin.request("GET", "/api/v1/admin/audit")).json()["data"]["list"][0]
    assert (newest["action"], newest["outcome"]) == ("user.sign_in_failed", "failed")
    assert newest["details"] == {"via": "oidc", "reason": "account_disabled"}
    await other.close()
    await admin.close()
