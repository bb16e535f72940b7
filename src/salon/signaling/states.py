"""States of a session's record."""

from enum import IntEnum


class SessionState(IntEnum):
    """States 3, 4, 5 and 7 are declared on the wire and never set."""

    CONNECTING = 1
    CONNECTED = 2
    OFFERING = 3
    ANSWERING = 4
    STABLE = 5
    DISCONNECTED = 6
    FAILED = 7


LIVE_STATES = (
    SessionState.CONNECTED,
    SessionState.OFFERING,
    SessionState.ANSWERING,
    SessionState.STABLE,
)
