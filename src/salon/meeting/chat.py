"""Chat: one store for what comes by WebSocket and by REST."""

from typing import Any

from salon.meeting import rules, store
from salon.meeting.access import Right, access_meeting
from salon.meeting.context import Context
from salon.meeting.errors import FeatureOff, MeetingOver
from salon.meeting.face import ChatMessage, ChatPosted, MeetingId
from salon.meeting.store import ChatRow
from salon.platform.envelope import is_text
from salon.platform.errors import BadRequest
from salon.platform.ids import UserId
from salon.platform.quotas import Quota

MAX_CONTENT = 2000
"""Characters of a message."""

_MAX_MESSAGE_ID = 64
_MAX_LIST = 1000


class Chat:
    """Stores messages and tells the room."""

    def __init__(self, context: Context) -> None:
        self._db = context.db
        self._bus = context.bus
        self._clock = context.clock
        self._quotas = context.quotas

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
        await self._quotas.take(Quota.CHAT, str(user_id))
        async with self._db.begin() as tx:
            entry = await access_meeting(tx, user_id, meeting_id, needs=Right.KNOW)
            if not rules.is_open(entry.meeting):
                raise MeetingOver
            if not rules.allows_of(entry.meeting).chat:
                raise FeatureOff("Chat")
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
