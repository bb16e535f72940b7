"""The decisions about recordings, without a server."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from salon.media.recording import rules
from salon.meeting.face import MeetingId, MeetingStatus, ParticipantRole, ParticipantStatus, RoomId, Seat
from salon.platform.ids import UserId

NOW = datetime(2031, 1, 1, 12, tzinfo=UTC)
GB = 2**30
LIMITS = rules.Limits(timedelta(hours=4), 2 * GB, 0, timedelta(days=30))
ME, STARTER = UserId(7), 5


def condition(
    *, minutes: float = 1, empty_minutes: float | None = None, free: int = 100 * GB, used: int = 0
) -> rules.Condition:
    empty = None if empty_minutes is None else NOW - timedelta(minutes=empty_minutes)
    return rules.Condition(NOW - timedelta(minutes=minutes), empty, free, used)


def seat(
    role: ParticipantRole = ParticipantRole.PARTICIPANT,
    status: ParticipantStatus = ParticipantStatus.JOINED,
    *,
    sees: bool = True,
) -> Seat:
    return Seat(
        meeting_id=MeetingId(1),
        room_id=RoomId("room_1"),
        user_id=ME,
        role=role,
        status=status,
        meeting_status=MeetingStatus.ACTIVE,
        is_creator=False,
        max_participants=10,
        may_see_recordings=sees,
    )


@pytest.mark.parametrize(
    ("what", "cause"),
    [
        (condition(), None),
        (condition(minutes=239.9), None),
        (condition(minutes=240), "limit"),
        (condition(free=2 * GB), None),
        (condition(free=2 * GB - 1), "disk"),
        (condition(empty_minutes=4.9), None),
        (condition(empty_minutes=5), "empty"),
        (condition(minutes=240, free=0), "disk"),
        (condition(used=10**15), None),
    ],
)
def test_a_recording_ends_at_its_bounds(what: rules.Condition, cause: str | None) -> None:
    assert rules.end_due(NOW, LIMITS, what) == cause


def test_a_quota_counts_where_there_is_one() -> None:
    limits = rules.Limits(timedelta(hours=4), 0, GB, None)
    assert rules.end_due(NOW, limits, condition(used=GB - 1)) is None
    assert rules.end_due(NOW, limits, condition(used=GB)) == "quota"


def test_the_room_is_warned_before() -> None:
    assert rules.warning_due(NOW, LIMITS, condition()) == ""
    assert rules.warning_due(NOW, LIMITS, condition(free=int(2.4 * GB))) == rules.DISK_LOW
    assert rules.warning_due(NOW, LIMITS, condition(minutes=235)) == rules.ENDS_SOON


def test_rights_by_role() -> None:
    plain, moderator, host = (
        seat(role) for role in (ParticipantRole.PARTICIPANT, ParticipantRole.MODERATOR, ParticipantRole.HOST)
    )
    removed = seat(ParticipantRole.HOST, ParticipantStatus.REJECTED, sees=False)
    table = {
        rules.may_see: [True, True, True, False, False],
        rules.may_stop: [False, True, True, False, False],
        rules.may_delete: [False, False, True, False, False],
    }
    for may, wanted in table.items():
        assert [may(one, ME, STARTER) for one in (plain, moderator, host, removed, None)] == wanted
        assert may(None, UserId(STARTER), STARTER)


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Weekly", "Weekly.mp4"),
        ("a/b\\c:d", "a b c d.mp4"),
        ("..", "recording.mp4"),
        ("\x00\n", "recording.mp4"),
        ("周会", "周会.mp4"),
        ("x" * 300, "x" * 100 + ".mp4"),
    ],
)
def test_a_title_becomes_a_name_that_can_be_saved(title: str, name: str) -> None:
    assert rules.file_name(title, "mp4") == name


def test_files_are_ready_failed_or_to_come() -> None:
    jobs = [("mix", "failed"), ("composite", "processing"), ("thumbnail", "completed")]
    assert rules.states_of(["tracks"], jobs, is_empty=False) == {
        "tracks": "ready",
        "mix": "failed",
        "thumbnail": "pending",
        "composite": "processing",
    }
    assert rules.states_of([], [], is_empty=True) == {}


def test_nothing_expires_where_all_is_kept() -> None:
    assert rules.expires_before(NOW, LIMITS) == NOW - timedelta(days=30)
    assert rules.expires_before(NOW, rules.Limits(timedelta(hours=4), 0, 0, None)) is None
