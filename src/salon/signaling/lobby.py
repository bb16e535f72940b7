"""The sockets of those who wait to be let in. They are in no room, and hear of nothing but their waiting."""

from collections.abc import Callable, Iterable

from pydantic import JsonValue

from salon.meeting.face import MeetingId, Meetings
from salon.platform.auth import Caller
from salon.platform.clock import Clock
from salon.platform.errors import NotAllowed
from salon.signaling.handshake import Hello
from salon.signaling.outbox import Outbox
from salon.signaling.wire import MessageType, encode
from salon.user.face import UserId

MAX_SOCKETS = 4
"""Of one user in one lobby: more is a client out of control."""


class Waiting:
    """One socket in a lobby."""

    def __init__(self, caller: Caller, hello: Hello) -> None:
        self.caller = caller
        self.hello = hello
        self.outbox = Outbox()


class LobbySockets:
    """All sockets in lobbies. Its state changes only in the event loop's thread, between two waits."""

    def __init__(self, *, meetings: Meetings, clock: Clock, make_id: Callable[[str], str]) -> None:
        self._meetings = meetings
        self._clock = clock
        self._make_id = make_id
        self._sockets: dict[MeetingId, list[Waiting]] = {}

    async def is_waiting(self, caller: Caller, hello: Hello) -> bool:
        """Whether this user knocked there and has no answer yet."""
        if caller.guest_of is not None and caller.guest_of != hello.meeting_id:
            return False
        knock = await self._meetings.find_knock(meeting_id=hello.meeting_id, user_id=caller.user_id)
        return knock is not None and knock.state == "waiting"

    async def open(self, caller: Caller, hello: Hello) -> Waiting:
        """Enter a socket; the caller runs it and tells `end` when it is over.

        Raises:
            NotAllowed: this user has too many sockets in this lobby.
        """
        own = [one for one in self._sockets.get(hello.meeting_id, ()) if one.caller.user_id == caller.user_id]
        if len(own) >= MAX_SOCKETS:
            raise NotAllowed(f"forbidden: {MAX_SOCKETS} connections to this lobby are open; close one")
        waiting = Waiting(caller, hello)
        self._sockets.setdefault(hello.meeting_id, []).append(waiting)
        # Only now that it hears of decisions: none can fall between the look and the entry.
        await self.refresh(hello.meeting_id, only=waiting)
        return waiting

    def end(self, waiting: Waiting) -> None:
        """This socket is over; harmless if it ended before."""
        sockets = self._sockets.get(waiting.hello.meeting_id, [])
        if waiting in sockets:
            sockets.remove(waiting)
        if not sockets:
            self._sockets.pop(waiting.hello.meeting_id, None)

    async def refresh(self, meeting_id: MeetingId, *, only: Waiting | None = None) -> None:
        """Tell those who wait where they stand now; who need not wait any more is sent on."""
        sockets = [only] if only is not None else list(self._sockets.get(meeting_id, ()))
        if not sockets:
            return
        places = {knock.user_id: knock for knock in await self._meetings.list_waiting(meeting_id=meeting_id)}
        for socket in sockets:
            place = places.get(socket.caller.user_id)
            if place is not None:
                self._send(socket, {"state": "waiting", "position": place.position})
        settled = {one.caller.user_id for one in sockets} - set(places)
        for user_id in settled:
            knock = await self._meetings.find_knock(meeting_id=meeting_id, user_id=user_id)
            state = knock.state if knock is not None and knock.state != "waiting" else "closed"
            self.settle(meeting_id, user_id, state)

    def settle(self, meeting_id: MeetingId, user_id: UserId, state: str) -> None:
        """Somebody's waiting is over: told, then closed."""
        for socket in self._of_user(meeting_id, user_id):
            self._send(socket, {"state": state})
            socket.outbox.close(1000, state)

    def close_meeting(self, meeting_id: MeetingId) -> None:
        """The meeting is over: so is everybody's waiting."""
        for socket in list(self._sockets.get(meeting_id, ())):
            self.settle(meeting_id, socket.caller.user_id, "closed")

    def write(self, meeting_id: MeetingId, content: str, by: str) -> None:
        """A host writes to all who wait."""
        for socket in self._sockets.get(meeting_id, ()):
            self._send(socket, {"state": "waiting", "message": content, "by": by})

    def expel(self, user_id: UserId, *, sid: str | None, code: int, reason: str) -> None:
        """A user's sign-ins ended, or one of them."""
        for sockets in self._sockets.values():
            for socket in sockets:
                if socket.caller.user_id == user_id and sid in (None, socket.caller.sid):
                    socket.outbox.close(code, reason)

    def _of_user(self, meeting_id: MeetingId, user_id: UserId) -> Iterable[Waiting]:
        return [one for one in self._sockets.get(meeting_id, ()) if one.caller.user_id == user_id]

    def _send(self, socket: Waiting, payload: dict[str, JsonValue]) -> None:
        meeting_id = socket.hello.meeting_id
        text = encode(
            id=self._make_id("lobby"),
            type=MessageType.LOBBY_STATE,
            from_user_id=0,
            meeting_id=meeting_id,
            session_id="",
            peer_id=socket.hello.peer_id,
            payload={"meeting_id": meeting_id, **payload},
            at=self._clock.now(),
        )
        socket.outbox.put(text)
