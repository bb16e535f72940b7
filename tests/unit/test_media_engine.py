"""The engine's commands and events in asyncio, and the pure state of media peers."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
from fakes import engine as fake

from salon.media.addresses import advertised_addresses
from salon.media.engine import (
    BUSY_PATIENCE_S,
    BUSY_RETRY_S,
    EngineConfig,
    EngineError,
    EngineListener,
    MediaEngine,
)
from salon.media.errors import engine_refusal
from salon.media.peers import MediaPeer, MediaPeerId, PeerTable, Publish, Tab, candidates_of, publish_of
from salon.meeting.face import MeetingId, RoomId
from salon.signaling.face import MediaSwitches, SignalingPeerId
from salon.user.face import UserId

NOW = datetime(2026, 1, 1, tzinfo=UTC)
TAB = Tab(MeetingId(1), UserId(2), SignalingPeerId("web_1"))


class Heard(EngineListener):
    """Writes down what it is told."""

    def __init__(self) -> None:
        self.events: list[tuple[str, dict[str, Any]]] = []

    def on_peer_state(self, **event: Any) -> None:
        self.events.append(("state", event))
        if event["cause"] == "trip":
            raise ValueError("a listener that stumbles")

    def on_offer(self, **event: Any) -> None:
        self.events.append(("offer", event))

    def on_track_published(self, **event: Any) -> None:
        self.events.append(("published", event))

    def on_track_ended(self, **event: Any) -> None:
        self.events.append(("ended", event))

    def on_room_fault(self, **event: Any) -> None:
        self.events.append(("fault", event))


@pytest.fixture
async def stage() -> AsyncIterator[tuple[MediaEngine, fake.Engine, Heard]]:
    config = EngineConfig("127.0.0.1", 0, ("127.0.0.1",), shards=1, max_peers=10)
    engine = MediaEngine(fake, config)  # type: ignore[arg-type]
    heard = Heard()
    engine.start(heard)
    yield engine, fake.Engine.instances[-1], heard
    engine.close()


async def test_a_command_ends_with_its_value_or_its_error(
    stage: tuple[MediaEngine, fake.Engine, Heard],
) -> None:
    engine, _, _ = stage
    assert (await engine.join(room="r", peer="p", stream="s", offer="v=0")).startswith("v=0")
    with pytest.raises(EngineError) as caught:
        await engine.join(room="r", peer="p", stream="s", offer="nonsense")
    assert caught.value.kind == "bad_sdp"


async def test_a_busy_engine_is_asked_again_and_then_refused(
    stage: tuple[MediaEngine, fake.Engine, Heard],
) -> None:
    engine, behind, _ = stage
    behind.busy = 3
    await engine.leave(room="r", peer="p", reason="left")
    behind.busy = int(BUSY_PATIENCE_S / BUSY_RETRY_S) * 2
    with pytest.raises(EngineError) as caught:
        await engine.leave(room="r", peer="p", reason="left")
    refusal = engine_refusal(caught.value)
    assert (refusal.status, refusal.retry_after_s) == (503, 1)


async def test_a_listener_that_stumbles_still_hears_the_rest(
    stage: tuple[MediaEngine, fake.Engine, Heard],
) -> None:
    engine, behind, heard = stage
    behind.emit(fake.PeerState("r", "p", "gone", "trip"))
    behind.emit(fake.OfferReady("r", "p", 1, "sdp"))
    behind.emit(fake.TrackPublished("r", "p", "t", "audio", "opus"))
    behind.emit(fake.TrackEnded("r", "p", "t"))
    behind.emit(fake.RoomFault("r", "a bug"))
    await engine.leave(room="r", peer="p", reason="left")
    assert [name for name, _ in heard.events] == ["state", "offer", "published", "ended", "fault"]


async def test_a_closed_engine_refuses_at_once(stage: tuple[MediaEngine, fake.Engine, Heard]) -> None:
    engine, _, _ = stage
    engine.close()
    engine.close()
    with pytest.raises(EngineError) as caught:
        await engine.leave(room="r", peer="p", reason="left")
    assert caught.value.kind == "closed"
    assert engine.stats() == {}


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("bad_sdp", 400),
        ("bad_candidate", 400),
        ("too_many_lines", 400),
        ("unknown_peer", 404),
        ("unknown_room", 404),
        ("stale_negotiation", 409),
        ("full", 503),
        ("timeout", 503),
        ("closed", 503),
        ("internal", 503),
    ],
)
def test_every_error_of_the_engine_has_a_status(kind: str, status: int) -> None:
    assert engine_refusal(EngineError(kind)).status == status


def test_a_peer_is_removed_once_and_its_tab_becomes_free() -> None:
    table = PeerTable()
    peer = MediaPeer(MediaPeerId("p"), RoomId("r"), TAB, created_at=NOW, last_activity=NOW)
    table.add(peer)
    assert table.list_of_tab(TAB) == table.list_of_meeting(MeetingId(1)) == table.list_all() == [peer]
    assert table.remove(MediaPeerId("p")) is peer
    assert table.remove(MediaPeerId("p")) is None
    assert table.list_of_tab(TAB) == []
    assert len(table) == 0


@pytest.mark.parametrize(
    ("switches", "before", "after"),
    [
        (MediaSwitches(), Publish(), Publish()),
        (MediaSwitches(), Publish(audio=False, video=False), Publish(audio=False, video=False)),
        (MediaSwitches(audio=False), Publish(), Publish(audio=False)),
        (MediaSwitches(audio=True), Publish(audio=False, video=False), Publish(video=False)),
        (MediaSwitches(video=False), Publish(), Publish(video=False)),
        (MediaSwitches(video=False, screen=True), Publish(), Publish()),
        (MediaSwitches(video=False, screen=False), Publish(), Publish(video=False)),
        (MediaSwitches(screen=False), Publish(video=False), Publish(video=False)),
        (MediaSwitches(video=True, screen=False), Publish(video=False), Publish()),
    ],
)
def test_what_a_tab_does_not_speak_of_is_never_switched_on(
    switches: MediaSwitches, before: Publish, after: Publish
) -> None:
    assert publish_of(switches, before=before) == after


def test_candidates_come_out_of_an_answer_once_each() -> None:
    line = "candidate:1 1 udp 1 192.0.2.1 8801 typ host"
    sdp = f"v=0\r\na=ice-ufrag:uf\r\nm=audio\r\na=mid:a\r\na={line}\r\nm=video\r\na=mid:b\r\na={line}\r\n"
    assert candidates_of(sdp) == [
        {"candidate": line, "sdpMid": "a", "sdpMLineIndex": 0, "usernameFragment": "uf"}
    ]
    assert candidates_of("") == []


def test_addresses_are_as_configured_or_found_and_never_none() -> None:
    assert advertised_addresses(["192.0.2.9"], host="0.0.0.0") == ["192.0.2.9"]  # noqa: S104
    assert advertised_addresses([], host="localhost")[0] == "127.0.0.1"
    assert advertised_addresses([], host="0.0.0.0")  # noqa: S104
