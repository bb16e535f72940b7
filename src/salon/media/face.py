"""What other services may know of media: the sound of rooms."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import datetime
from typing import Literal, Protocol

from pydantic import BaseModel, ConfigDict

from salon.meeting.face import MeetingId, RoomId
from salon.platform.ids import UserId


class PublishedTrack(BaseModel):
    """A track that flows now."""

    model_config = ConfigDict(frozen=True)

    peer_id: str
    """The media peer that publishes it."""
    track_id: str
    stream: str
    """The signaling peer id of who publishes it."""
    meeting_id: MeetingId
    room_id: RoomId
    user_id: UserId
    kind: Literal["audio", "video"]
    since: datetime
    """When its connection was opened."""


class Tracks(ABC):
    """What is published."""

    @abstractmethod
    async def list_tracks(self) -> list[PublishedTrack]:
        """Every track of every room, oldest connection first. Checks no right."""


class AudioChunk(Protocol):
    """A stretch of the sound of one speaker, 100 ms or less; silence is left out."""

    @property
    def room(self) -> str:
        """The id of the room."""

    @property
    def stream(self) -> str:
        """The signaling peer id of who speaks."""

    @property
    def track(self) -> str:
        """Of a speaker's tracks this one."""

    @property
    def at_us(self) -> int:
        """When it began, in microseconds since 1970."""

    @property
    def has_gap(self) -> bool:
        """Something is missing before it."""

    @property
    def is_last(self) -> bool:
        """The track is over; there is no sound in this one."""

    @property
    def pcm(self) -> bytes:
        """16 kHz, one channel, signed 16 bit, little-endian."""


class RoomAudio(ABC):
    """The sound of rooms, speaker by speaker, for one reader; what it leaves is dropped and counted."""

    @abstractmethod
    async def listen(self, *, room_id: RoomId) -> None:
        """Hear a room from now on, whoever comes to it; also after it was empty. Idempotent.

        Raises:
            Unavailable: the engine does not take it now.
        """

    @abstractmethod
    async def unlisten(self, *, room_id: RoomId) -> None:
        """Hear it no more. Never fails."""

    @abstractmethod
    async def wait(self) -> None:
        """Wait until there is something to take."""

    @abstractmethod
    def take(self) -> Sequence[AudioChunk]:
        """What was heard, oldest first; a bounded number at a time."""
