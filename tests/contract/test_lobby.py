"""The lobby: knocking, waiting, being let in or turned away; over REST and over the socket."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from support.people import Person, Tab

Register = Callable[[str], Awaitable[Person]]
MEETINGS = "/api/v1/meetings"


@pytest.fixture
async def host(register: Register) -> Person:
    return await register("host")


@pytest.fixture
async def meeting(host: Person) -> int:
    meeting = await host.create_meeting(settings={"require_approval": True})
    await host.join(meeting)
    return meeting


async def call(person: Person, method: str, meeting: int, path: str, json: Any = None) -> Any:
    return await person.request(method, f"{MEETINGS}/{meeting}/{path}", json=json)


async def knock(person: Person, meeting: int) -> dict[str, Any]:
    answer = await call(person, "POST", meeting, "knock")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()["data"]
    return found


class TestKnocking:
    async def test_the_host_needs_none_and_a_stranger_does(
        self, host: Person, meeting: int, register: Register
    ) -> None:
        assert (await knock(host, meeting))["state"] == "not_needed"
        assert await knock(await register("ben"), meeting) == {"state": "waiting", "position": 1}

    async def test_a_meeting_without_a_lobby_needs_none(self, host: Person, register: Register) -> None:
        open_house = await host.create_meeting()
        assert (await knock(await register("ben"), open_house))["state"] == "not_needed"

    async def test_joining_knocks_and_gets_in_once_admitted(
        self, host: Person, meeting: int, register: Register
    ) -> None:
        ben = await register("ben")
        refused = await call(ben, "POST", meeting, "join")
        assert refused.status_code == 403
        assert "let you in" in refused.json()["message"]
        waiting = (await call(host, "GET", meeting, "lobby")).json()["data"]
        assert [one["user_id"] for one in waiting] == [ben.user_id]
        assert (await call(host, "POST", meeting, "lobby/admit")).json()["data"]["user_ids"] == [ben.user_id]
        assert (await call(ben, "POST", meeting, "join")).status_code == 200
        # And again: who was let in once stays so.
        await call(ben, "POST", meeting, "leave")
        assert (await call(ben, "POST", meeting, "join")).status_code == 200

    async def test_twice_is_as_good_as_once(self, host: Person, meeting: int, register: Register) -> None:
        ben = await register("ben")
        await asyncio.gather(*(call(ben, "POST", meeting, "knock") for _ in range(4)))
        assert len((await call(host, "GET", meeting, "lobby")).json()["data"]) == 1

    async def test_the_socket_stays_shut_until_then(self, meeting: int, register: Register) -> None:
        ben = await register("ben")
        with pytest.raises(Exception, match="403"):
            await ben.open(meeting)

    async def test_a_password_is_asked_before(self, host: Person, register: Register) -> None:
        meeting = await host.create_meeting(settings={"require_approval": True}, password="geheim")
        ben = await register("ben")
        assert (await call(ben, "POST", meeting, "knock")).status_code == 401
        assert (await call(ben, "POST", meeting, "join", {"password": "x"})).status_code == 401
        assert (await call(ben, "POST", meeting, "join", {"password": "geheim"})).status_code == 403
        assert len((await call(host, "GET", meeting, "lobby")).json()["data"]) == 1

    async def test_a_knock_takes_the_password_too_and_once_is_enough(
        self, host: Person, register: Register
    ) -> None:
        meeting = await host.create_meeting(settings={"require_approval": True}, password="geheim")
        ben = await register("ben")
        assert (await call(ben, "POST", meeting, "knock", {"password": "x"})).status_code == 401
        first = await call(ben, "POST", meeting, "knock", {"password": "geheim"})
        assert first.json()["data"] == {"state": "waiting", "position": 1}
        assert (await call(ben, "POST", meeting, "knock")).json()["data"]["state"] == "waiting"

    async def test_what_is_over_unknown_or_locked_has_no_door(
        self, host: Person, meeting: int, register: Register
    ) -> None:
        ben = await register("ben")
        assert (await call(ben, "POST", 2**31 - 2, "knock")).status_code == 404
        assert (await call(host, "POST", meeting, "lock", {"locked": True})).status_code == 200
        locked = await call(ben, "POST", meeting, "knock")
        assert locked.status_code == 403
        assert "locked" in locked.json()["message"]
        await call(host, "POST", meeting, "end")
        assert (await call(ben, "POST", meeting, "knock")).status_code == 400

    async def test_a_knock_is_looked_at_and_withdrawn(
        self, host: Person, meeting: int, register: Register
    ) -> None:
        ben = await register("ben")
        assert (await call(ben, "GET", meeting, "knock")).status_code == 404
        await knock(ben, meeting)
        assert (await call(ben, "GET", meeting, "knock")).json()["data"]["state"] == "waiting"
        assert (await call(ben, "DELETE", meeting, "knock")).status_code == 200
        assert (await call(host, "GET", meeting, "lobby")).json()["data"] == []
        assert (await call(ben, "GET", meeting, "knock")).status_code == 404


class TestDeciding:
    async def test_only_hosts_and_moderators_do(self, host: Person, meeting: int, register: Register) -> None:
        ben, moderator, member = await register("ben"), await register("mod"), await register("cat")
        await call(host, "POST", meeting, "participants", {"user_id": moderator.user_id, "role": 2})
        await call(host, "POST", meeting, "participants", {"user_ids": [member.user_id]})
        await knock(ben, meeting)
        for person in (ben, member):
            assert (await call(person, "GET", meeting, "lobby")).status_code == 403
            assert (await call(person, "POST", meeting, "lobby/admit")).status_code == 403
            deny = {"user_ids": [ben.user_id]}
            assert (await call(person, "POST", meeting, "lobby/deny", deny)).status_code == 403
            message = {"content": "hello"}
            assert (await call(person, "POST", meeting, "lobby/message", message)).status_code == 403
        assert (await call(moderator, "POST", meeting, "lobby/admit")).status_code == 200

    async def test_one_of_many_is_admitted(self, host: Person, meeting: int, register: Register) -> None:
        ben, cat = await register("ben"), await register("cat")
        await knock(ben, meeting)
        assert (await knock(cat, meeting))["position"] == 2
        await call(host, "POST", meeting, "lobby/admit", {"user_ids": [cat.user_id]})
        assert (await call(cat, "POST", meeting, "join")).status_code == 200
        assert (await call(ben, "POST", meeting, "join")).status_code == 403

    async def test_the_denied_wait_a_minute(self, host: Person, meeting: int, register: Register) -> None:
        ben = await register("ben")
        await knock(ben, meeting)
        assert (
            await call(host, "POST", meeting, "lobby/deny", {"user_ids": [ben.user_id]})
        ).status_code == 200
        assert (await call(ben, "GET", meeting, "knock")).json()["data"]["state"] == "denied"
        again = await call(ben, "POST", meeting, "knock")
        assert again.status_code == 429
        assert 0 < int(again.headers["retry-after"]) <= 60

    async def test_a_host_thinks_again(self, host: Person, meeting: int, register: Register) -> None:
        ben = await register("ben")
        await knock(ben, meeting)
        named = {"user_ids": [ben.user_id]}
        await call(host, "POST", meeting, "lobby/deny", named)
        assert (await call(host, "POST", meeting, "lobby/admit")).json()["data"]["user_ids"] == []
        admitted = await call(host, "POST", meeting, "lobby/admit", named)
        assert admitted.json()["data"]["user_ids"] == [ben.user_id]
        assert (await call(ben, "POST", meeting, "join")).status_code == 200

    async def test_who_does_not_wait_is_not_decided_on(
        self, host: Person, meeting: int, register: Register
    ) -> None:
        ben = await register("ben")
        for path in ("lobby/admit", "lobby/deny"):
            answer = await call(host, "POST", meeting, path, {"user_ids": [ben.user_id]})
            assert answer.status_code == 404
        assert (await call(host, "POST", meeting, "lobby/deny", {"user_ids": []})).status_code == 400
        assert (await call(host, "POST", meeting, "lobby/message", {"content": " "})).status_code == 400


class TestSocket:
    async def test_a_waiting_one_is_told_and_sent_on(
        self, host: Person, meeting: int, register: Register
    ) -> None:
        ben, cat = await register("ben"), await register("cat")
        await knock(ben, meeting)
        await knock(cat, meeting)
        async with await cat.open(meeting) as waiting:
            assert (await waiting.expect(20))["payload"] == {
                "meeting_id": meeting,
                "state": "waiting",
                "position": 2,
            }
            await call(host, "POST", meeting, "lobby/message", {"content": "In five minutes."})
            told = (await waiting.expect(20))["payload"]
            assert (told["message"], told["by"]) == ("In five minutes.", host.name)
            await call(host, "POST", meeting, "lobby/admit", {"user_ids": [ben.user_id]})
            assert (await waiting.expect(20))["payload"]["position"] == 1
            await call(host, "POST", meeting, "lobby/admit")
            assert (await waiting.expect(20))["payload"]["state"] == "admitted"
            await waiting.expect_closed(1000)
        tab = await cat.enter(meeting)
        await tab.close()

    @pytest.mark.parametrize("how", ["invited", "opened", "link"])
    async def test_who_need_not_wait_any_more_is_sent_on(
        self, host: Person, meeting: int, register: Register, how: str
    ) -> None:
        ben = await register("ben")
        await knock(ben, meeting)
        async with await ben.open(meeting) as waiting:
            assert (await waiting.expect(20))["payload"]["state"] == "waiting"
            if how == "invited":
                await call(host, "POST", meeting, "participants", {"user_id": ben.user_id})
            elif how == "opened":
                off = {"settings": {"require_approval": False}}
                await host.request("PUT", f"{MEETINGS}/{meeting}", json=off)
            else:
                made = await call(host, "POST", meeting, "invites", {"role": 2})
                await ben.request("POST", f"/api/v1/invites/{made.json()['data']['token']}/accept")
            assert (await waiting.expect(20))["payload"]["state"] == "admitted"
            await waiting.expect_closed(1000)
        assert (await call(host, "GET", meeting, "lobby")).json()["data"] == []
        tab = await ben.enter(meeting)
        await tab.close()

    async def test_it_hears_nothing_of_the_room(self, host: Person, meeting: int, register: Register) -> None:
        ben = await register("ben")
        inside = await host.enter(meeting)
        await knock(ben, meeting)
        async with await ben.open(meeting) as waiting:
            await waiting.expect(20)
            await waiting.say(8, {"content": "let me in"})
            await call(host, "POST", meeting, "messages", {"content": "between us"})
            await inside.expect(8, where=lambda f: f["payload"]["content"] == "between us")
            await call(host, "POST", meeting, "end")
            assert (await waiting.expect(20))["payload"]["state"] == "closed"
            await waiting.expect_closed(1000)
            assert waiting.frames == []
        assert not [frame for frame in inside.frames if frame["type"] == 8]
        await inside.close()

    async def test_keepers_see_who_waits(self, host: Person, meeting: int, register: Register) -> None:
        ben, member = await register("ben"), await register("cat")
        await call(host, "POST", meeting, "participants", {"user_ids": [member.user_id]})
        keeper = await host.enter(meeting, capabilities=["lobby"])
        plain = await member.enter(meeting, capabilities=["lobby"])
        assert (await keeper.expect(21))["payload"] == {"waiting": []}
        await knock(ben, meeting)
        listed = (await keeper.expect(21))["payload"]["waiting"]
        assert [(one["user_id"], one["username"]) for one in listed] == [(ben.user_id, ben.name)]
        await call(ben, "DELETE", meeting, "knock")
        assert (await keeper.expect(21))["payload"] == {"waiting": []}
        assert not [frame for frame in await plain.settle() if frame["type"] == 21]
        await keeper.close()
        await plain.close()

    async def test_a_new_moderator_sees_who_waits(
        self, host: Person, meeting: int, register: Register
    ) -> None:
        ben, member = await register("ben"), await register("cat")
        await call(host, "POST", meeting, "participants", {"user_ids": [member.user_id]})
        tab: Tab = await member.enter(meeting, capabilities=["lobby", "moderation"])
        await knock(ben, meeting)
        role = await call(host, "PUT", meeting, f"participants/{member.user_id}/role", {"role": 2})
        assert role.status_code == 200
        assert (await tab.expect(22))["payload"]["role"] == 2
        assert len((await tab.expect(21))["payload"]["waiting"]) == 1
        await tab.close()
