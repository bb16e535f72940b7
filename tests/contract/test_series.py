"""Recurring meetings, calendar files and mailed invitations."""

from __future__ import annotations

import email
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from email.policy import default
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar
from support.people import Person
from support.server import Salon
from support.wait import eventually

Register = Callable[[str], Awaitable[Person]]
MEETINGS = "/api/v1/meetings"
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture
async def host(register: Register) -> Person:
    return await register("host")


def at(year: int, month: int, day: int, hour: int = 9) -> datetime:
    return datetime(year, month, day, hour, tzinfo=BERLIN)


async def plan(person: Person, rule: str, start: datetime, **fields: Any) -> Any:
    body = {
        "title": "Standup",
        "start_time": start.isoformat(),
        "end_time": (start + timedelta(minutes=30)).isoformat(),
        "recurrence": rule,
        "time_zone": "Europe/Berlin",
        **fields,
    }
    return await person.request("POST", MEETINGS, json=body)


async def series_of(person: Person, meeting: int) -> list[dict[str, Any]]:
    answer = await person.request("GET", f"{MEETINGS}/{meeting}/series")
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["data"]
    return found


def local(view: dict[str, Any], name: str = "start_time") -> datetime:
    return datetime.fromisoformat(view[name]).astimezone(BERLIN)


async def calendar(person: Person, meeting: int) -> tuple[Calendar, str]:
    answer = await person.request("GET", f"{MEETINGS}/{meeting}/calendar.ics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/calendar")
    return Calendar.from_ical(answer.content), answer.text


class TestMaking:
    async def test_every_occurrence_is_a_meeting_of_its_own(self, host: Person) -> None:
        answer = await plan(host, "FREQ=WEEKLY;COUNT=4", at(2098, 3, 12))
        assert answer.status_code == 201, answer.text
        first = answer.json()["data"]["meeting"]
        assert (first["recurrence"], first["time_zone"]) == ("FREQ=WEEKLY;COUNT=4", "Europe/Berlin")
        made = await series_of(host, first["id"])
        assert len({view["id"] for view in made}) == len({view["room_id"] for view in made}) == 4
        # Nine o'clock stays nine o'clock when summer time begins (30 March 2098).
        assert [local(view).hour for view in made] == [9] * 4
        assert [local(view).day for view in made] == [12, 19, 26, 2]
        assert {datetime.fromisoformat(view["start_time"]).hour for view in made} == {8, 7}

    async def test_weekdays_begin_on_the_first_weekday(self, host: Person) -> None:
        saturday = at(2098, 5, 10)
        answer = await plan(host, "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;COUNT=6", saturday)
        made = await series_of(host, answer.json()["data"]["id"])
        assert [local(view).strftime("%a") for view in made] == ["Mon", "Tue", "Wed", "Thu", "Fri", "Mon"]

    async def test_without_an_end_some_are_made_ahead(self, host: Person) -> None:
        answer = await plan(host, "FREQ=DAILY", at(2098, 5, 10))
        assert len(await series_of(host, answer.json()["data"]["id"])) == 60

    async def test_until_is_a_day_of_the_meetings_zone(self, host: Person) -> None:
        answer = await plan(host, "RRULE:FREQ=DAILY;UNTIL=20980512", at(2098, 5, 10, 23))
        assert len(await series_of(host, answer.json()["data"]["id"])) == 3

    @pytest.mark.parametrize(
        "rule",
        [
            "FREQ=SECONDLY",
            "FREQ=MINUTELY;COUNT=5",
            "FREQ=HOURLY",
            "COUNT=3",
            "FREQ=DAILY;COUNT=3;UNTIL=20990101",
            "FREQ=DAILY;COUNT=100000",
            "FREQ=DAILY;INTERVAL=0",
            "FREQ=DAILY;INTERVAL=999",
            "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
            "FREQ=DAILY;UNTIL=20200101",
            "FREQ=DAILY;UNTIL=20981399",
            "FREQ=DAILY;BYSECOND=1",
            "FREQ=DAILY;FREQ=WEEKLY",
            "every day",
            "FREQ=WEEKLY;BYDAY=XX",
            "FREQ=MONTHLY;BYMONTHDAY=99",
        ],
    )
    async def test_what_is_no_rule_for_meetings_is_refused_at_once(self, host: Person, rule: str) -> None:
        started = datetime.now(UTC)
        answer = await plan(host, rule, at(2098, 5, 10))
        assert answer.status_code == 400, answer.text
        assert datetime.now(UTC) - started < timedelta(seconds=20)

    async def test_an_unknown_zone_is_refused(self, host: Person) -> None:
        for zone in ("Mars/Olympus", "../../etc/passwd", "x" * 65):
            answer = await plan(host, "FREQ=DAILY;COUNT=2", at(2098, 5, 10), time_zone=zone)
            assert answer.status_code == 400, zone


class TestChanging:
    async def test_one_the_following_or_all(self, host: Person) -> None:
        answer = await plan(host, "FREQ=WEEKLY;COUNT=5", at(2098, 5, 12))
        made = await series_of(host, answer.json()["data"]["id"])
        third = made[2]
        later = local(third) + timedelta(hours=2)
        body = {"start_time": later.isoformat(), "end_time": (later + timedelta(hours=1)).isoformat()}
        moved = await host.request("PUT", f"{MEETINGS}/{third['id']}?scope=following", json=body)
        assert moved.status_code == 200, moved.text
        assert [local(view).hour for view in await series_of(host, third["id"])] == [9, 9, 11, 11, 11]
        renamed = await host.request("PUT", f"{MEETINGS}/{third['id']}?scope=all", json={"title": "Weekly"})
        assert renamed.status_code == 200
        now = await series_of(host, third["id"])
        assert {view["title"] for view in now} == {"Weekly"}
        assert [local(view).hour for view in now] == [9, 9, 11, 11, 11]
        await host.request("PUT", f"{MEETINGS}/{made[0]['id']}", json={"title": "Kick-off"})
        titles = [view["title"] for view in await series_of(host, third["id"])]
        assert titles == ["Kick-off", *["Weekly"] * 4]

    async def test_taken_away_one_the_following_or_all(self, host: Person) -> None:
        answer = await plan(host, "FREQ=WEEKLY;COUNT=6", at(2098, 5, 12))
        made = await series_of(host, answer.json()["data"]["id"])
        assert (await host.request("DELETE", f"{MEETINGS}/{made[1]['id']}")).status_code == 200
        assert len(await series_of(host, made[0]["id"])) == 5
        path = f"{MEETINGS}/{made[4]['id']}?scope=following"
        assert (await host.request("DELETE", path)).status_code == 200
        assert len(await series_of(host, made[0]["id"])) == 3
        assert (await host.request("DELETE", f"{MEETINGS}/{made[0]['id']}?scope=all")).status_code == 200
        assert (await host.request("GET", f"{MEETINGS}/{made[0]['id']}")).status_code == 404

    async def test_who_may_and_what_is_no_series(self, host: Person, register: Register) -> None:
        single, stranger = await host.create_meeting(), await register("who")
        assert (await host.request("GET", f"{MEETINGS}/{single}/series")).status_code == 409
        answer = await host.request("PUT", f"{MEETINGS}/{single}?scope=all", json={"title": "x"})
        assert answer.status_code == 409
        assert (await host.request("DELETE", f"{MEETINGS}/{single}?scope=all")).status_code == 409
        assert (await host.request("DELETE", f"{MEETINGS}/{single}?scope=some")).status_code == 400
        made = (await plan(host, "FREQ=DAILY;COUNT=2", at(2098, 5, 12))).json()["data"]["id"]
        assert (await stranger.request("DELETE", f"{MEETINGS}/{made}?scope=all")).status_code == 403
        assert (await stranger.request("GET", f"{MEETINGS}/{made}/series")).status_code == 403
        assert (await stranger.request("GET", f"{MEETINGS}/{made}/calendar.ics")).status_code == 403


class TestCalendar:
    async def test_a_single_meeting(self, host: Person) -> None:
        title = "Größe; Plan, 会议 " + "x" * 70
        meeting = await host.create_meeting(title=title, start_time="2098-05-12T07:00:00Z")
        parsed, text = await calendar(host, meeting)
        assert "\r\n" in text
        assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
        assert (parsed["VERSION"], parsed["METHOD"]) == ("2.0", "PUBLISH")
        event = parsed.walk("VEVENT")[0]
        assert str(event["SUMMARY"]) == title
        assert event["DTSTART"].dt == datetime(2098, 5, 12, 7, tzinfo=UTC)
        for name in ("UID", "DTSTAMP", "DTEND", "SEQUENCE", "ORGANIZER", "LOCATION", "STATUS"):
            assert name in event, name
        await host.request("PUT", f"{MEETINGS}/{meeting}", json={"title": "Other"})
        changed = (await calendar(host, meeting))[0].walk("VEVENT")[0]
        assert (changed["UID"], changed["SEQUENCE"]) == (event["UID"], event["SEQUENCE"] + 1)

    async def test_a_series_is_one_event_with_its_exceptions(self, host: Person) -> None:
        answer = await plan(host, "FREQ=WEEKLY;COUNT=5", at(2098, 3, 12))
        made = await series_of(host, answer.json()["data"]["id"])
        await host.request("DELETE", f"{MEETINGS}/{made[1]['id']}")
        later = local(made[2]) + timedelta(hours=3)
        body = {"start_time": later.isoformat(), "end_time": (later + timedelta(hours=1)).isoformat()}
        await host.request("PUT", f"{MEETINGS}/{made[2]['id']}", json=body)
        parsed, _ = await calendar(host, made[0]["id"])
        master, exception = parsed.walk("VEVENT")
        assert master["RRULE"].to_ical() == b"FREQ=WEEKLY;COUNT=5"
        assert master["DTSTART"].params["TZID"] == "Europe/Berlin"
        assert master["EXDATE"].dts[0].dt == local(made[1])
        assert exception["RECURRENCE-ID"].dt == local(made[2])
        assert exception["DTSTART"].dt == later
        assert exception["UID"] == master["UID"]
        assert [str(zone["TZID"]) for zone in parsed.walk("VTIMEZONE")] == ["Europe/Berlin"]


def letters_to(salon: Salon, address: str) -> list[tuple[str, Calendar]]:
    """Methods and calendars of the letters laid down for an address, oldest first."""
    found = []
    files = sorted((salon.settings.data_dir / "mail").glob("*.eml"), key=lambda p: p.stat().st_mtime_ns)
    for file in files:
        message = email.message_from_bytes(file.read_bytes(), policy=default)
        if message["To"] != address:
            continue
        part = next(p for p in message.walk() if p.get_content_type() == "text/calendar")
        found.append((str(part.get_param("method")), Calendar.from_ical(part.get_content())))
    return found


class TestInvitations:
    async def test_they_are_mailed_moved_and_called_off(self, host: Person, salon: Salon) -> None:
        address = f"{host.name}.friend@example.org"
        meeting = await host.create_meeting(start_time="2098-05-12T07:00:00Z")

        async def letters(count: int) -> list[tuple[str, Calendar]]:
            async def look() -> list[tuple[str, Calendar]]:
                return letters_to(salon, address)

            return await eventually(look, lambda found: len(found) >= count)

        sent = await host.request(
            "POST", f"{MEETINGS}/{meeting}/invitations", json={"emails": [address], "message": "Come!"}
        )
        assert sent.json()["data"] == {"emails": [address]}
        method, first = (await letters(1))[0]
        event = first.walk("VEVENT")[0]
        assert (method, str(event["ATTENDEE"])) == ("REQUEST", f"mailto:{address}")
        assert event["ATTENDEE"].params["RSVP"] == "TRUE"
        body = {"start_time": "2098-05-13T07:00:00Z", "end_time": "2098-05-13T08:00:00Z"}
        await host.request("PUT", f"{MEETINGS}/{meeting}", json=body)
        method, second = (await letters(2))[1]
        moved = second.walk("VEVENT")[0]
        assert (method, moved["UID"], moved["SEQUENCE"]) == ("REQUEST", event["UID"], event["SEQUENCE"] + 1)
        # A lock or a switch is no news for a calendar.
        await host.request("POST", f"{MEETINGS}/{meeting}/lock", json={"locked": True})
        await host.request("DELETE", f"{MEETINGS}/{meeting}")
        method, third = (await letters(3))[2]
        gone = third.walk("VEVENT")[0]
        assert (method, gone["UID"], str(gone["STATUS"])) == ("CANCEL", event["UID"], "CANCELLED")

    async def test_who_may_write_and_to_whom(self, host: Person, register: Register) -> None:
        meeting, stranger = await host.create_meeting(), await register("who")
        path = f"{MEETINGS}/{meeting}/invitations"
        good = {"emails": ["a@example.org"]}
        assert (await stranger.request("POST", path, json=good)).status_code == 403
        for bad in ([], ["no address"], ["a@example.org"] * 51):
            assert (await host.request("POST", path, json={"emails": bad})).status_code == 400
        await host.request("POST", f"{MEETINGS}/{meeting}/end")
        assert (await host.request("POST", path, json=good)).status_code == 409
