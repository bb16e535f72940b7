"""A forgotten password: the mailed code and what it does."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from aiosmtpd.controller import Controller
from support.contract import client
from support.letters import code_for
from support.oidc_provider import free_port
from support.people import PASSWORD, Person
from support.server import Salon
from support.wait import eventually

Register = Callable[[str], Awaitable[Person]]
MakeSalon = Callable[..., Salon]
AUTH = "/api/v1/auth"
NEW = "Another@Pass9"


async def reset(http: httpx.AsyncClient, person: Person, code: str, password: str = NEW) -> int:
    body = {"email": f"{person.name}@example.org", "code": code, "password": password}
    return (await http.post(f"{AUTH}/reset-password", json=body)).status_code


async def sign_in(http: httpx.AsyncClient, person: Person, password: str) -> int:
    body = {"username": person.name, "password": password}
    return (await http.post(f"{AUTH}/login", json=body)).status_code


@pytest.fixture
async def http(salon: Salon) -> Any:
    async with client(salon.url) as http:
        yield http


async def test_the_code_sets_a_new_password_and_ends_what_was_signed_in(
    salon: Salon, http: httpx.AsyncClient, register: Register
) -> None:
    person = await register("lost")
    code = await code_for(salon, http, person)
    assert await reset(http, person, code) == 200
    assert await sign_in(http, person, PASSWORD) == 401
    assert await sign_in(http, person, NEW) == 200
    assert (await person.request("GET", "/api/v1/users/profile")).status_code == 401


async def test_a_code_works_once(salon: Salon, http: httpx.AsyncClient, register: Register) -> None:
    person = await register("once")
    code = await code_for(salon, http, person)
    assert await reset(http, person, code.replace("-", "").lower()) == 200
    assert await reset(http, person, code, "Third@Pass77") == 400


async def test_a_newer_code_voids_the_older(
    salon: Salon, http: httpx.AsyncClient, register: Register
) -> None:
    person = await register("twice")
    older = await code_for(salon, http, person)
    newer = await code_for(salon, http, person)
    assert await reset(http, person, older) == 400
    assert await reset(http, person, newer) == 200


async def test_five_wrong_tries_void_it(salon: Salon, http: httpx.AsyncClient, register: Register) -> None:
    person = await register("guess")
    code = await code_for(salon, http, person)
    for _ in range(5):
        assert await reset(http, person, "2222-2222") == 400
    assert await reset(http, person, code) == 400


async def test_somebody_elses_code_is_none(salon: Salon, http: httpx.AsyncClient, register: Register) -> None:
    mine, theirs = await register("mine"), await register("theirs")
    code = await code_for(salon, http, mine)
    assert await reset(http, theirs, code) == 400


async def test_a_weak_password_is_refused_and_costs_no_try(
    salon: Salon, http: httpx.AsyncClient, register: Register
) -> None:
    person = await register("weak")
    code = await code_for(salon, http, person)
    assert await reset(http, person, code, "password") == 400
    assert await reset(http, person, code) == 200


async def test_nothing_tells_whether_there_is_an_account(http: httpx.AsyncClient, register: Register) -> None:
    person = await register("known")
    known = await http.post(f"{AUTH}/forgot-password", json={"email": f"{person.name}@example.org"})
    unknown = await http.post(f"{AUTH}/forgot-password", json={"email": "nobody@example.org"})
    assert (known.status_code, known.json()["message"]) == (unknown.status_code, unknown.json()["message"])
    body = {"email": "nobody@example.org", "code": "2222-2222", "password": NEW}
    refused = await http.post(f"{AUTH}/reset-password", json=body)
    body["email"] = f"{person.name}@example.org"
    wrong = await http.post(f"{AUTH}/reset-password", json=body)
    assert (refused.status_code, refused.json()["message"]) == (wrong.status_code, wrong.json()["message"])


@pytest.mark.parametrize("body", [{}, {"email": "no address"}, {"email": 5}])
async def test_a_malformed_request_is_refused(http: httpx.AsyncClient, body: dict[str, Any]) -> None:
    assert (await http.post(f"{AUTH}/forgot-password", json=body)).status_code == 400
    assert (await http.post(f"{AUTH}/reset-password", json=body)).status_code == 400


async def test_asking_is_slowed_down(make_salon: MakeSalon) -> None:
    own = make_salon(rate_limit="on")
    async with client(own.url) as http:
        body = {"email": "nobody@example.org"}
        statuses = [(await http.post(f"{AUTH}/forgot-password", json=body)).status_code for _ in range(6)]
    assert statuses == [200] * 5 + [429]


class _Postbox:
    """Keeps what a mail server takes in."""

    def __init__(self) -> None:
        self.letters: list[Any] = []

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        self.letters.append(envelope)
        return "250 OK"


async def test_with_a_mail_server_the_letter_goes_through_it(make_salon: MakeSalon) -> None:
    postbox = _Postbox()
    server = Controller(postbox, hostname="127.0.0.1", port=free_port())
    server.start()
    try:
        mail = {
            "host": "127.0.0.1",
            "port": server.port,
            "tls": "none",
            "sender": "Salon <salon@example.org>",
        }
        own = make_salon(mail=mail)
        person = await Person.register(own.url, "post")
        async with client(own.url) as http:
            await http.post(f"{AUTH}/forgot-password", json={"email": f"{person.name}@example.org"})

        async def look() -> list[Any]:
            return postbox.letters

        letters = await eventually(look, lambda found: len(found) > 0)
        assert letters[0].rcpt_tos == [f"{person.name}@example.org"]
        assert letters[0].mail_from == "salon@example.org"
        assert not list((own.settings.data_dir / "mail").glob("*"))
        await person.close()
    finally:
        server.stop()
