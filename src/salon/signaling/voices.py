"""What is thought of voices, carried to those who may decide on captions, and to nobody else."""

from collections.abc import Iterator, Sequence

from pydantic import JsonValue

from salon.meeting.face import MeetingId, ParticipantChanged
from salon.platform.bus import Bus, Subscription
from salon.platform.clock import Clock
from salon.signaling.face import SessionReady, VoiceJudged
from salon.signaling.room import VOICES, Session
from salon.signaling.service import SignalingService
from salon.signaling.session import Effect, RoomProtocol
from salon.signaling.wire import MessageType

Payload = dict[str, JsonValue]


class VoiceNotices:
    """Listens to the bus from `start` to `close`."""

    def __init__(self, *, service: SignalingService, bus: Bus, clock: Clock) -> None:
        self._service = service
        self._bus = bus
        self._clock = clock
        self._states: dict[MeetingId, dict[str, Payload]] = {}
        """Of speakers of whom something is known, by speaker."""
        self._subscriptions: list[Subscription] = []

    def start(self) -> None:
        """Begin to listen. After `Notices`: who became a moderator must be one already."""
        self._subscriptions = [
            self._bus.subscribe(VoiceJudged, self._handle_judged),
            self._bus.subscribe(SessionReady, self._handle_ready),
            self._bus.subscribe(ParticipantChanged, self._handle_participant_changed),
        ]

    def close(self) -> None:
        """Stop listening; may come twice."""
        for subscription in self._subscriptions:
            subscription.close()

    async def _handle_judged(self, event: VoiceJudged) -> None:
        states = self._states.setdefault(event.meeting_id, {})
        if event.is_known:
            states[event.speaker_key] = event.payload
        else:
            states.pop(event.speaker_key, None)
        if not states:
            del self._states[event.meeting_id]
        room = self._service.find_room(event.meeting_id)
        if room is not None:
            await self._service.run(self._to_moderators(room, list(room.room), [event.payload]))

    async def _handle_ready(self, event: SessionReady) -> None:
        room = self._service.find_room(event.meeting_id)
        session = room.room.find(event.session_id) if room is not None else None
        if room is not None and session is not None:
            await self._tell_all(room, [session])

    async def _handle_participant_changed(self, event: ParticipantChanged) -> None:
        room = self._service.find_room(event.meeting_id)
        if room is not None and event.action == "role":
            await self._tell_all(room, room.room.list_of_user(event.user_id))

    async def _tell_all(self, room: RoomProtocol, sessions: Sequence[Session]) -> None:
        states = list(self._states.get(room.room.meeting_id, {}).values())
        await self._service.run(self._to_moderators(room, sessions, states))

    def _to_moderators(
        self, room: RoomProtocol, sessions: Sequence[Session], payloads: Sequence[Payload]
    ) -> Iterator[Effect]:
        now = self._clock.now()
        for session in sessions:
            if session.has_joined and session.is_moderator and VOICES in session.capabilities:
                for payload in payloads:
                    yield room.push(session, MessageType.VOICE_STATE, payload, now=now)
