"""How long transcripts are kept, what takes them away, and what people agree to."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, text
from support.people import Person
from support.server import Salon
from support.transcripts import AI, LIST, address_of, data, line, say, status
from support.wait import eventually

from salon.ai.transcripts.store import LineRow
from salon.meeting.face import ParticipantRole
from salon.platform.db import Database


class TestForgetting:
    async def test_hosts_delete_and_it_is_in_the_log(
        self, salon: Salon, host: Person, guest: Person, meeting: int
    ) -> None:
        await say(salon, meeting, ["Please forget this"])
        assert await status(guest, "DELETE", address_of(meeting)) == 403
        assert await status(host, "DELETE", address_of(meeting)) == 200
        for path in (address_of(meeting), f"{AI}/minutes/{meeting}"):
            assert await status(host, "GET", path) == 404
        admin = await Person.register_admin(salon, "admin")
        query = {"action": "transcript.deleted", "meeting_id": meeting}
        entry = (await data(admin, "/api/v1/admin/audit", **query))["list"][0]
        assert (entry["actor_id"], entry["target"]) == (host.user_id, f"meeting:{meeting}")
        assert entry["details"] == {"lines": 1}
        await admin.close()

    async def test_only_hosts_are_told_that_they_may_delete(
        self, salon: Salon, host: Person, guest: Person, meeting: int
    ) -> None:
        await say(salon, meeting, ["Something to keep"])
        role = f"/api/v1/meetings/{meeting}/participants/{guest.user_id}/role"
        for rank, may in (
            (ParticipantRole.PARTICIPANT, False),
            (ParticipantRole.MODERATOR, False),
            (ParticipantRole.HOST, True),
        ):
            assert await status(host, "PUT", role, {"role": rank}) == 200
            assert (await data(guest, address_of(meeting)))["can_delete"] is may, rank
            assert (await data(host, address_of(meeting)))["can_delete"] is True
        # The promise is kept.
        assert await status(guest, "DELETE", address_of(meeting)) == 200

    async def test_the_deletion_of_a_meeting_takes_its_transcript(
        self, salon: Salon, host: Person, meeting: int
    ) -> None:
        other = await host.create_meeting()
        await say(salon, meeting, ["gone with it"])
        await say(salon, other, ["stays"])
        await host.request("POST", f"/api/v1/meetings/{other}/end")
        await host.request("DELETE", f"/api/v1/meetings/{meeting}")
        assert await lines_of(salon, meeting_id=meeting) == 0
        # What was still being recognised comes too late, and breaks nothing.
        await say(salon, meeting, ["too late"])
        assert await lines_of(salon, meeting_id=meeting) == 0
        assert await lines_of(salon, meeting_id=other) == 1

    async def test_the_deletion_of_an_account_takes_what_it_said(
        self, make_salon: Callable[..., Salon]
    ) -> None:
        own = make_salon(ai={"mood": "voice"})
        host, guest = [await Person.register(own.url, name) for name in ("host", "guest")]
        admin = await Person.register_admin(own, "admin")
        meeting = await host.create_meeting()
        said = [
            line("mine", user_id=host.user_id, meeting_id=meeting),
            line("theirs", user_id=guest.user_id, meeting_id=meeting),
        ]
        await say(own, meeting, said)
        for person in (host, guest):
            assert await status(person, "PUT", f"{AI}/consent", {"mood_from_voice": True}) == 200
        # A ban can be lifted, and takes nothing.
        await admin.request("POST", f"/api/v1/admin/users/{guest.user_id}/ban")
        assert await lines_of(own, user_id=guest.user_id) == 1
        await admin.request("DELETE", f"/api/v1/admin/users/{guest.user_id}")
        assert await lines_of(own, user_id=guest.user_id) == 0
        assert await lines_of(own, user_id=host.user_id) == 1
        assert await agreed(own, host, guest) == {host.user_id}
        for person in (host, guest, admin):
            await person.close()

    async def test_what_is_too_old_goes_by_itself(self, make_salon: Callable[..., Salon]) -> None:
        now = datetime.now(UTC)

        async def kept(own: Salon, *, swept: bool) -> list[str]:
            host = await Person.register(own.url, "host")
            meeting = await host.create_meeting()
            owner: dict[str, Any] = {"meeting_id": meeting, "user_id": host.user_id}
            said = [line(f"{age} days old", begin=now - timedelta(days=age), **owner) for age in (8, 6)]
            await say(own, meeting, said)
            assert own.app is not None
            if swept:
                await own.inside(own.app.state.ai.transcripts.sweep())
            lines = (await data(host, address_of(meeting)))["lines"]
            await host.close()
            return [entry["text"] for entry in lines]

        short = make_salon("short", ai={"transcript_days": 7})
        assert await kept(short, swept=True) == ["6 days old"]
        assert await kept(make_salon("long"), swept=True) == ["8 days old", "6 days old"]
        by_hand = make_salon("by hand", ai={"transcript_days": 0})
        assert await kept(by_hand, swept=True) == ["8 days old", "6 days old"]

    async def test_what_a_deletion_has_left_is_swept(self, make_salon: Callable[..., Salon]) -> None:
        own = make_salon()
        host = await Person.register(own.url, "host")
        meeting, other = await host.create_meeting(), await host.create_meeting()
        mine = {"user_id": host.user_id, "begin": datetime.now(UTC)}
        for number in (meeting, other):
            await say(own, number, [line("kept", meeting_id=number, **mine)])
        nobody = 2_000_000_000
        await say(own, other, [line("of nobody", meeting_id=other, user_id=nobody, begin=datetime.now(UTC))])
        db = Database(own.settings.resolved_database_url)
        async with db.begin() as tx:
            change = text("UPDATE meetings SET deleted_at = created_at WHERE id = :meeting")
            await tx.execute(change, {"meeting": meeting})
        await db.close()
        assert own.app is not None
        await own.inside(own.app.state.ai.transcripts.sweep())
        assert await lines_of(own, meeting_id=meeting) == 0
        assert await lines_of(own, user_id=nobody) == 0
        assert await lines_of(own, meeting_id=other) == 1
        await host.close()

    async def test_it_is_swept_from_the_start(self, make_salon: Callable[..., Salon]) -> None:
        own = make_salon("one", ai={"transcript_days": 7})
        host = await Person.register(own.url, "host")
        meeting = await host.create_meeting()
        old = datetime.now(UTC) - timedelta(days=8)
        await say(own, meeting, [line("old", meeting_id=meeting, user_id=host.user_id, begin=old)])
        assert await lines_of(own, meeting_id=meeting) == 1
        await host.close()
        own.stop()
        again = make_salon("one", ai={"transcript_days": 7})
        await eventually(lambda: lines_of(again, meeting_id=meeting), lambda count: count == 0, within_s=20)


async def lines_of(salon: Salon, **where: int) -> int:
    """Lines in the database itself."""
    ((name, value),) = where.items()
    db = Database(salon.settings.resolved_database_url)
    async with db.read() as tx:
        count = select(func.count()).select_from(LineRow).where(getattr(LineRow, name) == value)
        lines: int = (await tx.execute(count)).scalar_one()
    await db.close()
    return lines


async def agreed(salon: Salon, *people: Person) -> set[int]:
    """Those from whose voice a mood may be inferred."""
    assert salon.app is not None
    found_: set[int] = await salon.inside(
        salon.app.state.ai.consents.who_agreed([person.user_id for person in people])
    )
    return found_


class TestConsent:
    async def test_nobody_has_agreed_and_by_default_nobody_can(
        self, salon: Salon, host: Person, guest: Person
    ) -> None:
        path = f"{AI}/consent"
        nothing = {"mood_from_voice": False, "allowed_here": False, "changed_at": None}
        assert await data(host, path) == nothing
        refused = await host.request("PUT", path, json={"mood_from_voice": True})
        assert (refused.status_code, "SALON_AI_MOOD" in refused.json()["message"]) == (403, True)
        assert await data(host, path) == nothing
        assert await status(host, "PUT", path, {"mood_from_voice": False}) == 200
        for wrong in ({}, {"mood_from_voice": "yes"}, {"mood_from_voice": 1}):
            assert await status(host, "PUT", path, wrong) == 400, wrong
        assert await agreed(salon, host, guest) == set()

    async def test_each_agrees_for_themselves_and_may_withdraw(
        self, make_salon: Callable[..., Salon]
    ) -> None:
        own = make_salon(ai={"mood": "voice"})
        ben, cat = [await Person.register(own.url, name) for name in ("ben", "cat")]
        path = f"{AI}/consent"
        given = (await ben.request("PUT", path, json={"mood_from_voice": True})).json()["data"]
        assert (given["mood_from_voice"], given["allowed_here"]) == (True, True)
        assert await data(ben, path) == given
        assert given["changed_at"].endswith("Z")
        assert await agreed(own, ben, cat) == {ben.user_id}
        assert await status(ben, "PUT", path, {"mood_from_voice": False}) == 200
        assert await agreed(own, ben, cat) == set()
        own.stop()
        for person in (ben, cat):
            await person.close()

    @pytest.mark.parametrize("mood", ["text", "off"])
    async def test_where_voices_are_left_alone_an_old_yes_counts_no_more(
        self, make_salon: Callable[..., Salon], mood: str
    ) -> None:
        before = make_salon("same", ai={"mood": "voice"})
        ben = await Person.register(before.url, "ben")
        assert await status(ben, "PUT", f"{AI}/consent", {"mood_from_voice": True}) == 200
        before.stop()
        after = make_salon("same", ai={"mood": mood})
        assert await agreed(after, ben) == set()
        await ben.close()


async def test_it_is_counted(make_salon: Callable[..., Salon]) -> None:
    own = make_salon(rate_limit="on")
    ben = await Person.register(own.url, "ben")
    meeting = await ben.create_meeting()
    await say(own, meeting, [line("x", meeting_id=meeting, user_id=ben.user_id)])
    taken, answer = 0, await ben.request("GET", LIST)
    while answer.status_code == 200 and taken < 300:
        taken, answer = taken + 1, await ben.request("GET", LIST)
    assert (answer.status_code, taken >= 110) == (429, True)
    assert int(answer.headers["retry-after"]) > 0
    for method, path, body in (
        ("GET", address_of(meeting, "download"), None),
        ("DELETE", address_of(meeting), None),
        ("GET", f"{AI}/minutes/{meeting}", None),
        ("PUT", f"{AI}/consent", {"mood_from_voice": False}),
    ):
        assert await status(ben, method, path, body) == 429, path
    assert await status(ben, "GET", address_of(meeting)) == 200
    await ben.close()
