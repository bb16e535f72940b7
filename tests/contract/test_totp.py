"""The second factor: codes of an authenticator app, recovery codes, and sign-in with them."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import httpx
import pyotp
import pytest
from support.contract import client
from support.people import PASSWORD, Person
from support.server import Salon

MakeSalon = Callable[..., Salon]
Register = Callable[[str], Any]
TOTP = "/api/v1/auth/totp"
STEP_S = 30


def code_of(secret: str, *, steps: int = 0) -> str:
    """The app's code now, or so many steps away."""
    return pyotp.TOTP(secret).at(int(time.time()) + steps * STEP_S)


async def enrol(person: Person) -> tuple[str, list[str]]:
    """Switch the second factor on; the app's secret and the recovery codes."""
    made = await person.request("POST", f"{TOTP}/setup", {"password": PASSWORD})
    assert made.status_code == 200, made.text
    secret = made.json()["data"]["secret"]
    # The code of the step before: it leaves the present one and the next for the test itself.
    done = await person.request("POST", f"{TOTP}/enable", {"code": code_of(secret, steps=-1)})
    assert done.status_code == 200, done.text
    return secret, done.json()["data"]["recovery_codes"]


async def login(url: str, person: Person, **more: str) -> httpx.Response:
    async with client(url) as http:
        body = {"username": person.name, "password": PASSWORD, **more}
        return await http.post("/api/v1/auth/login", json=body)


class TestEnrolment:
    async def test_it_is_off_until_the_app_has_shown_a_code(self, register: Register) -> None:
        person = await register("slow")
        assert (await person.request("GET", TOTP)).json()["data"]["enabled"] is False
        made = (await person.request("POST", f"{TOTP}/setup", {"password": PASSWORD})).json()["data"]
        assert made["otpauth_uri"].startswith("otpauth://totp/Salon:")
        assert made["secret"] in made["otpauth_uri"]
        assert made["qr_svg"].startswith("<svg")
        assert (await person.request("GET", TOTP)).json()["data"]["enabled"] is False
        assert (await login(person.url, person)).status_code == 200

    async def test_the_first_code_switches_it_on_and_shows_recovery_codes_once(
        self, register: Register
    ) -> None:
        person = await register("eager")
        _, codes = await enrol(person)
        assert len(set(codes)) == 10
        state = (await person.request("GET", TOTP)).json()["data"]
        assert (state["enabled"], state["recovery_codes_left"]) == (True, 10)

    async def test_a_wrong_code_or_password_switches_nothing_on(self, register: Register) -> None:
        person = await register("wrong")
        assert (await person.request("POST", f"{TOTP}/setup", {"password": "Wrong@123"})).status_code == 400
        assert (await person.request("POST", f"{TOTP}/enable", {"code": "123456"})).status_code == 400
        await person.request("POST", f"{TOTP}/setup", {"password": PASSWORD})
        assert (await person.request("POST", f"{TOTP}/enable", {"code": "abcdef"})).status_code == 400
        assert (await person.request("GET", TOTP)).json()["data"]["enabled"] is False

    async def test_on_is_on(self, register: Register) -> None:
        person = await register("twice")
        secret, _ = await enrol(person)
        assert (await person.request("POST", f"{TOTP}/setup", {"password": PASSWORD})).status_code == 409
        answer = await person.request("POST", f"{TOTP}/enable", {"code": code_of(secret)})
        assert answer.status_code == 409

    async def test_nobody_does_it_signed_out(self, salon: Salon) -> None:
        async with client(salon.url) as http:
            assert (await http.get(TOTP)).status_code == 401
            for path, body in (("setup", {"password": "x"}), ("enable", {"code": "1"})):
                assert (await http.post(f"{TOTP}/{path}", json=body)).status_code == 401


class TestSignIn:
    async def test_the_password_alone_is_not_enough_any_more(self, register: Register) -> None:
        person = await register("guarded")
        secret, _ = await enrol(person)
        refused = await login(person.url, person)
        assert refused.status_code == 401
        assert refused.json()["message"].startswith("A second factor is needed")
        assert "set-cookie" not in refused.headers or "access_token" not in refused.headers["set-cookie"]
        assert (await login(person.url, person, totp_code=code_of(secret))).status_code == 200

    async def test_a_wrong_password_tells_nothing_of_the_second_factor(self, register: Register) -> None:
        person = await register("quiet")
        secret, _ = await enrol(person)
        async with client(person.url) as http:
            body = {"username": person.name, "password": "Wrong@Pass1", "totp_code": code_of(secret)}
            answer = await http.post("/api/v1/auth/login", json=body)
        assert answer.status_code == 401
        assert "second factor" not in answer.json()["message"]

    async def test_a_code_works_once(self, register: Register) -> None:
        person = await register("replay")
        secret, _ = await enrol(person)
        code = code_of(secret)
        assert (await login(person.url, person, totp_code=code)).status_code == 200
        assert (await login(person.url, person, totp_code=code)).status_code == 401
        assert (await login(person.url, person, totp_code=code_of(secret, steps=1))).status_code == 200

    @pytest.mark.parametrize("steps", [-5, 5])
    async def test_a_code_of_another_time_does_not_work(self, register: Register, steps: int) -> None:
        person = await register("late")
        secret, _ = await enrol(person)
        assert (await login(person.url, person, totp_code=code_of(secret, steps=steps))).status_code == 401

    async def test_a_recovery_code_works_once_however_it_is_typed(self, register: Register) -> None:
        person = await register("lost")
        _, codes = await enrol(person)
        typed = codes[0].upper().replace("-", " ")
        assert (await login(person.url, person, recovery_code=typed)).status_code == 200
        assert (await login(person.url, person, recovery_code=codes[0])).status_code == 401
        assert (await person.request("GET", TOTP)).json()["data"]["recovery_codes_left"] == 9

    async def test_guessing_codes_is_slowed_down(self, make_salon: MakeSalon) -> None:
        salon = make_salon(rate_limit="on")
        person = await Person.register(salon.url, "guessed")
        secret, _ = await enrol(person)
        statuses = [(await login(salon.url, person, totp_code="000000")).status_code for _ in range(60)]
        assert set(statuses) == {401, 429}
        # Not even the right code gets in now.
        assert (await login(salon.url, person, totp_code=code_of(secret))).status_code == 429
        await person.close()


class TestSwitchingOff:
    async def test_it_takes_the_password_and_a_code(self, register: Register) -> None:
        person = await register("off")
        secret, _ = await enrol(person)
        for body in (
            {"password": "Wrong@123", "code": code_of(secret)},
            {"password": PASSWORD, "code": "000000"},
        ):
            assert (await person.request("POST", f"{TOTP}/disable", body)).status_code == 400
        body = {"password": PASSWORD, "code": code_of(secret)}
        assert (await person.request("POST", f"{TOTP}/disable", body)).status_code == 200
        assert (await login(person.url, person)).status_code == 200

    async def test_a_recovery_code_does_as_well(self, register: Register) -> None:
        person = await register("offline")
        _, codes = await enrol(person)
        body = {"password": PASSWORD, "code": codes[3]}
        assert (await person.request("POST", f"{TOTP}/disable", body)).status_code == 200

    async def test_new_recovery_codes_replace_the_old(self, register: Register) -> None:
        person = await register("renew")
        secret, old = await enrol(person)
        body = {"password": PASSWORD, "code": code_of(secret)}
        answer = await person.request("POST", f"{TOTP}/recovery-codes", body)
        new = answer.json()["data"]["recovery_codes"]
        assert not set(new) & set(old)
        assert (await login(person.url, person, recovery_code=old[0])).status_code == 401
        assert (await login(person.url, person, recovery_code=new[0])).status_code == 200

    async def test_what_is_off_has_nothing_to_switch_off(self, register: Register) -> None:
        person = await register("never")
        body = {"password": PASSWORD, "code": "123456"}
        assert (await person.request("POST", f"{TOTP}/disable", body)).status_code == 400
        assert (await person.request("POST", f"{TOTP}/recovery-codes", body)).status_code == 400
