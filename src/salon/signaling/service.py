"""Runs the rooms: sockets hand in what they hear, effects go out to queues, stores and other services."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from datetime import timedelta

import structlog
from prometheus_client import CollectorRegistry, Counter
from pydantic import JsonValue
from pydantic_core import to_json

from salon.meeting.face import MeetingId, Meetings, ParticipantStatus, Seat
from salon.platform.auth import Caller
from salon.platform.bus import Bus
from salon.platform.clock import Clock
from salon.platform.errors import Conflict, NotAllowed, SalonError
from salon.platform.limits import RateLimiter
from salon.signaling.archive import Archive
from salon.signaling.connection import Connection
from salon.signaling.face import (
    EndCause,
    LiveSession,
    MediaStateChanged,
    MediaSwitches,
    RecordingNotice,
    SessionEnded,
    SessionId,
    SessionReady,
    Signaling,
)
from salon.signaling.handshake import Hello
from salon.signaling.ice import IceServers
from salon.signaling.records import Alive, Closed, Entered, Kept, Opened
from salon.signaling.room import MEDIA_PUSH, Room, RunningRecording, Session
from salon.signaling.session import (
    Close,
    Effect,
    Ended,
    Joined,
    PostChat,
    RoomProtocol,
    Send,
    Store,
    Switched,
    Unmuted,
)
from salon.user.face import UserId, Users, UserStatus

log = structlog.get_logger()

LOST_GRACE = timedelta(seconds=30)
"""A participant whose last socket broke counts as present this long."""

ALIVE_EVERY = timedelta(seconds=30)
MAX_TABS = 8
"""Sessions of one user in one meeting: more is a client out of control."""

MESSAGES_PER_S, MESSAGE_BURST = 100.0, 500
"""Beyond this a client's messages are dropped and counted: what it sends, everybody in the room gets."""

REMOVED = (4003, "You were removed from the meeting")
OVER = (4004, "The meeting has ended")
SIGNED_OUT = (4005, "You have been signed out")
CLOSED = (4006, "The room was closed")
"""Close codes, and what the closed are told."""

TOO_MANY = ("Too many messages", "messages are dropped until you slow down")
FAILED = ("Something went wrong on the server", "the message had no effect; try again")
MAX_STORED_PAYLOAD = 64 * 1024
"""Larger relayed descriptions are delivered but not kept."""


class SignalingService(Signaling):
    """All rooms of this process. Its state changes only in the event loop's thread, between two waits."""

    def __init__(
        self,
        *,
        users: Users,
        meetings: Meetings,
        bus: Bus,
        clock: Clock,
        archive: Archive,
        ice: IceServers,
        make_id: Callable[[str], str],
        registry: CollectorRegistry,
        lost_grace: timedelta = LOST_GRACE,
    ) -> None:
        self._users = users
        self._meetings = meetings
        self._bus = bus
        self._clock = clock
        self._archive = archive
        self._ice = ice
        self._make_id = make_id
        self._lost_grace = lost_grace
        self._rooms: dict[MeetingId, RoomProtocol] = {}
        self._connections: dict[SessionId, Connection] = {}
        self._recordings: dict[MeetingId, RunningRecording] = {}
        """By meeting, not by room: a recording goes on while its room is empty for a while."""
        self._tasks: set[asyncio.Task[None]] = set()
        self._pace = RateLimiter(rate_per_s=MESSAGES_PER_S, burst=MESSAGE_BURST, clock=clock)
        self._complaints = RateLimiter(rate_per_s=1.0, burst=1, clock=clock)
        self._messages = Counter(
            "salon_signaling_messages_total",
            "Text frames clients sent, by what became of them.",
            ["outcome"],
            registry=registry,
        )

    async def start(self) -> None:
        """Begin to record; what a crash left open is closed. (Meetings mark everybody left themselves.)"""
        self._archive.start()
        await self._archive.close_orphans([], self._clock.now())
        self._spawn(self._keep_alive())

    async def close(self) -> None:
        """Stop; sockets are closed by the server, what is recorded is written."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._archive.close()

    # The face.

    async def list_live_sessions(
        self, *, meeting_id: MeetingId, user_id: UserId | None = None
    ) -> list[LiveSession]:
        """See `Signaling.list_live_sessions`."""
        room = self._rooms.get(meeting_id)
        if room is None:
            return []
        return [s.as_live() for s in reversed(list(room.room)) if user_id in (None, s.user_id)]

    async def find_switches(self, *, session_id: SessionId) -> MediaSwitches | None:
        """See `Signaling.find_switches`."""
        connection = self._connections.get(session_id)
        return None if connection is None else connection.session.switches

    async def set_switches(self, *, session_id: SessionId, switches: MediaSwitches) -> None:
        """See `Signaling.set_switches`."""
        connection = self._connections.get(session_id)
        if connection is None:
            return
        session = connection.session
        room = self._rooms[session.meeting_id]
        await self.run(room.handle_switches(session, switches, now=self._clock.now()))

    # The socket's side.

    async def open(self, *, caller: Caller, hello: Hello, request_host: str) -> Connection:
        """Let a socket in, before it is accepted; the caller runs it and tells `end` when it is over.

        Raises:
            NotAllowed: no such meeting, not a member, removed, over, or full; or a disabled account.
            Conflict: somebody else in the room carries that peer id.
        """
        user_id = caller.user_id
        if caller.guest_of is not None and caller.guest_of != hello.meeting_id:
            raise NotAllowed("forbidden: you are a guest of another meeting")
        standing = (await self._users.find_standing(user_ids=[user_id])).get(user_id)
        if standing is not None and standing.status is not UserStatus.ACTIVE:
            raise NotAllowed("forbidden: this account is disabled")
        card = (await self._users.cards(user_ids=[user_id])).get(user_id)
        seats = await self._meetings.find_seats(user_id=user_id, meeting_ids=[hello.meeting_id])
        # From here to the entry nothing waits: two that come at once cannot both take the last place.
        seat = self._check_place(seats.get(hello.meeting_id), user_id, hello)
        now = self._clock.now()
        session = Session(
            session_id=_session_id(hello, now.timestamp()),
            peer_id=hello.peer_id,
            user_id=user_id,
            username=card.username if card else caller.username or f"user_{user_id}",
            nickname=card.nickname if card else "",
            meeting_id=hello.meeting_id,
            connected_at=now,
            last_active_at=now,
            avatar_url=card.avatar_url if card else "",
            sid=caller.sid,
        )
        _seat_session(session, seat)
        connection = Connection(session, request_host)
        room = self._rooms.get(hello.meeting_id)
        if room is None:
            room = self._rooms[hello.meeting_id] = RoomProtocol(
                self._new_room(hello.meeting_id), ice_servers=self._ice_for, make_id=self._make_id
            )
        room.room.allows, room.room.is_locked, room.room.title = seat.allows, seat.is_locked, seat.title
        self._connections[session.session_id] = connection
        self._archive.put(Opened(session.session_id, user_id, hello.meeting_id, hello.peer_id, now))
        log.info("session.opened", session_id=session.session_id, user_id=user_id)
        await self.run(room.handle_open(session, now=now))
        return connection

    def _check_place(self, seat: Seat | None, user_id: UserId, hello: Hello) -> Seat:
        if seat is None or not seat.may_connect:
            raise NotAllowed("forbidden: join the meeting first; it must be open and you must be a member")
        protocol = self._rooms.get(hello.meeting_id)
        if protocol is None:
            return seat
        room, own = protocol.room, protocol.room.list_of_user(user_id)
        holder = room.find_peer(hello.peer_id)
        if holder is not None and holder.user_id != user_id:
            raise Conflict("peer_id is taken by another participant; choose a random one")
        if not own and room.user_count >= seat.max_participants:
            raise NotAllowed(
                f"forbidden: this meeting is full ({seat.max_participants}); ask the host to raise the limit"
            )
        if holder is None and len(own) >= MAX_TABS:
            raise NotAllowed(f"forbidden: {MAX_TABS} connections to this meeting are open; close one of them")
        return seat

    async def report_present(self, connection: Connection) -> None:
        """An accepted socket: its user counts as joined, or goes if the place was lost on the way in."""
        session = connection.session
        seat = await self._meetings.session_opened(meeting_id=session.meeting_id, user_id=session.user_id)
        room = self._rooms.get(session.meeting_id)
        if seat is not None:
            # What a moderator decided while the socket was being opened.
            _seat_session(session, seat)
        if room is None or (seat is not None and seat.may_connect):
            return
        # What ended it was told to the room before this session was in it.
        is_removed = seat is not None and seat.status is ParticipantStatus.REJECTED
        code, message = REMOVED if is_removed else OVER
        await self.run(room.handle_expulsion([session], code=code, message=message, now=self._clock.now()))

    async def receive(self, connection: Connection, text: str) -> None:
        """A text frame came from this socket."""
        session = connection.session
        room = self._rooms.get(session.meeting_id)
        if not self._pace.take(session.session_id):
            self._messages.labels("too_many").inc()
            if room is not None and self._complaints.take(session.session_id):
                refusal = room.error(session, *TOO_MANY, now=self._clock.now())
                await self.run([refusal])
            return
        self._messages.labels("taken").inc()
        if room is None:
            return
        try:
            await self.run(room.handle_frame(session, text, now=self._clock.now()))
        except Exception:  # the outermost place of a message: one that fails must not end the session
            self._messages.labels("failed").inc()
            log.exception("signaling.message.failed", session_id=session.session_id)
            await self.run([room.error(session, *FAILED, now=self._clock.now())])

    async def end(self, connection: Connection, cause: EndCause) -> None:
        """This socket is over; harmless if the session ended before."""
        session = connection.session
        room = self._rooms.get(session.meeting_id)
        if room is not None:
            await self.run(room.handle_end(session.session_id, cause, now=self._clock.now()))

    def list_rooms(self) -> dict[MeetingId, int]:
        """Distinct users of each live room."""
        return {meeting_id: room.room.user_count for meeting_id, room in self._rooms.items()}

    def list_live_rooms(self) -> list[Room]:
        """Every live room. To be read at once: what it holds changes with the next event."""
        return [room.room for room in self._rooms.values()]

    def list_session_ids(self) -> list[SessionId]:
        """Every live session."""
        return list(self._connections)

    def find_room(self, meeting_id: MeetingId) -> RoomProtocol | None:
        """The live room of a meeting."""
        return self._rooms.get(meeting_id)

    def find_connection(self, session_id: SessionId) -> Connection | None:
        """The open socket of a session."""
        return self._connections.get(session_id)

    @property
    def connection_count(self) -> int:
        """Open sockets."""
        return len(self._connections)

    async def tell_recording(self, notice: RecordingNotice) -> None:
        """Tell the room of a recording, and whoever comes later while it runs."""
        running = RunningRecording(
            notice.recording_id, notice.started_at, notice.by_user_id, notice.by_username
        )
        if notice.state == "stopped":
            self._recordings.pop(notice.meeting_id, None)
        else:
            self._recordings[notice.meeting_id] = running
        room = self._rooms.get(notice.meeting_id)
        if room is not None:
            now = self._clock.now()
            await self.run(room.handle_recording(running, state=notice.state, text=notice.text, now=now))

    def _new_room(self, meeting_id: MeetingId) -> Room:
        room = Room(meeting_id, now=self._clock.now())
        room.recording = self._recordings.get(meeting_id)
        return room

    # Effects.

    async def run(self, effects: Iterable[Effect]) -> None:
        """Carry out what a room's protocol decided."""
        # All decisions first, then the deliveries without a wait between them: no other event can slip in.
        waiting: list[Coroutine[None, None, None]] = []
        for effect in list(effects):
            match effect:
                case Send(session_id, text, urgent, state):
                    connection = self._connections.get(session_id)
                    if connection is not None:
                        connection.outbox.put(text, urgent=urgent, state=state)
                case Close(session_id, code, reason):
                    connection = self._connections.get(session_id)
                    if connection is not None:
                        connection.outbox.close(code, reason)
                case PostChat():
                    waiting.append(self._post_chat(effect))
                case Store():
                    self._keep(effect)
                case Joined(session):
                    waiting.append(self._handle_joined(session))
                case Ended(session, cause):
                    waiting.append(self._handle_ended(session, cause))
                    self._forget(session)
                case Switched(session):
                    waiting.append(self._handle_switched(session))
                case Unmuted():
                    waiting.append(self._handle_unmuted(effect))
        if waiting:
            # A task of its own: a socket that dies now must not take with it what others have to know.
            await asyncio.shield(self._spawn(_in_order(waiting)))

    def _forget(self, session: Session) -> None:
        self._connections.pop(session.session_id, None)
        self._pace.forget(session.session_id)
        self._complaints.forget(session.session_id)
        room = self._rooms.get(session.meeting_id)
        if room is not None and not len(room.room):
            del self._rooms[session.meeting_id]

    async def _post_chat(self, effect: PostChat) -> None:
        session = effect.session
        try:
            await self._meetings.post_chat(
                user_id=session.user_id,
                username=session.username,
                meeting_id=session.meeting_id,
                message_id=effect.message_id,
                content=effect.content,
                session_id=session.session_id,
                extra=effect.extra,
            )
        except SalonError as refusal:
            connection = self._connections.get(session.session_id)
            room = self._rooms.get(session.meeting_id)
            if connection is not None and room is not None:
                error = room.error(session, refusal.message, "chat", now=self._clock.now())
                connection.outbox.put(error.text, urgent=True)

    def _keep(self, effect: Store) -> None:
        payload = to_json(effect.message.payload, inf_nan_mode="null").decode()
        if len(payload) > MAX_STORED_PAYLOAD:
            self._messages.labels("too_large_to_keep").inc()
            return
        self._archive.put(
            Kept(
                message_id=effect.message.id,
                session_id=effect.session.session_id,
                from_user_id=effect.session.user_id,
                to_user_id=effect.message.to_user_id,
                meeting_id=effect.session.meeting_id,
                message_type=effect.message.type,
                payload=payload,
                at=effect.at,
            )
        )

    async def _handle_joined(self, session: Session) -> None:
        self._archive.put(Entered(session.session_id, self._clock.now()))
        await self._bus.publish(
            SessionReady(
                session_id=session.session_id,
                signaling_peer_id=session.peer_id,
                user_id=session.user_id,
                meeting_id=session.meeting_id,
                wants_media_push=MEDIA_PUSH in session.capabilities,
            )
        )

    async def _handle_unmuted(self, effect: Unmuted) -> None:
        session = effect.session
        try:
            await self._meetings.lift_own_block(
                meeting_id=session.meeting_id,
                user_id=session.user_id,
                audio=effect.audio,
                video=effect.video,
            )
        except SalonError as refusal:
            # A moderator was faster; the room learns the true state from their event.
            connection = self._connections.get(session.session_id)
            room = self._rooms.get(session.meeting_id)
            if connection is not None and room is not None:
                error = room.error(session, refusal.message, "unmute", now=self._clock.now())
                connection.outbox.put(error.text, urgent=True)

    async def _handle_switched(self, session: Session) -> None:
        await self._bus.publish(
            MediaStateChanged(
                session_id=session.session_id,
                signaling_peer_id=session.peer_id,
                user_id=session.user_id,
                meeting_id=session.meeting_id,
                switches=session.switches,
            )
        )

    async def _handle_ended(self, session: Session, cause: EndCause) -> None:
        self._archive.put(Closed(session.session_id, self._clock.now()))
        log.info("session.ended", session_id=session.session_id, user_id=session.user_id, cause=cause)
        await self._bus.publish(
            SessionEnded(
                session_id=session.session_id,
                signaling_peer_id=session.peer_id,
                user_id=session.user_id,
                meeting_id=session.meeting_id,
                cause=cause,
            )
        )
        if cause == "left":
            await self._report_gone(session.meeting_id, session.user_id, after=timedelta())
        elif cause == "lost":
            self._spawn(self._report_gone(session.meeting_id, session.user_id, after=self._lost_grace))

    async def _report_gone(self, meeting_id: MeetingId, user_id: UserId, *, after: timedelta) -> None:
        if after:
            await asyncio.sleep(after.total_seconds())
        if not await self.list_live_sessions(meeting_id=meeting_id, user_id=user_id):
            await self._meetings.sessions_gone(meeting_id=meeting_id, user_id=user_id)

    # Upkeep.

    async def _keep_alive(self) -> None:
        while True:
            await asyncio.sleep(ALIVE_EVERY.total_seconds())
            if self._connections:
                self._archive.put(Alive(list(self._connections), self._clock.now()))

    def _ice_for(self, session: Session) -> list[JsonValue]:
        connection = self._connections[session.session_id]
        return self._ice.list_for(
            user_id=session.user_id, request_host=connection.request_host, now=self._clock.now()
        )

    def _spawn(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._on_done)
        return task

    def _on_done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            log.error("signaling.task.failed", exc_info=task.exception())


async def _in_order(works: Iterable[Coroutine[None, None, None]]) -> None:
    for work in works:
        await work


def _seat_session(session: Session, seat: Seat) -> None:
    """What the meeting says of a session's user."""
    session.role, session.is_creator = seat.role, seat.is_creator
    session.audio_block, session.video_block = seat.audio_block, seat.video_block


def _session_id(hello: Hello, now_s: float) -> SessionId:
    """``<user>_<meeting>_<peer>_<nanoseconds>``, at most 64 characters: a long peer id is cut."""
    head, tail = f"{hello.user_id}_{hello.meeting_id}_", f"_{int(now_s * 1e9)}"
    return SessionId(f"{head}{hello.peer_id[: 64 - len(head) - len(tail)]}{tail}")
