"""Time zones as calendars want them (RFC 5545, section 3.6.5): by yearly rules, not by lists of dates. Pure.

Outlook reads a VTIMEZONE of one STANDARD and one DAYLIGHT part with yearly rules; a list of RDATEs, which is
what libraries derive from the zone database, it takes for the wrong time.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from icalendar import Timezone, TimezoneDaylight, TimezoneStandard, vRecur

_YEARS = 6
"""A rule that has held for so many years is the zone's rule."""

_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


@dataclass(frozen=True, slots=True)
class _Change:
    """One change of the clocks."""

    local: datetime
    """On the wall clock before the change."""
    before: timedelta
    after: timedelta
    name: str
    is_daylight: bool


def describe(zone: ZoneInfo, moment: datetime) -> Timezone | None:
    """The zone's rules from before `moment` on; None if they follow no yearly rule."""
    # The year before: what is told must hold on the first of January, too.
    first = moment.astimezone(zone).year - 1
    years = [list(_changes(zone, year)) for year in range(first, first + _YEARS)]
    found = Timezone()
    found.add("tzid", zone.key)
    if not any(years):
        here = datetime(first, 1, 1, tzinfo=zone)
        found.add_component(_part(TimezoneStandard(), _steady(here)))
        return found
    if any(len(year) != 2 for year in years):
        return None
    for number in (0, 1):
        rule = _rule([year[number] for year in years])
        if rule is None:
            return None
        change = years[0][number]
        part = _part(TimezoneDaylight() if change.is_daylight else TimezoneStandard(), change)
        part.add("rrule", vRecur.from_ical(rule))
        found.add_component(part)
    return found


def _steady(here: datetime) -> _Change:
    offset = here.utcoffset() or timedelta()
    return _Change(here.replace(tzinfo=None), offset, offset, here.tzname() or "", is_daylight=False)


def _part(part: TimezoneStandard | TimezoneDaylight, change: _Change) -> TimezoneStandard | TimezoneDaylight:
    part.add("dtstart", change.local)
    part.add("tzoffsetfrom", change.before)
    part.add("tzoffsetto", change.after)
    part.add("tzname", change.name)
    return part


def _changes(zone: ZoneInfo, year: int) -> Iterator[_Change]:
    """Every change of the offset in the year, to the minute."""
    moment, end = datetime(year, 1, 1, tzinfo=UTC), datetime(year + 1, 1, 1, tzinfo=UTC)
    while moment < end:
        step = moment + timedelta(days=1)
        if _offset(zone, moment) != _offset(zone, step):
            yield _change_between(zone, moment, step)
        moment = step


def _change_between(zone: ZoneInfo, low: datetime, high: datetime) -> _Change:
    before = _offset(zone, low)
    while high - low > timedelta(minutes=1):
        middle = low + (high - low) // 2
        middle = middle.replace(second=0, microsecond=0)
        low, high = (middle, high) if _offset(zone, middle) == before else (low, middle)
    there = high.astimezone(zone)
    return _Change(
        local=(high + before).replace(tzinfo=None),
        before=before,
        after=_offset(zone, high),
        name=there.tzname() or "",
        is_daylight=bool(there.dst()),
    )


def _offset(zone: ZoneInfo, moment: datetime) -> timedelta:
    return moment.astimezone(zone).utcoffset() or timedelta()


def _rule(changes: list[_Change]) -> str | None:
    """What these changes of successive years have in common, as a rule; None if it is not enough."""
    first = changes[0]
    same = {(c.local.month, c.local.weekday(), c.local.time(), c.before, c.after) for c in changes}
    if len(same) != 1:
        return None
    is_last = all((c.local + timedelta(days=7)).month != c.local.month for c in changes)
    weeks = {(c.local.day - 1) // 7 + 1 for c in changes}
    if not is_last and len(weeks) != 1:
        return None
    week = -1 if is_last else weeks.pop()
    return f"FREQ=YEARLY;BYMONTH={first.local.month};BYDAY={week}{_DAYS[first.local.weekday()]}"
