"""The media engine as Python drives it: commands in, events out, no packet and no waiting."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from salon._sfu import Completed, Engine, Event, OfferReady, PeerState

OFFER = (Path(__file__).resolve().parents[2] / "sfu/session/tests/fixtures/chromium.sdp").read_text()
ROOM = "room_1"


@pytest.fixture
def engine() -> Iterator[Engine]:
    engine = Engine(bind_ip="127.0.0.1", advertised_ips=["127.0.0.1"], max_peers=2)
    yield engine
    engine.close()


async def events_until_end(engine: Engine, ticket: int) -> tuple[Completed, list[Event]]:
    """Reads events, woken by the descriptor alone, until the command has ended."""
    loop = asyncio.get_running_loop()
    ended: asyncio.Future[Completed] = loop.create_future()
    others: list[Event] = []

    def drain() -> None:
        for event in engine.poll_events():
            if isinstance(event, Completed) and event.ticket == ticket:
                ended.set_result(event)
            else:
                others.append(event)

    loop.add_reader(engine.events_fd(), drain)
    try:
        return await asyncio.wait_for(ended, 5), others
    finally:
        loop.remove_reader(engine.events_fd())


async def outcome(engine: Engine, ticket: int) -> Completed:
    return (await events_until_end(engine, ticket))[0]


def join(engine: Engine, peer: str, offer: str = OFFER) -> int:
    return engine.join(room=ROOM, peer=peer, stream=f"web_{peer}", offer=offer)


async def test_a_join_yields_an_answer_with_our_candidate(engine: Engine) -> None:
    completed, others = await events_until_end(engine, join(engine, "a"))
    assert completed.error is None
    assert completed.value is not None
    assert f" 127.0.0.1 {engine.udp_port} typ host" in completed.value
    assert [e.state for e in others if isinstance(e, PeerState)] == ["connecting"]


async def test_every_refusal_has_its_name(engine: Engine) -> None:
    assert (await outcome(engine, join(engine, "a", "v=0"))).error == "bad_sdp"
    assert (await outcome(engine, engine.offer(room=ROOM, peer="a", sdp=OFFER))).error == "unknown_room"
    assert (await outcome(engine, join(engine, "a"))).error is None
    assert (await outcome(engine, join(engine, "a"))).error == "exists"
    assert (await outcome(engine, engine.offer(room=ROOM, peer="b", sdp=OFFER))).error == "unknown_peer"
    answered = engine.answer(room=ROOM, peer="a", sdp=OFFER, neg=7)
    assert (await outcome(engine, answered)).error == "stale_negotiation"
    candidate = engine.add_candidate(room=ROOM, peer="a", candidate="nonsense")
    assert (await outcome(engine, candidate)).error == "bad_candidate"
    assert (await outcome(engine, engine.add_candidate(room=ROOM, peer="a", candidate=""))).error is None
    assert (await outcome(engine, join(engine, "b"))).error is None
    assert (await outcome(engine, join(engine, "c"))).error == "full"


async def test_leaving_is_said_once_and_may_be_asked_twice(engine: Engine) -> None:
    await outcome(engine, join(engine, "a"))
    first, others = await events_until_end(engine, engine.leave(room=ROOM, peer="a", reason="left"))
    again, later = await events_until_end(engine, engine.leave(room=ROOM, peer="a", reason="left"))
    assert (first.error, again.error) == (None, None)
    gone = [e for e in others + later if isinstance(e, PeerState) and e.state == "gone"]
    assert [(e.peer, e.cause) for e in gone] == [("a", "left")]
    assert not [e for e in others + later if isinstance(e, OfferReady)]


async def test_after_the_end_commands_are_told_so(engine: Engine) -> None:
    engine.close()
    engine.close()
    assert (await outcome(engine, join(engine, "a"))).error == "closed"


def test_a_taken_port_and_a_bad_address_are_refused(engine: Engine) -> None:
    with pytest.raises(OSError, match="in use"):
        Engine(bind_ip="127.0.0.1", udp_port=engine.udp_port, advertised_ips=["127.0.0.1"])
    for addresses in ([], ["example.org"], ["0.0.0.0"]):  # noqa: S104
        with pytest.raises(ValueError, match="addr"):
            Engine(advertised_ips=addresses)


def test_counters_are_numbers_by_name(engine: Engine) -> None:
    counters = engine.stats()
    assert all(isinstance(value, int) for value in counters.values())
    assert counters.get("events_dropped_total") == 0
