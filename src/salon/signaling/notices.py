"""What other services say, carried into the rooms: chat, the end of things, pushes."""

from collections.abc import Callable

from salon.meeting.face import ChatPosted, MeetingEnded, ParticipantRemoved
from salon.platform.bus import Bus, Subscription
from salon.platform.clock import Clock
from salon.signaling.face import RoomPush, SessionId, SessionPush
from salon.signaling.service import OVER, REMOVED, SignalingService
from salon.signaling.session import RoomProtocol, chat_frame, server_push
from salon.signaling.wire import encode
from salon.user.face import UserDisabled, UserId


class Notices:
    """Listens to the bus from `start` to `close`."""

    def __init__(
        self, *, service: SignalingService, bus: Bus, clock: Clock, make_id: Callable[[str], str]
    ) -> None:
        self._service = service
        self._bus = bus
        self._clock = clock
        self._make_id = make_id
        self._subscriptions: list[Subscription] = []

    def start(self) -> None:
        """Begin to listen."""
        self._subscriptions = [
            self._bus.subscribe(ChatPosted, self._handle_chat),
            self._bus.subscribe(MeetingEnded, self._handle_meeting_ended),
            self._bus.subscribe(ParticipantRemoved, self._handle_removed),
            self._bus.subscribe(UserDisabled, self._handle_user_disabled),
            self._bus.subscribe(SessionPush, self._handle_session_push),
            self._bus.subscribe(RoomPush, self._handle_room_push),
        ]

    def close(self) -> None:
        """Stop listening; may come twice."""
        for subscription in self._subscriptions:
            subscription.close()

    async def _handle_chat(self, event: ChatPosted) -> None:
        message = event.message
        room = self._service.find_room(message.meeting_id)
        if room is None:
            return
        sender = room.room.find(SessionId(message.session_id)) if message.session_id else None
        text = chat_frame(
            message_id=message.message_id,
            user_id=message.user_id,
            username=message.username,
            meeting_id=message.meeting_id,
            session_id=message.session_id,
            peer_id=sender.peer_id if sender else "",
            content=message.content,
            extra=message.extra,
            at=message.created_at,
        )
        await self._service.run(room.broadcast(text))

    async def _handle_meeting_ended(self, event: MeetingEnded) -> None:
        room = self._service.find_room(event.meeting_id)
        if room is not None:
            await self._service.run(room.handle_over(code=OVER[0], message=OVER[1], now=self._clock.now()))

    async def _handle_removed(self, event: ParticipantRemoved) -> None:
        room = self._service.find_room(event.meeting_id)
        if room is not None:
            await self._expel(room, event.user_id, REMOVED[1])

    async def _handle_user_disabled(self, event: UserDisabled) -> None:
        for meeting_id in self._service.list_rooms():
            room = self._service.find_room(meeting_id)
            if room is not None:
                await self._expel(room, event.user_id, "Your account was disabled")

    async def _expel(self, room: RoomProtocol, user_id: UserId, message: str) -> None:
        sessions = room.room.list_of_user(user_id)
        await self._service.run(
            room.handle_expulsion(sessions, code=REMOVED[0], message=message, now=self._clock.now())
        )

    async def _handle_session_push(self, event: SessionPush) -> None:
        connection = self._service.find_connection(event.session_id)
        if connection is None:
            return
        push = server_push(
            connection.session,
            message_id=self._make_id("media"),
            kind=event.type,
            payload=event.payload,
            now=self._clock.now(),
        )
        connection.outbox.put(push.text)

    async def _handle_room_push(self, event: RoomPush) -> None:
        room = self._service.find_room(event.meeting_id)
        if room is None:
            return
        text = encode(
            id=self._make_id("push"),
            type=event.type,
            from_user_id=event.from_user_id,
            meeting_id=event.meeting_id,
            session_id="",
            payload=event.payload,
            at=self._clock.now(),
        )
        await self._service.run(room.broadcast(text, but=event.except_session_id))
