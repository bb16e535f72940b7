"""Time zones as calendars get them: what the written rules say is what the zone database says."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from dateutil.tz import tzical

from salon.meeting import time_zones

START = datetime(2026, 1, 2, 12, tzinfo=UTC)


def text_of(name: str) -> str:
    found = time_zones.describe(ZoneInfo(name), START)
    assert found is not None
    return bytes(found.to_ical()).decode()


@pytest.mark.parametrize(
    ("name", "rules"),
    [
        ("Europe/Berlin", ["BYMONTH=3;BYDAY=-1SU", "BYMONTH=10;BYDAY=-1SU"]),
        ("America/New_York", ["BYMONTH=3;BYDAY=2SU", "BYMONTH=11;BYDAY=1SU"]),
        ("Australia/Sydney", ["BYMONTH=4;BYDAY=1SU", "BYMONTH=10;BYDAY=1SU"]),
        ("Asia/Shanghai", []),
        ("Asia/Kolkata", []),
    ],
)
def test_zones_are_told_by_yearly_rules(name: str, rules: list[str]) -> None:
    text = text_of(name)
    assert text.count("RRULE") == len(rules)
    assert "RDATE" not in text
    for rule in rules:
        month, day = (part.partition("=")[2] for part in rule.split(";"))
        assert any(f"BYMONTH={month}" in line and f"BYDAY={day}" in line for line in text.splitlines())


@pytest.mark.parametrize("name", ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Tokyo"])
def test_a_reader_without_a_zone_database_reads_the_same_times(name: str) -> None:
    zone, read = ZoneInfo(name), tzical(io.StringIO(text_of(name))).get()
    assert read is not None
    # In the hours that a change of the clocks skips or repeats, readers differ; those are left out.
    moments = [START + timedelta(hours=hours) for hours in range(0, 40_000, 7)]
    for moment in moments:
        wall = moment.astimezone(zone).replace(tzinfo=None)
        around = {(moment + timedelta(hours=h)).astimezone(zone).utcoffset() for h in (-2, 0, 2)}
        if len(around) == 1:
            assert wall.replace(tzinfo=read).utcoffset() == around.pop(), wall


def test_what_follows_no_yearly_rule_is_left_to_lists_of_dates() -> None:
    assert time_zones.describe(ZoneInfo("Africa/Casablanca"), START) is None
