"""The rules of the signaling WebSocket as a class without input or output.

It is told what happened (a session opened, a frame came, a session ended) and answers with effects: what
to send to whom, what to store, what to tell other services. The WebSocket is its shell.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import JsonValue

from salon.meeting.face import Allows, Block, ParticipantRole
from salon.signaling import relay
from salon.signaling.ai_live import Leader
from salon.signaling.face import EndCause, MediaSwitches, SessionId
from salon.signaling.room import MEETING_STATE, MODERATION, RECORDING, Room, RunningRecording, Session
from salon.signaling.wire import BadMessage, Incoming, MessageType, encode, parse
from salon.user.face import UserId

MAX_CAPABILITIES = 16
"""More words than a client could mean are ignored, so that a session's memory stays small."""


@dataclass(frozen=True, slots=True)
class Send:
    """Queue a frame for a session; see `Outbox.put`."""

    session_id: SessionId
    text: str
    urgent: bool = False
    state: bool = False


@dataclass(frozen=True, slots=True)
class Close:
    """Close a session's WebSocket once its queue is sent."""

    session_id: SessionId
    code: int
    reason: str


@dataclass(frozen=True, slots=True)
class PostChat:
    """Hand a chat message to its store; the room gets it from there."""

    session: Session
    message_id: str
    content: str
    extra: dict[str, JsonValue]


@dataclass(frozen=True, slots=True)
class Store:
    """Keep a relayed message for the history."""

    session: Session
    message: Incoming
    at: datetime


@dataclass(frozen=True, slots=True)
class Joined:
    """A session said JOIN for the first time."""

    session: Session


@dataclass(frozen=True, slots=True)
class Ended:
    """A session is out of the room; comes once for each."""

    session: Session
    cause: EndCause


@dataclass(frozen=True, slots=True)
class Switched:
    """A session said what it sends."""

    session: Session


@dataclass(frozen=True, slots=True)
class Unmuted:
    """A participant lifts their own mute; comes before the `Switched` that follows from it."""

    session: Session
    audio: bool
    video: bool


Effect = Send | Close | PostChat | Store | Joined | Ended | Switched | Unmuted


class RoomProtocol:
    """The protocol of one room.

    Args:
        room: its state; changed by nobody else.
        ice_servers: the ICE servers for a session's ROOM_INFO.
        make_id: a new message id for a prefix.
    """

    def __init__(
        self,
        room: Room,
        *,
        ice_servers: Callable[[Session], list[JsonValue]],
        make_id: Callable[[str], str],
    ) -> None:
        self.room = room
        self._ice_servers = ice_servers
        self._make_id = make_id

    def handle_open(self, session: Session, *, now: datetime) -> Iterator[Effect]:
        """A socket opened: it is in the room at once, and hears nothing until it speaks.

        An older session of the same user and peer id is a stale socket of the same page: replaced.
        """
        stale = [s for s in self.room.list_of_user(session.user_id) if s.peer_id == session.peer_id]
        self.room.add(session)
        for old in stale:
            yield Close(old.session_id, 4001, "replaced by a newer connection")
            yield from self.handle_end(old.session_id, "replaced", now=now)

    def handle_frame(self, session: Session, text: str, *, now: datetime) -> Iterator[Effect]:
        """A text frame came in. A session that is out of the room is no longer heard."""
        if session.session_id not in self.room:
            return
        session.last_active_at = now
        try:
            yield from self._dispatch(session, parse(text), now)
        except BadMessage as refusal:
            yield self.error(session, refusal.message, refusal.details, now=now)

    def handle_end(self, session_id: SessionId, cause: EndCause, *, now: datetime) -> Iterator[Effect]:
        """A session is over. Safe to be told twice: the second time nothing happens."""
        session = self.room.remove(session_id)
        if session is None:
            return
        yield Ended(session, cause)
        released = self.room.ai_live.release(session_id, now=now)
        if cause != "replaced":
            # Whose line broke may be back at once: clients keep their place for a moment.
            payload = {**relay.presence(session), "cause": cause}
            left = self._frame(session, "leave", MessageType.USER_LEFT, payload, now)
            yield from (Send(s.session_id, left, urgent=True) for s in self.room)
            yield from self._room_info(list(self.room), now)
        if released:
            yield from self._ai_live_status(now)

    def handle_expulsion(
        self, sessions: Iterable[Session], *, code: int, message: str, now: datetime
    ) -> Iterator[Effect]:
        """Some sessions must go: each is told why, then closed; the others see them leave."""
        for session in sessions:
            yield self.error(session, message, f"close code {code}", now=now)
            yield Close(session.session_id, code, message)
            yield from self.handle_end(session.session_id, "expelled", now=now)

    def handle_over(self, *, code: int, message: str, now: datetime) -> Iterator[Effect]:
        """The meeting is over: all are told and closed; nobody is left to be told of the others."""
        for session in self.room:
            yield self.error(session, message, f"close code {code}", now=now)
            yield Close(session.session_id, code, message)
            self.room.remove(session.session_id)
            yield Ended(session, "expelled")

    def handle_switches(
        self, session: Session, switches: MediaSwitches, *, now: datetime
    ) -> Iterator[Effect]:
        """What a session sends changed by another way than its socket: the room is told of it."""
        old = session.switches
        session.switches = relay.merge(old, switches)
        yield from self._lift(session, switches)
        for control in relay.list_controls(old, session.switches):
            yield from self._to_others(
                session, "media", MessageType.MEDIA_CONTROL, relay.identify(control, session), now
            )
        if session.switches != old:
            yield Switched(session)

    def handle_participant(
        self,
        user_id: UserId,
        *,
        role: ParticipantRole,
        audio_block: Block,
        video_block: Block,
        notice: dict[str, JsonValue],
        now: datetime,
    ) -> Iterator[Effect]:
        """Role or blocks of somebody changed: they are told, and the others see the outcome.

        Args:
            notice: what the one concerned reads beside the new state: which action, by whom.
        """
        sessions = self.room.list_of_user(user_id)
        is_new_role = any(session.role is not role for session in sessions)
        for session in sessions:
            before = session.shown
            session.role, session.audio_block, session.video_block = role, audio_block, video_block
            if MODERATION in session.capabilities:
                yield self.push(session, MessageType.MODERATION, _moderation(session, notice), now=now)
            for control in relay.list_controls(before, session.shown):
                yield from self._to_others(
                    session, "media", MessageType.MEDIA_CONTROL, relay.identify(control, session), now
                )
        if is_new_role:
            yield from self._meeting_state(now)

    def handle_meeting(
        self, *, allows: Allows, is_locked: bool, title: str, now: datetime
    ) -> Iterator[Effect]:
        """What holds for the whole meeting changed."""
        self.room.allows, self.room.is_locked, self.room.title = allows, is_locked, title
        if not allows.ai and self.room.ai_live.end(now=now):
            yield from self._ai_live_status(now)
        yield from self._meeting_state(now)

    def handle_recording(
        self, running: RunningRecording, *, state: str, text: str, now: datetime
    ) -> Iterator[Effect]:
        """A recording of the meeting began, stopped, or is in trouble: nobody is recorded unknowingly."""
        before = self.room.recording
        self.room.recording = None if state == "stopped" else running
        payload: dict[str, JsonValue] = {**running.shown(), "state": state, "text": text}
        for session in self.room:
            if session.has_joined and RECORDING in session.capabilities:
                yield self.push(session, MessageType.RECORDING_STATE, payload, now=now)
        if before != self.room.recording:
            yield from self._room_info([s for s in self.room if s.has_joined], now)

    def push(
        self, session: Session, kind: MessageType, payload: dict[str, JsonValue], *, now: datetime
    ) -> Send:
        """A message from the server itself to one session, ahead of what waits."""
        text = self._server_frame(session, kind.name.lower(), kind, payload, now)
        return Send(session.session_id, text, urgent=True)

    def _meeting_state(self, now: datetime) -> Iterator[Effect]:
        payload = self.room.state()
        for session in self.room:
            if session.has_joined and MEETING_STATE in session.capabilities:
                yield self.push(session, MessageType.MEETING_STATE, payload, now=now)

    def broadcast(self, text: str, *, but: SessionId | None = None) -> Iterator[Effect]:
        """A ready frame to everybody in the room."""
        yield from (Send(s.session_id, text) for s in self.room if s.session_id != but)

    def error(self, session: Session, message: str, details: str, *, now: datetime) -> Send:
        """An ERROR for one session; its connection stays open."""
        payload: dict[str, JsonValue] = {"code": 400, "message": message, "details": details}
        text = self._server_frame(session, "error", MessageType.ERROR, payload, now)
        return Send(session.session_id, text, urgent=True)

    def _dispatch(self, session: Session, message: Incoming, now: datetime) -> Iterator[Effect]:
        match message.type:
            case MessageType.OFFER | MessageType.ANSWER | MessageType.ICE:
                yield from self._relay_to_user(session, message, now)
            case MessageType.JOIN:
                yield from self._join(session, message, now)
            case MessageType.LEAVE:
                yield Close(session.session_id, 1000, "left")
                yield from self.handle_end(session.session_id, "left", now=now)
            case MessageType.CHAT:
                content, extra = relay.read_chat(message.payload)
                yield PostChat(session, message.id or self._make_id("chat"), content, extra)
            case MessageType.SCREEN_SHARE:
                yield from self._relay_switches(
                    session, message, relay.read_screen_share(message.payload), now
                )
            case MessageType.MEDIA_CONTROL:
                yield from self._relay_switches(
                    session, message, relay.read_media_control(message.payload), now
                )
            case MessageType.PING:
                text = self._server_frame(
                    session, "pong", MessageType.PONG, None, now, from_user_id=session.user_id
                )
                yield Send(session.session_id, text, urgent=True)
            case MessageType.AI_LIVE_CLAIM:
                yield from self._claim(session, message.payload, now)
            case MessageType.AI_LIVE_RESULT:
                yield from self._caption(session, message, now)

    def _join(self, session: Session, message: Incoming, now: datetime) -> Iterator[Effect]:
        if isinstance(message.payload, dict):
            session.capabilities = _read_capabilities(message.payload.get("capabilities"))
        yield from self._room_info([session], now)
        if MEETING_STATE in session.capabilities:
            yield self.push(session, MessageType.MEETING_STATE, self.room.state(), now=now)
        is_blocked = (session.audio_block, session.video_block) != (Block.FREE, Block.FREE)
        if is_blocked and MODERATION in session.capabilities:
            yield self.push(session, MessageType.MODERATION, _moderation(session, _AT_ENTRY), now=now)
        if self.room.recording is not None and RECORDING in session.capabilities:
            recording: dict[str, JsonValue] = {
                **self.room.recording.shown(),
                "state": "recording",
                "text": "",
            }
            yield self.push(session, MessageType.RECORDING_STATE, recording, now=now)
        if session.has_joined:
            return
        session.has_joined = True
        yield Joined(session)
        # In the urgent lane, else the ROOM_INFO that follows would overtake it.
        joined = self._frame(session, "join", MessageType.USER_JOINED, relay.presence(session), now)
        yield from (Send(s.session_id, joined, urgent=True) for s in self.room.list_others(session))
        yield from self._room_info(list(self.room), now)

    def _relay_to_user(self, session: Session, message: Incoming, now: datetime) -> Iterator[Effect]:
        if message.to_user_id is None:
            raise BadMessage("Missing target user", f"type {message.type} needs to_user_id")
        text = self._frame(session, message, message.type, message.payload, now)
        for target in self.room.list_of_user(message.to_user_id):
            yield Send(target.session_id, text)
        if message.type is not MessageType.ICE:
            yield Store(session, message, now)

    def _relay_switches(
        self, session: Session, message: Incoming, said: MediaSwitches, now: datetime
    ) -> Iterator[Effect]:
        self._refuse_blocked(session, said)
        if said.audio and session.audio_block is Block.MUTED and session.switches.audio is None:
            # A page that says at its start what it would send does not mean to unmute: who came in muted
            # stays so until the microphone is switched on by hand.
            session.switches = relay.merge(session.switches, MediaSwitches(audio=False))
            if MODERATION in session.capabilities:
                yield self.push(session, MessageType.MODERATION, _moderation(session, _AT_ENTRY), now=now)
            yield Switched(session)
            return
        yield from self._lift(session, said)
        session.switches = relay.merge(session.switches, said)
        payload = relay.identify(message.payload, session)
        yield from self._to_others(session, message, message.type, payload, now)
        if said != MediaSwitches():
            yield Switched(session)

    def _refuse_blocked(self, session: Session, said: MediaSwitches) -> None:
        allows = self.room.allows
        if said.audio and (not allows.audio or session.audio_block is Block.HELD):
            raise BadMessage(*(HELD if allows.audio else OFF))
        if (said.video and not allows.video) or (said.screen and not allows.screen_share):
            raise BadMessage(*OFF)
        if (said.video or said.screen) and session.video_block is Block.HELD:
            raise BadMessage(*HELD)

    def _lift(self, session: Session, said: MediaSwitches) -> Iterator[Effect]:
        audio = said.audio is True and session.audio_block is Block.MUTED
        video = (said.video is True or said.screen is True) and session.video_block is Block.MUTED
        if not audio and not video:
            return
        for tab in self.room.list_of_user(session.user_id):
            tab.audio_block = Block.FREE if audio else tab.audio_block
            tab.video_block = Block.FREE if video else tab.video_block
        yield Unmuted(session, audio, video)

    def _claim(self, session: Session, payload: JsonValue, now: datetime) -> Iterator[Effect]:
        enable = payload.get("enable") if isinstance(payload, dict) else None
        leader = Leader(session.session_id, session.user_id, session.username)
        if enable is not False and not self.room.allows.ai:
            raise BadMessage(*OFF)
        self.room.ai_live.handle_claim(leader, enable=enable is not False, now=now)
        yield from self._ai_live_status(now)

    def _caption(self, session: Session, message: Incoming, now: datetime) -> Iterator[Effect]:
        if not self.room.ai_live.is_led_by(session.session_id):
            raise BadMessage("AI Live denied", "only the session that leads may send captions")
        payload = relay.caption(message.payload, session.username)
        yield from self.broadcast(self._frame(session, message, message.type, payload, now))

    def _ai_live_status(self, now: datetime) -> Iterator[Effect]:
        text = encode(
            id=self._make_id("ai_live_status"),
            type=MessageType.AI_LIVE_STATUS,
            from_user_id=0,
            meeting_id=self.room.meeting_id,
            session_id="",
            payload=self.room.ai_live.status(),
            at=now,
        )
        yield from self.broadcast(text)

    def _room_info(self, receivers: Sequence[Session], now: datetime) -> Iterator[Effect]:
        ice = {s.session_id: self._ice_servers(s) for s in receivers}
        for receiver, payload in self.room.room_info(receivers, ice):
            text = self._server_frame(receiver, "room_info", MessageType.ROOM_INFO, payload, now)
            yield Send(receiver.session_id, text, urgent=True, state=True)

    def _to_others(
        self,
        session: Session,
        origin: Incoming | str,
        kind: MessageType,
        payload: JsonValue,
        now: datetime,
    ) -> Iterator[Effect]:
        yield from self.broadcast(self._frame(session, origin, kind, payload, now), but=session.session_id)

    def _frame(
        self,
        sender: Session,
        origin: Incoming | str,
        kind: MessageType,
        payload: JsonValue | dict[str, JsonValue],
        now: datetime,
    ) -> str:
        """A frame in the sender's name: of its own message, or of the server's making with an id prefix."""
        own = origin if isinstance(origin, Incoming) else None
        return encode(
            id=self._make_id(origin) if isinstance(origin, str) else origin.id,
            type=kind,
            from_user_id=sender.user_id,
            to_user_id=None if own is None else own.to_user_id,
            meeting_id=sender.meeting_id,
            session_id=sender.session_id,
            peer_id=sender.peer_id,
            payload=payload,
            at=now,
        )

    def _server_frame(
        self,
        receiver: Session,
        prefix: str,
        kind: MessageType,
        payload: JsonValue | dict[str, JsonValue],
        now: datetime,
        *,
        from_user_id: int = 0,
    ) -> str:
        return encode(
            id=self._make_id(prefix),
            type=kind,
            from_user_id=from_user_id,
            meeting_id=receiver.meeting_id,
            session_id=receiver.session_id,
            peer_id=receiver.peer_id,
            payload=payload,
            at=now,
        )


HELD = ("A host has muted you", "ask to be unmuted")
OFF = ("This is switched off in this meeting", "a host can change that in the meeting's settings")
_AT_ENTRY: dict[str, JsonValue] = {"action": "mute", "by": None}


def _moderation(session: Session, notice: dict[str, JsonValue]) -> dict[str, JsonValue]:
    return {
        **notice,
        "role": int(session.role),
        "audio_block": session.audio_block.value,
        "video_block": session.video_block.value,
    }


def server_push(
    session: Session,
    *,
    message_id: str,
    kind: int,
    payload: dict[str, JsonValue],
    now: datetime,
) -> Send:
    """A message from the server itself to one session."""
    text = encode(
        id=message_id,
        type=kind,
        from_user_id=0,
        meeting_id=session.meeting_id,
        session_id=session.session_id,
        peer_id=session.peer_id,
        payload=payload,
        at=now,
    )
    return Send(session.session_id, text)


def _read_capabilities(value: JsonValue) -> frozenset[str]:
    if not isinstance(value, list):
        return frozenset()
    return frozenset(v for v in value[:MAX_CAPABILITIES] if isinstance(v, str) and len(v) <= 32)
