"""The eleven `/webrtc` endpoints, row by row, with the engine that ships."""

import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from aiortc import RTCPeerConnection
from support.people import Person, Tab
from support.wait import eventually

Register = Callable[[str], Awaitable[Person]]
API = "/api/v1/webrtc"


async def make_offer() -> str:
    """An offer as browsers make it: audio and video, sendrecv."""
    connection = RTCPeerConnection()
    connection.addTransceiver("audio")
    connection.addTransceiver("video")
    await connection.setLocalDescription(await connection.createOffer())
    sdp: str = connection.localDescription.sdp
    await connection.close()
    return sdp


@dataclass
class Call:
    """A person in a call: a tab in signaling and one connection at the SFU."""

    person: Person
    tab: Tab
    room_id: str
    peer_id: str
    answer: str


async def start_call(person: Person, meeting_id: int, *capabilities: str) -> Call:
    room_id = await person.join(meeting_id)
    tab = await person.enter(meeting_id, capabilities=list(capabilities))
    opened = await open_peer(person, room_id)
    assert opened.status_code == 200, opened.text
    body = opened.json()
    return Call(person, tab, room_id, body["peer_id"], body["answer"]["sdp"])


async def open_peer(person: Person, room: str, **fields: Any) -> httpx.Response:
    body = {
        "room_id": room,
        "user_id": str(person.user_id),
        "offer": {"type": "offer", "sdp": await make_offer()},
        **fields,
    }
    return await person.request("POST", f"{API}/answer", json=body)


async def is_gone(call: Call) -> bool:
    answer = await call.person.request("GET", f"{API}/peer/{call.peer_id}/offer")
    return answer.status_code in (403, 404)


@pytest.fixture
async def host(register: Register) -> Person:
    return await register("host")


@pytest.fixture
async def meeting(host: Person) -> int:
    return await host.create_meeting()


@pytest.fixture
async def call(host: Person, meeting: int) -> AsyncIterator[Call]:
    call = await start_call(host, meeting)
    yield call
    await call.tab.close()


def rows(room_id: str, peer_id: str, user_id: int, offer: str) -> list[tuple[str, str, Any]]:
    """Every endpoint with a body that would succeed."""
    sdp = {"type": "answer", "sdp": "v=0\r\n"}
    return [
        (
            "POST",
            "/answer",
            {"room_id": room_id, "user_id": str(user_id), "offer": {"type": "offer", "sdp": offer}},
        ),
        ("POST", "/ice-candidate", {"peer_id": peer_id, "candidate": {"candidate": "", "sdpMid": "0"}}),
        ("POST", f"/room/{room_id}/join", {"user_id": str(user_id)}),
        ("POST", f"/room/{room_id}/leave", {"user_id": str(user_id)}),
        ("GET", f"/room/{room_id}/peers", None),
        ("GET", f"/room/{room_id}/stats", None),
        ("POST", f"/peer/{peer_id}/media", {"audio_enabled": True}),
        ("GET", f"/peer/{peer_id}/status", None),
        ("GET", f"/peer/{peer_id}/ice-candidates", None),
        ("GET", f"/peer/{peer_id}/offer", None),
        ("POST", f"/peer/{peer_id}/answer", {"answer": sdp}),
    ]


def is_raw_error(answer: httpx.Response) -> bool:
    body = answer.json()
    return bool(body["code"] == answer.status_code and body["message"] == body["error"] and body["message"])


class TestDoor:
    """Who is refused, on every endpoint; the allowed case stands in `TestEndpoints`."""

    async def test_without_a_token(self, call: Call) -> None:
        for method, path, body in rows(call.room_id, call.peer_id, call.person.user_id, "v=0"):
            answer = await call.person.http.request(method, API + path, json=body)
            assert answer.status_code == 401, path
            assert is_raw_error(answer)

    async def test_a_stranger_with_a_session_in_another_room(self, call: Call, register: Register) -> None:
        stranger = await register("stranger")
        other = await start_call(stranger, await stranger.create_meeting())
        offer = await make_offer()
        for method, path, body in rows(call.room_id, call.peer_id, stranger.user_id, offer):
            answer = await stranger.request(method, API + path, json=body)
            assert answer.status_code == 404, path
            assert is_raw_error(answer)
            if "/peer/" in path:
                assert "peer not found" in answer.text
        assert not await is_gone(other)
        assert not await is_gone(call)
        await other.tab.close()

    async def test_another_member_cannot_act_for_its_neighbour(self, call: Call, register: Register) -> None:
        guest = await register("guest")
        theirs = await start_call(guest, call.tab.meeting_id)
        offer = await make_offer()
        for method, path, body in rows(call.room_id, call.peer_id, call.person.user_id, offer):
            if path.endswith(("/peers", "/stats")):
                continue  # members may look at their room
            answer = await guest.request(method, API + path, json=body)
            assert answer.status_code in (403, 404), path
            assert is_raw_error(answer)
        assert not await is_gone(call)
        await theirs.tab.close()

    async def test_a_forged_peer_id(self, call: Call) -> None:
        forged = str(uuid.uuid4())
        for method, path, body in rows(call.room_id, forged, call.person.user_id, "v=0"):
            if forged in path or (isinstance(body, dict) and body.get("peer_id") == forged):
                answer = await call.person.request(method, API + path, json=body)
                assert answer.status_code == 404, path
                assert "peer not found" in answer.text

    async def test_a_stale_session(self, call: Call) -> None:
        await call.tab.drop()
        offer = await make_offer()

        await eventually(lambda: is_gone(call), bool)
        for method, path, body in rows(call.room_id, call.peer_id, call.person.user_id, offer):
            answer = await call.person.request(method, API + path, json=body)
            assert answer.status_code in (403, 404), path
            assert is_raw_error(answer)

    async def test_a_member_without_a_session(self, call: Call, register: Register) -> None:
        guest = await register("guest")
        await guest.join(call.tab.meeting_id)
        answer = await open_peer(guest, call.room_id)
        assert answer.status_code == 403

    async def test_unknown_rooms(self, call: Call) -> None:
        for method, path, body in rows("room_0_0_0", call.peer_id, call.person.user_id, await make_offer()):
            if "/peer/" not in path and path != "/ice-candidate":
                answer = await call.person.request(method, API + path, json=body)
                assert answer.status_code == 404, path

    async def test_the_cookie_admits_own_pages_and_no_others(self, call: Call) -> None:
        headers = {"Cookie": f"access_token={call.person.token}"}
        path = f"{API}/peer/{call.peer_id}/media"
        for extra, status in (
            ({"Origin": call.person.url}, 200),
            ({"Sec-Fetch-Site": "same-origin"}, 200),
            ({"Origin": "https://evil.example"}, 403),
            ({"Sec-Fetch-Site": "cross-site"}, 403),
        ):
            answer = await call.person.http.post(path, json={}, headers={**headers, **extra})
            assert answer.status_code == status
        answer = await call.person.http.get(f"{API}/peer/{call.peer_id}/status", headers=headers)
        assert answer.status_code == 200


class TestEndpoints:
    async def test_answer_makes_a_peer_with_candidates_inside(self, call: Call) -> None:
        assert uuid.UUID(call.peer_id).version == 4
        assert "a=candidate:" in call.answer
        assert call.answer.count("a=recvonly") == 2

    async def test_candidates_are_drained(self, call: Call) -> None:
        path = f"{API}/peer/{call.peer_id}/ice-candidates"
        first = (await call.person.request("GET", path)).json()
        assert first["peer_id"] == call.peer_id
        assert first["complete"] is True
        candidate = first["candidates"][0]
        assert candidate["candidate"].startswith("candidate:")
        assert candidate["sdpMid"] == "0"
        assert candidate["sdpMLineIndex"] == 0
        assert (await call.person.request("GET", path)).json()["candidates"] == []

    async def test_no_offer_is_204(self, call: Call) -> None:
        answer = await call.person.request("GET", f"{API}/peer/{call.peer_id}/offer")
        assert (answer.status_code, answer.content) == (204, b"")

    async def test_user_ids_come_as_number_or_text(self, call: Call) -> None:
        for user_id in (call.person.user_id, str(call.person.user_id)):
            answer = await call.person.request(
                "POST", f"{API}/room/{call.room_id}/join", json={"user_id": user_id}
            )
            assert answer.status_code == 200
            body = answer.json()
            assert body["user_id"] == str(call.person.user_id)
            assert body["room"]["id"] == call.room_id
            assert body["room"]["meeting_id"] == str(call.tab.meeting_id)

    async def test_the_alias_of_a_room_is_the_same_room(self, call: Call) -> None:
        alias = f"meeting-{call.tab.meeting_id}"
        answer = await open_peer(call.person, alias)
        assert answer.status_code == 200
        peers = (await call.person.request("GET", f"{API}/room/{alias}/peers")).json()["peers"]
        assert [peer["peer_id"] for peer in peers] == [answer.json()["peer_id"]]

    async def test_peers_and_stats_are_real(self, call: Call) -> None:
        body = (await call.person.request("GET", f"{API}/room/{call.room_id}/peers")).json()
        assert (body["room_id"], body["count"]) == (call.room_id, 1)
        (peer,) = body["peers"]
        assert peer["peer_id"] == call.peer_id
        assert peer["user_id"] == str(call.person.user_id)
        assert peer["media_type"] == "video"
        assert peer["status"] == "connecting"
        stats = (await call.person.request("GET", f"{API}/room/{call.room_id}/stats")).json()
        assert stats == {
            "room_id": call.room_id,
            "total_peers": 1,
            "connected_peers": 0,
            "audio_streams": 0,
            "video_streams": 0,
            "screen_shares": 0,
        }

    async def test_status_is_real(self, call: Call) -> None:
        body = (await call.person.request("GET", f"{API}/peer/{call.peer_id}/status")).json()
        assert (body["peer_id"], body["status"]) == (call.peer_id, "connecting")

    async def test_media_is_held_and_shown_to_the_room(self, call: Call, register: Register) -> None:
        guest = await register("guest")
        async with await guest.enter(call.tab.meeting_id) as tab:
            path = f"{API}/peer/{call.peer_id}/media"
            body = {"audio_enabled": True, "screen_share": True}
            answer = await call.person.request("POST", path, json=body)
            assert answer.json() == {
                "message": "success",
                "peer_id": call.peer_id,
                "audio_enabled": True,
                "video_enabled": False,
                "screen_share": True,
            }
            said = [(await tab.expect(10))["payload"] for _ in range(3)]
            assert {control["action"] for control in said} == {"unmute", "video_off", "screen_on"}
            assert {control["peer_id"] for control in said} == {call.tab.peer_id}
            peers = (await guest.request("GET", f"{API}/room/{call.room_id}/peers")).json()["peers"]
            assert peers[0]["media_type"] == "screen"

    async def test_candidates_of_the_client_are_taken(self, call: Call) -> None:
        line = "candidate:1 1 udp 2130706431 127.0.0.1 40000 typ host"
        for candidate in ({"candidate": line, "sdpMid": "0", "sdpMLineIndex": 0}, {"candidate": ""}):
            answer = await call.person.request(
                "POST", f"{API}/ice-candidate", json={"peer_id": call.peer_id, "candidate": candidate}
            )
            assert answer.status_code == 200
            assert answer.json()["peer_id"] == call.peer_id

    async def test_an_answer_without_an_offer_is_stale(self, call: Call) -> None:
        body = {"answer": {"type": "answer", "sdp": "v=0\r\n"}, "neg": 7}
        answer = await call.person.request("POST", f"{API}/peer/{call.peer_id}/answer", json=body)
        assert answer.status_code == 409

    async def test_leave_drops_the_callers_peers(self, call: Call) -> None:
        body = {"user_id": call.person.user_id}
        answer = await call.person.request("POST", f"{API}/room/{call.room_id}/leave", json=body)
        assert answer.status_code == 200
        assert answer.json()["room_id"] == call.room_id
        answer = await call.person.request("GET", f"{API}/peer/{call.peer_id}/offer")
        assert answer.status_code == 404
        assert "peer not found" in answer.text
        again = await call.person.request("POST", f"{API}/room/{call.room_id}/leave", json=body)
        assert again.status_code == 200

    @pytest.mark.parametrize(
        "change",
        [
            {"room_id": None},
            {"user_id": "abc"},
            {"user_id": True},
            {"offer": None},
            {"offer": {"type": "answer", "sdp": "v=0"}},
            {"offer": {"type": "offer"}},
            {"offer": {"type": "offer", "sdp": ""}},
            {"offer": {"type": "offer", "sdp": "no sdp at all"}},
            {"offer": {"type": "offer", "sdp": "v=0\r\n" + "a=x\r\n" * 20_000}},
        ],
    )
    async def test_bad_offers_are_400_and_cost_nothing(self, call: Call, change: dict[str, Any]) -> None:
        answer = await open_peer(call.person, call.room_id, **change)
        assert answer.status_code == 400
        assert is_raw_error(answer)
        assert not await is_gone(call)

    async def test_a_body_that_is_no_json_is_400(self, call: Call) -> None:
        answer = await call.person.request("POST", f"{API}/answer", content=b"{")
        assert answer.status_code == 400


class TestBinding:
    async def test_a_tab_that_asks_again_replaces_its_own_peer(self, call: Call) -> None:
        answer = await open_peer(call.person, call.room_id)
        assert answer.status_code == 200
        assert await is_gone(call)

    async def test_two_tabs_have_a_peer_each_the_newest_unbound_first(self, call: Call) -> None:
        async with await call.person.enter(call.tab.meeting_id):
            answer = await open_peer(call.person, call.room_id)
            assert answer.status_code == 200
            assert not await is_gone(call)

    async def test_a_named_session_is_bound_exactly(self, call: Call, register: Register) -> None:
        async with await call.person.enter(call.tab.meeting_id) as second:
            await second.say(4)
            session_id = (await second.expect(14))["payload"]["session_id"]
            first = await open_peer(call.person, call.room_id, session_id=session_id)
            again = await open_peer(call.person, call.room_id, session_id=session_id)
            assert (first.status_code, again.status_code) == (200, 200)
            peers = (await call.person.request("GET", f"{API}/room/{call.room_id}/peers")).json()["peers"]
            assert [p["peer_id"] for p in peers] == [call.peer_id, again.json()["peer_id"]]
            guest = await register("guest")
            async with await guest.enter(call.tab.meeting_id):
                refused = await open_peer(guest, call.room_id, session_id=session_id)
                assert refused.status_code == 403

    async def test_renegotiating_needs_an_own_peer(self, call: Call) -> None:
        answer = await open_peer(call.person, call.room_id, peer_id=str(uuid.uuid4()))
        assert answer.status_code == 404
        assert "peer not found" in answer.text

    async def test_leave_in_signaling_drops_the_peer_at_once(self, call: Call, register: Register) -> None:
        guest = await register("guest")
        async with await guest.enter(call.tab.meeting_id):
            await call.tab.say(5)
            await call.tab.expect_closed(1000)

            async def is_empty() -> bool:
                answer = await guest.request("GET", f"{API}/room/{call.room_id}/peers")
                return bool(answer.json()["count"] == 0)

            await eventually(is_empty, bool, within_s=5)

    async def test_a_page_that_comes_back_keeps_its_peer(self, call: Call) -> None:
        await call.tab.drop()
        async with await call.person.open(call.tab.meeting_id, call.tab.peer_id) as back:
            await back.say(4)
            await back.expect(14)
            assert not await is_gone(call)

    async def test_a_page_is_told_that_its_peer_was_replaced(self, host: Person, meeting: int) -> None:
        call = await start_call(host, meeting, "media_push")
        assert (await open_peer(host, call.room_id)).status_code == 200
        assert (await call.tab.expect(19))["payload"]["peer_id"] == call.peer_id
        await call.tab.close()

    async def test_a_removed_participant_loses_its_peer(self, call: Call, register: Register) -> None:
        guest = await register("guest")
        theirs = await start_call(guest, call.tab.meeting_id)
        path = f"/api/v1/meetings/{call.tab.meeting_id}/participants/{guest.user_id}"
        assert (await call.person.request("DELETE", path)).status_code == 200
        await theirs.tab.expect_closed(4003)
        peers = (await call.person.request("GET", f"{API}/room/{call.room_id}/peers")).json()["peers"]
        assert [peer["peer_id"] for peer in peers] == [call.peer_id]
        assert (await open_peer(guest, call.room_id)).status_code in (403, 404)

    async def test_the_end_of_the_meeting_drops_everybody(self, call: Call) -> None:
        await call.person.request("DELETE", f"/api/v1/meetings/{call.tab.meeting_id}")
        await call.tab.expect_closed(4004)
        assert await is_gone(call)
