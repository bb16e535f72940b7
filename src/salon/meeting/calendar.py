"""Meetings as calendars know them (RFC 5545; letters: RFC 5546 and 6047)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, vCalAddress, vRecur, vText

from salon.meeting import time_zones
from salon.meeting.face import MeetingStatus
from salon.meeting.series_store import SeriesRow
from salon.meeting.store import MeetingRow

PRODUCT = "-//Salon//Meetings//EN"

Method = Literal["PUBLISH", "REQUEST", "CANCEL"]


@dataclass(frozen=True, slots=True)
class Organizer:
    """Who invites."""

    name: str
    email: str


def single(
    meeting: MeetingRow,
    *,
    link: str,
    organizer: Organizer,
    method: Method = "PUBLISH",
    attendee: str = "",
    now: datetime,
) -> bytes:
    """One meeting as an iCalendar object."""
    calendar = _calendar(method)
    event = _event(meeting, uid=uid_of(meeting), link=link, organizer=organizer, now=now)
    event.add("dtstart", meeting.start_time)
    event.add("dtend", meeting.end_time)
    if method == "CANCEL":
        event["status"] = vText("CANCELLED")
    if attendee:
        person = vCalAddress(f"mailto:{attendee}")
        person.params["CUTYPE"] = vText("INDIVIDUAL")
        person.params["ROLE"] = vText("REQ-PARTICIPANT")
        person.params["PARTSTAT"] = vText("NEEDS-ACTION")
        person.params["RSVP"] = vText("TRUE")
        event.add("attendee", person, encode=False)
    calendar.add_component(event)
    return bytes(calendar.to_ical())


def whole_series(
    series: SeriesRow, occurrences: Sequence[MeetingRow], *, link: str, organizer: Organizer, now: datetime
) -> bytes:
    """A series: its rule, without what was taken away, and what differs from the rule as it is now.

    Args:
        occurrences: all that were made, deleted ones included, in the order of the rule; at least one.
    """
    zone = ZoneInfo(series.time_zone)
    uid = f"series-{series.id}@salon"
    calendar = _calendar("PUBLISH")
    first = occurrences[0]
    master = _event(first, uid=uid, link=link, organizer=organizer, now=now)
    template = series.template
    master["summary"] = vText(str(template["title"]))
    master.pop("description", None)
    master.add("description", _description(str(template["description"]), link))
    master.add("dtstart", series.starts_at.astimezone(zone))
    master.add("dtend", (series.starts_at + timedelta(seconds=series.duration_s)).astimezone(zone))
    master.add("rrule", vRecur.from_ical(_cut(series)))
    gone = [row.series_start.astimezone(zone) for row in occurrences if row.deleted_at and row.series_start]
    if gone:
        master.add("exdate", gone)
    calendar.add_component(master)
    for row in occurrences:
        if row.is_exception and row.deleted_at is None and row.series_start is not None:
            event = _event(row, uid=uid, link=link, organizer=organizer, now=now)
            event.add("recurrence-id", row.series_start.astimezone(zone))
            event.add("dtstart", row.start_time.astimezone(zone))
            event.add("dtend", row.end_time.astimezone(zone))
            calendar.add_component(event)
    # The zone stands before those who name it; what follows no yearly rule is spelled out date by date.
    described = time_zones.describe(zone, series.starts_at) if zone.key != "UTC" else None
    if described is not None:
        calendar.subcomponents.insert(0, described)
    calendar.add_missing_timezones()
    return bytes(calendar.to_ical())


def uid_of(meeting: MeetingRow) -> str:
    """The name of the meeting in every calendar, for ever."""
    return f"meeting-{meeting.id}@salon"


def _calendar(method: Method) -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", method)
    return calendar


def _event(meeting: MeetingRow, *, uid: str, link: str, organizer: Organizer, now: datetime) -> Event:
    event = Event()
    event.add("uid", uid)
    event.add("dtstamp", now)
    event.add("created", meeting.created_at)
    event.add("last-modified", meeting.updated_at)
    event.add("sequence", meeting.sequence)
    event.add("summary", meeting.title)
    event.add("description", _description(meeting.description, link))
    event.add("location", link)
    event.add("url", link)
    is_off = meeting.status == MeetingStatus.CANCELLED or meeting.deleted_at is not None
    event.add("status", "CANCELLED" if is_off else "CONFIRMED")
    event.add("transp", "OPAQUE")
    address = vCalAddress(f"mailto:{organizer.email}")
    address.params["CN"] = vText(organizer.name)
    event.add("organizer", address, encode=False)
    return event


def _description(text: str, link: str) -> str:
    return f"{text}\n\n{link}" if text else link


def _cut(series: SeriesRow) -> str:
    """The rule, ended where the series was cut off."""
    if series.ends_before is None:
        return series.rule
    kept = [part for part in series.rule.split(";") if not part.startswith(("COUNT=", "UNTIL="))]
    last = series.ends_before - timedelta(seconds=1)
    return ";".join([*kept, f"UNTIL={last.strftime('%Y%m%dT%H%M%SZ')}"])
