"""What other services say, carried into the rooms: chat, the end of things, pushes."""

from collections.abc import Callable, Sequence

from pydantic import JsonValue

from salon.meeting.face import (
    ChatPosted,
    KnockDecided,
    LobbyChanged,
    LobbyMessage,
    MeetingChanged,
    MeetingEnded,
    Meetings,
    ParticipantChanged,
    ParticipantRemoved,
    RoomClosed,
)
from salon.platform.bus import Bus, Subscription
from salon.platform.clock import Clock
from salon.platform.envelope import rfc3339
from salon.signaling.face import RecordingNotice, RoomPush, SessionId, SessionPush, SessionReady
from salon.signaling.frames import chat_frame
from salon.signaling.lobby import LobbySockets
from salon.signaling.room import LOBBY, Session
from salon.signaling.service import CLOSED, OVER, REMOVED, SIGNED_OUT, SignalingService
from salon.signaling.session import RoomProtocol, server_push
from salon.signaling.wire import MessageType, encode
from salon.user.face import TokensRevoked, UserDisabled, UserId, Users


class Notices:
    """Listens to the bus from `start` to `close`."""

    def __init__(
        self,
        *,
        service: SignalingService,
        lobby: LobbySockets,
        meetings: Meetings,
        users: Users,
        bus: Bus,
        clock: Clock,
        make_id: Callable[[str], str],
    ) -> None:
        self._service = service
        self._lobby = lobby
        self._meetings = meetings
        self._users = users
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
            self._bus.subscribe(RoomClosed, self._handle_room_closed),
            self._bus.subscribe(ParticipantChanged, self._handle_participant_changed),
            self._bus.subscribe(MeetingChanged, self._handle_meeting_changed),
            self._bus.subscribe(LobbyChanged, self._handle_lobby_changed),
            self._bus.subscribe(KnockDecided, self._handle_knock_decided),
            self._bus.subscribe(LobbyMessage, self._handle_lobby_message),
            self._bus.subscribe(SessionReady, self._handle_session_ready),
            self._bus.subscribe(UserDisabled, self._handle_user_disabled),
            self._bus.subscribe(TokensRevoked, self._handle_tokens_revoked),
            self._bus.subscribe(SessionPush, self._handle_session_push),
            self._bus.subscribe(RoomPush, self._handle_room_push),
            self._bus.subscribe(RecordingNotice, self._service.tell_recording),
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
        self._lobby.close_meeting(event.meeting_id)
        room = self._service.find_room(event.meeting_id)
        if room is not None:
            await self._service.run(room.handle_over(code=OVER[0], message=OVER[1], now=self._clock.now()))

    async def _handle_removed(self, event: ParticipantRemoved) -> None:
        room = self._service.find_room(event.meeting_id)
        if room is not None:
            await self._expel(room, event.user_id, REMOVED[1])

    async def _handle_room_closed(self, event: RoomClosed) -> None:
        room = self._service.find_room(event.meeting_id)
        if room is not None:
            await self._service.run(
                room.handle_over(code=CLOSED[0], message=CLOSED[1], now=self._clock.now())
            )

    async def _handle_participant_changed(self, event: ParticipantChanged) -> None:
        room = self._service.find_room(event.meeting_id)
        if room is None:
            return
        notice: dict[str, JsonValue] = {
            "action": event.action,
            "by": {"user_id": event.by_user_id, "username": event.by_username},
        }
        await self._service.run(
            room.handle_participant(
                event.user_id,
                role=event.role,
                audio_block=event.audio_block,
                video_block=event.video_block,
                notice=notice,
                now=self._clock.now(),
            )
        )
        if event.action == "role":
            await self._list_lobby(room, room.room.list_of_user(event.user_id))

    async def _handle_meeting_changed(self, event: MeetingChanged) -> None:
        room = self._service.find_room(event.meeting_id)
        somebody = next(iter(room.room), None) if room is not None else None
        if room is None or somebody is None:
            return
        # What holds for the whole meeting stands in everybody's seat.
        seats = await self._meetings.find_seats(user_id=somebody.user_id, meeting_ids=[event.meeting_id])
        seat = seats.get(event.meeting_id)
        if seat is not None:
            await self._service.run(
                room.handle_meeting(
                    allows=seat.allows, is_locked=seat.is_locked, title=seat.title, now=self._clock.now()
                )
            )

    async def _handle_lobby_changed(self, event: LobbyChanged) -> None:
        await self._lobby.refresh(event.meeting_id)
        room = self._service.find_room(event.meeting_id)
        if room is not None:
            await self._list_lobby(room, list(room.room))

    async def _handle_knock_decided(self, event: KnockDecided) -> None:
        self._lobby.settle(event.meeting_id, event.user_id, event.state)

    async def _handle_lobby_message(self, event: LobbyMessage) -> None:
        self._lobby.write(event.meeting_id, event.content, event.by_username)

    async def _handle_session_ready(self, event: SessionReady) -> None:
        room = self._service.find_room(event.meeting_id)
        session = room.room.find(event.session_id) if room is not None else None
        if room is not None and session is not None:
            await self._list_lobby(room, [session])

    async def _list_lobby(self, room: RoomProtocol, sessions: Sequence[Session]) -> None:
        """Tell those who may let people in who waits."""
        keepers = [s for s in sessions if s.has_joined and s.is_moderator and LOBBY in s.capabilities]
        if not keepers:
            return
        waiting = await self._meetings.list_waiting(meeting_id=room.room.meeting_id)
        cards = await self._users.cards(user_ids=[knock.user_id for knock in waiting])
        people: list[JsonValue] = [
            {
                "user_id": knock.user_id,
                "username": card.username,
                "nickname": card.nickname,
                "avatar_url": card.avatar_url,
                "is_guest": card.is_guest,
                "asked_at": rfc3339(knock.asked_at),
            }
            for knock in waiting
            if (card := cards.get(knock.user_id)) is not None
        ]
        now = self._clock.now()
        await self._service.run(
            [room.push(keeper, MessageType.LOBBY_LIST, {"waiting": people}, now=now) for keeper in keepers]
        )

    async def _handle_user_disabled(self, event: UserDisabled) -> None:
        self._lobby.expel(event.user_id, sid=None, code=REMOVED[0], reason="Your account was disabled")
        for meeting_id in self._service.list_rooms():
            room = self._service.find_room(meeting_id)
            if room is not None:
                await self._expel(room, event.user_id, "Your account was disabled")

    async def _handle_tokens_revoked(self, event: TokensRevoked) -> None:
        code, message = SIGNED_OUT
        self._lobby.expel(event.user_id, sid=event.sid, code=code, reason=message)
        for meeting_id in self._service.list_rooms():
            room = self._service.find_room(meeting_id)
            if room is None:
                continue
            sessions = [s for s in room.room.list_of_user(event.user_id) if event.sid in (None, s.sid)]
            await self._service.run(
                room.handle_expulsion(sessions, code=code, message=message, now=self._clock.now())
            )

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
