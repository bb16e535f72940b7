"""What is recorded of sessions and relayed messages."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from salon.signaling.face import SessionId


@dataclass(frozen=True, slots=True)
class Opened:
    """A session's socket opened."""

    session_id: SessionId
    user_id: int
    meeting_id: int
    peer_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Entered:
    """A session said JOIN."""

    session_id: SessionId
    at: datetime


@dataclass(frozen=True, slots=True)
class Alive:
    """These sessions' sockets are up: their pings were answered."""

    session_ids: Sequence[SessionId]
    at: datetime


@dataclass(frozen=True, slots=True)
class Closed:
    """A session is over."""

    session_id: SessionId
    at: datetime


@dataclass(frozen=True, slots=True)
class Kept:
    """A relayed message for the history."""

    message_id: str
    session_id: SessionId
    from_user_id: int
    to_user_id: int | None
    meeting_id: int
    message_type: int
    payload: str
    at: datetime


Record = Opened | Entered | Alive | Closed | Kept
