"""Accounts and sign-in, row by row."""

import asyncio
import base64
import json
import secrets
import time
from collections.abc import AsyncIterator, Callable
from http.cookies import SimpleCookie
from typing import Any

import httpx
import jwt
import pytest
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy import text
from support.contract import client
from support.people import PASSWORD, Person
from support.server import Salon
from support.wait import eventually

from salon.platform.db import Database

AUTH = "/api/v1/auth"


@pytest.fixture
async def http(salon: Salon) -> AsyncIterator[httpx.AsyncClient]:
    async with client(salon.url) as one:
        yield one


def fresh(**fields: Any) -> dict[str, Any]:
    name = f"u_{secrets.token_hex(5)}"
    return {"username": name, "email": f"{name}@example.org", "password": PASSWORD, **fields}


async def registered(http: httpx.AsyncClient) -> dict[str, Any]:
    body = fresh()
    answer = await http.post(f"{AUTH}/register", json=body)
    assert answer.status_code == 200, answer.text
    return {**body, "id": answer.json()["data"]["id"]}


async def token_of(http: httpx.AsyncClient, who: dict[str, Any]) -> str:
    answer = await http.post(f"{AUTH}/login", json={"username": who["username"], "password": who["password"]})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["data"]["token"])


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def cookie_of(answer: httpx.Response, name: str) -> Any:
    for header in answer.headers.get_list("set-cookie"):
        jar = SimpleCookie(header)
        if name in jar:
            return jar[name]
    return None


class TestRegister:
    async def test_it_answers_the_profile(self, http: httpx.AsyncClient) -> None:
        body = fresh(nickname="Anna", phone="+49 1", full_name="an extra", Nickname="ignored")
        answer = await http.post(f"{AUTH}/register", json=body)
        data = answer.json()["data"]
        assert answer.status_code == 200
        assert data["username"] == body["username"]
        assert (data["nickname"], data["phone"], data["avatar"]) == ("Anna", "+49 1", "")
        assert (data["role"], data["status"], data["last_login"]) == (1, 1, None)
        assert isinstance(data["id"], int)
        assert "password" not in answer.text

    @pytest.mark.parametrize(
        "fields",
        [
            {"username": "ab"},
            {"username": "a" * 21},
            {"username": "with space"},
            {"username": "umlautä"},
            {"username": "newline_\n"},
            {"username": 17},
            {"email": "nobody"},
            {"email": "nobody@host"},
            {"email": "nobody@host.x"},
            {"email": "nobody@127.0.0.1"},
            {"password": "Ab1@xyz"},
            {"password": "onlylowercase"},
            {"password": "Lower4ndUpper"[:7]},
            {"password": "MyPassword123!"},
            {"password": "Xx1@" + "y" * 125},
            {"nickname": "n" * 51},
            {"phone": "1" * 21},
            {"email": None},
        ],
    )
    async def test_bad_fields_are_refused(self, http: httpx.AsyncClient, fields: dict[str, Any]) -> None:
        answer = await http.post(f"{AUTH}/register", json=fresh(**fields))
        assert answer.status_code == 400
        # The text never repeats what was typed as a password.
        assert str(fields.get("password", "\x00")) not in answer.text

    @pytest.mark.parametrize("password", ["Test@Pass123", "Test123456!", "Test@123456", "Passw0rd!123"])
    async def test_passwords_of_existing_clients_pass(self, http: httpx.AsyncClient, password: str) -> None:
        answer = await http.post(f"{AUTH}/register", json=fresh(password=password))
        assert answer.status_code == 200

    @pytest.mark.parametrize("field", ["username", "email"])
    async def test_a_taken_one_already_exists_whatever_its_case(
        self, http: httpx.AsyncClient, field: str
    ) -> None:
        first = await registered(http)
        answer = await http.post(f"{AUTH}/register", json=fresh(**{field: first[field].upper()}))
        assert answer.status_code == 400
        assert "already exists" in answer.json()["message"]

    async def test_of_many_at_once_one_gets_the_name(self, http: httpx.AsyncClient) -> None:
        name = f"race_{secrets.token_hex(4)}"
        answers = await asyncio.gather(
            *(http.post(f"{AUTH}/register", json=fresh(username=name)) for _ in range(6))
        )
        assert sorted(answer.status_code for answer in answers) == [200, 400, 400, 400, 400, 400]

    @pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b'"text"', b"\xff\xfe", b"[" * 5000])
    async def test_what_is_no_object_is_refused(self, http: httpx.AsyncClient, content: bytes) -> None:
        assert (await http.post(f"{AUTH}/register", content=content)).status_code == 400

    async def test_keys_in_any_case_and_no_content_type_are_taken(self, http: httpx.AsyncClient) -> None:
        body = {key.title(): value for key, value in fresh().items()}
        request = http.build_request("POST", f"{AUTH}/register", content=json.dumps(body))
        request.headers.pop("content-type", None)
        assert (await http.send(request)).status_code == 200
        as_form = {"content-type": "application/x-www-form-urlencoded"}
        answer = await http.post(f"{AUTH}/register", content=json.dumps(fresh()), headers=as_form)
        assert answer.status_code == 200


class TestLogin:
    async def test_by_name_and_by_address_in_any_case(self, http: httpx.AsyncClient) -> None:
        who = await registered(http)
        for login in (who["username"], who["username"].upper(), who["email"], who["email"].upper()):
            answer = await http.post(f"{AUTH}/login", json={"username": login, "password": PASSWORD})
            assert answer.status_code == 200
            assert answer.json()["data"]["user"]["id"] == who["id"]
            assert answer.json()["data"]["user"]["last_login"] is not None

    async def test_shell_clients_find_the_token_in_the_text(self, http: httpx.AsyncClient) -> None:
        who = await registered(http)
        answer = await http.post(f"{AUTH}/login", json={"username": who["username"], "password": PASSWORD})
        assert answer.text.count('"token":"') == 1
        assert '"code":200' in answer.text

    async def test_it_sets_the_cookie_that_counts_as_sign_in(self, http: httpx.AsyncClient) -> None:
        who = await registered(http)
        answer = await http.post(f"{AUTH}/login", json={"username": who["username"], "password": PASSWORD})
        cookie = cookie_of(answer, "access_token")
        assert cookie.value == answer.json()["data"]["token"]
        assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Strict", "/")
        assert int(cookie["max-age"]) == 24 * 3600
        assert not cookie["secure"]
        assert (await http.get("/api/v1/users/profile")).json()["data"]["id"] == who["id"]

    async def test_the_cookie_is_secure_behind_a_tls_proxy(self, http: httpx.AsyncClient) -> None:
        who = await registered(http)
        answer = await http.post(
            f"{AUTH}/login",
            json={"username": who["username"], "password": PASSWORD},
            headers={"X-Forwarded-Proto": "https"},
        )
        assert cookie_of(answer, "access_token")["secure"] is True

    async def test_one_text_for_every_reason(self, http: httpx.AsyncClient) -> None:
        who = await registered(http)
        wrong = await http.post(f"{AUTH}/login", json={"username": who["username"], "password": "Wrong@1234"})
        unknown = await http.post(f"{AUTH}/login", json={"username": "nobody_at_all", "password": PASSWORD})
        assert (wrong.status_code, unknown.status_code) == (401, 401)
        assert wrong.json()["message"] == unknown.json()["message"]
        assert cookie_of(wrong, "access_token") is None

    @pytest.mark.parametrize(
        "body", [{}, {"username": "x"}, {"password": "x"}, {"username": "", "password": ""}]
    )
    async def test_missing_fields(self, http: httpx.AsyncClient, body: dict[str, str]) -> None:
        assert (await http.post(f"{AUTH}/login", json=body)).status_code == 400

    async def test_it_moves_an_old_hash_to_present_parameters(self, make_salon: Callable[..., Salon]) -> None:
        own = make_salon()
        person = await Person.register(own.url, "old")
        old = Argon2Hasher(time_cost=1, memory_cost=8192, parallelism=1).hash(PASSWORD)
        db = Database(own.settings.resolved_database_url)
        async with db.begin() as tx:
            change = text("UPDATE users SET password_hash = :hash WHERE id = :id")
            await tx.execute(change, {"hash": old, "id": person.user_id})
        for _ in range(2):
            body = {"username": person.name, "password": PASSWORD}
            assert (await person.http.post("/api/v1/auth/login", json=body)).status_code == 200
        async with db.read() as tx:
            found = await tx.execute(text("SELECT password_hash FROM users"))
            assert found.scalar_one().startswith("$argon2id$v=19$m=19456,t=2,p=1$")
        await db.close()
        await person.close()

    async def test_a_stale_csrf_token_does_not_fail_it(self, http: httpx.AsyncClient) -> None:
        who = await registered(http)
        answer = await http.post(
            f"{AUTH}/login",
            json={"username": who["username"], "password": PASSWORD},
            headers={"X-CSRF-Token": "stale"},
        )
        assert answer.status_code == 200
        assert answer.headers["x-csrf-token"]

    async def test_guessing_is_slowed_down_per_account(self, make_salon: Callable[..., Salon]) -> None:
        own = make_salon(rate_limit="on")
        async with client(own.url) as http:
            who, other = await registered(http), await registered(http)
            wrong = {"username": who["username"], "password": "Wrong@1234"}
            assert [(await http.post(f"{AUTH}/login", json=wrong)).status_code for _ in range(30)] == [
                401
            ] * 30
            refused = await http.post(f"{AUTH}/login", json=wrong | {"password": PASSWORD})
            assert refused.status_code == 429
            assert int(refused.headers["retry-after"]) >= 1
            assert await token_of(http, other)

    async def test_many_guesses_at_once_are_no_more_than_one_after_the_other(
        self, make_salon: Callable[..., Salon]
    ) -> None:
        own = make_salon(rate_limit="on")
        async with client(own.url) as http:
            who = await registered(http)
            wrong = {"username": who["username"], "password": "Wrong@1234"}
            answers = await asyncio.gather(*(http.post(f"{AUTH}/login", json=wrong) for _ in range(40)))
            assert sorted(answer.status_code for answer in answers) == [401] * 30 + [429] * 10

    async def test_another_sites_page_may_not_sign_in(self, http: httpx.AsyncClient) -> None:
        who = await registered(http)
        body = {"username": who["username"], "password": PASSWORD}
        for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
            assert (await http.post(f"{AUTH}/login", json=body, headers=headers)).status_code == 403


class TestTokens:
    async def test_the_claims(self, http: httpx.AsyncClient) -> None:
        who = await registered(http)
        token = await token_of(http, who)
        claims = jwt.decode(token, options={"verify_signature": False})
        assert claims["user_id"] == who["id"]
        assert (claims["sub"], claims["iss"]) == (str(who["id"]), "meeting-system")
        assert (claims["username"], claims["email"]) == (who["username"], who["email"])
        assert claims["exp"] - claims["iat"] == 24 * 3600
        assert claims["nbf"] == claims["iat"]
        assert jwt.get_unverified_header(token)["alg"] == "HS256"

    async def test_tools_with_the_secret_make_their_own(self, make_salon: Callable[..., Salon]) -> None:
        secret = "a shared secret of more than 32 bytes"
        own = make_salon(token_secret=secret)
        async with client(own.url) as http:
            who = await registered(http)
            now = int(time.time())
            claims = {
                "user_id": who["id"],
                "username": who["username"],
                "email": who["email"],
                "iat": now,
                "exp": now + 60,
                "sub": str(who["id"]),
            }
            token = jwt.encode(claims, secret, algorithm="HS256")
            answer = await http.get("/api/v1/users/profile", headers=bearer(token))
            assert answer.status_code == 200
            for change in ({"exp": now - 1}, {"user_id": -1}, {"user_id": "x"}, {"user_id": 2**40}):
                bad = jwt.encode(claims | change, secret, algorithm="HS256")
                refused = await http.get("/api/v1/users/profile", headers=bearer(bad))
                assert refused.status_code == 401

    async def test_bad_credentials(self, http: httpx.AsyncClient) -> None:
        who = await registered(http)
        token = await token_of(http, who)
        http.cookies.clear()
        head, body, _ = token.split(".")
        none = base64.urlsafe_b64encode(b'{"alg":"none","typ":"JWT"}').decode().rstrip("=")
        foreign = jwt.encode({"user_id": 1, "username": "x", "exp": 2**33}, "x" * 40, algorithm="HS256")
        for header in (
            None,
            token,
            f"bearer {token}",
            f"Basic {token}",
            "Bearer",
            "Bearer x",
            f"Bearer {head}.{body}.",
            f"Bearer {none}.{body}.",
            f"Bearer {foreign}",
        ):
            headers = {} if header is None else {"Authorization": header}
            assert (await http.get("/api/v1/users/profile", headers=headers)).status_code == 401, header

    async def test_a_wrong_header_is_not_rescued_by_the_cookie(self, http: httpx.AsyncClient) -> None:
        await token_of(http, await registered(http))
        assert (await http.get("/api/v1/users/profile")).status_code == 200
        assert (await http.get("/api/v1/users/profile", headers=bearer("x"))).status_code == 401

    async def test_a_bearer_call_renews_the_cookie(self, http: httpx.AsyncClient) -> None:
        token = await token_of(http, await registered(http))
        http.cookies.clear()
        answer = await http.get("/api/v1/users/profile", headers=bearer(token))
        assert cookie_of(answer, "access_token").value == token
        again = await http.get("/api/v1/users/profile", headers=bearer(token))
        assert cookie_of(again, "access_token") is None

    async def test_logout_takes_the_cookie_away(self, http: httpx.AsyncClient) -> None:
        await token_of(http, await registered(http))
        answer = await http.post(f"{AUTH}/logout")
        assert answer.status_code == 200
        assert cookie_of(answer, "access_token")["max-age"] == "0"
        assert (await http.get("/api/v1/users/profile")).status_code == 401


class TestRefresh:
    async def test_a_young_token_comes_back(self, http: httpx.AsyncClient) -> None:
        token = await token_of(http, await registered(http))
        answer = await http.post(f"{AUTH}/refresh", json={"token": token})
        assert answer.json()["data"] == {"token": token}

    async def test_an_old_token_becomes_a_new_one(self, make_salon: Callable[..., Salon]) -> None:
        own = make_salon(token_lifetime_h=1)
        async with client(own.url) as http:
            token = await token_of(http, await registered(http))

            async def refreshed() -> str:
                answer = await http.post(f"{AUTH}/refresh", json={"token": token})
                return str(answer.json()["data"]["token"])

            # Claims count whole seconds: within the same one, the new token is the old text.
            fresh_one = await eventually(refreshed, lambda one: one != token)
            assert (await http.get("/api/v1/users/profile", headers=bearer(fresh_one))).status_code == 200

    async def test_refusals(self, http: httpx.AsyncClient) -> None:
        assert (await http.post(f"{AUTH}/refresh", json={})).status_code == 400
        assert (await http.post(f"{AUTH}/refresh", json={"token": "x"})).status_code == 401


class TestCsrf:
    async def test_the_same_browser_keeps_its_token(self, http: httpx.AsyncClient) -> None:
        first = await http.get("/api/v1/csrf-token")
        token = first.json()["data"]["csrf_token"]
        cookie = cookie_of(first, "csrf_token")
        assert cookie.value == token
        assert (cookie["httponly"], cookie["path"], cookie["max-age"]) == (True, "/", "86400")
        assert len(base64.urlsafe_b64decode(token + "=")) == 32
        again = await http.get("/api/v1/csrf-token")
        assert again.json()["data"]["csrf_token"] == token
        assert '"csrf_token":"' in again.text

    async def test_a_made_up_cookie_is_replaced(self, http: httpx.AsyncClient) -> None:
        answer = await http.get("/api/v1/csrf-token", headers={"Cookie": f"csrf_token={'A' * 43}"})
        assert answer.json()["data"]["csrf_token"] != "A" * 43

    async def test_cookie_callers_need_it_where_the_rule_holds(self, http: httpx.AsyncClient) -> None:
        token = await token_of(http, await registered(http))
        csrf = (await http.get("/api/v1/csrf-token")).json()["data"]["csrf_token"]
        path = "/admin/cleanup/sessions"
        missing = await http.post(path)
        assert (missing.status_code, missing.json()["message"]) == (403, "CSRF token missing")
        wrong = await http.post(path, headers={"X-CSRF-Token": "A" * 43})
        assert (wrong.status_code, wrong.json()["message"]) == (403, "Invalid or expired CSRF token")
        right = await http.post(path, headers={"X-CSRF-Token": csrf})
        assert (right.status_code, right.json()["message"]) == (403, "Insufficient permissions")
        by_bearer = await http.post(path, headers=bearer(token))
        assert by_bearer.json()["message"] == "Insufficient permissions"


class TestProfile:
    async def test_it_is_ones_own(self, http: httpx.AsyncClient) -> None:
        who = await registered(http)
        answer = await http.get("/api/v1/users/profile", headers=bearer(await token_of(http, who)))
        assert answer.json()["data"]["email"] == who["email"]

    async def test_an_account_that_is_gone_is_not_signed_in(self, make_salon: Callable[..., Salon]) -> None:
        secret = "a shared secret of more than 32 bytes"
        own = make_salon(token_secret=secret)
        claims = {"user_id": 4711, "username": "ghost", "exp": int(time.time()) + 60}
        async with client(own.url) as http:
            token = jwt.encode(claims, secret, algorithm="HS256")
            answer = await http.get("/api/v1/users/profile", headers=bearer(token))
            assert answer.status_code == 401

    async def test_there_is_no_public_list_of_users(self, http: httpx.AsyncClient) -> None:
        assert (await http.get("/api/v1/users")).status_code == 401
        token = await token_of(http, await registered(http))
        assert (await http.get("/api/v1/users", headers=bearer(token))).status_code == 404
