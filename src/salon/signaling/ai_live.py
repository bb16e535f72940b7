"""Who captions a meeting: one session leads, the others follow. Pure state, told the time."""

from dataclasses import dataclass
from datetime import datetime

from pydantic import JsonValue

from salon.platform.envelope import rfc3339
from salon.signaling.face import SessionId
from salon.user.face import UserId


@dataclass(frozen=True, slots=True)
class Leader:
    """The session whose captions the room gets."""

    session_id: SessionId
    user_id: UserId
    username: str


class AiLive:
    """The leadership of one room; it belongs to a session, not to a user."""

    def __init__(self, now: datetime) -> None:
        self._leader: Leader | None = None
        self._updated_at = now

    @property
    def leader(self) -> Leader | None:
        """Who leads now, if anyone."""
        return self._leader

    def handle_claim(self, who: Leader, *, enable: bool, now: datetime) -> None:
        """Take or give up leadership; the first claim wins, only the leader can end it."""
        if enable and (self._leader is None or self.is_led_by(who.session_id)):
            self._leader = who
            self._updated_at = now
        elif not enable:
            self.release(who.session_id, now=now)

    def release(self, session_id: SessionId, *, now: datetime) -> bool:
        """End the leadership of this session. False if it did not lead."""
        if not self.is_led_by(session_id):
            return False
        self._leader = None
        self._updated_at = now
        return True

    def end(self, *, now: datetime) -> bool:
        """Nobody leads any more, whoever did. False if nobody did."""
        return self._leader is not None and self.release(self._leader.session_id, now=now)

    def is_led_by(self, session_id: SessionId) -> bool:
        """Whether this very session leads."""
        return self._leader is not None and self._leader.session_id == session_id

    def status(self) -> dict[str, JsonValue]:
        """The status object of AI_LIVE_STATUS and ROOM_INFO."""
        status: dict[str, JsonValue] = {
            "enabled": self._leader is not None,
            "updated_at": rfc3339(self._updated_at),
        }
        if self._leader is not None:
            status["leader_user_id"] = self._leader.user_id
            status["leader_session_id"] = self._leader.session_id
            status["leader_username"] = self._leader.username
        return status
