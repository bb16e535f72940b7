"""RFC 5545 rules: read, bounded, and unrolled on the wall clock of their time zone. Pure."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dateutil.rrule import rrule, rrulestr

from salon.platform.errors import BadRequest

MAX_RULE = 255
MAX_COUNT = 1000
MAX_INTERVAL = 366
_DAY = r"[+-]?[0-9]{0,2}(MO|TU|WE|TH|FR|SA|SU)"
_PARTS = {
    "FREQ": re.compile(r"DAILY|WEEKLY|MONTHLY|YEARLY"),
    "INTERVAL": re.compile(r"[1-9][0-9]{0,2}"),
    "COUNT": re.compile(r"[1-9][0-9]{0,3}"),
    "UNTIL": re.compile(r"[0-9]{8}(T[0-9]{6}Z?)?"),
    "BYDAY": re.compile(rf"{_DAY}(,{_DAY}){{0,20}}"),
    "BYMONTHDAY": re.compile(r"-?[0-9]{1,2}(,-?[0-9]{1,2}){0,30}"),
    "BYMONTH": re.compile(r"[0-9]{1,2}(,[0-9]{1,2}){0,11}"),
    "BYSETPOS": re.compile(r"-?[0-9]{1,3}(,-?[0-9]{1,3}){0,10}"),
    "WKST": re.compile(r"MO|TU|WE|TH|FR|SA|SU"),
}
"""What a meeting may repeat by. Hours, minutes and seconds are left out: nobody meets every second."""


def read_zone(name: str) -> ZoneInfo:
    """The time zone of that IANA name.

    Raises:
        BadRequest: there is none.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as fault:
        raise BadRequest("time_zone: should be an IANA name, such as Europe/Berlin") from fault


def read_rule(text: str, start: datetime, zone: ZoneInfo) -> str:
    """The rule in its normal form, UNTIL in UTC.

    Raises:
        BadRequest: not a rule, or one that meetings cannot repeat by; the text says why.
    """
    raw = text.strip().upper().removeprefix("RRULE:")
    parts: dict[str, str] = {}
    for part in raw.split(";"):
        name, _, value = part.partition("=")
        if name in parts:
            raise BadRequest(f"recurrence: {name} stands there twice")
        if name not in _PARTS or not _PARTS[name].fullmatch(value):
            raise BadRequest(
                f"recurrence: {part[:40]!r} is not understood. Use a rule such as FREQ=WEEKLY;COUNT=10"
            )
        parts[name] = value
    if "FREQ" not in parts:
        raise BadRequest("recurrence: FREQ is missing. Use a rule such as FREQ=WEEKLY;COUNT=10")
    if "COUNT" in parts and "UNTIL" in parts:
        raise BadRequest("recurrence: COUNT and UNTIL exclude each other (RFC 5545)")
    if int(parts.get("COUNT", "1")) > MAX_COUNT or int(parts.get("INTERVAL", "1")) > MAX_INTERVAL:
        raise BadRequest(f"recurrence: at most {MAX_COUNT} meetings, at most {MAX_INTERVAL} steps apart")
    if "UNTIL" in parts:
        parts["UNTIL"] = _until(parts["UNTIL"], zone)
    rule = ";".join(f"{name}={parts[name]}" for name in _PARTS if name in parts)
    if next(unroll(rule, start, zone, after=None, until=start + timedelta(days=800)), None) is None:
        raise BadRequest("recurrence: nothing comes of this rule within two years of the start")
    return rule


def unroll(
    rule: str, start: datetime, zone: ZoneInfo, *, after: datetime | None, until: datetime
) -> Iterator[datetime]:
    """The moments of the rule, in UTC, later than `after` and not later than `until`.

    `until` bounds the work too: a rule that never matches would be followed to the end of the calendar. With
    a count it cannot (RFC 5545: one or the other), so such a rule is first seen to match at all.
    """
    local = start.astimezone(zone)
    try:
        followed = rrulestr(rule, dtstart=local)
        if not isinstance(followed, rrule):
            raise BadRequest("recurrence: one rule at a time")
        stop: datetime | None = followed._until  # type: ignore[attr-defined]  # it tells nobody otherwise
        counted: int | None = followed._count  # type: ignore[attr-defined]
        bound = until.astimezone(UTC)
        bounded = followed.replace(count=None, until=min(bound, stop.astimezone(UTC)) if stop else bound)
    except (ValueError, TypeError, OverflowError) as fault:
        raise BadRequest("recurrence: this rule makes no sense") from fault
    if counted is None:
        followed = bounded
    elif next(iter(bounded), None) is None:
        return
    for moment in followed:
        # Wall time that a change of the clocks leaves out is read as RFC 5545, section 3.3.5 says: with
        # the offset from before the gap.
        found = moment.astimezone(UTC)
        if found > bound:
            return
        if after is None or found > after:
            yield found


def shift(moment: datetime, seconds: int, zone: ZoneInfo) -> datetime:
    """The moment moved on the wall clock, in UTC."""
    local = moment.astimezone(zone).replace(tzinfo=None) + timedelta(seconds=seconds)
    return local.replace(tzinfo=zone).astimezone(UTC)


def wall_difference(old: datetime, new: datetime, zone: ZoneInfo) -> int:
    """How far apart two moments are on the wall clock, in seconds."""
    before, after = (moment.astimezone(zone).replace(tzinfo=None) for moment in (old, new))
    return int((after - before).total_seconds())


def _until(text: str, zone: ZoneInfo) -> str:
    try:
        if text.endswith("Z"):
            moment = datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        elif "T" in text:
            moment = datetime.strptime(text, "%Y%m%dT%H%M%S").replace(tzinfo=zone)
        else:
            day = datetime.strptime(text, "%Y%m%d").replace(tzinfo=zone)
            moment = day.replace(hour=23, minute=59, second=59)
        return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    except (ValueError, OverflowError) as fault:
        raise BadRequest("recurrence: UNTIL is no date") from fault
