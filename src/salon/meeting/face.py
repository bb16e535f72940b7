"""What other services may know of meetings."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import datetime
from enum import IntEnum
from typing import Any, NewType

from pydantic import BaseModel, ConfigDict, Field

from salon.platform.bus import Event
from salon.platform.ids import UserId

MeetingId = NewType("MeetingId", int)
RoomId = NewType("RoomId", str)


class ParticipantRole(IntEnum):
    """What a participant may do in one meeting."""

    PARTICIPANT = 1
    MODERATOR = 2
    PRESENTER = 3
    HOST = 4


class ParticipantStatus(IntEnum):
    """How far a participant's membership has come."""

    INVITED = 1
    JOINED = 2
    LEFT = 3
    REJECTED = 4


class MeetingStatus(IntEnum):
    """How far a meeting has come; there is no way back."""

    SCHEDULED = 1
    ACTIVE = 2
    ENDED = 3
    CANCELLED = 4


class Seat(BaseModel):
    """One user's place in one meeting, with what others need to decide about it."""

    model_config = ConfigDict(frozen=True)

    meeting_id: MeetingId
    room_id: RoomId
    user_id: UserId
    role: ParticipantRole
    status: ParticipantStatus
    meeting_status: MeetingStatus
    is_creator: bool
    max_participants: int

    @property
    def may_connect(self) -> bool:
        """The meeting is open and the user was not removed from it."""
        return (
            self.meeting_status in (MeetingStatus.SCHEDULED, MeetingStatus.ACTIVE)
            and self.status is not ParticipantStatus.REJECTED
        )


class ChatMessage(BaseModel):
    """A stored chat message."""

    model_config = ConfigDict(frozen=True)

    id: int
    message_id: str
    """Chosen by the client that sent it; two messages may carry the same."""
    meeting_id: MeetingId
    user_id: UserId
    username: str
    content: str
    session_id: str | None
    """The signaling session it came from; None if it came by REST."""
    created_at: datetime
    extra: dict[str, Any] = Field(default_factory=dict)
    """Payload fields the client sent that we do not know; relayed unchanged."""


class ChatPosted(Event):
    """A chat message was stored; everybody in the room is to see it."""

    message: ChatMessage


class MeetingEnded(Event):
    """A meeting is over: its sessions and media end."""

    meeting_id: MeetingId


class ParticipantRemoved(Event):
    """Someone was thrown out of a meeting: their sessions and media in it end."""

    meeting_id: MeetingId
    user_id: UserId


class Meetings(ABC):
    """The meeting service as the others see it."""

    @abstractmethod
    async def find_seats(self, *, user_id: UserId, meeting_ids: Sequence[MeetingId]) -> dict[MeetingId, Seat]:
        """The user's places; meetings the user has nothing to do with are left out. At most 500 ids."""

    @abstractmethod
    async def find_meetings_of_rooms(self, *, room_ids: Sequence[RoomId]) -> dict[RoomId, MeetingId]:
        """The meetings of these rooms, named by room id or by the alias ``meeting-<id>``."""

    @abstractmethod
    async def post_chat(
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
        """Store a message and tell the room of it by `ChatPosted`.

        Raises:
            NotFound, NotAllowed: no such meeting, or not the user's, or over.
            BadRequest: empty, or longer than 2000 characters.
            TooManyRequests: more than 10 a second by this user.
        """

    @abstractmethod
    async def list_chat(self, *, meeting_id: MeetingId, limit: int, before: int | None) -> list[ChatMessage]:
        """Newest first, at most `limit` (1-1000), only ids below `before`. Checks no right."""

    @abstractmethod
    async def session_opened(self, *, meeting_id: MeetingId, user_id: UserId) -> Seat | None:
        """The user is connected: one who was invited, or had left, counts as joined. Safe to call often.

        Returns:
            The user's place at this moment; it may have been lost while the connection was made.
        """

    @abstractmethod
    async def sessions_gone(self, *, meeting_id: MeetingId, user_id: UserId) -> None:
        """The user's last session is gone for a while: the participant has left. Safe to call often."""
