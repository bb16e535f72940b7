"""Real media through the SFU: aiortc clients over UDP, in the order a call goes."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from support.media import MediaClient, has_stopped_lines
from support.people import Tab
from support.stage import Register, Stage, hear_and_see
from support.wait import eventually

API = "/api/v1/webrtc"


@pytest.fixture
async def stage(register: Register) -> AsyncIterator[Stage]:
    stage = Stage(register)
    yield stage
    await stage.close()
    for client in stage.clients:
        assert not client.faults


async def stats(client: MediaClient) -> dict[str, int]:
    answer = await client.tab.person.request("GET", f"{API}/room/{client.room_id}/stats")
    body: dict[str, int] = answer.json()
    return body


async def test_two_hear_and_see_each_other_under_their_names(stage: Stage) -> None:
    ann, ben = await stage.call("ann"), await stage.call("ben")
    await asyncio.gather(hear_and_see(ann, ben), hear_and_see(ben, ann))
    figures = await stats(ann)
    assert (figures["total_peers"], figures["connected_peers"]) == (2, 2)
    assert (figures["audio_streams"], figures["video_streams"]) == (2, 2)


async def test_a_late_third_sees_both_and_its_leaving_stops_its_lines(stage: Stage) -> None:
    ann, ben = await stage.call("ann"), await stage.call("ben")
    cat = await stage.call("cat")
    await asyncio.gather(hear_and_see(cat, ann), hear_and_see(cat, ben), hear_and_see(ann, cat))
    await cat.tab.say(5)
    offer = await ann.tab.expect(18, where=has_stopped_lines)
    assert offer["payload"]["offer"]["sdp"].count(" 0 UDP") == 2
    await hear_and_see(ann, ben)


async def test_a_client_that_polls_gets_the_same_offer_until_it_answers(stage: Stage) -> None:
    ann = await stage.call("ann")
    old = await stage.come("old")
    await old.connect(follow=False)
    path = f"{API}/peer/{old.peer_id}/offer"
    answer = await eventually(
        lambda: old.tab.person.request("GET", path), lambda found: found.status_code != 204
    )
    assert (await old.tab.person.request("GET", path)).content == answer.content
    await old.take_offer(answer.json()["offer"])
    await hear_and_see(old, ann)
    await hear_and_see(ann, old)
    assert (await old.tab.person.request("GET", path)).status_code == 204
    assert all(frame["type"] != 18 for frame in await old.tab.settle())


async def test_a_switch_at_the_server_holds_the_sound_back(stage: Stage) -> None:
    ann, ben = await stage.call("ann"), await stage.call("ben")
    await hear_and_see(ann, ben)
    path = f"{API}/peer/{ben.peer_id}/media"
    await ben.tab.person.request("POST", path, json={"audio_enabled": False, "video_enabled": True})
    assert (await ann.tab.expect(10))["payload"]["action"] == "mute"
    key = (ben.tab.peer_id, "audio")
    await ann.expect_none(*key, clock=(ben.tab.peer_id, "video"), frames=10)
    heard = ann.received[key]
    await ben.tab.say(10, {"action": "unmute", "media_type": "audio"})
    await ann.expect_frames(*key, heard + 10)


async def test_a_new_offer_on_the_same_connection_keeps_the_media_going(stage: Stage) -> None:
    ann, ben = await stage.call("ann"), await stage.call("ben")
    await asyncio.gather(hear_and_see(ann, ben), hear_and_see(ben, ann))
    before = ben.peer_id
    await ben.offer(peer_id=before)
    assert ben.peer_id == before
    await asyncio.gather(hear_and_see(ann, ben), hear_and_see(ben, ann))


async def test_a_page_is_told_when_its_connection_is_gone(stage: Stage) -> None:
    ann = await stage.call("ann")
    await ann.expect_connected()
    await ann.close()
    gone = await ann.tab.expect(19)
    assert gone["payload"]["peer_id"] == ann.peer_id
    answer = await ann.tab.person.request("GET", f"{API}/peer/{ann.peer_id}/offer")
    assert answer.status_code == 404
    assert "peer not found" in answer.text


async def test_an_unanswered_offer_is_pushed_again_to_a_page_that_comes_back(stage: Stage) -> None:
    ann = await stage.call("ann")
    ben = await stage.come("ben", "media_push")
    await ben.connect(follow=False)
    first = await ben.tab.expect(18)
    await ben.tab.drop()
    person = ben.tab.person
    async with await Tab.connect(person, stage.meeting_id, ben.tab.peer_id) as back:
        await back.say(4, {"capabilities": ["media_push"]})
        again = await back.expect(18)
        assert again["payload"] == first["payload"]
        await ben.take_offer(again["payload"]["offer"], neg=again["payload"]["neg"])
        await hear_and_see(ben, ann)


async def test_a_tab_that_never_comes_back_loses_its_peer(stage: Stage) -> None:
    ann, ben = await stage.call("ann"), await stage.call("ben")
    await ben.tab.drop()
    assert (await stats(ann))["total_peers"] == 2
    await eventually(lambda: stats(ann), lambda figures: figures["total_peers"] == 1, within_s=12)
