"""What other services may know of signaling: live sessions, and the events around them."""

from abc import ABC, abstractmethod
from datetime import datetime
from enum import IntEnum
from typing import Literal, NewType

from pydantic import BaseModel, ConfigDict, JsonValue

from salon.meeting.face import MeetingId
from salon.platform.bus import Event
from salon.user.face import UserId

SessionId = NewType("SessionId", str)
"""One signaling WebSocket, i.e. one browser tab in one meeting; at most 64 characters."""

SignalingPeerId = NewType("SignalingPeerId", str)
"""What a client picked for its page; it becomes the stream id others see its media under."""

EndCause = Literal["left", "lost", "replaced", "expelled"]


class MediaPush(IntEnum):
    """Message types about a tab's media connection, for sessions that declared ``media_push``."""

    OFFER = 18
    GONE = 19


class LiveSession(BaseModel):
    """One open signaling session."""

    model_config = ConfigDict(frozen=True)

    session_id: SessionId
    signaling_peer_id: SignalingPeerId
    user_id: UserId
    username: str
    nickname: str
    """What others read; empty if the user has none."""
    meeting_id: MeetingId
    connected_at: datetime
    wants_media_push: bool

    @property
    def shown_name(self) -> str:
        """What the speaker is called."""
        return self.nickname or self.username


class MediaSwitches(BaseModel):
    """What a tab says it sends. None: it has not said, so others are shown False and nothing is enforced."""

    model_config = ConfigDict(frozen=True)

    audio: bool | None = None
    video: bool | None = None
    screen: bool | None = None


class SessionReady(Event):
    """A session said JOIN: from now on it can be pushed to."""

    session_id: SessionId
    signaling_peer_id: SignalingPeerId
    user_id: UserId
    meeting_id: MeetingId
    wants_media_push: bool


class SessionEnded(Event):
    """A session is over; published once for each, after it left the room's state."""

    session_id: SessionId
    signaling_peer_id: SignalingPeerId
    user_id: UserId
    meeting_id: MeetingId
    cause: EndCause


class MediaStateChanged(Event):
    """A tab switched its microphone, camera or screen."""

    session_id: SessionId
    signaling_peer_id: SignalingPeerId
    user_id: UserId
    meeting_id: MeetingId
    switches: MediaSwitches


class SessionPush(Event):
    """Ask signaling to send one message to one session; dropped if it is gone."""

    session_id: SessionId
    type: int
    payload: dict[str, JsonValue]


class RoomPush(Event):
    """Ask signaling to send one message to everybody in a meeting but one session."""

    meeting_id: MeetingId
    type: int
    payload: dict[str, JsonValue]
    from_user_id: UserId
    except_session_id: SessionId | None = None


class RecordingNotice(Event):
    """A recording began, stopped, or is in trouble: the meeting is told, and whoever comes to it later."""

    meeting_id: MeetingId
    recording_id: str
    state: Literal["recording", "stopped", "warning"]
    started_at: datetime
    by_user_id: UserId
    by_username: str
    text: str = ""
    """What people read; empty where the state says it all."""


class CaptionsSwitched(Event):
    """Captions of a meeting were switched on or off, or are in trouble: its room is told, and late comers."""

    meeting_id: MeetingId
    is_enabled: bool
    payload: dict[str, JsonValue]


class CaptionSpoken(Event):
    """A line of what somebody says, as it stands now; the same ``line_id`` replaces what stood before."""

    meeting_id: MeetingId
    user_id: UserId
    payload: dict[str, JsonValue]


class VoiceJudged(Event):
    """What is thought of a speaker's voice changed: who may decide on captions is told, and nobody else."""

    meeting_id: MeetingId
    speaker_key: str
    is_known: bool
    """False: nothing is known of this speaker any more."""
    payload: dict[str, JsonValue]


class Signaling(ABC):
    """Live presence. It lives in memory: answers are immediate and die with the process."""

    @abstractmethod
    async def list_live_sessions(
        self, *, meeting_id: MeetingId, user_id: UserId | None = None
    ) -> list[LiveSession]:
        """Open sessions of a meeting, of one user if given, newest first."""

    @abstractmethod
    async def find_switches(self, *, session_id: SessionId) -> MediaSwitches | None:
        """What that session says it sends; None if it is gone."""

    @abstractmethod
    async def set_switches(self, *, session_id: SessionId, switches: MediaSwitches) -> None:
        """State what a session sends (None keeps a switch) and tell the room what changed.

        Does nothing if the session is gone.
        """
