"""Meetings and their members, row by row."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from support.people import Person
from support.server import Salon

from salon.platform.clock import Clock, SystemClock

Register = Callable[[str], Awaitable[Person]]
MEETINGS = "/api/v1/meetings"


@pytest.fixture
async def host(register: Register) -> Person:
    return await register("host")


@pytest.fixture
async def guest(register: Register) -> Person:
    return await register("guest")


def at(minutes: float) -> str:
    return (datetime.now(UTC) + timedelta(minutes=minutes)).isoformat()


async def join(person: Person, meeting_id: int, **kwargs: Any) -> Any:
    return await person.request("POST", f"{MEETINGS}/{meeting_id}/join", **kwargs)


class TestCreate:
    async def test_the_least_that_clients_send(self, host: Person) -> None:
        start = datetime.now(UTC).replace(microsecond=0)
        body = {"title": "Weekly", "description": "About us", "start_time": start.isoformat()}
        answer = await host.request("POST", MEETINGS, json=body)
        assert (answer.status_code, answer.json()["message"]) == (201, "created")
        data = answer.json()["data"]
        meeting = data["meeting"]
        assert data["id"] == data["meeting_id"] == meeting["id"]
        assert (meeting["title"], meeting["description"]) == ("Weekly", "About us")
        assert (meeting["status"], meeting["meeting_type"], meeting["max_participants"]) == (1, "video", 100)
        assert meeting["creator_id"] == host.user_id
        assert datetime.fromisoformat(meeting["start_time"]) == start
        assert datetime.fromisoformat(meeting["end_time"]) == start + timedelta(hours=1)
        assert set(meeting["settings"].values()) == {False}
        assert meeting["has_password"] is False
        assert "password" not in meeting

    async def test_shell_clients_cut_the_first_id(self, host: Person) -> None:
        answer = await host.request("POST", MEETINGS, json={"title": "x", "start_time": at(1)})
        first = re.search(r'"id":(\d+)', answer.text)
        assert first is not None
        assert int(first[1]) == answer.json()["data"]["meeting"]["id"]

    async def test_everything_that_can_be_said(self, host: Person) -> None:
        body = {
            "title": "  All  ",
            "start_time": at(60).replace("+00:00", "Z"),
            "end_time": at(120),
            "max_participants": 2,
            "meeting_type": "video_conference",
            "password": "geheim",
            "settings": {"enable_chat": True, "mute_on_join": True},
            "is_public": True,
        }
        meeting = (await host.request("POST", MEETINGS, json=body)).json()["data"]["meeting"]
        assert (meeting["title"], meeting["meeting_type"], meeting["has_password"]) == ("All", "video", True)
        assert meeting["settings"]["enable_chat"] is meeting["settings"]["mute_on_join"] is True
        assert meeting["settings"]["enable_ai"] is False
        room = (await host.request("GET", f"{MEETINGS}/{meeting['id']}")).json()["data"]["room_id"]
        assert re.fullmatch(rf"room_{meeting['id']}_\d+_[0-9a-f]{{24}}", room)

    @pytest.mark.parametrize(
        "fields",
        [
            {"title": ""},
            {"title": "   "},
            {"title": "x" * 101},
            {"title": None},
            {"title": "nul\x00"},
            {"title": "half a pair \ud83d"},
            {"description": "x" * 501},
            {"start_time": "tomorrow"},
            {"start_time": "2030-01-01T10:00:00"},
            {"start_time": None},
            {"start_time": at(-10)},
            {"start_time": "0001-01-01T00:00:00Z"},
            {"start_time": "9999-12-31T23:59:59-12:00"},
            {"end_time": at(-60)},
            {"max_participants": 0},
            {"max_participants": 1001},
            {"max_participants": "many"},
            {"meeting_type": "radio"},
            {"password": "x" * 51},
            {"settings": "all"},
        ],
    )
    async def test_bad_fields(self, host: Person, fields: dict[str, Any]) -> None:
        body = json.dumps({"title": "x", "start_time": at(1), **fields})
        assert (await host.request("POST", MEETINGS, content=body)).status_code == 400

    async def test_null_is_as_good_as_absent(self, host: Person) -> None:
        nothing = dict.fromkeys(("description", "end_time", "max_participants", "password", "settings"))
        body = {"title": "x", "start_time": at(1), "meeting_type": None, **nothing}
        answer = await host.request("POST", MEETINGS, json=body)
        assert answer.status_code == 201
        assert answer.json()["data"]["meeting"]["max_participants"] == 100
        answer = await host.request("POST", MEETINGS, json={"title": None, "start_time": at(1)})
        assert answer.status_code == 400

    async def test_without_sign_in(self, host: Person) -> None:
        answer = await host.http.post(MEETINGS, json={"title": "x", "start_time": at(1)})
        assert answer.status_code == 401


class TestLook:
    async def test_the_list_has_ones_own_and_those_joined(self, host: Person, guest: Person) -> None:
        later = await host.create_meeting(title="Later", start_time=at(20))
        sooner = await host.create_meeting(title="Sooner", start_time=at(5))
        await guest.create_meeting(title="Not the host's")
        await guest.join(later)
        page = (await host.request("GET", MEETINGS)).json()["data"]
        assert [meeting["id"] for meeting in page["list"]] == [later, sooner]
        assert (page["total"], page["page"], page["page_size"], page["total_pages"]) == (2, 1, 20, 1)
        theirs = (await guest.request("GET", MEETINGS)).json()["data"]["list"]
        assert later in [meeting["id"] for meeting in theirs]

    async def test_pages_filters_and_bad_numbers(self, host: Person) -> None:
        made = [
            await host.create_meeting(title=f"Team {number}%", start_time=at(number)) for number in range(3)
        ]
        await host.join(made[0])

        async def ids(query: str) -> list[int]:
            answer = await host.request("GET", f"{MEETINGS}?{query}")
            assert answer.status_code == 200, answer.text
            return [meeting["id"] for meeting in answer.json()["data"]["list"]]

        assert await ids("page=1&page_size=2") == [made[2], made[1]]
        assert await ids("page=2&page_size=2") == [made[0]]
        assert len(await ids("page=0&page_size=1000")) == 3
        assert len(await ids("page=x&page_size=-1")) == 3
        assert await ids("page=99") == []
        assert await ids("status=2") == [made[0]]
        assert len(await ids("status=0")) == 3
        assert await ids("keyword=team%201") == [made[1]]
        assert len(await ids("keyword=%25")) == 3
        assert await ids("keyword=_nothing_") == []
        assert (await host.request("GET", f"{MEETINGS}?status=7")).status_code == 400

    async def test_my_meetings_are_plain_arrays(self, host: Person) -> None:
        assert (await host.request("GET", "/api/v1/my/meetings")).json()["data"] == []
        open_one = await host.create_meeting()
        ended = await host.create_meeting()
        await host.request("POST", f"{MEETINGS}/{ended}/end")

        async def ids(path: str) -> set[int]:
            data = (await host.request("GET", f"/api/v1/my/meetings{path}")).json()["data"]
            return {meeting["id"] for meeting in data}

        assert await ids("") == {open_one, ended}
        assert await ids("/upcoming") == {open_one}
        assert await ids("/history") == {ended}

    async def test_one_meeting_for_members_only(self, host: Person, guest: Person) -> None:
        meeting = await host.create_meeting(title="Ours")
        path = f"{MEETINGS}/{meeting}"
        assert (await host.request("GET", path)).json()["data"]["title"] == "Ours"
        assert (await guest.request("GET", path)).status_code == 403
        assert (await host.request("GET", f"{MEETINGS}/2147483647")).status_code == 404
        assert (await host.request("GET", f"{MEETINGS}/4294967295")).status_code == 404
        for number in ("x", "-1", "1.5", "1.0", "+1", "1_0", "1%00", "4294967296", "99999999999999999999"):
            assert (await host.request("GET", f"{MEETINGS}/{number}")).status_code == 400
        assert (await host.http.get(path)).status_code == 401


class TestChange:
    async def test_only_what_is_named_changes(self, host: Person, guest: Person) -> None:
        meeting = await host.create_meeting(title="Old", description="Stays")
        await guest.join(meeting)
        path = f"{MEETINGS}/{meeting}"
        answer = await host.request(
            "PUT", path, json={"title": "New", "max_participants": 5, "settings": {"enable_ai": True}}
        )
        data = answer.json()["data"]
        assert (data["title"], data["description"], data["max_participants"]) == ("New", "Stays", 5)
        assert data["settings"]["enable_ai"] is True
        assert (await host.request("PUT", path, json={"description": ""})).json()["data"]["description"] == ""
        assert (await host.request("PUT", path, json={"end_time": at(-600)})).status_code == 400
        assert (await host.request("PUT", path, json={"title": ""})).status_code == 400
        assert (await guest.request("PUT", path, json={"title": "Mine"})).status_code == 403
        assert (await host.request("PUT", f"{MEETINGS}/2147483647", json={})).status_code == 404

    async def test_a_deleted_meeting_is_gone_and_its_room_too(self, host: Person, guest: Person) -> None:
        meeting = await host.create_meeting()
        await guest.join(meeting)
        path = f"{MEETINGS}/{meeting}"
        assert (await guest.request("DELETE", path)).status_code == 403
        tab = await guest.open(meeting)
        await tab.settle()
        assert (await host.request("DELETE", path)).status_code == 200
        await tab.expect_closed(4004)
        assert (await host.request("GET", path)).status_code == 404
        assert (await host.request("DELETE", path)).status_code == 404
        assert (await join(guest, meeting)).status_code == 404

    async def test_ending_ends_it_for_all(self, host: Person, guest: Person) -> None:
        meeting = await host.create_meeting()
        await guest.join(meeting)
        path = f"{MEETINGS}/{meeting}/end"
        assert (await guest.request("POST", path)).status_code == 403
        tab = await guest.open(meeting)
        await tab.settle()
        answer = await host.request("POST", path, json={})
        assert (answer.status_code, answer.json()["data"]["status"]) == (200, 3)
        await tab.expect_closed(4004)
        people = (await guest.request("GET", f"{MEETINGS}/{meeting}/participants")).json()["data"]
        assert {person["user_id"]: person["status"] for person in people}[guest.user_id] == 3
        assert (await host.request("POST", path)).status_code == 409
        assert (await join(guest, meeting)).status_code == 400


class TestJoin:
    async def test_it_tells_the_room_and_who_one_is(self, host: Person, guest: Person) -> None:
        meeting = await host.create_meeting()
        answer = await join(guest, meeting)
        data = answer.json()["data"]
        assert "success" in answer.json()["message"]
        assert (data["meeting_id"], data["role"], data["meeting"]["id"]) == (meeting, 1, meeting)
        assert data["meeting"]["status"] == 2
        assert data["room_id"] == data["meeting"]["room_id"]
        participant = data["participant"]
        assert participant["id"] == data["participant_id"]
        assert (participant["user_id"], participant["meeting_id"]) == (guest.user_id, meeting)
        assert (participant["status"], participant["left_at"]) == (2, None)
        assert participant["joined_at"] is not None
        assert participant["user"]["username"] == guest.name
        assert "email" not in participant["user"]
        assert (await join(host, meeting)).json()["data"]["role"] == 4

    @pytest.mark.parametrize("content", [None, b"", b"{}", b'{"password":""}', b'{"password":null}', b"null"])
    async def test_the_body_may_be_anything_empty(
        self, host: Person, guest: Person, content: bytes | None
    ) -> None:
        meeting = await host.create_meeting()
        assert (await join(guest, meeting, content=content)).status_code == 200

    async def test_twice_is_as_good_as_once(self, host: Person, guest: Person) -> None:
        meeting = await host.create_meeting()
        first, second = await join(guest, meeting), await join(guest, meeting)
        for key in ("participant_id", "room_id", "role"):
            assert first.json()["data"][key] == second.json()["data"][key]

    async def test_at_the_same_moment_too(self, host: Person, guest: Person) -> None:
        meeting = await host.create_meeting()
        answers = await asyncio.gather(*(join(guest, meeting) for _ in range(5)))
        assert {answer.status_code for answer in answers} == {200}
        assert len({answer.json()["data"]["participant_id"] for answer in answers}) == 1

    async def test_the_password(self, host: Person, guest: Person) -> None:
        meeting = await host.create_meeting(password="geheim")
        for body in (None, {"password": ""}, {"password": "falsch"}, {"password": "Geheim"}):
            assert (await join(guest, meeting, json=body)).status_code == 401
        assert (await join(host, meeting)).status_code == 200
        assert (await join(guest, meeting, json={"password": "geheim"})).status_code == 200
        await guest.request("POST", f"{MEETINGS}/{meeting}/leave")
        assert (await join(guest, meeting)).status_code == 200

    async def test_guessing_it_is_slowed_down(self, make_salon: Callable[..., Salon]) -> None:
        own = make_salon(rate_limit="on")
        host, guest = await Person.register(own.url, "host"), await Person.register(own.url, "guest")
        meeting = await host.create_meeting(password="geheim")
        statuses = [(await join(guest, meeting, json={"password": "x"})).status_code for _ in range(11)]
        assert statuses == [401] * 10 + [429]

    async def test_places_are_counted(self, host: Person, guest: Person, register: Register) -> None:
        meeting = await host.create_meeting(max_participants=2)
        third = await register("third")
        await host.join(meeting)
        await guest.join(meeting)
        full = await join(third, meeting)
        assert full.status_code == 409
        assert "full (2)" in full.json()["message"]
        assert (await join(guest, meeting)).status_code == 200
        await guest.request("POST", f"{MEETINGS}/{meeting}/leave")
        assert (await join(third, meeting)).status_code == 200
        assert (await join(guest, meeting)).status_code == 409

    async def test_the_last_place_goes_to_one(self, host: Person, register: Register) -> None:
        meeting = await host.create_meeting(max_participants=1)
        crowd = await asyncio.gather(*(register(f"c{number}") for number in range(4)))
        answers = await asyncio.gather(*(join(person, meeting) for person in crowd))
        assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]

    async def test_the_window_opens_30_minutes_before(self, host: Person, guest: Person) -> None:
        far = await host.create_meeting(start_time=at(31), end_time=at(90))
        near = await host.create_meeting(start_time=at(29), end_time=at(90))
        early = await join(guest, far)
        assert early.status_code == 403
        assert "opens at" in early.json()["message"]
        assert (await join(guest, near)).status_code == 200
        assert (await join(host, far)).status_code == 200

    async def test_no_such_meeting(self, guest: Person) -> None:
        assert (await join(guest, 2147483647)).status_code == 404
        assert (await guest.request("POST", f"{MEETINGS}/x/join")).status_code == 400
        assert (await guest.http.post(f"{MEETINGS}/1/join")).status_code == 401


class TestMembers:
    async def test_leaving(self, host: Person, guest: Person) -> None:
        meeting = await host.create_meeting()
        path = f"{MEETINGS}/{meeting}/leave"
        assert (await guest.request("POST", path)).status_code == 404
        await guest.join(meeting)
        assert (await guest.request("POST", path, json={})).status_code == 200
        assert (await guest.request("POST", path)).status_code == 200
        members = (await host.request("GET", f"{MEETINGS}/{meeting}/participants")).json()["data"]
        left = next(member for member in members if member["user_id"] == guest.user_id)
        assert left["status"] == 3
        assert left["left_at"] is not None

    async def test_the_list_has_the_creator_and_all_who_joined(self, host: Person, guest: Person) -> None:
        meeting = await host.create_meeting()
        path = f"{MEETINGS}/{meeting}/participants"
        (creator,) = (await host.request("GET", path)).json()["data"]
        assert (creator["user_id"], creator["role"], creator["status"]) == (host.user_id, 4, 1)
        assert (await guest.request("GET", path)).status_code == 403
        await guest.join(meeting)
        members = (await guest.request("GET", path)).json()["data"]
        assert [member["user_id"] for member in members] == [host.user_id, guest.user_id]
        assert {member["meeting_id"] for member in members} == {meeting}
        assert "email" not in json.dumps(members)

    async def test_a_removed_participant_cannot_rejoin(self, host: Person, guest: Person) -> None:
        meeting = await host.create_meeting()
        await guest.join(meeting)
        tab = await guest.open(meeting)
        await tab.settle()
        path = f"{MEETINGS}/{meeting}/participants"
        assert (await guest.request("DELETE", f"{path}/{host.user_id}")).status_code == 403
        assert (await host.request("DELETE", f"{path}/2147483647")).status_code == 404
        assert (await host.request("DELETE", f"{path}/{guest.user_id}")).status_code == 200
        await tab.expect_closed(4003)
        assert (await join(guest, meeting)).status_code == 403
        assert (await guest.request("GET", f"{MEETINGS}/{meeting}")).status_code == 403
        assert (await host.request("DELETE", f"{path}/{host.user_id}")).status_code == 403


class ShiftedClock(Clock):
    """The machine's clock, moved by hand."""

    def __init__(self) -> None:
        self._real = SystemClock()
        self.ahead = timedelta()

    def now(self) -> datetime:
        return self._real.now() + self.ahead

    def monotonic(self) -> float:
        return self._real.monotonic()


class TestTheEnd:
    async def swept(self) -> int:
        """The housekeeping of every minute, now."""
        assert self.own.app is not None
        ended: int = await self.own.inside(self.own.app.state.meetings.sweep())
        return ended

    @pytest.fixture
    async def later(
        self, make_salon: Callable[..., Salon]
    ) -> AsyncIterator[tuple[Person, Person, ShiftedClock]]:
        clock = ShiftedClock()
        own = self.own = make_salon(clock=clock)
        host = await Person.register(own.url, "host")
        guest = await Person.register(own.url, "guest")
        yield host, guest, clock
        for person in (host, guest):
            await person.http.aclose()

    async def test_after_it_only_who_finds_somebody_inside_comes_in(
        self, later: tuple[Person, Person, ShiftedClock]
    ) -> None:
        host, guest, clock = later
        empty = await host.create_meeting(end_time=at(10))
        going_on = await host.create_meeting(end_time=at(10))
        await host.join(going_on)
        clock.ahead = timedelta(minutes=11)
        refused = await join(guest, empty)
        assert (refused.status_code, "past its end" in refused.json()["message"]) == (400, True)
        assert (await join(guest, going_on)).status_code == 200
        upcoming = (await host.request("GET", "/api/v1/my/meetings/upcoming")).json()["data"]
        assert upcoming == []

    async def test_an_empty_one_ends_by_itself_with_all_who_still_wait(
        self, later: tuple[Person, Person, ShiftedClock]
    ) -> None:
        host, guest, clock = later
        meeting = await host.create_meeting(end_time=at(10), settings={"require_approval": True})
        assert (await guest.request("POST", f"{MEETINGS}/{meeting}/knock")).status_code == 200
        clock.ahead = timedelta(minutes=20)
        assert await self.swept() == 0
        clock.ahead = timedelta(minutes=26)
        assert await self.swept() == 1
        assert (await host.request("GET", f"{MEETINGS}/{meeting}")).json()["data"]["status"] == 3
        assert (await guest.request("GET", f"{MEETINGS}/{meeting}/knock")).status_code == 404
        assert (await host.request("GET", f"{MEETINGS}/{meeting}/lobby")).json()["data"] == []

    async def test_a_socket_opens_no_meeting_before_its_time(
        self, later: tuple[Person, Person, ShiftedClock]
    ) -> None:
        host, guest, clock = later
        far = await host.create_meeting(start_time=at(60), end_time=at(120))
        await host.request("POST", f"{MEETINGS}/{far}/participants", json={"user_id": guest.user_id})
        with pytest.raises(Exception, match="403"):
            await guest.open(far)
        clock.ahead = timedelta(minutes=31)
        await (await guest.open(far)).close()


class TestRestart:
    async def test_what_was_answered_is_there_after_a_restart(self, make_salon: Callable[..., Salon]) -> None:
        own = make_salon("kept")
        host = await Person.register(own.url, "host")
        meeting = await host.create_meeting(title="Kept")
        await host.join(meeting)
        await host.request("POST", f"{MEETINGS}/{meeting}/messages", json={"content": "still here"})
        own.stop()
        again = make_salon("kept", port=own.port)
        assert again.port == own.port
        assert (await host.request("GET", f"{MEETINGS}/{meeting}")).json()["data"]["title"] == "Kept"
        chat = (await host.request("GET", f"{MEETINGS}/{meeting}/messages")).json()["data"]
        assert [message["content"] for message in chat] == ["still here"]
        members = (await host.request("GET", f"{MEETINGS}/{meeting}/participants")).json()["data"]
        assert members[0]["status"] == 3, "nobody is in a meeting after a restart"
        tab = await host.open(meeting)
        await tab.close()
        await host.http.aclose()
