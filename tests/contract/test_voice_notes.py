"""What was noted about voices: for hosts alone, and gone with what was said."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from support.people import Person
from support.server import Salon
from support.transcripts import AI, LIST, address_of, data, line, note, say, status

from salon.meeting.face import ParticipantRole


async def states(person: Person, meeting: int) -> list[str]:
    found = await data(person, address_of(meeting, "voices"))
    assert found["total"] == len(found["notes"])
    return [one["state"] for one in found["notes"]]


async def test_hosts_read_them_oldest_first(salon: Salon, host: Person, guest: Person, meeting: int) -> None:
    assert await states(host, meeting) == []
    now = datetime.now(UTC)
    spoken_of = {"user_id": guest.user_id, "speaker": "Bo\x00b"}
    await note(salon, meeting, "ok", at=now, score=0.4, **spoken_of)
    await note(salon, meeting, "suspicious", at=now - timedelta(minutes=1), score=0.91, **spoken_of)
    found = (await data(host, address_of(meeting, "voices")))["notes"]
    assert [one["state"] for one in found] == ["suspicious", "ok"]
    assert set(found[0]) == {"user_id", "speaker", "state", "score", "at"}
    assert (found[0]["user_id"], found[0]["speaker"], found[0]["score"]) == (guest.user_id, "Bo b", 0.91)
    admin = await Person.register_admin(salon, "admin")
    for action in ("voice.suspected", "voice.cleared"):
        query = {"action": action, "meeting_id": meeting}
        (entry,) = (await data(admin, "/api/v1/admin/audit", **query))["list"]
        assert (entry["actor_id"], entry["target"]) == (None, f"user:{guest.user_id}")
        assert set(entry["details"]) == {"score", "detector"}
    await admin.close()


async def test_nobody_else_reads_them(salon: Salon, host: Person, guest: Person, meeting: int) -> None:
    await note(salon, meeting, "suspicious", user_id=guest.user_id)
    await say(salon, meeting, ["Hello, everybody."])
    stranger = await Person.register(salon.url, "stranger")
    path, role = (
        address_of(meeting, "voices"),
        f"/api/v1/meetings/{meeting}/participants/{guest.user_id}/role",
    )
    assert await status(stranger, "GET", path) == 404
    for rank, answer in (
        (ParticipantRole.PARTICIPANT, 403),
        (ParticipantRole.MODERATOR, 403),
        (ParticipantRole.HOST, 200),
    ):
        assert await status(host, "PUT", role, {"role": rank}) == 200
        assert await status(guest, "GET", path) == answer
    assert await status(host, "GET", f"{LIST}/x/voices") == 400
    # What everybody reads and takes along says nothing of it.
    async with httpx.AsyncClient(headers={"authorization": f"Bearer {guest.token}"}) as plain:
        for tail in ("", "/download?format=json", "/download?format=txt"):
            read = await plain.get(f"{salon.url}{address_of(meeting)}{tail}")
            assert read.status_code == 200
            assert "Hello, everybody." in read.text
            assert "suspicious" not in read.text
    await stranger.close()


async def test_they_go_with_the_transcript(salon: Salon, host: Person, meeting: int) -> None:
    await say(salon, meeting, ["Please forget this"])
    await note(salon, meeting, "suspicious", user_id=host.user_id)
    assert await status(host, "DELETE", address_of(meeting)) == 200
    assert await states(host, meeting) == []
    admin = await Person.register_admin(salon, "admin")
    query = {"action": "transcript.deleted", "meeting_id": meeting}
    (entry,) = (await data(admin, "/api/v1/admin/audit", **query))["list"]
    assert entry["details"] == {"lines": 1, "notes": 1}
    # Also where nothing else is left.
    await note(salon, meeting, "suspicious", user_id=host.user_id)
    assert await status(host, "DELETE", address_of(meeting)) == 200
    assert await status(host, "DELETE", address_of(meeting)) == 404
    await admin.close()


async def test_they_go_with_the_account_and_with_the_meeting(make_salon: Callable[..., Salon]) -> None:
    own = make_salon()
    host, guest = [await Person.register(own.url, name) for name in ("host", "guest")]
    admin = await Person.register_admin(own, "admin")
    meeting, other = await host.create_meeting(), await host.create_meeting()
    for number in (meeting, other):
        await note(own, number, "suspicious", user_id=guest.user_id)
        await note(own, number, "suspicious", user_id=host.user_id)
    await admin.request("POST", f"/api/v1/admin/users/{guest.user_id}/ban")
    assert len(await states(host, meeting)) == 2
    await admin.request("DELETE", f"/api/v1/admin/users/{guest.user_id}")
    assert len(await states(host, meeting)) == 1
    await host.request("DELETE", f"/api/v1/meetings/{meeting}")
    assert await status(host, "GET", address_of(meeting, "voices")) == 404
    # What is scored too late is not kept.
    await note(own, meeting, "suspicious", user_id=host.user_id)
    query = {"action": "voice.suspected", "meeting_id": meeting}
    assert len((await data(admin, "/api/v1/admin/audit", **query))["list"]) == 2
    assert len(await states(host, other)) == 1
    for person in (host, guest, admin):
        await person.close()


async def test_what_is_too_old_goes_by_itself(make_salon: Callable[..., Salon]) -> None:
    own = make_salon(ai={"transcript_days": 7})
    host = await Person.register(own.url, "host")
    meeting, quiet = await host.create_meeting(), await host.create_meeting()
    now = datetime.now(UTC)
    mine: dict[str, Any] = {"user_id": host.user_id}
    for age in (8, 6):
        at = now - timedelta(days=age)
        await say(own, meeting, [line(f"{age} days old", meeting_id=meeting, begin=at, **mine)])
        await note(own, meeting, "suspicious" if age == 8 else "ok", at=at, **mine)
    await note(own, quiet, "suspicious", at=now - timedelta(days=8), **mine)
    nobody = 2_000_000_000
    await note(own, meeting, "suspicious", at=now, user_id=nobody)
    assert own.app is not None
    await own.inside(own.app.state.ai.transcripts.sweep())
    assert await states(host, meeting) == ["ok"]
    assert await states(host, quiet) == []
    assert [one["text"] for one in (await data(host, address_of(meeting)))["lines"]] == ["6 days old"]
    assert (await data(host, f"{AI}/transcripts"))["total"] == 1
    await host.close()
