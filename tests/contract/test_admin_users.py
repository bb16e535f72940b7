"""Administrators over accounts, the first administrator, and how sign-ins end."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from support.contract import client
from support.people import PASSWORD, Person
from support.server import Salon

Register = Callable[[str], Awaitable[Person]]
MakeSalon = Callable[..., Salon]
USERS = "/api/v1/admin/users"
PROFILE = "/api/v1/users/profile"
NOBODY = 2**31 - 3


@pytest.fixture
async def admin(salon: Salon) -> Any:
    admin = await Person.register_admin(salon, "admin")
    yield admin
    await admin.close()


async def sign_in(person: Person, password: str = PASSWORD) -> Any:
    async with client(person.url) as http:
        return await http.post("/api/v1/auth/login", json={"username": person.name, "password": password})


class TestRights:
    @pytest.mark.parametrize(
        ("method", "path"),
        [
            ("GET", ""),
            ("GET", "/{id}"),
            ("PUT", "/{id}"),
            ("DELETE", "/{id}"),
            ("POST", "/{id}/ban"),
            ("POST", "/{id}/unban"),
        ],
    )
    async def test_administrators_only(self, register: Register, method: str, path: str) -> None:
        person = await register("plain")
        where = USERS + path.format(id=person.user_id)
        body = {} if method == "PUT" else None
        assert (await person.request(method, where, json=body)).status_code == 403
        assert (await person.http.request(method, where, json=body)).status_code == 401

    @pytest.mark.parametrize(
        ("method", "path"), [("GET", ""), ("PUT", ""), ("DELETE", ""), ("POST", "/ban"), ("POST", "/unban")]
    )
    async def test_who_is_not_there_is_404_and_a_bad_number_400(
        self, admin: Person, method: str, path: str
    ) -> None:
        body = {} if method == "PUT" else None
        assert (await admin.request(method, f"{USERS}/{NOBODY}{path}", json=body)).status_code == 404
        assert (await admin.request(method, f"{USERS}/4294967295{path}", json=body)).status_code == 404
        for bad in ("x", "-1", "1.0", "4294967296"):
            assert (await admin.request(method, f"{USERS}/{bad}{path}", json=body)).status_code == 400

    async def test_nobody_shuts_themselves_out_or_reaches_above(self, admin: Person, salon: Salon) -> None:
        own, chief = f"{USERS}/{admin.user_id}", await Person.register_admin(salon, "chief", role=4)
        assert (await admin.request("POST", f"{own}/ban")).status_code == 403
        assert (await admin.request("DELETE", own)).status_code == 403
        assert (await admin.request("PUT", own, json={"role": 1})).status_code == 403
        assert (await admin.request("PUT", own, json={"status": 2})).status_code == 403
        assert (await admin.request("PUT", own, json={"role": 4})).status_code == 403
        above = f"{USERS}/{chief.user_id}"
        for method, path, body in (("POST", "/ban", None), ("DELETE", "", None), ("PUT", "", {"role": 1})):
            assert (await admin.request(method, above + path, json=body)).status_code == 403
        assert (await chief.request("PUT", own, json={"role": 1})).status_code == 200
        assert (await admin.request("GET", USERS)).status_code == 403
        await chief.close()


class TestList:
    async def test_newest_first_found_by_part_of_name_address_or_nickname(
        self, admin: Person, register: Register
    ) -> None:
        ben = await register("Benjamin")
        await ben.request("PUT", PROFILE, json={"nickname": "Zorro 100%_x"})
        first = (await admin.request("GET", USERS)).json()["data"]
        assert first["list"][0]["id"] == ben.user_id
        assert (first["page"], first["page_size"], first["total_pages"]) == (1, 20, -(-first["total"] // 20))
        for keyword in (ben.name.upper(), f"{ben.name}@EXAMPLE", "zorro 100%_X"):
            found = (await admin.request("GET", USERS, params={"keyword": keyword})).json()["data"]
            assert [user["id"] for user in found["list"]] == [ben.user_id], keyword
        assert (await admin.request("GET", USERS, params={"keyword": "%"})).json()["data"]["total"] >= 1
        one = (await admin.request("GET", f"{USERS}/{ben.user_id}")).json()["data"]
        assert one["nickname"] == "Zorro 100%_x"
        assert "password_hash" not in one


class TestBan:
    async def test_it_ends_everything_and_unban_lets_in_anew(self, admin: Person, register: Register) -> None:
        ben = await register("ben")
        assert (await admin.request("POST", f"{USERS}/{ben.user_id}/ban")).status_code == 200
        assert (await ben.request("GET", PROFILE)).status_code == 401
        async with client(ben.url) as http:
            assert (await http.post("/api/v1/auth/refresh", json={"token": ben.token})).status_code == 401
        refused = await sign_in(ben)
        assert (refused.status_code, refused.json()["message"]) == (401, "Wrong user name or password.")
        assert (await admin.request("GET", f"{USERS}/{ben.user_id}")).json()["data"]["status"] == 2
        assert (await admin.request("POST", f"{USERS}/{ben.user_id}/unban")).status_code == 200
        # The token from before the ban stays void.
        assert (await ben.request("GET", PROFILE)).status_code == 401
        assert (await sign_in(ben)).status_code == 200

    async def test_a_change_of_status_is_a_ban_too(self, admin: Person, register: Register) -> None:
        ben = await register("ben")
        where = f"{USERS}/{ben.user_id}"
        changed = await admin.request("PUT", where, json={"status": 0, "nickname": "Away"})
        assert (changed.json()["data"]["status"], changed.json()["data"]["nickname"]) == (0, "Away")
        assert (await ben.request("GET", PROFILE)).status_code == 401


class TestDeletion:
    async def test_a_deleted_account_frees_its_name(self, admin: Person, register: Register) -> None:
        ben = await register("ben")
        assert (await admin.request("DELETE", f"{USERS}/{ben.user_id}")).status_code == 200
        assert (await ben.request("GET", PROFILE)).status_code == 401
        assert (await admin.request("GET", f"{USERS}/{ben.user_id}")).status_code == 404
        assert (await sign_in(ben)).status_code == 401
        async with client(ben.url) as http:
            body = {"username": ben.name, "email": f"{ben.name}@example.org", "password": PASSWORD}
            again = await http.post("/api/v1/auth/register", json=body)
        assert again.status_code == 200
        assert again.json()["data"]["id"] != ben.user_id

    async def test_ones_own_account_goes_the_same_way(self, register: Register) -> None:
        ben = await register("ben")
        assert (await ben.request("DELETE", "/api/v1/users/account")).status_code == 200
        assert (await ben.request("GET", PROFILE)).status_code == 401
        assert (await ben.request("DELETE", "/api/v1/users/account")).status_code == 401
        assert (await sign_in(ben)).status_code == 401

    async def test_the_last_administrator_stays(self, make_salon: MakeSalon) -> None:
        own = make_salon()
        last = await Person.register_admin(own, "last")
        assert (await last.request("DELETE", "/api/v1/users/account")).status_code == 403
        other = await Person.register_admin(own, "other")
        assert (await last.request("DELETE", "/api/v1/users/account")).status_code == 200
        await last.close()
        await other.close()


class TestProfile:
    async def test_absent_stays_and_empty_clears(self, register: Register) -> None:
        ben = await register("ben")
        body = {"nickname": "Ben", "phone": "+49 30 1", "avatar": "https://example.org/b.png"}
        assert (await ben.request("PUT", PROFILE, json=body)).json()["data"]["nickname"] == "Ben"
        changed = (await ben.request("PUT", PROFILE, json={"phone": ""})).json()["data"]
        assert (changed["nickname"], changed["phone"], changed["avatar"]) == ("Ben", "", body["avatar"])

    @pytest.mark.parametrize(
        "body",
        [
            {"nickname": "x" * 51},
            {"phone": "1" * 21},
            {"avatar": "javascript:alert(1)"},
            {"avatar": "https://e.org/" + "x" * 255},
            {"nickname": 5},
        ],
    )
    async def test_what_does_not_fit_is_refused(self, register: Register, body: dict[str, Any]) -> None:
        ben = await register("ben")
        assert (await ben.request("PUT", PROFILE, json=body)).status_code == 400

    async def test_signed_in_only(self, salon: Salon) -> None:
        async with client(salon.url) as http:
            assert (await http.put(PROFILE, json={})).status_code == 401


class TestPasswordChange:
    @pytest.mark.parametrize(
        ("method", "path"), [("POST", "/api/v1/users/change-password"), ("PUT", "/api/v1/users/password")]
    )
    async def test_it_ends_every_token_but_this_browsers_cookie(
        self, register: Register, method: str, path: str
    ) -> None:
        ben = await register("ben")
        tab = await ben.enter(await ben.create_meeting())
        body = {"old_password": PASSWORD, "new_password": "Brand@New77"}
        headers = {"Authorization": f"Bearer {ben.token}"}
        answer = await ben.http.request(method, path, json=body, headers=headers)
        assert answer.status_code == 200, answer.text
        assert "data" not in answer.json()
        await tab.expect_closed(4005, within_s=5)
        # The cookie that came with the answer belongs to a new sign-in.
        assert (await ben.http.get(PROFILE)).status_code == 200
        ben.http.cookies.clear()
        assert (await ben.request("GET", PROFILE)).status_code == 401
        assert (await sign_in(ben)).status_code == 401
        assert (await sign_in(ben, "Brand@New77")).status_code == 200

    @pytest.mark.parametrize(
        "body",
        [
            {"old_password": "Wrong@Pass1", "new_password": "Brand@New77"},
            {"old_password": PASSWORD, "new_password": PASSWORD},
            {"old_password": PASSWORD, "new_password": "short"},
            {"old_password": PASSWORD},
        ],
    )
    async def test_what_is_wrong_changes_nothing(self, register: Register, body: dict[str, str]) -> None:
        ben = await register("ben")
        answer = await ben.request("POST", "/api/v1/users/change-password", json=body)
        assert answer.status_code == 400
        assert (await ben.request("GET", PROFILE)).status_code == 200


class TestSignOut:
    async def test_it_ends_all_tokens_and_sockets(self, register: Register) -> None:
        ben = await register("ben")
        other = (await sign_in(ben)).json()["data"]["token"]
        tab = await ben.enter(await ben.create_meeting())
        assert (await ben.request("POST", "/api/v1/auth/logout")).status_code == 200
        await tab.expect_closed(4005, within_s=5)
        for token in (ben.token, other):
            answer = await ben.http.get(PROFILE, headers={"Authorization": f"Bearer {token}"})
            assert answer.status_code == 401
        assert (await sign_in(ben)).status_code == 200

    async def test_or_this_sign_in_only(self, register: Register) -> None:
        ben = await register("ben")
        other = (await sign_in(ben)).json()["data"]["token"]
        answer = await ben.request("POST", "/api/v1/auth/logout", json={"everywhere": False})
        assert answer.status_code == 200
        assert (await ben.request("GET", PROFILE)).status_code == 401
        kept = await ben.http.get(PROFILE, headers={"Authorization": f"Bearer {other}"})
        assert kept.status_code == 200

    async def test_signed_out_already_is_fine(self, salon: Salon) -> None:
        async with client(salon.url) as http:
            assert (await http.post("/api/v1/auth/logout")).status_code == 200


class TestFirstAdministrator:
    async def test_the_printed_link_works_once(
        self, make_salon: MakeSalon, capfd: pytest.CaptureFixture[str]
    ) -> None:
        own = make_salon()
        printed = capfd.readouterr()
        key = (printed.out + printed.err).partition("/setup?key=")[2].split("'")[0].split()[0].strip("'\"")
        body = {"key": key, "username": "boss", "email": "boss@example.org", "password": PASSWORD}
        async with client(own.url) as http:
            assert (await http.get("/api/v1/auth/setup")).json()["data"] == {"needed": True}
            assert (await http.post("/api/v1/auth/setup", json=body | {"key": "wrong"})).status_code == 403
            # What was wrong in the form does not use the link up.
            weak = await http.post("/api/v1/auth/setup", json=body | {"password": "short"})
            assert weak.status_code == 400
            made = await http.post("/api/v1/auth/setup", json=body)
            assert made.status_code == 200, made.text
            token = made.json()["data"]["token"]
            listed = await http.get(USERS, headers={"Authorization": f"Bearer {token}"})
            assert listed.status_code == 200
            assert (await http.get("/api/v1/auth/setup")).json()["data"] == {"needed": False}
            again = body | {"username": "boss2", "email": "boss2@example.org"}
            assert (await http.post("/api/v1/auth/setup", json=again)).status_code == 403
