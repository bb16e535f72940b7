"""Frames that no session sends: what the server itself says to a whole room."""

from datetime import datetime

from pydantic import JsonValue

from salon.meeting.face import MeetingId
from salon.signaling.wire import MessageType, encode


def chat_frame(
    *,
    message_id: str,
    user_id: int,
    username: str,
    meeting_id: MeetingId,
    session_id: str | None,
    peer_id: str,
    content: str,
    extra: dict[str, JsonValue],
    at: datetime,
) -> str:
    """A chat message as the whole room gets it, whichever way it came in."""
    return encode(
        id=message_id,
        type=MessageType.CHAT,
        from_user_id=user_id,
        meeting_id=meeting_id,
        session_id=session_id or "",
        peer_id=peer_id,
        payload={
            **extra,
            "content": content,
            "user_id": user_id,
            "username": username,
            "meeting_id": meeting_id,
        },
        at=at,
    )
