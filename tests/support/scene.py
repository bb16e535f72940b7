"""A meeting with one person in each role to it, and the objects that belong to them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from aiortc import RTCPeerConnection

from support.people import Person, Tab
from support.server import Salon
from support.serving import Serving

Role = Literal["anonymous", "stranger", "guest", "participant", "moderator", "host", "admin"]
ROLES: tuple[Role, ...] = get_args(Role)
MEMBERS: tuple[Role, ...] = ("host", "moderator", "participant", "guest")

Cast = dict[str, Person]
"""People by role; `bystander` is one more participant, `waiting` knocks where a host must agree."""


async def make_cast(salon: Salon | Serving) -> Cast:
    """Accounts for everybody but the guests, who live as long as one meeting."""
    names = ("stranger", "participant", "moderator", "host", "bystander", "waiting")
    people = await asyncio.gather(*(Person.register(salon.url, name) for name in names))
    return dict(zip(names, people, strict=True)) | {"admin": await Person.register_admin(salon, "admin")}


async def make_offer() -> str:
    """An offer as browsers make it: audio and video, sendrecv."""
    connection = RTCPeerConnection()
    connection.addTransceiver("audio")
    connection.addTransceiver("video")
    await connection.setLocalDescription(await connection.createOffer())
    sdp: str = connection.localDescription.sdp
    await connection.close()
    return sdp


@dataclass
class Scene:
    """One meeting. The stranger and the administrator are not in it; everybody else is."""

    cast: Cast
    meeting_id: int
    room_id: str = ""
    invite_id: int = 0
    invite_token: str = ""
    offer: str = ""
    """A session description that the engine takes."""
    peer_id: str = ""
    """The participant's media peer, in a live scene."""
    session_id: str = ""
    """The participant's signaling session, in a live scene."""
    extra: dict[str, Any] = field(default_factory=dict)
    """What a route's own preparation made."""
    tabs: list[Tab] = field(default_factory=list)

    @classmethod
    async def make(
        cls, cast: Cast, present: Iterable[Role] = MEMBERS, *, link: bool = True, **meeting: Any
    ) -> Scene:
        """A fresh meeting, where the named roles have come in; the others of its members are invited.

        Without `guest` among `present` there is none, and without `link` no invite link.
        `meeting` are fields of the meeting's creation.
        """
        host = cast["host"]
        settings = {"allow_guests": True, **meeting.pop("settings", {})}
        scene = cls(dict(cast), await host.create_meeting(settings=settings, **meeting))
        for role, names in ((2, ("moderator",)), (1, ("participant", "bystander"))):
            ids = [cast[name].user_id for name in names]
            await scene.ok(host, "POST", "/participants", {"user_ids": ids, "role": role})
        if link or "guest" in present:
            made = await scene.ok(host, "POST", "/invites", {"guests": True})
            scene.invite_id, scene.invite_token = made["id"], made["token"]
        if "guest" in present:
            scene.cast["guest"] = await scene.guest()
        scene.room_id = await host.join(scene.meeting_id)
        for role in present:
            if role in MEMBERS and role != "host":
                await scene.cast[role].join(scene.meeting_id)
        return scene

    @classmethod
    async def make_live(cls, cast: Cast, offer: str, present: Iterable[Role] = MEMBERS) -> Scene:
        """As `make`, with an open tab for each who has come in, and a media peer for the participant."""
        scene = await cls.make(cast, {*present, "participant"})
        scene.offer = offer
        for role in MEMBERS:
            if role in present or role == "participant":
                scene.tabs.append(await scene.cast[role].enter(scene.meeting_id))
        participant = scene.cast["participant"]
        body = {"room_id": scene.room_id, "user_id": participant.user_id, "offer": offer_body(offer)}
        opened = await participant.request("POST", "/api/v1/webrtc/answer", json=body)
        assert opened.status_code == 200, opened.text
        scene.peer_id = opened.json()["peer_id"]
        path = f"/api/v1/sessions/room/{scene.meeting_id}"
        sessions = (await participant.request("GET", path)).json()["data"]
        scene.session_id = next(
            one["session_id"] for one in sessions if one["user_id"] == participant.user_id
        )
        return scene

    async def guest(self) -> Person:
        """Somebody who came in by the link, without an account."""
        host = self.cast["host"]
        body = {"invite": self.invite_token, "nickname": "Guest"}
        entered = await host.http.post("/api/v1/auth/guest", json=body)
        assert entered.status_code == 200, entered.text
        host.http.cookies.clear()
        data = entered.json()["data"]
        return Person(host.url, host.http, data["user"]["username"], data["user"]["id"], data["token"])

    async def ok(self, who: Person, method: str, path: str, body: Any = None) -> Any:
        """The data of a request about this meeting that must succeed."""
        answer = await who.request(method, f"/api/v1/meetings/{self.meeting_id}{path}", json=body)
        assert answer.is_success, answer.text
        return answer.json().get("data")

    async def close(self) -> None:
        """Close the tabs."""
        for tab in self.tabs:
            await tab.close()


def offer_body(sdp: str) -> dict[str, str]:
    """An offer as the wire has it."""
    return {"type": "offer", "sdp": sdp}
