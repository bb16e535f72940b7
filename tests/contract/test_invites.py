"""Invite links and guests: what a link opens, and what it does not."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from support.contract import client
from support.people import Person
from support.server import Salon

Register = Callable[[str], Awaitable[Person]]
MEETINGS = "/api/v1/meetings"


@pytest.fixture
async def host(register: Register) -> Person:
    return await register("host")


@pytest.fixture
async def meeting(host: Person) -> int:
    return await host.create_meeting(password="geheim", settings={"allow_guests": True})


async def make(person: Person, meeting: int, **body: Any) -> dict[str, Any]:
    answer = await person.request("POST", f"{MEETINGS}/{meeting}/invites", json=body)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()["data"]
    return found


async def enter(salon: Salon, token: str, nickname: str = "Gast") -> Person:
    """Come in as a guest."""
    http = client(salon.url)
    answer = await http.post("/api/v1/auth/guest", json={"invite": token, "nickname": nickname})
    assert answer.status_code == 200, answer.text
    assert "access_token" in answer.headers["set-cookie"]
    http.cookies.clear()
    data = answer.json()["data"]
    return Person(salon.url, http, data["user"]["username"], data["user"]["id"], data["token"])


class TestLinks:
    async def test_a_link_gives_a_place_without_the_password(
        self, host: Person, meeting: int, register: Register, salon: Salon
    ) -> None:
        made = await make(host, meeting)
        assert made["url"] == f"{salon.url}/invite/{made['token']}"
        async with client(salon.url) as http:
            preview = (await http.get(f"/api/v1/invites/{made['token']}")).json()["data"]
        assert (preview["meeting_id"], preview["host"], preview["needs"]) == (meeting, host.name, "account")
        ben = await register("ben")
        assert (await ben.request("POST", f"{MEETINGS}/{meeting}/join")).status_code == 401
        accepted = await ben.request("POST", f"/api/v1/invites/{made['token']}/accept")
        assert accepted.json()["data"] == {"meeting_id": meeting}
        assert (await ben.request("POST", f"{MEETINGS}/{meeting}/join")).status_code == 200
        assert (await ben.request("POST", f"/api/v1/invites/{made['token']}/accept")).status_code == 200

    async def test_a_link_with_a_role_gives_it(self, host: Person, meeting: int, register: Register) -> None:
        made = await make(host, meeting, role=2)
        ben = await register("ben")
        await ben.request("POST", f"/api/v1/invites/{made['token']}/accept")
        joined = await ben.request("POST", f"{MEETINGS}/{meeting}/join")
        assert joined.json()["data"]["role"] == 2

    async def test_they_are_listed_without_secrets_and_revoked(
        self, host: Person, meeting: int, register: Register
    ) -> None:
        made = await make(host, meeting, max_uses=3)
        listed = (await host.request("GET", f"{MEETINGS}/{meeting}/invites")).json()["data"]
        assert [(one["id"], one["max_uses"]) for one in listed] == [(made["id"], 3)]
        assert made["token"] not in str(listed)
        gone = await host.request("DELETE", f"{MEETINGS}/{meeting}/invites/{made['id']}")
        assert gone.status_code == 200
        ben = await register("ben")
        assert (await ben.request("POST", f"/api/v1/invites/{made['token']}/accept")).status_code == 404
        assert (await host.request("GET", f"{MEETINGS}/{meeting}/invites")).json()["data"] == []

    async def test_it_is_used_as_often_as_it_says(
        self, host: Person, meeting: int, register: Register
    ) -> None:
        made = await make(host, meeting, max_uses=1)
        first, second = await register("first"), await register("second")
        path = f"/api/v1/invites/{made['token']}/accept"
        assert (await first.request("POST", path)).status_code == 200
        assert (await second.request("POST", path)).status_code == 404

    async def test_who_came_by_it_opens_it_again_though_it_is_used_up(
        self, host: Person, meeting: int, register: Register
    ) -> None:
        made = await make(host, meeting, max_uses=1)
        ben, cat = await register("ben"), await register("cat")
        path = f"/api/v1/invites/{made['token']}/accept"
        assert [(await ben.request("POST", path)).status_code for _ in range(2)] == [200, 200]
        assert (await cat.request("POST", path)).status_code == 404
        listed = (await host.request("GET", f"{MEETINGS}/{meeting}/invites")).json()["data"]
        assert [one["uses"] for one in listed] == [1]

    async def test_who_may(self, host: Person, meeting: int, register: Register) -> None:
        member, moderator, stranger = await register("cat"), await register("mod"), await register("who")
        for person, role in ((member, 1), (moderator, 2)):
            body = {"user_id": person.user_id, "role": role}
            await host.request("POST", f"{MEETINGS}/{meeting}/participants", json=body)
        path = f"{MEETINGS}/{meeting}/invites"
        for person in (member, stranger):
            assert (await person.request("POST", path, json={})).status_code == 403
            assert (await person.request("GET", path)).status_code == 403
            assert (await person.request("DELETE", f"{path}/1")).status_code == 403
        assert (await moderator.request("POST", path, json={"role": 2})).status_code == 403
        assert (await moderator.request("POST", path, json={"role": 1})).status_code == 201
        for bad in ({"role": 4}, {"expires_in_h": 0}, {"expires_in_h": 721}, {"max_uses": 0}):
            assert (await host.request("POST", path, json=bad)).status_code == 400
        assert (await host.request("DELETE", f"{path}/{2**31 - 2}")).status_code == 404
        await host.request("POST", f"{MEETINGS}/{meeting}/end")
        assert (await host.request("POST", path, json={})).status_code == 409

    async def test_what_does_not_work_says_what_to_do(
        self, host: Person, meeting: int, salon: Salon, register: Register
    ) -> None:
        made = await make(host, meeting)
        async with client(salon.url) as http:
            unknown = await http.get("/api/v1/invites/nothing")
            assert (unknown.status_code, "new one" in unknown.json()["message"]) == (404, True)
            await host.request("POST", f"{MEETINGS}/{meeting}/end")
            assert (await http.get(f"/api/v1/invites/{made['token']}")).status_code == 400
        ben = await register("ben")
        assert (await ben.request("POST", "/api/v1/invites/nothing/accept")).status_code == 404

    async def test_a_removed_one_is_not_let_in_again_by_a_link(
        self, host: Person, meeting: int, register: Register
    ) -> None:
        made, ben = await make(host, meeting), await register("ben")
        await ben.request("POST", f"/api/v1/invites/{made['token']}/accept")
        await host.request("DELETE", f"{MEETINGS}/{meeting}/participants/{ben.user_id}")
        assert (await ben.request("POST", f"/api/v1/invites/{made['token']}/accept")).status_code == 403


class TestGuests:
    async def test_a_guest_joins_talks_and_goes_no_further(
        self, host: Person, meeting: int, salon: Salon
    ) -> None:
        made = await make(host, meeting, guests=True)
        guest = await enter(salon, made["token"])
        tab = await guest.enter(meeting)
        chat = await guest.request("POST", f"{MEETINGS}/{meeting}/messages", json={"content": "hello"})
        assert chat.status_code == 200
        people = (await host.request("GET", f"{MEETINGS}/{meeting}/participants")).json()["data"]
        shown = next(row["user"] for row in people if row["user_id"] == guest.user_id)
        assert (shown["nickname"], shown["is_guest"]) == ("Gast", True)
        assert (await guest.request("GET", "/api/v1/users/profile")).status_code == 200
        for method, path, body in (
            ("GET", MEETINGS, None),
            ("POST", MEETINGS, {"title": "x", "start_time": "2099-01-01T00:00:00Z"}),
            ("PUT", "/api/v1/users/profile", {"nickname": "x"}),
            ("DELETE", "/api/v1/users/account", None),
            ("POST", f"{MEETINGS}/{meeting}/invites", {}),
            ("GET", "/api/v1/auth/totp", None),
        ):
            assert (await guest.request(method, path, json=body)).status_code == 403, path
        other = await host.create_meeting()
        assert (await guest.request("POST", f"{MEETINGS}/{other}/join")).status_code == 404
        assert (await guest.request("POST", f"{MEETINGS}/{other}/knock")).status_code == 404
        with pytest.raises(Exception, match="403"):
            await guest.open(other)
        async with client(salon.url) as http:
            assert (await http.post("/api/v1/auth/refresh", json={"token": guest.token})).status_code == 401
        await tab.close()
        await guest.close()

    async def test_the_end_of_the_meeting_ends_the_guest(
        self, host: Person, meeting: int, salon: Salon
    ) -> None:
        guest = await enter(salon, (await make(host, meeting, guests=True))["token"])
        tab = await guest.enter(meeting)
        await host.request("POST", f"{MEETINGS}/{meeting}/end")
        await tab.expect_closed(4004, within_s=5)
        assert (await guest.request("GET", "/api/v1/users/profile")).status_code == 401
        await guest.close()

    async def test_revoking_the_link_sends_its_guests_home_and_nobody_else(
        self, host: Person, meeting: int, salon: Salon, register: Register
    ) -> None:
        made = await make(host, meeting, guests=True)
        guest, ben = await enter(salon, made["token"]), await register("ben")
        await ben.request("POST", f"/api/v1/invites/{made['token']}/accept")
        tab, theirs = await guest.enter(meeting), await ben.enter(meeting)
        await host.request("DELETE", f"{MEETINGS}/{meeting}/invites/{made['id']}")
        await tab.expect_closed(4003, within_s=5)
        await theirs.settle()
        await theirs.close()
        await guest.close()

    async def test_a_guest_waits_in_the_lobby_where_there_is_one(self, host: Person, salon: Salon) -> None:
        meeting = await host.create_meeting(settings={"allow_guests": True, "require_approval": True})
        guest = await enter(salon, (await make(host, meeting, guests=True))["token"])
        assert (await guest.request("POST", f"{MEETINGS}/{meeting}/join")).status_code == 403
        waiting = (await host.request("GET", f"{MEETINGS}/{meeting}/lobby")).json()["data"]
        assert [(one["user_id"], one["is_guest"]) for one in waiting] == [(guest.user_id, True)]
        async with await guest.open(meeting) as lobby:
            await lobby.expect(20)
            await host.request("POST", f"{MEETINGS}/{meeting}/lobby/admit")
            assert (await lobby.expect(20))["payload"]["state"] == "admitted"
        assert (await guest.request("POST", f"{MEETINGS}/{meeting}/join")).status_code == 200
        await guest.close()

    async def test_none_where_they_are_not_wanted(self, host: Person, meeting: int, salon: Salon) -> None:
        plain = await make(host, meeting)
        strict = await host.create_meeting()
        refused = await host.request("POST", f"{MEETINGS}/{strict}/invites", json={"guests": True})
        assert refused.status_code == 403
        async with client(salon.url) as http:
            body = {"invite": plain["token"], "nickname": "Gast"}
            assert (await http.post("/api/v1/auth/guest", json=body)).status_code == 403
            assert (await http.post("/api/v1/auth/guest", json=body | {"invite": "x"})).status_code == 404
            for nickname in ("", "   ", "x" * 51):
                bad = body | {"nickname": nickname}
                assert (await http.post("/api/v1/auth/guest", json=bad)).status_code == 400
