"""Rates are limited from the start; who is refused is told how long to wait, and that is true."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from limits import parse
from support.contract import client
from support.people import PASSWORD, Person
from support.redis import redis_server
from support.server import Salon
from support.wait import eventually

from salon.platform.clock import SystemClock
from salon.platform.quotas import Quota, QuotaExceeded, Quotas
from salon.settings import Settings

HERE = "127.0.0.1"
MakeSalon = Callable[..., Salon]


@pytest.fixture(scope="module")
def redis() -> Iterator[str]:
    with redis_server() as address:
        yield address


@pytest.fixture(params=["memory", "redis"])
def quotas(request: pytest.FixtureRequest) -> Quotas:
    address = request.getfixturevalue("redis") if request.param == "redis" else ""
    return Quotas(redis_url=address, is_on=True, clock=SystemClock())


async def exhaust(quotas: Quotas, quota: Quota, *keys: str) -> None:
    """Use everything there is."""
    for _ in range(parse(quota.value.text).amount):
        await quotas.hit(quota, *keys)


def test_limits_are_on_unless_switched_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SALON_RATE_LIMIT", raising=False)
    assert Settings().rate_limit == "on"


@pytest.mark.parametrize("quota", Quota)
async def test_so_many_and_no_more(quotas: Quotas, quota: Quota) -> None:
    amount = parse(quota.value.text).amount
    key = f"so-many-{time.monotonic_ns()}"
    taken, refusal = 0, None
    # A window may end meanwhile, and part of it comes free.
    while refusal is None and taken < 3 * amount:
        try:
            await quotas.take(quota, key)
            taken += 1
        except QuotaExceeded as fault:
            refusal = fault
    assert taken >= amount
    assert refusal is not None
    assert (refusal.status, refusal.message) == (429, quota.value.refusal)
    assert (refusal.retry_after_s or 0) >= 1
    await quotas.take(quota, f"another-{key}")


@pytest.mark.parametrize("quota", Quota)
async def test_the_wait_ends_the_refusal(quota: Quota, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a clock that is set forward: nobody waits an hour for a test."""
    now = 1_900_000_000.0
    monkeypatch.setattr(time, "time", lambda: now)

    class SetClock(SystemClock):
        """Says what the storage is told."""

        def now(self) -> datetime:
            return datetime.fromtimestamp(now, UTC)

    quotas = Quotas(redis_url="", is_on=True, clock=SetClock())
    for start in (0.01, 0.37, 0.93):
        now = 1_900_000_000.0 + (start + 2) * parse(quota.value.text).get_expiry()
        key = f"wait-{start}"
        # Again and again: the second time part of what was used before still counts.
        for _ in range(3):
            await exhaust(quotas, quota, key)
            with pytest.raises(QuotaExceeded) as refusal:
                await quotas.take(quota, key)
            assert refusal.value.retry_after_s is not None
            now += refusal.value.retry_after_s
            await quotas.take(quota, key)


async def test_a_real_wait_of_the_told_length_ends_the_refusal(quotas: Quotas) -> None:
    key = f"real-{time.monotonic_ns()}"
    refused: list[float] = []

    async def attempt() -> bool:
        try:
            for _ in range(parse(Quota.CHAT.value.text).amount + 1):
                await quotas.take(Quota.CHAT, key)
        except QuotaExceeded as refusal:
            refused.append(time.monotonic() + (refusal.retry_after_s or 0))
            return True
        return False

    await eventually(attempt, bool, within_s=20)

    async def look() -> bool:
        if time.monotonic() < refused[-1]:
            return False
        await quotas.take(Quota.CHAT, key)  # raises if the wait was a lie
        return True

    await eventually(look, bool, within_s=20)


async def test_off_lifts_all() -> None:
    quotas = Quotas(redis_url="", is_on=False, clock=SystemClock())
    for quota in Quota:
        for _ in range(parse(quota.value.text).amount + 5):
            await quotas.take(quota, "anybody")


@dataclass(frozen=True)
class Knock:
    """A request that a quota counts, and the keys it counts under."""

    keys: tuple[str, ...]
    send: Callable[[], Awaitable[httpx.Response]]


async def knocks(person: Person, meeting: int, closed: int, invite: str) -> dict[Quota, Knock]:
    """One request for each quota."""
    me, post = str(person.user_id), person.request
    auth, meetings = "/api/v1/auth", "/api/v1/meetings"
    other = "somebody_else"
    wrong = {"username": other, "password": "Wrong@1234"}
    new = {"username": "newcomer_1", "email": "newcomer_1@example.org", "password": PASSWORD}
    plan = {"title": "One more", "start_time": "2030-01-01T10:00:00Z"}
    code = {"email": "x@example.org", "code": "2222-2222", "password": PASSWORD}
    picture = {"avatar": ("me.png", b"no picture", "image/png")}
    mail = {"emails": ["guest@example.org"]}
    return {
        Quota.SIGN_IN_ADDRESS: Knock((HERE,), lambda: post("POST", f"{auth}/login", wrong)),
        Quota.SIGN_IN_ACCOUNT: Knock((other,), lambda: post("POST", f"{auth}/login", wrong)),
        Quota.REGISTER: Knock((HERE,), lambda: post("POST", f"{auth}/register", new)),
        Quota.RESET: Knock(
            (f"network:{HERE}",), lambda: post("POST", f"{auth}/forgot-password", {"email": "x@example.org"})
        ),
        Quota.RESET_CODE: Knock((f"network:{HERE}",), lambda: post("POST", f"{auth}/reset-password", code)),
        Quota.CREATE_MEETING: Knock((me,), lambda: post("POST", meetings, plan)),
        Quota.CHAT: Knock((me,), lambda: post("POST", f"{meetings}/{meeting}/messages", {"content": "hi"})),
        Quota.JOIN_PASSWORD: Knock(
            (str(closed), me), lambda: post("POST", f"{meetings}/{closed}/join", {"password": "wrong"})
        ),
        Quota.TOTP: Knock((me,), lambda: post("POST", f"{auth}/totp/setup", {"password": PASSWORD})),
        Quota.GUEST: Knock((f"look:{HERE}",), lambda: post("GET", f"/api/v1/invites/{invite}")),
        Quota.INVITE_MAIL: Knock((me,), lambda: post("POST", f"{meetings}/{meeting}/invitations", mail)),
        Quota.FILE: Knock((me,), lambda: post("POST", "/api/v1/media/upload", files=picture)),
        Quota.INFERENCE: Knock((f"user:{me}",), lambda: post("POST", "/api/v1/ai/emotion", {"text": "hi"})),
        Quota.TRANSCRIPT: Knock((f"user:{me}",), lambda: post("GET", "/api/v1/ai/transcripts")),
        Quota.UPLOAD: Knock((me,), lambda: post("POST", "/api/v1/users/upload-avatar", files=picture)),
    }


@pytest.fixture
async def stage(make_salon: MakeSalon, redis: str) -> Any:
    """A Salon that counts in Redis; one person, a meeting of theirs, and one behind a password."""
    salon = make_salon(rate_limit="on", redis_url=redis)
    person, host = await Person.register(salon.url, "me"), await Person.register(salon.url, "host")
    meeting, closed = await person.create_meeting(), await host.create_meeting(password="open sesame")
    made = await person.request("POST", f"/api/v1/meetings/{meeting}/invites", json={})
    yield await knocks(person, meeting, closed, made.json()["data"]["token"])
    await person.close()
    await host.close()


@pytest.mark.timeout(300)
async def test_every_quota_is_answered_429_with_the_wait(stage: dict[Quota, Knock], redis: str) -> None:
    assert set(stage) == set(Quota)
    # Another process counts in the same Redis.
    elsewhere = Quotas(redis_url=redis, is_on=True, clock=SystemClock())
    for quota, knock in stage.items():
        if quota is not Quota.SIGN_IN_ADDRESS:  # its request is the next one's too
            before = await knock.send()
            assert before.status_code != 429, (quota, before.text)
        answers = []

        async def refused(quota: Quota = quota, knock: Knock = knock, answers: Any = answers) -> int:
            # Again, where a second passed between the two.
            await exhaust(elsewhere, quota, *knock.keys)
            answers.append(await knock.send())
            return int(answers[-1].status_code)

        await eventually(refused, lambda status: status == 429, within_s=20)
        assert answers[-1].json()["message"] == quota.value.refusal
        assert int(answers[-1].headers["retry-after"]) >= 1
        await elsewhere.forget(quota, *knock.keys)
        after = await knock.send()
        assert after.status_code != 429, (quota, after.text)


@pytest.mark.timeout(300)
async def test_memory_counts_as_well_and_the_told_wait_is_enough(make_salon: MakeSalon) -> None:
    salon = make_salon(rate_limit="on")
    person = await Person.register(salon.url, "talker")
    meeting = await person.create_meeting()
    path = f"/api/v1/meetings/{meeting}/messages"
    told: list[float] = []

    async def burst() -> int:
        answer = await person.request("POST", path, {"content": "hello"})
        if answer.status_code == 429:
            told.append(time.monotonic() + int(answer.headers["retry-after"]))
        return answer.status_code

    async with client(salon.url) as http:
        headers = {"Authorization": f"Bearer {person.token}"}
        limit = parse(Quota.CHAT.value.text).amount

        async def flood() -> list[int]:
            sends = (http.post(path, json={"content": "x"}, headers=headers) for _ in range(5 * limit))
            return [answer.status_code for answer in await asyncio.gather(*sends)]

        await eventually(flood, lambda seen: 429 in seen, within_s=60)

    async def look() -> int:
        if told and time.monotonic() < told[-1]:
            return 0
        return await burst()

    await eventually(look, lambda status: status == 200, within_s=30)
    assert len(told) <= 1, "a told wait was not enough"
    await person.close()
