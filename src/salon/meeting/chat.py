"""Chat: one store for what comes by WebSocket and by REST."""

from typing import Any

from salon.meeting import rules, store
from salon.meeting.access import Right, access_meeting
from salon.meeting.errors import MeetingOver
from salon.meeting.face import ChatMessage, ChatPosted, MeetingId
from salon.meeting.store import ChatRow
from salon.platform.bus import Bus
from salon.platform.clock import Clock
from salon.platform.db import Database
from salon.platform.envelope import is_text
from salon.platform.errors import BadRequest, TooManyRequests
from salon.platform.ids import UserId
from salon.platform.limits import RateLimiter

MAX_CONTENT = 2000
"""Characters of a message."""

RATE_PER_S = 10
"""Messages a user may send, over all meetings."""

_MAX_MESSAGE_ID = 64
_MAX_LIST = 1000


class Chat:
    """Stores messages and tells the room."""

    def __init__(self, *, db: Database, bus: Bus, clock: Clock) -> None:
        self._db = db
        self._bus = bus
        self._clock = clock
        self._rate = RateLimiter(rate_per_s=RATE_PER_S, burst=RATE_PER_S, clock=clock)

    async def post(
        self,
        *,
        user_id: UserId,
        username: str,
        meeting_id: MeetingId,
        message_id: str,
        content: str,
        session_id: str | None,
        extra: dict[str, Any],
    ) -> ChatMessage:
        """See `Meetings.post_chat`."""
        content = check_content(content)
        if not self._rate.take(user_id):
            raise TooManyRequests(f"At most {RATE_PER_S} messages a second. Wait a moment.", retry_after_s=1)
        async with self._db.begin() as tx:
            entry = await access_meeting(tx, user_id, meeting_id, needs=Right.KNOW)
            if not rules.is_open(entry.meeting):
                raise MeetingOver
            row = ChatRow(
                message_id=message_id[:_MAX_MESSAGE_ID],
                meeting_id=meeting_id,
                user_id=user_id,
                username=username[:50],
                content=content,
                session_id=session_id,
                extra=extra,
                created_at=self._clock.now(),
            )
            tx.add(row)
        message = _message(row)
        await self._bus.publish(ChatPosted(message=message))
        return message

    async def read(
        self, *, user_id: UserId, meeting_id: MeetingId, limit: int, offset: int, before: int | None
    ) -> list[ChatMessage]:
        """Newest first, for members.

        Raises:
            NotFound, NotAllowed: no such meeting, or not the caller's.
        """
        async with self._db.read() as tx:
            await access_meeting(tx, user_id, meeting_id, needs=Right.KNOW)
            rows = await store.list_chat(tx, meeting_id, limit=limit, offset=offset, before=before)
        return [_message(row) for row in rows]

    async def list_all(self, *, meeting_id: MeetingId, limit: int, before: int | None) -> list[ChatMessage]:
        """See `Meetings.list_chat`."""
        limit = max(1, min(limit, _MAX_LIST))
        async with self._db.read() as tx:
            rows = await store.list_chat(tx, meeting_id, limit=limit, offset=0, before=before)
        return [_message(row) for row in rows]


def check_content(content: str) -> str:
    """The message, if it says something and not too much.

    Raises:
        BadRequest: blank, too long, or with a character no database takes.
    """
    if not content.strip():
        raise BadRequest("A message must not be empty.")
    if len(content) > MAX_CONTENT:
        raise BadRequest(f"A message has at most {MAX_CONTENT} characters.")
    if not is_text(content):
        raise BadRequest("The message contains characters that are no text.")
    return content


def _message(row: ChatRow) -> ChatMessage:
    return ChatMessage(
        id=row.id,
        message_id=row.message_id,
        meeting_id=MeetingId(row.meeting_id),
        user_id=UserId(row.user_id),
        username=row.username,
        content=row.content,
        session_id=row.session_id,
        created_at=row.created_at,
        extra=row.extra,
    )
