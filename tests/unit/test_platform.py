"""Small parts of the platform, time passed in."""

import asyncio
import stat
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from starlette.datastructures import Headers

from salon.platform.auth import Origins, Tokens
from salon.platform.bus import Event, InProcessBus
from salon.platform.clock import Clock
from salon.platform.csrf import CsrfTokens
from salon.platform.db import Database
from salon.platform.envelope import rfc3339, rfc3339_seconds
from salon.platform.errors import NotAllowed, NotSignedIn
from salon.platform.ids import UserId
from salon.platform.keys import ensure_key
from salon.platform.limits import RateLimiter
from salon.settings import Settings, SettingsError, load_settings

SECRET = b"a secret of more than 32 bytes for tests"


class StoppedClock(Clock):
    def __init__(self) -> None:
        self.moment = datetime(2030, 1, 1, tzinfo=UTC)

    def now(self) -> datetime:
        return self.moment

    def monotonic(self) -> float:
        return self.moment.timestamp()

    def advance(self, **duration: float) -> None:
        self.moment += timedelta(**duration)


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock()


class TestTokens:
    def test_they_live_as_long_as_they_say(self, clock: StoppedClock) -> None:
        tokens = Tokens(SECRET, lifetime=timedelta(hours=24), clock=clock)
        token = tokens.issue(user_id=UserId(7), username="anna", email="a@example.org", sid="s", version=0)
        clock.advance(hours=23, minutes=59)
        assert tokens.verify(token).user_id == 7
        assert tokens.expires_at(token) == datetime(2030, 1, 2, tzinfo=UTC)
        clock.advance(minutes=1)
        with pytest.raises(NotSignedIn):
            tokens.verify(token)

    def test_a_short_secret_is_none(self, clock: StoppedClock) -> None:
        with pytest.raises(ValueError, match="32"):
            Tokens(b"short", lifetime=timedelta(hours=1), clock=clock)


class TestCsrf:
    def test_a_token_is_valid_for_a_day_and_here_only(self, clock: StoppedClock) -> None:
        ours, theirs = CsrfTokens(SECRET, clock=clock), CsrfTokens(SECRET[::-1], clock=clock)
        token = ours.issue()
        assert ours.is_valid(token)
        assert not theirs.is_valid(token)
        clock.advance(hours=24)
        assert not ours.is_valid(token)

    def test_the_header_is_the_cookies(self, clock: StoppedClock) -> None:
        csrf = CsrfTokens(SECRET, clock=clock)
        one, other = csrf.issue(), csrf.issue()
        csrf.require(header=one, cookies={"csrf_token": one})
        for header, cookie in ((None, one), (one, other), (one, ""), ("ü", "ü")):
            with pytest.raises(NotAllowed):
                csrf.require(header=header, cookies={"csrf_token": cookie})


@pytest.mark.parametrize(
    ("headers", "admitted"),
    [
        ({}, True),
        ({"origin": "http://salon.test:8800"}, True),
        ({"origin": "https://SALON.test:8800"}, True),
        ({"origin": "http://salon.test"}, False),
        ({"origin": "https://friend.example"}, True),
        ({"origin": "https://friend.example.evil.example"}, False),
        ({"origin": "null"}, False),
        ({"origin": "http://[bad"}, False),
        ({"origin": ""}, False),
        ({"sec-fetch-site": "same-origin"}, True),
        ({"sec-fetch-site": "none"}, True),
        ({"sec-fetch-site": "same-site"}, False),
        ({"sec-fetch-site": "cross-site"}, False),
    ],
)
def test_which_pages_may_act_for_a_user(headers: dict[str, str], admitted: bool) -> None:
    origins = Origins(frozenset({"https://friend.example"}))
    assert origins.admits(Headers({"host": "salon.test:8800", **headers})) is admitted


class TestRateLimiter:
    def test_a_burst_then_the_rate_for_each_key(self, clock: StoppedClock) -> None:
        limiter = RateLimiter(rate_per_s=10, burst=2, clock=clock)
        assert [limiter.take("a") for _ in range(3)] == [True, True, False]
        assert limiter.take("b")
        assert limiter.wait_s("a") == 1
        clock.advance(milliseconds=101)
        assert [limiter.take("a"), limiter.take("a")] == [True, False]
        limiter.forget("a")
        assert limiter.has("a")

    def test_it_remembers_so_many_and_no_more(self, clock: StoppedClock) -> None:
        limiter = RateLimiter(rate_per_s=1, burst=1, clock=clock, max_keys=2)
        assert all(limiter.take(key) for key in "abc")
        assert limiter.take("a")
        assert not limiter.take("c")


class Happened(Event):
    number: int


class TestBus:
    async def test_in_order_and_one_failure_hurts_nobody(self) -> None:
        bus = InProcessBus()
        seen: list[int] = []

        async def fail(_event: Happened) -> None:
            raise RuntimeError("not the publisher's fault")

        async def note(event: Happened) -> None:
            seen.append(event.number)

        bus.subscribe(Happened, fail)
        subscription = bus.subscribe(Happened, note)
        for number in range(3):
            await bus.publish(Happened(number=number))
        subscription.close()
        subscription.close()
        await bus.publish(Happened(number=99))
        assert seen == [0, 1, 2]


@pytest.fixture
async def db(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'some.db'}")
    async with database.begin() as tx:
        await tx.execute(text("CREATE TABLE notes (id INTEGER PRIMARY KEY, note TEXT UNIQUE)"))
    yield database
    await database.close()


class TestDatabase:
    async def test_many_writers_at_once_all_get_their_turn(self, db: Database) -> None:
        async def write(number: int) -> None:
            async with db.begin() as tx:
                count = await tx.scalar(text("SELECT count(*) FROM notes"))
                await tx.execute(text("INSERT INTO notes VALUES (:id, :note)"), {"id": count, "note": number})

        await asyncio.gather(*(write(number) for number in range(200)))
        async with db.read() as tx:
            assert await tx.scalar(text("SELECT count(*) FROM notes")) == 200

    async def test_an_error_does_not_tell_what_was_written(self, db: Database) -> None:
        async with db.begin() as tx:
            note = text("INSERT INTO notes (note) VALUES (:note)")
            await tx.execute(note, {"note": "between us"})
            with pytest.raises(IntegrityError) as caught:
                await tx.execute(note, {"note": "between us"})
        assert "between us" not in str(caught.value)


class TestKeys:
    def test_made_once_and_private(self, tmp_path: Path) -> None:
        folder = tmp_path / "keys"
        key = ensure_key(folder, "token.key")
        assert len(key) >= 32
        assert ensure_key(folder, "token.key") == key
        assert ensure_key(folder, "other.key") != key
        assert stat.S_IMODE((folder / "token.key").stat().st_mode) == 0o600
        assert sorted(path.name for path in folder.iterdir()) == ["other.key", "token.key"]

    def test_a_damaged_one_is_not_used(self, tmp_path: Path) -> None:
        (tmp_path / "token.key").write_text("short")
        with pytest.raises(ValueError, match="damaged"):
            ensure_key(tmp_path, "token.key")


def test_moments_on_the_wire() -> None:
    moment = datetime(2030, 1, 1, 12, 0, 0, 123_456, tzinfo=UTC)
    assert rfc3339(moment) == "2030-01-01T12:00:00.123Z"
    assert rfc3339_seconds(moment) == "2030-01-01T12:00:00Z"


class TestSettings:
    @pytest.fixture(autouse=True)
    def _nothing_set(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in Settings.model_fields:
            monkeypatch.delenv(f"SALON_{name.upper()}", raising=False)

    def test_defaults(self) -> None:
        settings = load_settings()
        assert (settings.host, settings.port, settings.udp_port) == ("127.0.0.1", 8800, 8801)
        assert settings.data_dir == Path("data")
        assert settings.public_ip == ()
        assert settings.resolved_database_url.startswith("sqlite+aiosqlite:////")

    def test_from_the_environment(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("SALON_PUBLIC_IP", "192.0.2.1, 192.0.2.2")
        monkeypatch.setenv("SALON_TURN_URLS", "turn:turn.example.org")
        monkeypatch.setenv("SALON_TURN_SECRET", "hidden")
        settings = load_settings()
        assert settings.public_ip == ("192.0.2.1", "192.0.2.2")
        assert settings.turn.urls == ("turn:turn.example.org",)
        assert "hidden" not in repr(settings)

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("SALON_PORT", "eighty"),
            ("SALON_UDP_PORT", "70000"),
            ("SALON_PUBLIC_IP", "example.org"),
            ("SALON_PUBLIC_IP", "0.0.0.0"),  # noqa: S104  (refused)
            ("SALON_TOKEN_SECRET", "short"),
            ("SALON_CORS_ORIGINS", "example.org"),
            ("SALON_STUN_URLS", "http://example.org"),
            ("SALON_TURN_URLS", "http://example.org"),
            ("SALON_LOG_LEVEL", "loud"),
        ],
    )
    def test_wrong_ones_are_named(self, monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
        monkeypatch.setenv(name, value)
        with pytest.raises(SettingsError) as caught:
            load_settings()
        assert name in str(caught.value)
        assert ("SECRET" in name) != (value in str(caught.value))
