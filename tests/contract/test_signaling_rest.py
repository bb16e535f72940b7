"""What REST tells of signaling: history, sessions, figures."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

from support.people import Person, Tab
from support.server import Salon

Register = Callable[[str], Awaitable[Person]]


class TestRest:
    async def test_history_holds_chat_and_relays_newest_first(self, tabs: tuple[Tab, Tab]) -> None:
        first, second = tabs
        await first.say(1, {"sdp": "v=0"}, to_user_id=second.person.user_id, id="offer")
        await second.expect(1)
        await first.say(8, {"content": "one"}, id="same")
        await first.expect(8)
        await first.say(8, {"content": "two"}, id="same")
        await first.expect(8)
        path = f"/api/v1/messages/history/{first.meeting_id}"
        rows = (await second.person.request("GET", path)).json()["data"]
        assert [row["message_type"] for row in rows] == [8, 8, 1]
        assert [json.loads(row["payload"]).get("content") for row in rows] == ["two", "one", None]
        assert rows[0]["from_user"]["username"] == first.person.name
        assert "email" not in json.dumps(rows)
        assert rows[2]["to_user"]["id"] == second.person.user_id
        assert len((await second.person.request("GET", f"{path}?limit=1")).json()["data"]) == 1
        assert len((await second.person.request("GET", f"{path}?limit=0")).json()["data"]) == 3

    async def test_sessions_are_for_participants(self, tabs: tuple[Tab, Tab], register: Register) -> None:
        first, second = tabs
        stranger = await register("stranger")
        path = f"/api/v1/sessions/room/{first.meeting_id}"
        rows = (await second.person.request("GET", path)).json()["data"]
        assert {row["peer_id"] for row in rows} == {first.peer_id, second.peer_id}
        assert {row["status"] for row in rows} == {2}
        for refused in (path, f"/api/v1/messages/history/{first.meeting_id}"):
            assert (await stranger.request("GET", refused)).status_code == 403
            assert (await stranger.http.get(refused)).status_code == 401
        assert (await first.person.request("GET", "/api/v1/sessions/room/x")).status_code == 400

    async def test_a_session_is_for_its_owner_and_the_host(
        self, tabs: tuple[Tab, Tab], register: Register
    ) -> None:
        first, second = tabs
        rows = (await first.person.request("GET", f"/api/v1/sessions/room/{first.meeting_id}")).json()["data"]
        by_peer = {row["peer_id"]: row["session_id"] for row in rows}
        guests = f"/api/v1/sessions/{by_peer[second.peer_id]}"
        hosts = f"/api/v1/sessions/{by_peer[first.peer_id]}"
        row = (await second.person.request("GET", guests)).json()["data"]
        assert row["user"]["username"] == second.person.name
        assert row["meeting"]["id"] == first.meeting_id
        assert "password" not in json.dumps(row)
        assert (await first.person.request("GET", guests)).status_code == 200
        assert (await second.person.request("GET", hosts)).status_code == 404
        assert (await first.person.request("GET", "/api/v1/sessions/unknown")).status_code == 404
        await second.say(5)
        await second.expect_closed(1000)
        row = (await second.person.request("GET", guests)).json()["data"]
        assert row["status"] == 6
        assert row["disconnected_at"]

    async def test_figures_count_users_of_rooms(self, tabs: tuple[Tab, Tab]) -> None:
        first, _ = tabs
        overview = (await first.person.request("GET", "/api/v1/stats/overview")).json()
        for name in ("active_sessions", "connected_clients", "active_rooms"):
            assert overview[name] >= 1
        assert overview["room_details"][str(first.meeting_id)] == 2
        rooms = (await first.person.request("GET", "/api/v1/stats/rooms")).json()
        assert rooms["data"][str(first.meeting_id)] == 2
        for path in ("/api/v1/stats/overview", "/api/v1/stats/rooms"):
            assert (await first.person.http.get(path)).status_code == 401

    async def test_administrators_see_who_is_in_which_room(self, salon: Salon, tabs: tuple[Tab, Tab]) -> None:
        first, second = tabs
        admin = await Person.register_admin(salon, "admin")
        second_tab = await second.person.open(second.meeting_id)
        live = (await admin.request("GET", "/api/v1/stats/live")).json()["data"]
        assert live["total"] >= 1
        room = next(room for room in live["list"] if room["meeting_id"] == first.meeting_id)
        assert (room["title"], room["sessions"], room["user_count"]) == ("A meeting", 3, 2)
        assert [one["username"] for one in room["people"]] == [first.person.name, second.person.name]
        assert room["opened_at"].endswith("Z")
        assert "email" not in json.dumps(room)
        await second_tab.close()
        assert (await first.person.request("GET", "/api/v1/stats/live")).status_code == 403
        assert (await first.person.http.get("/api/v1/stats/live")).status_code == 401
        await admin.close()

    async def test_administrators_page_all_session_records(self, salon: Salon, tabs: tuple[Tab, Tab]) -> None:
        first, second = tabs
        admin = await Person.register_admin(salon, "admin")
        await second.say(5)
        await second.expect_closed(1000)

        async def page(**query: object) -> dict[str, Any]:
            params = {"meeting_id": first.meeting_id, **query}
            answer = await admin.request("GET", "/admin/sessions", params=params)
            assert answer.status_code == 200, answer.text
            found: dict[str, Any] = answer.json()["data"]
            return found

        everything = await page()
        assert [row["user_id"] for row in everything["list"]] == [
            second.person.user_id,
            first.person.user_id,
        ]
        ended = await page(status=6)
        assert [row["user"]["username"] for row in ended["list"]] == [second.person.name]
        one = await page(page=2, page_size=1)
        assert (one["total"], one["total_pages"], one["page"], len(one["list"])) == (2, 2, 2, 1)
        assert (await page(page="x", page_size=1000))["page_size"] == 20
        for bad in ({"meeting_id": "x"}, {"status": -1}):
            assert (await admin.request("GET", "/admin/sessions", params=bad)).status_code == 400
        await admin.close()

    async def test_administration_is_for_administrators(self, host: Person) -> None:
        assert (await host.request("GET", "/admin/sessions")).status_code == 403
        assert (await host.request("POST", "/admin/cleanup/sessions")).status_code == 403
        assert (await host.http.get("/admin/sessions")).status_code == 401
