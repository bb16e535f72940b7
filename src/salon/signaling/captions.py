"""Captions that the server makes, carried into the rooms."""

from collections.abc import Iterator

from pydantic import JsonValue

from salon.meeting.face import MeetingId
from salon.platform.bus import Bus, Subscription
from salon.platform.clock import Clock
from salon.signaling.face import CaptionSpoken, CaptionsSwitched, SessionReady
from salon.signaling.room import CAPTIONS
from salon.signaling.service import SignalingService
from salon.signaling.session import Effect, RoomProtocol
from salon.signaling.wire import MessageType

_FIELDS_OF_LEADERS = ("line_id", "speaker_key", "speaker_label", "timestamp_ms", "text", "tags")
"""What a line has in the form that clients send one another."""


_OFF: dict[str, JsonValue] = {"enabled": False, "by": None, "since": None, "condition": "ok", "text": ""}
"""Told to everybody who comes (back): captions may have ended while they were away."""


class CaptionNotices:
    """Listens to the bus from `start` to `close`."""

    def __init__(self, *, service: SignalingService, bus: Bus, clock: Clock) -> None:
        self._service = service
        self._bus = bus
        self._clock = clock
        self._states: dict[MeetingId, dict[str, JsonValue]] = {}
        """Of meetings with captions; by meeting, for they outlive a room that is empty for a while."""
        self._subscriptions: list[Subscription] = []

    def start(self) -> None:
        """Begin to listen."""
        self._subscriptions = [
            self._bus.subscribe(CaptionsSwitched, self._handle_switched),
            self._bus.subscribe(CaptionSpoken, self._handle_spoken),
            self._bus.subscribe(SessionReady, self._handle_ready),
        ]

    def close(self) -> None:
        """Stop listening; may come twice."""
        for subscription in self._subscriptions:
            subscription.close()

    async def _handle_switched(self, event: CaptionsSwitched) -> None:
        if event.is_enabled:
            self._states[event.meeting_id] = event.payload
        else:
            self._states.pop(event.meeting_id, None)
        room = self._service.find_room(event.meeting_id)
        if room is not None:
            effects = self._to_capable(room, MessageType.CAPTION_STATE, event.payload)
            await self._service.run(effects)

    async def _handle_spoken(self, event: CaptionSpoken) -> None:
        room = self._service.find_room(event.meeting_id)
        if room is None:
            return
        await self._service.run(self._to_capable(room, MessageType.CAPTION, event.payload))
        is_readable = event.payload.get("is_final") and event.payload.get("text")
        # Where a client leads, the others get its lines: the same words twice help nobody.
        if is_readable and room.room.ai_live.leader is None:
            await self._service.run(self._to_others(room, event.payload))

    async def _handle_ready(self, event: SessionReady) -> None:
        state = self._states.get(event.meeting_id, _OFF)
        room = self._service.find_room(event.meeting_id)
        session = room.room.find(event.session_id) if room is not None else None
        if room is None or session is None or CAPTIONS not in session.capabilities:
            return
        push = room.push(session, MessageType.CAPTION_STATE, state, now=self._clock.now())
        await self._service.run(iter([push]))

    def _to_capable(
        self, room: RoomProtocol, kind: MessageType, payload: dict[str, JsonValue]
    ) -> Iterator[Effect]:
        now = self._clock.now()
        for session in room.room:
            if session.has_joined and CAPTIONS in session.capabilities:
                yield room.push(session, kind, payload, now=now)

    def _to_others(self, room: RoomProtocol, payload: dict[str, JsonValue]) -> Iterator[Effect]:
        now = self._clock.now()
        line = {name: payload[name] for name in _FIELDS_OF_LEADERS if name in payload}
        for session in room.room:
            if session.has_joined and CAPTIONS not in session.capabilities:
                yield room.push(session, MessageType.AI_LIVE_RESULT, line, now=now)
