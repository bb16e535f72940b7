"""What other services may know of meetings."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Any, Literal, NewType

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


class Block(StrEnum):
    """Whether the server lets through what a participant sends."""

    FREE = "free"
    MUTED = "muted"
    """Until the participant unmutes."""
    HELD = "held"
    """Until a moderator lifts it."""


class Allows(BaseModel):
    """What may be done in a meeting, by anybody in it."""

    model_config = ConfigDict(frozen=True)

    video: bool = True
    audio: bool = True
    screen_share: bool = True
    chat: bool = True
    recording: bool = True
    ai: bool = True


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
    audio_block: Block = Block.FREE
    video_block: Block = Block.FREE
    allows: Allows = Allows()
    is_locked: bool = False
    title: str = ""
    needs_approval: bool = False
    """A host has to let this user in first."""
    is_kept_out: bool = False
    """Not inside, and not let in now: locked, too early, or past the end."""
    may_see_recordings: bool = False
    """Took part, or was invited and need not be let in any more."""

    @property
    def is_host(self) -> bool:
        """Who made the meeting, or whom that one made a host."""
        return self.is_creator or self.role is ParticipantRole.HOST

    @property
    def is_moderator(self) -> bool:
        """A host, or somebody with the moderator's role."""
        return self.is_creator or self.role in (ParticipantRole.HOST, ParticipantRole.MODERATOR)

    @property
    def may_connect(self) -> bool:
        """The meeting is open, the user was not removed from it, and may be in it at this moment."""
        return (
            self.meeting_status in (MeetingStatus.SCHEDULED, MeetingStatus.ACTIVE)
            and self.status is not ParticipantStatus.REJECTED
            and not self.needs_approval
            and not self.is_kept_out
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


class MeetingChanged(Event):
    """Title, lock or settings of a meeting changed: whoever is in it learns it now."""

    meeting_id: MeetingId


class ParticipantChanged(Event):
    """Role or blocks of a participant changed, by somebody else's hand or their own."""

    meeting_id: MeetingId
    user_id: UserId
    role: ParticipantRole
    audio_block: Block
    video_block: Block
    action: Literal["mute", "unmute", "role"]
    by_user_id: UserId
    by_username: str


class RoomClosed(Event):
    """The room of a meeting that goes on was closed: sessions and media in it end."""

    meeting_id: MeetingId


class Knock(BaseModel):
    """Somebody who waits to be let in, or waited."""

    model_config = ConfigDict(frozen=True)

    meeting_id: MeetingId
    user_id: UserId
    state: Literal["waiting", "admitted", "denied"]
    asked_at: datetime
    position: int
    """1 is the longest waiting; 0 if not waiting."""


class LobbyChanged(Event):
    """Who waits for a meeting changed."""

    meeting_id: MeetingId


class KnockDecided(Event):
    """Somebody need not wait any more. `closed`: the meeting is over."""

    meeting_id: MeetingId
    user_id: UserId
    state: Literal["admitted", "denied", "closed"]


class LobbyMessage(Event):
    """A host writes to everybody who waits."""

    meeting_id: MeetingId
    content: str
    by_username: str


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
    async def list_roles(self, *, meeting_id: MeetingId) -> dict[UserId, ParticipantRole]:
        """The roles of everybody who is in the meeting now."""

    @abstractmethod
    async def lift_own_block(
        self, *, meeting_id: MeetingId, user_id: UserId, audio: bool, video: bool
    ) -> Seat | None:
        """The participant unmutes: a `muted` block goes. None: not a participant.

        Raises:
            NotAllowed: a moderator holds it, or the meeting does not allow it.
        """

    @abstractmethod
    async def check_recording(
        self, *, user_id: UserId, meeting_id: MeetingId, to: Literal["start", "stop", "see"]
    ) -> Seat:
        """The user's place, if they may do this about the recordings of a meeting.

        Raises:
            NotFound: no such meeting.
            NotAllowed: not a member (any more), or not a host or moderator; or switched off in this meeting.
            Conflict: to start, and the meeting is over.
        """

    @abstractmethod
    async def check_captions(
        self, *, user_id: UserId, meeting_id: MeetingId, to: Literal["start", "stop", "see"]
    ) -> Seat:
        """The same for captions and for what is written down of them; raises as `check_recording`."""

    @abstractmethod
    async def list_recorded_for(self, *, user_id: UserId) -> list[MeetingId]:
        """Meetings whose recordings the user may see as a member, newest first. At most 10000."""

    @abstractmethod
    async def find_knock(self, *, meeting_id: MeetingId, user_id: UserId) -> Knock | None:
        """How the user's asking to be let in stands; None if they did not ask, or the meeting is gone."""

    @abstractmethod
    async def list_waiting(self, *, meeting_id: MeetingId) -> list[Knock]:
        """Who waits to be let in, longest first. Checks no right."""

    @abstractmethod
    async def session_opened(self, *, meeting_id: MeetingId, user_id: UserId) -> Seat | None:
        """The user is connected: one who was invited, or had left, counts as joined. Safe to call often.

        Returns:
            The user's place at this moment; it may have been lost while the connection was made.
        """

    @abstractmethod
    async def sessions_gone(self, *, meeting_id: MeetingId, user_id: UserId) -> None:
        """The user's last session is gone for a while: the participant has left. Safe to call often."""
