"""Who loses the right to be in a call is out of it within a second: socket, media at a receiver, and REST."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable

import httpx
import pytest
from support.media import MediaClient
from support.people import PASSWORD, Person, SocketClosed
from support.server import Salon
from support.stage import Register, Stage, hear_and_see
from support.wait import eventually

WITHIN_S = 1.0
TRIES = 3
"""On a machine that does other work too, one try says little: the best counts, all are printed."""
KINDS = ("audio", "video")
MEETINGS = "/api/v1/meetings"

End = Callable[[Person, Person], Awaitable[httpx.Response]]


async def ban(person: Person, admin: Person) -> httpx.Response:
    return await admin.request("POST", f"/api/v1/admin/users/{person.user_id}/ban")


async def be_deleted(person: Person, admin: Person) -> httpx.Response:
    return await admin.request("DELETE", f"/api/v1/admin/users/{person.user_id}")


async def delete_oneself(person: Person, _admin: Person) -> httpx.Response:
    return await person.request("DELETE", "/api/v1/users/account")


async def change_password(person: Person, _admin: Person) -> httpx.Response:
    body = {"old_password": PASSWORD, "new_password": "Another@Pass1"}
    return await person.request("PUT", "/api/v1/users/password", json=body)


async def log_out(person: Person, _admin: Person) -> httpx.Response:
    return await person.request("POST", "/api/v1/auth/logout")


@pytest.fixture
async def stage(register: Register) -> AsyncIterator[Stage]:
    stage = Stage(register)
    yield stage
    await stage.close()


@pytest.fixture
async def admin(salon: Salon) -> AsyncIterator[Person]:
    admin = await Person.register_admin(salon, "admin")
    yield admin
    await admin.close()


async def seconds_to_the_end(
    listener: MediaClient, clock: MediaClient, gone: MediaClient, *, admin: Person, end: End, code: int
) -> float:
    """End somebody's right to be there; how long until their socket and the last of their media were gone.

    Args:
        listener: who measures.
        clock: who goes on sending, which proves that the listener still hears.
    """
    person, stream = gone.tab.person, gone.tab.peer_id
    await hear_and_see(listener, gone)
    started = time.monotonic()
    answer = await end(person, admin)
    answered_s = time.monotonic() - started
    assert answer.status_code == 200, answer.text
    await gone.tab.expect_closed(code, within_s=10)
    assert gone.tab.closed_at is not None
    path = f"/api/v1/webrtc/room/{listener.room_id}/stats"

    async def peers() -> int:
        return int((await listener.tab.person.request("GET", path)).json()["total_peers"])

    await eventually(peers, lambda count: count == 2, within_s=10)
    for kind in KINDS:
        await listener.expect_none(stream, kind, clock=(clock.tab.peer_id, "video"), frames=15)
    # Refused from now on, by every door.
    assert (await person.request("GET", "/api/v1/users/profile")).status_code == 401
    assert (await person.request("POST", f"{MEETINGS}/{gone.tab.meeting_id}/join")).status_code == 401
    with pytest.raises(Exception, match=r"40[13]"):
        await person.open(gone.tab.meeting_id)
    socket_s = gone.tab.closed_at - started
    media_s = max(listener.last_at[stream, kind] for kind in KINDS) - started
    print(
        f"{end.__name__}: answer {answered_s:.2f} s, socket closed {socket_s:.2f} s, "
        f"last frame {media_s:.2f} s"
    )
    return max(socket_s, media_s)


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("end", "code"),
    [(ban, 4003), (be_deleted, 4003), (delete_oneself, 4003), (change_password, 4005), (log_out, 4005)],
)
async def test_it_is_over_within_a_second(stage: Stage, admin: Person, end: End, code: int) -> None:
    listener, clock = await stage.call("ann"), await stage.call("cat")
    took_s: list[float] = []
    while len(took_s) < TRIES and (not took_s or min(took_s) > WITHIN_S):
        gone = await stage.call(f"ben{len(took_s)}")
        took_s.append(await seconds_to_the_end(listener, clock, gone, admin=admin, end=end, code=code))
    assert min(took_s) <= WITHIN_S, took_s


async def test_one_of_two_sign_ins_ends_alone(stage: Stage) -> None:
    listener, here = await stage.call("ann"), await stage.call("ben")
    person = here.tab.person
    body = {"username": person.name, "password": PASSWORD}
    answer = await person.http.post("/api/v1/auth/login", json=body)
    person.http.cookies.clear()
    headers = {"Authorization": f"Bearer {answer.json()['data']['token']}"}
    out = await person.http.post("/api/v1/auth/logout", json={"everywhere": False}, headers=headers)
    assert out.status_code == 200, out.text
    assert (await person.http.get("/api/v1/users/profile", headers=headers)).status_code == 401
    await hear_and_see(listener, here)
    assert here.tab.close_code is None


async def test_a_removed_one_finds_every_door_shut_until_invited_again(register: Register) -> None:
    stage = Stage(register, settings={"require_approval": False, "allow_guests": True})
    host, removed = await stage.call("host"), await stage.call("ben")
    await hear_and_see(host, removed)
    person, owner, meeting = removed.tab.person, host.tab.person, f"{MEETINGS}/{stage.meeting_id}"
    link = await owner.request("POST", f"{meeting}/invites", json={"role": 1})
    token = link.json()["data"]["token"]
    gone = await owner.request("DELETE", f"{meeting}/participants/{person.user_id}")
    assert gone.status_code == 200
    await removed.tab.expect_closed(4003, within_s=10)
    for require_approval in (False, True):
        settings = {"settings": {"require_approval": require_approval, "allow_guests": True}}
        assert (await owner.request("PUT", meeting, json=settings)).status_code == 200
        doors = {
            "join": await person.request("POST", f"{meeting}/join"),
            "lobby": await person.request("POST", f"{meeting}/knock"),
            "link": await person.request("POST", f"/api/v1/invites/{token}/accept"),
            "chat": await person.request("POST", f"{meeting}/messages", json={"content": "let me in"}),
            "media": await person.request(
                "POST",
                "/api/v1/webrtc/answer",
                json={
                    "room_id": removed.room_id,
                    "user_id": str(person.user_id),
                    "offer": {"type": "offer", "sdp": removed.pc.localDescription.sdp},
                },
            ),
        }
        assert {name: answer.status_code for name, answer in doors.items()} == dict.fromkeys(doors, 403)
        with pytest.raises((Exception, SocketClosed), match="403"):
            await person.open(stage.meeting_id)
    invited = await owner.request("POST", f"{meeting}/participants", json={"user_id": person.user_id})
    assert invited.status_code == 200, invited.text
    assert (await person.request("POST", f"{meeting}/join")).status_code == 200
    await stage.close()
