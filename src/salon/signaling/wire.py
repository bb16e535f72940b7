"""The envelope of the signaling WebSocket: reading what clients send, writing what they get."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

from pydantic import JsonValue
from pydantic_core import from_json, to_json

from salon.platform.envelope import is_text, rfc3339

MAX_ID_LENGTH = 64
MAX_USER_ID = 2**32 - 1

# RFC 3339 with zone; Python reads the rest but would also accept ISO forms that are not RFC 3339.
_RFC_3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)")


class MessageType(IntEnum):
    """All message types; 18 and above are additions sent only to sessions that asked for them."""

    OFFER = 1
    ANSWER = 2
    ICE = 3
    JOIN = 4
    LEAVE = 5
    USER_JOINED = 6
    USER_LEFT = 7
    CHAT = 8
    SCREEN_SHARE = 9
    MEDIA_CONTROL = 10
    PING = 11
    PONG = 12
    ERROR = 13
    ROOM_INFO = 14
    AI_LIVE_CLAIM = 15
    AI_LIVE_STATUS = 16
    AI_LIVE_RESULT = 17
    MEDIA_OFFER = 18
    MEDIA_GONE = 19
    LOBBY_STATE = 20
    LOBBY_LIST = 21
    MODERATION = 22
    MEETING_STATE = 23
    RECORDING_STATE = 24
    CAPTION_STATE = 25
    CAPTION = 26
    VOICE_STATE = 27


FROM_CLIENTS = frozenset(
    {
        MessageType.OFFER,
        MessageType.ANSWER,
        MessageType.ICE,
        MessageType.JOIN,
        MessageType.LEAVE,
        MessageType.CHAT,
        MessageType.SCREEN_SHARE,
        MessageType.MEDIA_CONTROL,
        MessageType.PING,
        MessageType.AI_LIVE_CLAIM,
        MessageType.AI_LIVE_RESULT,
    }
)


class BadMessage(Exception):
    """A client's message cannot be accepted; the connection stays open.

    Args:
        message: the constant text clients show.
        details: what exactly, for whoever writes the client.
    """

    def __init__(self, message: str, details: str) -> None:
        super().__init__(f"{message}: {details}")
        self.message = message
        self.details = details


@dataclass(frozen=True, slots=True)
class Incoming:
    """A client's message, reduced to the fields that are not overwritten."""

    id: str
    type: MessageType
    to_user_id: int | None
    payload: JsonValue


def parse(text: str) -> Incoming:
    """Read one client message.

    Raises:
        BadMessage: not JSON, a field of the wrong type, or a type clients may not send.
    """
    try:
        data = from_json(text, allow_inf_nan=False)
    except ValueError as error:
        raise _malformed(str(error)) from error
    if not isinstance(data, dict):
        raise _malformed("a JSON object is expected")
    message_id = data.get("id") or ""
    if not isinstance(message_id, str) or len(message_id) > MAX_ID_LENGTH or not is_text(message_id):
        raise _malformed(f"id: text of at most {MAX_ID_LENGTH} characters is expected")
    _check_timestamp(data.get("timestamp"))
    return Incoming(
        id=message_id,
        type=_read_type(data.get("type", 0)),
        to_user_id=_read_user(data.get("to_user_id")),
        payload=data.get("payload"),
    )


def encode(
    *,
    id: str,  # noqa: A002  (the field's name on the wire)
    type: MessageType | int,  # noqa: A002
    from_user_id: int,
    meeting_id: int,
    session_id: str,
    payload: JsonValue | Mapping[str, object],
    at: datetime,
    to_user_id: int | None = None,
    peer_id: str = "",
) -> str:
    """One message as the text frame clients get."""
    envelope: dict[str, object] = {"id": id, "type": int(type), "from_user_id": from_user_id}
    if to_user_id is not None:
        envelope["to_user_id"] = to_user_id
    envelope["meeting_id"] = meeting_id
    envelope["session_id"] = session_id
    if peer_id:
        envelope["peer_id"] = peer_id
    envelope["payload"] = payload
    envelope["timestamp"] = rfc3339(at)
    # A number such as 1e999 parses as infinity, which JSON cannot say: null, or browsers drop the frame.
    return to_json(envelope, inf_nan_mode="null").decode()


def _malformed(details: str) -> BadMessage:
    return BadMessage("Invalid message format", details)


def _read_type(value: object) -> MessageType:
    # bool is an int to Python, not to the wire.
    if not isinstance(value, int) or isinstance(value, bool):
        raise _malformed("type: a whole number is expected")
    if value not in FROM_CLIENTS:
        raise BadMessage("Unknown message type", f"Type: {value}")
    return MessageType(value)


def _read_user(value: object) -> int | None:
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= MAX_USER_ID:
        raise _malformed("to_user_id: a user id (whole number) is expected")
    return value or None


def _check_timestamp(value: object) -> None:
    if value is None:
        return
    if not isinstance(value, str) or not _RFC_3339.fullmatch(value):
        raise _malformed("timestamp: RFC 3339 text is expected")
    try:
        datetime.fromisoformat(value)
    except ValueError as error:
        raise _malformed(f"timestamp: {error}") from error
