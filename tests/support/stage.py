"""A meeting with media clients in it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from support.media import MediaClient
from support.people import Person

Register = Callable[[str], Awaitable[Person]]


class Stage:
    """A meeting and the clients in it; everything is closed at the end."""

    def __init__(self, register: Register, **meeting: Any) -> None:
        self._register = register
        self._meeting = meeting
        self.clients: list[MediaClient] = []
        self.meeting_id = 0

    async def come(self, name: str, *capabilities: str) -> MediaClient:
        """A new person with a tab in the room, not yet sending."""
        person = await self._register(name)
        if not self.meeting_id:
            self.meeting_id = await person.create_meeting(**self._meeting)
        room_id = await person.join(self.meeting_id)
        tab = await person.enter(self.meeting_id, capabilities=list(capabilities))
        self.clients.append(MediaClient(tab, room_id))
        return self.clients[-1]

    async def call(self, name: str) -> MediaClient:
        """A new person, sending and following pushed offers."""
        client = await self.come(name, "media_push")
        await client.connect()
        return client

    async def close(self) -> None:
        for client in self.clients:
            await client.close()
            await client.tab.close()


async def hear_and_see(listener: MediaClient, speaker: MediaClient, *, more: int = 10) -> None:
    """So many more frames of each kind are decoded from now on."""
    for kind in ("audio", "video"):
        have = listener.received.get((speaker.tab.peer_id, kind), 0)
        await listener.expect_frames(speaker.tab.peer_id, kind, have + more)
