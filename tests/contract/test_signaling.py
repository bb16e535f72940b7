"""The signaling WebSocket, row by row, over real sockets."""

import asyncio
import json
import secrets
from collections.abc import Awaitable, Callable

import pytest
import websockets
from support.people import Person, Tab
from support.wait import eventually

Register = Callable[[str], Awaitable[Person]]


async def refusal(person: Person, url: str, **headers: str) -> tuple[int, str]:
    with pytest.raises(websockets.InvalidStatus) as caught:
        await websockets.connect(url, additional_headers=headers)
    response = caught.value.response
    body = json.loads(response.body)
    assert body["code"] == response.status_code
    assert body["timestamp"].endswith("Z")
    return response.status_code, body["message"]


class TestHandshake:
    @pytest.mark.parametrize("missing", ["user_id", "meeting_id", "peer_id"])
    async def test_each_parameter_is_needed(self, host: Person, meeting: int, missing: str) -> None:
        url = host.socket_url(meeting, "web_1").replace(f"{missing}=", "other=")
        assert await refusal(host, url) == (400, "Missing required parameters")

    async def test_ids_are_numbers_and_peer_ids_are_plain(self, host: Person, meeting: int) -> None:
        url = host.socket_url(meeting, "web_1")
        assert await refusal(host, url.replace(f"user_id={host.user_id}", "user_id=-1")) == (
            400,
            "Invalid user_id",
        )
        assert await refusal(host, url.replace(f"meeting_id={meeting}", "meeting_id=1e3")) == (
            400,
            "Invalid meeting_id",
        )
        for peer_id in ("a%20b", "x" * 65, "a%2Fb", "%C3%A9"):
            assert await refusal(host, host.socket_url(meeting, peer_id)) == (400, "Invalid peer_id")

    async def test_a_token_is_needed_and_a_header_is_final(self, host: Person, meeting: int) -> None:
        url = host.socket_url(meeting, "web_1")
        bare = url.split("&token=")[0]
        status, message = await refusal(host, bare)
        assert (status, message[:13]) == (401, "unauthorized:")
        status, _ = await refusal(host, f"{bare}&token=nonsense")
        assert status == 401
        status, _ = await refusal(host, url, Authorization="Bearer nonsense")
        assert status == 401

    @pytest.mark.parametrize("way", ["header", "query", "prefixed", "access_token", "cookie"])
    async def test_every_way_to_carry_the_token(self, host: Person, meeting: int, way: str) -> None:
        bare = host.socket_url(meeting, "web_1").split("&token=")[0]
        url, headers = {
            "header": (bare, {"Authorization": f"bearer {host.token}"}),
            "query": (f"{bare}&token={host.token}", {}),
            "prefixed": (f"{bare}&token=Bearer%20{host.token}", {}),
            "access_token": (f"{bare}&access_token={host.token}", {}),
            "cookie": (bare, {"Cookie": f"access_token={host.token}"}),
        }[way]
        async with websockets.connect(url, additional_headers=headers) as socket:
            await socket.send('{"type":11}')
            assert json.loads(await socket.recv())["type"] == 12

    async def test_the_token_must_be_ones_own(self, host: Person, guest: Person, meeting: int) -> None:
        url = host.socket_url(meeting, "web_1").replace(host.token, guest.token)
        assert await refusal(host, url) == (403, "forbidden: token user mismatch")

    async def test_strangers_and_unknown_meetings_are_refused(
        self, host: Person, meeting: int, register: Register
    ) -> None:
        stranger = await register("stranger")
        for url in (stranger.socket_url(meeting, "web_1"), host.socket_url(4_000_000_000, "web_1")):
            status, message = await refusal(host, url)
            assert (status, message[:10]) == (403, "forbidden:")

    async def test_foreign_pages_are_refused_and_own_ones_admitted(self, host: Person, meeting: int) -> None:
        url = host.socket_url(meeting, "web_1")
        status, message = await refusal(host, url, Origin="https://evil.example")
        assert (status, message[:10]) == (403, "forbidden:")
        async with websockets.connect(url, origin=host.url):  # type: ignore[arg-type]
            pass

    async def test_a_peer_id_of_somebody_else_is_refused(
        self, host: Person, guest: Person, meeting: int
    ) -> None:
        async with await host.open(meeting, "web_1"):
            status, _ = await refusal(guest, guest.socket_url(meeting, "web_1"))
            assert status == 409

    async def test_a_full_room_refuses_newcomers_but_not_second_tabs(
        self, host: Person, guest: Person, register: Register
    ) -> None:
        meeting = await host.create_meeting(max_participants=2)
        await guest.join(meeting)
        async with await host.open(meeting), await guest.open(meeting), await guest.open(meeting) as tab:
            await tab.say(4, None)
            info = (await tab.expect(14))["payload"]
            users = [one["user_id"] for one in info["participants"]]
            assert sorted(users) == sorted([host.user_id, guest.user_id, guest.user_id])
            assert info["participant_count"] == 2
            third = await register("third")
            refused = await third.request("POST", f"/api/v1/meetings/{meeting}/join")
            assert refused.status_code == 409

    async def test_a_member_who_left_finds_no_place_in_a_full_room(
        self, host: Person, guest: Person, register: Register
    ) -> None:
        meeting = await host.create_meeting(max_participants=2)
        await guest.join(meeting)
        await guest.request("POST", f"/api/v1/meetings/{meeting}/leave")
        third = await register("third")
        await third.join(meeting)
        async with await host.open(meeting), await third.open(meeting):
            status, message = await refusal(guest, guest.socket_url(meeting, "web_1"))
            assert (status, message[:10]) == (403, "forbidden:")
            assert "full" in message


class TestPresence:
    async def test_nothing_comes_before_the_client_speaks(self, host: Person, meeting: int) -> None:
        async with await host.open(meeting) as tab:
            await tab.say(4, None)
            first = await tab.next()
            assert first["type"] == 14
            assert first["id"].startswith("room_info_")

    async def test_room_info_has_every_field(self, host: Person, meeting: int) -> None:
        async with await host.open(meeting, "web_1a2b") as tab:
            await tab.say(4, {"meeting_id": meeting, "user_id": host.user_id, "peer_id": "web_1a2b"})
            frame = await tab.expect(14)
            info = frame["payload"]
            assert (frame["from_user_id"], frame["meeting_id"]) == (0, meeting)
            assert frame["session_id"] == info["session_id"]
            assert len(info["session_id"]) <= 64
            assert info["session_id"].startswith(f"{host.user_id}_{meeting}_web_1a2b_")
            assert (info["meeting_id"], info["participant_count"], info["peer_id"]) == (
                meeting,
                1,
                "web_1a2b",
            )
            assert info["ice_servers"][0]["urls"].startswith("stun:")
            assert info["ai_live"]["enabled"] is False
            assert info["ai_live"]["updated_at"] > "2000"
            (own,) = info["participants"]
            assert own["is_self"] is True
            assert (own["user_id"], own["username"], own["peer_id"]) == (host.user_id, host.name, "web_1a2b")
            assert own["joined_at"].endswith("Z")
            assert own["media"] == {"audio": False, "video": False, "screen": False}

    async def test_the_others_get_user_joined_then_room_info(
        self, host: Person, guest: Person, meeting: int
    ) -> None:
        async with await host.enter(meeting) as first, await guest.enter(meeting) as second:
            kinds = [(await first.next())["type"] for _ in range(2)]
            assert kinds == [6, 14]
            await second.say(4, None)
            await second.expect(14)
            assert await first.settle() == []

    async def test_a_long_peer_id_keeps_the_session_id_short(self, host: Person, meeting: int) -> None:
        async with await host.open(meeting, "p" * 64) as tab:
            await tab.say(4)
            info = (await tab.expect(14))["payload"]
            assert len(info["session_id"]) <= 64
            assert info["peer_id"] == "p" * 64

    async def test_leave_closes_normally_and_tells_the_others_once(self, tabs: tuple[Tab, Tab]) -> None:
        first, second = tabs
        await second.say(5, None)
        await second.expect_closed(1000)
        left = await first.expect(7)
        assert left["payload"]["peer_id"] == second.peer_id
        assert (await first.expect(14))["payload"]["participant_count"] == 1
        assert await first.settle() == []

    async def test_a_broken_connection_tells_the_others_once(self, tabs: tuple[Tab, Tab]) -> None:
        first, second = tabs
        await second.drop()
        await first.expect(7)
        await first.expect(14)
        assert await first.settle() == []

    async def test_a_newer_socket_of_the_same_page_replaces_the_older(
        self, guest: Person, tabs: tuple[Tab, Tab]
    ) -> None:
        first, old = tabs
        async with await guest.open(old.meeting_id, old.peer_id) as new:
            await old.expect_closed(4001)
            await new.say(4)
            assert (await new.expect(14))["payload"]["participant_count"] == 2
            assert [frame["type"] for frame in await first.settle()] == [6, 14]

    async def test_two_tabs_of_a_user_are_two_entries_of_one_participant(
        self, guest: Person, tabs: tuple[Tab, Tab]
    ) -> None:
        first, second = tabs
        async with await guest.enter(second.meeting_id):
            info = (await first.expect(14))["payload"]
            assert info["participant_count"] == 2
            assert len(info["participants"]) == 3


class TestMessages:
    async def test_chat_reaches_everybody_once_with_the_true_sender(self, tabs: tuple[Tab, Tab]) -> None:
        first, _ = tabs
        payload = {"content": "hello", "user_id": 1, "username": "forged", "meeting_id": 9, "extra": [1]}
        await first.say(8, payload, id="chat-1", from_user_id=99)
        for tab in tabs:
            frame = await tab.expect(8)
            assert frame["id"] == "chat-1"
            assert frame["from_user_id"] == first.person.user_id
            assert frame["peer_id"] == first.peer_id
            assert frame["payload"] == {
                "content": "hello",
                "user_id": first.person.user_id,
                "username": first.person.name,
                "meeting_id": first.meeting_id,
                "extra": [1],
            }
            assert await tab.settle() == []

    async def test_chat_by_rest_reaches_the_sockets(self, tabs: tuple[Tab, Tab]) -> None:
        first, second = tabs
        path = f"/api/v1/meetings/{first.meeting_id}/messages"
        answer = await second.person.request("POST", path, json={"content": "by rest"})
        assert answer.status_code in (200, 201)
        for tab in tabs:
            assert (await tab.expect(8))["payload"]["content"] == "by rest"

    @pytest.mark.parametrize("content", ["", "x" * 2001])
    async def test_chat_outside_its_limits_is_refused_to_its_sender(
        self, tabs: tuple[Tab, Tab], content: str
    ) -> None:
        first, second = tabs
        await first.say(8, {"content": content})
        assert (await first.expect(13))["payload"]["message"]
        assert await second.settle() == []

    async def test_offers_reach_every_tab_of_their_target(self, guest: Person, tabs: tuple[Tab, Tab]) -> None:
        first, second = tabs
        async with await guest.enter(second.meeting_id) as third:
            payload = {"sdp": "v=0", "type": "offer", "target_peer_id": "x"}
            await first.say(1, payload, to_user_id=guest.user_id, id="o1")
            for tab in (second, third):
                frame = await tab.expect(1)
                assert (frame["payload"], frame["to_user_id"], frame["id"]) == (payload, guest.user_id, "o1")
            await first.say(3, {"candidate": ""}, to_user_id=4_000_000_000)
            assert all(frame["type"] != 13 for frame in await first.settle())

    async def test_media_control_reaches_the_others_and_late_joiners(
        self, guest: Person, tabs: tuple[Tab, Tab]
    ) -> None:
        first, second = tabs
        await first.say(10, {"action": "unmute", "media_type": "audio", "user_id": 1, "peer_id": "forged"})
        frame = await second.expect(10)
        assert frame["payload"]["user_id"] == first.person.user_id
        assert frame["payload"]["peer_id"] == first.peer_id
        assert await first.settle() == []
        async with await guest.open(first.meeting_id) as late:
            await late.say(4)
            people = (await late.expect(14))["payload"]["participants"]
            entry = next(p for p in people if p["peer_id"] == first.peer_id)
            assert entry["media"] == {"audio": True, "video": False, "screen": False}

    async def test_ping_is_answered_with_null(self, tabs: tuple[Tab, Tab]) -> None:
        first, _ = tabs
        await first.say(11)
        pong = await first.expect(12)
        assert (pong["from_user_id"], pong["payload"]) == (first.person.user_id, None)

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("not json", "Invalid message format"),
            ('{"type":"ping"}', "Invalid message format"),
            ('{"type":6}', "Unknown message type"),
            ('{"type":2}', "Missing target user"),
            ('{"type":17}', "AI Live denied"),
        ],
    )
    async def test_errors_answer_the_sender_and_the_socket_stays(
        self, tabs: tuple[Tab, Tab], text: str, message: str
    ) -> None:
        first, second = tabs
        await first.say_text(text)
        error = (await first.expect(13))["payload"]
        assert (error["code"], error["message"]) == (400, message)
        assert await first.settle() == []
        assert await second.settle() == []

    async def test_binary_frames_are_ignored(self, tabs: tuple[Tab, Tab]) -> None:
        first, _ = tabs
        await first.say_text(b'{"type":11}')
        assert await first.settle() == []

    async def test_a_message_over_256_kib_closes_with_1009(self, tabs: tuple[Tab, Tab]) -> None:
        first, second = tabs
        await first.say_text("x" * (256 * 1024 + 1))
        await first.expect_closed(1009)
        await second.expect(7)

    async def test_a_flood_is_cut_and_hurts_nobody_else(self, tabs: tuple[Tab, Tab]) -> None:
        first, second = tabs
        for _ in range(1200):
            await first.say(10, {"action": "flood"})
        error = await first.expect(13)
        assert error["payload"]["message"] == "Too many messages"
        assert len([f for f in await second.settle() if f["type"] == 10]) < 1200


class TestAiLive:
    async def test_the_first_claim_leads_and_its_captions_reach_all(self, tabs: tuple[Tab, Tab]) -> None:
        first, second = tabs
        await first.say(15, {"enable": True})
        await second.say(15, {})
        for tab in tabs:
            for _ in range(2):
                status = (await tab.expect(16))["payload"]
                assert status["leader_user_id"] == first.person.user_id
        caption = {"line_id": "1", "speaker_key": "local", "speaker_label": "me", "text": "hi", "tags": []}
        await first.say(17, caption)
        for tab in tabs:
            payload = (await tab.expect(17))["payload"]
            assert payload == {**caption, "speaker_label": first.person.name}
        await second.say(17, caption)
        assert (await second.expect(13))["payload"]["message"] == "AI Live denied"

    async def test_when_the_leader_goes_the_room_is_told(self, tabs: tuple[Tab, Tab]) -> None:
        first, second = tabs
        await first.say(15, None)
        await second.expect(16)
        await first.drop()
        assert (await second.expect(16))["payload"]["enabled"] is False


class TestExpulsion:
    async def test_a_deleted_meeting_closes_its_sockets_with_4004(self, tabs: tuple[Tab, Tab]) -> None:
        first, _ = tabs
        answer = await first.person.request("DELETE", f"/api/v1/meetings/{first.meeting_id}")
        assert answer.status_code == 200
        for tab in tabs:
            await tab.expect(13)
            await tab.expect_closed(4004)
        status, _ = await refusal(first.person, first.person.socket_url(first.meeting_id, "web_1"))
        assert status == 403

    async def test_who_comes_in_while_it_ends_is_not_left_behind(self, host: Person, guest: Person) -> None:
        for _ in range(8):
            meeting = await host.create_meeting()
            await guest.join(meeting)
            path = f"/api/v1/meetings/{meeting}"
            coming = [asyncio.create_task(guest.open(meeting, f"web_{tab}")) for tab in range(4)]
            await asyncio.gather(host.request("DELETE", path), *coming, return_exceptions=True)
            for task in coming:
                if task.exception() is None:
                    await task.result().expect_closed(4004)

    async def test_a_removed_participant_is_told_closed_with_4003_and_kept_out(
        self, tabs: tuple[Tab, Tab]
    ) -> None:
        first, second = tabs
        path = f"/api/v1/meetings/{first.meeting_id}/participants/{second.person.user_id}"
        assert (await first.person.request("DELETE", path)).status_code == 200
        await second.expect(13)
        await second.expect_closed(4003)
        await first.expect(7)
        assert (await first.expect(14))["payload"]["participant_count"] == 1
        status, _ = await refusal(second.person, second.person.socket_url(first.meeting_id, "web_1"))
        assert status == 403


async def test_leaving_the_room_marks_the_participant_left(tabs: tuple[Tab, Tab]) -> None:
    first, second = tabs
    await second.say(5)
    await second.expect_closed(1000)
    path = f"/api/v1/meetings/{first.meeting_id}/participants"

    async def look() -> int:
        rows = (await first.person.request("GET", path)).json()["data"]
        return int({row["user_id"]: row["status"] for row in rows}[second.person.user_id])

    await eventually(look, lambda status: status == 3)


async def test_many_join_one_room_and_all_see_all(host: Person, register: Register) -> None:
    meeting = await host.create_meeting()
    people = [await register(f"p{secrets.token_hex(2)}") for _ in range(4)]
    tabs = [await person.enter(meeting) for person in people]
    for tab in tabs:
        await tab.say(4)
    for tab in tabs:
        await tab.expect(14, where=lambda frame: frame["payload"]["participant_count"] == len(tabs))
        await tab.close()
