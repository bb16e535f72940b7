"""What moderators decide, measured where it counts: at a receiver, while the sender goes on sending."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator

import pytest
from support.aims import hold
from support.media import MediaClient, has_stopped_lines
from support.people import Person
from support.server import Salon
from support.stage import Register, Stage, hear_and_see

MEETINGS = "/api/v1/meetings"
CLOCK = {"video": 15, "audio": 50}
"""Frames in a second."""


@pytest.fixture
async def stage(register: Register) -> AsyncIterator[Stage]:
    stage = Stage(register)
    yield stage
    await stage.close()


async def sent(client: MediaClient, kind: str) -> int:
    """RTP packets this client has sent."""
    report = await client.pc.getStats()
    return sum(s.packetsSent for s in report.values() if s.type == "outbound-rtp" and s.kind == kind)


async def expect_silence(listener: MediaClient, speaker: MediaClient, kind: str) -> None:
    """Nothing of this kind arrives although it is sent; the other kind goes on and measures the time."""
    other = "video" if kind == "audio" else "audio"
    stream = speaker.tab.peer_id
    before = await sent(speaker, kind)
    await listener.expect_none(stream, kind, clock=(stream, other), frames=CLOCK[other])
    assert await sent(speaker, kind) >= before + 10


async def moderate(host: MediaClient, path: str, **body: bool) -> None:
    meeting = host.tab.meeting_id
    answer = await host.tab.person.request("POST", f"{MEETINGS}/{meeting}/{path}", json=body)
    assert answer.status_code == 200, answer.text


async def test_a_muted_one_is_silent_whatever_its_client_sends(stage: Stage) -> None:
    host, speaker, listener = await stage.call("host"), await stage.call("ben"), await stage.call("cat")
    await hear_and_see(listener, speaker)
    person = speaker.tab.person
    await moderate(host, f"participants/{person.user_id}/mute")
    await expect_silence(listener, speaker, "audio")
    # Its own unmute lifts the mute.
    await speaker.tab.say(10, {"action": "mute", "media_type": "audio"})
    await speaker.tab.say(10, {"action": "unmute", "media_type": "audio"})
    await hear_and_see(listener, speaker)


async def test_a_held_one_cannot_unmute(stage: Stage) -> None:
    host, speaker, listener = await stage.call("host"), await stage.call("ben"), await stage.call("cat")
    await hear_and_see(listener, speaker)
    person = speaker.tab.person
    await moderate(host, f"participants/{person.user_id}/mute", hold=True)
    await speaker.tab.say(10, {"action": "unmute", "media_type": "audio"})
    assert (await speaker.tab.expect(13))["payload"]["message"] == "A host has muted you"
    answer = await person.request(
        "POST", f"/api/v1/webrtc/peer/{speaker.peer_id}/media", json={"audio_enabled": True}
    )
    assert answer.status_code == 403
    await expect_silence(listener, speaker, "audio")
    await moderate(host, f"participants/{person.user_id}/unmute")
    await hear_and_see(listener, speaker)


async def test_a_stopped_camera_is_seen_by_nobody(stage: Stage) -> None:
    host, speaker, listener = await stage.call("host"), await stage.call("ben"), await stage.call("cat")
    await hear_and_see(listener, speaker)
    path = f"participants/{speaker.tab.person.user_id}/mute"
    await moderate(host, path, audio=False, video=True, hold=True)
    await expect_silence(listener, speaker, "video")
    lifted = f"participants/{speaker.tab.person.user_id}/unmute"
    await moderate(host, lifted, audio=False, video=True)
    await hear_and_see(listener, speaker)


async def test_mute_all_spares_the_host(stage: Stage) -> None:
    host, speaker, listener = await stage.call("host"), await stage.call("ben"), await stage.call("cat")
    await hear_and_see(listener, speaker)
    await hear_and_see(listener, host)
    await moderate(host, "mute-all")
    await expect_silence(listener, speaker, "audio")
    await hear_and_see(listener, host)


async def test_a_new_connection_does_not_get_around_a_mute(stage: Stage) -> None:
    host, speaker, listener = await stage.call("host"), await stage.call("ben"), await stage.call("cat")
    person = speaker.tab.person
    await moderate(host, f"participants/{person.user_id}/mute", hold=True)
    again = MediaClient(await person.enter(stage.meeting_id, capabilities=["media_push"]), speaker.room_id)
    stage.clients.append(again)
    await again.connect()
    await listener.expect_frames(again.tab.peer_id, "video", 10)
    assert listener.received.get((again.tab.peer_id, "audio"), 0) == 0


async def test_an_audio_meeting_lets_no_picture_through_until_the_host_allows_it(register: Register) -> None:
    stage = Stage(register, settings={"enable_video": False})
    host, speaker = await stage.call("host"), await stage.call("ben")
    await host.expect_frames(speaker.tab.peer_id, "audio", 20)
    assert host.received.get((speaker.tab.peer_id, "video"), 0) == 0
    path = f"{MEETINGS}/{stage.meeting_id}"
    answer = await host.tab.person.request("PUT", path, json={"settings": {"enable_video": True}})
    assert answer.status_code == 200
    await hear_and_see(host, speaker)
    await stage.close()


async def test_who_comes_in_muted_is_heard_by_nobody(register: Register) -> None:
    stage = Stage(register, settings={"mute_on_join": True})
    host, speaker = await stage.call("host"), await stage.call("ben")
    # A page that says at its start what it would send does not mean to unmute.
    await speaker.tab.say(10, {"action": "unmute", "media_type": "audio"})
    await host.expect_frames(speaker.tab.peer_id, "video", 20)
    assert host.received.get((speaker.tab.peer_id, "audio"), 0) == 0
    await speaker.tab.say(10, {"action": "unmute", "media_type": "audio"})
    await hear_and_see(host, speaker)
    await stage.close()


async def test_a_banned_users_call_ends_within_a_second(stage: Stage, salon: Salon) -> None:
    listener, banned = await stage.call("ann"), await stage.call("ben")
    await hear_and_see(listener, banned)
    admin = await Person.register_admin(salon, "admin")
    started = time.monotonic()
    user_id = banned.tab.person.user_id
    answer = await admin.request("POST", f"/api/v1/admin/users/{user_id}/ban")
    assert answer.status_code == 200, answer.text
    await banned.tab.expect_closed(4003, within_s=10)
    left = await listener.tab.expect(7, within_s=10)
    assert left["payload"]["user_id"] == user_id
    hold("a banned user's call is over", time.monotonic() - started, aim_s=1)
    # At the engine too: the room counts one connection, and nothing more of theirs arrives.
    path = f"/api/v1/webrtc/room/{listener.room_id}/stats"
    assert (await listener.tab.person.request("GET", path)).json()["total_peers"] == 1
    stopped = await listener.tab.expect(18, where=has_stopped_lines, within_s=2)
    assert stopped["payload"]["offer"]["sdp"].count(" 0 UDP") == 2
    assert (await banned.tab.person.request("GET", "/api/v1/users/profile")).status_code == 401
    await admin.close()


async def test_a_removed_participant_cannot_rejoin_and_is_no_longer_heard(stage: Stage) -> None:
    host, removed = await stage.call("host"), await stage.call("ben")
    await hear_and_see(host, removed)
    person = removed.tab.person
    path = f"{MEETINGS}/{stage.meeting_id}/participants/{person.user_id}"
    assert (await host.tab.person.request("DELETE", path)).status_code == 200
    await removed.tab.expect_closed(4003, within_s=10)
    answer = await person.request("POST", f"{MEETINGS}/{stage.meeting_id}/join")
    assert answer.status_code == 403
    with pytest.raises(Exception, match="403"):
        await person.open(stage.meeting_id)
