"""Roles, locks, switches and mutes: who may, and what everybody is told."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import pytest
from support.people import Person

Register = Callable[[str], Awaitable[Person]]
MEETINGS = "/api/v1/meetings"
SAYS = ["moderation", "meeting_state"]


@dataclass
class House:
    """A meeting with one of each role in it."""

    meeting: int
    host: Person
    second: Person
    moderator: Person
    member: Person
    stranger: Person

    async def call(self, person: Person, method: str, path: str, json: Any = None) -> Any:
        return await person.request(method, f"{MEETINGS}/{self.meeting}/{path}", json=json)


@pytest.fixture
async def house(register: Register) -> House:
    host, second, moderator, member, stranger = [
        await register(name) for name in ("host", "second", "mod", "member", "stranger")
    ]
    house = House(await host.create_meeting(), host, second, moderator, member, stranger)
    await host.join(house.meeting)
    for person, role in ((second, 4), (moderator, 2), (member, 1)):
        await person.join(house.meeting)
        await house.call(host, "PUT", f"participants/{person.user_id}/role", {"role": role})
    return house


class TestRank:
    async def test_moderators_act_on_participants_hosts_on_moderators_the_maker_on_hosts(
        self, house: House
    ) -> None:
        async def mute(actor: Person, target: Person) -> int:
            answer = await house.call(actor, "POST", f"participants/{target.user_id}/mute")
            return int(answer.status_code)

        assert await mute(house.moderator, house.member) == 200
        assert await mute(house.moderator, house.second) == 403
        assert await mute(house.moderator, house.host) == 403
        assert await mute(house.second, house.moderator) == 200
        assert await mute(house.second, house.host) == 403
        assert await mute(house.host, house.second) == 200
        assert await mute(house.member, house.moderator) == 403
        assert await mute(house.stranger, house.member) == 403
        assert await mute(house.host, house.stranger) == 404

    async def test_only_hosts_change_roles_and_nobody_the_makers(self, house: House) -> None:
        path = f"participants/{house.member.user_id}/role"
        assert (await house.call(house.moderator, "PUT", path, {"role": 2})).status_code == 403
        assert (await house.call(house.second, "PUT", path, {"role": 3})).json()["data"]["role"] == 3
        for bad in (0, 5, "x", None):
            assert (await house.call(house.host, "PUT", path, {"role": bad})).status_code == 400
        own = f"participants/{house.host.user_id}/role"
        assert (await house.call(house.second, "PUT", own, {"role": 1})).status_code == 403
        nobody = f"participants/{house.stranger.user_id}/role"
        assert (await house.call(house.host, "PUT", nobody, {"role": 2})).status_code == 404

    async def test_a_moderator_invites_but_gives_no_roles(self, house: House, register: Register) -> None:
        guest = await register("new")
        body = {"user_ids": [guest.user_id], "role": 2}
        assert (await house.call(house.moderator, "POST", "participants", body)).status_code == 403
        answer = await house.call(house.moderator, "POST", "participants", body | {"role": 1})
        assert [(row["user_id"], row["status"]) for row in answer.json()["data"]] == [(guest.user_id, 1)]
        assert (await house.call(house.member, "POST", "participants", body)).status_code == 403
        assert (await house.call(house.host, "POST", "participants", {"role": 1})).status_code == 400
        missing = {"user_ids": [2**31 - 5]}
        assert (await house.call(house.host, "POST", "participants", missing)).status_code == 404

    async def test_a_removed_one_comes_back_only_when_invited(self, house: House) -> None:
        path = f"participants/{house.member.user_id}"
        assert (await house.call(house.moderator, "DELETE", path)).status_code == 200
        assert (await house.call(house.member, "POST", "join")).status_code == 403
        await house.call(house.host, "POST", "participants", {"user_id": house.member.user_id})
        assert (await house.call(house.member, "POST", "join")).status_code == 200


class TestMute:
    async def test_the_one_concerned_and_the_others_are_told(self, house: House) -> None:
        muted = await house.member.enter(house.meeting, capabilities=SAYS)
        other = await house.second.enter(house.meeting)
        await muted.say(10, {"action": "unmute", "media_type": "audio"})
        await other.expect(10, where=lambda f: f["payload"]["action"] == "unmute")
        path = f"participants/{house.member.user_id}"
        answer = await house.call(house.moderator, "POST", f"{path}/mute", {"hold": True})
        assert answer.json()["data"]["audio_block"] == "held"
        told = (await muted.expect(22))["payload"]
        assert told["audio_block"] == "held"
        assert told["by"] == {"user_id": house.moderator.user_id, "username": house.moderator.name}
        shown = await other.expect(10, where=lambda f: f["payload"]["action"] == "mute")
        assert shown["payload"]["user_id"] == house.member.user_id
        await muted.say(10, {"action": "unmute", "media_type": "audio"})
        assert (await muted.expect(13))["payload"]["message"] == "A host has muted you"
        await house.call(house.moderator, "POST", f"{path}/unmute")
        assert (await muted.expect(22))["payload"]["audio_block"] == "free"
        await muted.close()
        await other.close()

    async def test_it_holds_over_a_new_socket(self, house: House) -> None:
        path = f"participants/{house.member.user_id}/mute"
        await house.call(house.moderator, "POST", path, {"hold": True, "video": True})
        tab = await house.member.enter(house.meeting, capabilities=SAYS)
        assert (await tab.expect(22))["payload"]["video_block"] == "held"
        await tab.say(10, {"action": "video_on", "media_type": "video"})
        assert (await tab.expect(13))["payload"]["message"] == "A host has muted you"
        await tab.close()

    async def test_mute_all_meets_participants_only(self, house: House) -> None:
        answer = await house.call(house.moderator, "POST", "mute-all", {"video": True})
        assert [row["user_id"] for row in answer.json()["data"]] == [house.member.user_id]
        assert (await house.call(house.member, "POST", "mute-all")).status_code == 403
        answer = await house.call(house.host, "POST", "unmute-all", {"video": True})
        assert {row["audio_block"] for row in answer.json()["data"]} == {"free"}

    async def test_mute_all_loosens_no_hold(self, house: House) -> None:
        path = f"participants/{house.member.user_id}"
        await house.call(house.moderator, "POST", f"{path}/mute", {"hold": True})
        (muted,) = (await house.call(house.moderator, "POST", "mute-all", {"video": True})).json()["data"]
        assert (muted["audio_block"], muted["video_block"]) == ("held", "muted")
        one = await house.call(house.moderator, "POST", f"{path}/mute")
        assert one.json()["data"]["audio_block"] == "muted"

    async def test_nothing_to_stop_is_a_mistake(self, house: House) -> None:
        nothing = {"audio": False, "video": False}
        for path in ("mute-all", "unmute-all", f"participants/{house.member.user_id}/mute"):
            assert (await house.call(house.moderator, "POST", path, nothing)).status_code == 400

    async def test_not_when_it_is_over(self, house: House) -> None:
        await house.call(house.host, "POST", "end")
        path = f"participants/{house.member.user_id}"
        for action in (f"{path}/mute", f"{path}/unmute", "mute-all", "unmute-all"):
            assert (await house.call(house.host, "POST", action)).status_code == 409


class TestLock:
    async def test_nobody_new_but_who_was_in_and_who_keeps_the_door(self, house: House) -> None:
        assert (await house.call(house.member, "POST", "lock", {"locked": True})).status_code == 403
        locked = await house.call(house.moderator, "POST", "lock", {"locked": True})
        assert locked.json()["data"]["locked"] is True
        refused = await house.call(house.stranger, "POST", "join")
        assert refused.status_code == 403
        assert "locked" in refused.json()["message"]
        # Inside, or a moment ago: a lost line is no reason to stay out.
        assert (await house.call(house.member, "POST", "join")).status_code == 200
        await house.call(house.member, "POST", "leave")
        assert (await house.call(house.member, "POST", "join")).status_code == 200
        await house.call(house.moderator, "POST", "lock", {"locked": False})
        assert (await house.call(house.stranger, "POST", "join")).status_code == 200

    async def test_a_socket_is_no_way_around_it(self, house: House) -> None:
        invited = {"user_id": house.stranger.user_id}
        await house.call(house.moderator, "POST", "participants", invited)
        await house.call(house.moderator, "POST", "lock", {"locked": True})
        with pytest.raises(Exception, match="403"):
            await house.stranger.open(house.meeting)
        await (await house.member.open(house.meeting)).close()
        await house.call(house.moderator, "POST", "lock", {"locked": False})
        await (await house.stranger.open(house.meeting)).close()

    async def test_everybody_inside_is_told(self, house: House) -> None:
        tab = await house.member.enter(house.meeting, capabilities=SAYS)
        first = (await tab.expect(23))["payload"]
        assert (first["locked"], first["allows"]["chat"]) == (False, True)
        assert first["roles"][str(house.member.user_id)] == 1
        await house.call(house.host, "POST", "lock", {"locked": True})
        assert (await tab.expect(23))["payload"]["locked"] is True
        await house.call(house.host, "PUT", f"participants/{house.member.user_id}/role", {"role": 3})
        assert (await tab.expect(23))["payload"]["roles"][str(house.member.user_id)] == 3
        await tab.close()

    async def test_a_bad_body_or_a_late_one(self, house: House) -> None:
        assert (await house.call(house.host, "POST", "lock", {"locked": "maybe"})).status_code == 400
        await house.call(house.host, "POST", "end")
        assert (await house.call(house.host, "POST", "lock", {"locked": True})).status_code == 409


class TestSwitches:
    async def switch(self, house: House, **settings: bool) -> None:
        answer = await house.host.request("PUT", f"{MEETINGS}/{house.meeting}", json={"settings": settings})
        assert answer.status_code == 200, answer.text

    async def test_what_nobody_chose_is_allowed_and_shown_as_the_wire_wants_it(self, house: House) -> None:
        view = (await house.host.request("GET", f"{MEETINGS}/{house.meeting}")).json()["data"]
        assert view["settings"]["enable_chat"] is False
        assert view["allows"]["chat"] is True

    async def test_chat_is_off_for_everybody_and_on_again_at_once(self, house: House) -> None:
        tab = await house.member.enter(house.meeting, capabilities=SAYS)
        await tab.expect(23)
        await self.switch(house, enable_chat=False)
        assert (await tab.expect(23))["payload"]["allows"]["chat"] is False
        await tab.say(8, {"content": "hello"})
        assert "switched off" in (await tab.expect(13))["payload"]["message"]
        for person in (house.host, house.member):
            answer = await house.call(person, "POST", "messages", {"content": "hello"})
            assert answer.status_code == 403
        await self.switch(house, enable_chat=True)
        assert (await house.call(house.member, "POST", "messages", {"content": "hello"})).status_code == 200
        await tab.close()

    async def test_screens_are_not_shared_where_it_is_off(self, house: House) -> None:
        await self.switch(house, enable_screen_share=False)
        tab = await house.member.enter(house.meeting)
        await tab.say(9, {"action": "start"})
        assert "switched off" in (await tab.expect(13))["payload"]["message"]
        await tab.close()

    async def test_captions_end_where_they_are_switched_off(self, house: House) -> None:
        tab = await house.member.enter(house.meeting)
        await tab.say(15, {"enable": True})
        assert (await tab.expect(16))["payload"]["enabled"] is True
        await self.switch(house, enable_ai=False)
        assert (await tab.expect(16))["payload"]["enabled"] is False
        await tab.say(15, {"enable": True})
        assert "switched off" in (await tab.expect(13))["payload"]["message"]
        await tab.say(17, {"line_id": "1", "text": "still talking"})
        await tab.expect(13)
        await self.switch(house)
        await tab.say(15, {"enable": True})
        assert (await tab.expect(16))["payload"]["enabled"] is True
        await tab.close()

    async def test_recording_says_the_truth(self, house: House) -> None:
        start = "recording/start"
        assert (await house.call(house.member, "POST", start)).status_code == 403
        assert (await house.call(house.host, "POST", "recording/stop")).status_code == 404
        assert (await house.call(house.member, "GET", "recordings")).json()["data"] == []
        assert (await house.call(house.host, "POST", start)).status_code == 200
        assert (await house.call(house.host, "POST", start)).status_code == 409
        assert (await house.call(house.moderator, "POST", "recording/stop")).status_code == 200
        assert len((await house.call(house.member, "GET", "recordings")).json()["data"]) == 1
        await self.switch(house, enable_recording=False)
        assert (await house.call(house.host, "POST", start)).status_code == 403


class TestRoom:
    async def test_it_is_closed_with_everybody_in_it_and_opens_again(self, house: House) -> None:
        tab = await house.member.enter(house.meeting)
        room = (await house.call(house.member, "GET", "room")).json()["data"]
        assert (room["status"], room["max_bitrate"]) == ("active", 1_000_000)
        assert (await house.call(house.stranger, "GET", "room")).status_code == 403
        assert (await house.call(house.moderator, "DELETE", "room")).status_code == 403
        assert (await house.call(house.host, "DELETE", "room")).status_code == 200
        await tab.expect_closed(4006)
        assert (await house.call(house.member, "GET", "room")).json()["data"]["status"] == "closed"
        assert (await house.call(house.member, "POST", "room")).status_code == 403
        again = (await house.call(house.moderator, "POST", "room")).json()["data"]
        assert (again["status"], again["room_id"]) == ("active", room["room_id"])
        assert (await house.call(house.member, "POST", "join")).status_code == 200


class TestStartAndForce:
    async def test_start_is_for_moderators_and_not_for_what_is_over(self, house: House) -> None:
        meeting = await house.host.create_meeting()
        await house.host.request(
            "POST", f"{MEETINGS}/{meeting}/participants", json={"user_id": house.member.user_id}
        )
        path = f"{MEETINGS}/{meeting}/start"
        assert (await house.member.request("POST", path)).status_code == 403
        assert (await house.host.request("POST", path)).json()["data"]["status"] == 2
        assert (await house.host.request("POST", path)).json()["data"]["status"] == 2
        await house.host.request("POST", f"{MEETINGS}/{meeting}/end")
        assert (await house.host.request("POST", path)).status_code == 409
        assert (await house.host.request("POST", f"{MEETINGS}/{2**31 - 2}/start")).status_code == 404
