"""Presence: who is in a meeting's room right now, one entry a session. Pure state, told the time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from pydantic import JsonValue

from salon.meeting.face import Allows, Block, MeetingId, ParticipantRole
from salon.platform.envelope import rfc3339
from salon.signaling.ai_live import AiLive
from salon.signaling.face import LiveSession, MediaSwitches, SessionId, SignalingPeerId
from salon.user.face import UserId

MEDIA_PUSH = "media_push"
LOBBY = "lobby"
MODERATION = "moderation"
MEETING_STATE = "meeting_state"
RECORDING = "recording"
CAPTIONS = "captions"
VOICES = "voices"


@dataclass(frozen=True, slots=True)
class RunningRecording:
    """The recording that a meeting is being made of."""

    recording_id: str
    started_at: datetime
    by_user_id: UserId
    by_username: str

    def shown(self) -> dict[str, JsonValue]:
        """As the wire has it."""
        by: dict[str, JsonValue] = {"user_id": self.by_user_id, "username": self.by_username}
        return {"recording_id": self.recording_id, "started_at": rfc3339(self.started_at), "by": by}


@dataclass(slots=True)
class Session:
    """One open WebSocket of one user in one meeting."""

    session_id: SessionId
    peer_id: SignalingPeerId
    user_id: UserId
    username: str
    nickname: str
    meeting_id: MeetingId
    connected_at: datetime
    last_active_at: datetime
    has_joined: bool = False
    capabilities: frozenset[str] = frozenset()
    switches: MediaSwitches = field(default_factory=MediaSwitches)
    avatar_url: str = ""
    sid: str | None = None
    """The sign-in behind the token that opened the socket."""
    role: ParticipantRole = ParticipantRole.PARTICIPANT
    is_creator: bool = False
    audio_block: Block = Block.FREE
    video_block: Block = Block.FREE

    @property
    def is_moderator(self) -> bool:
        """Whether the user may let people in and mute them."""
        return self.is_creator or self.role in (ParticipantRole.HOST, ParticipantRole.MODERATOR)

    @property
    def shown(self) -> MediaSwitches:
        """What the others get: what the tab says it sends, less what the server holds back."""
        return MediaSwitches(
            audio=bool(self.switches.audio) and self.audio_block is Block.FREE,
            video=bool(self.switches.video) and self.video_block is Block.FREE,
            screen=bool(self.switches.screen) and self.video_block is Block.FREE,
        )

    def as_live(self) -> LiveSession:
        """The session as other services see it."""
        return LiveSession(
            session_id=self.session_id,
            signaling_peer_id=self.peer_id,
            user_id=self.user_id,
            username=self.username,
            nickname=self.nickname,
            meeting_id=self.meeting_id,
            connected_at=self.connected_at,
            wants_media_push=MEDIA_PUSH in self.capabilities,
        )


class Room:
    """The live space of one meeting. It holds at least one session or is about to be dropped."""

    def __init__(self, meeting_id: MeetingId, *, now: datetime) -> None:
        self.meeting_id = meeting_id
        self.opened_at = now
        self.allows = Allows()
        self.is_locked = False
        self.title = ""
        self.recording: RunningRecording | None = None
        self.ai_live = AiLive(now)
        self._sessions: dict[SessionId, Session] = {}

    def __iter__(self) -> Iterator[Session]:
        """Sessions, oldest first; safe against changes while iterating."""
        return iter(tuple(self._sessions.values()))

    def __len__(self) -> int:
        return len(self._sessions)

    def __contains__(self, session_id: SessionId) -> bool:
        return session_id in self._sessions

    def add(self, session: Session) -> None:
        """Let a session in."""
        self._sessions[session.session_id] = session

    def remove(self, session_id: SessionId) -> Session | None:
        """Take a session out; None if it was not in (any more)."""
        return self._sessions.pop(session_id, None)

    def find(self, session_id: SessionId) -> Session | None:
        """The session of that id, if it is in the room."""
        return self._sessions.get(session_id)

    def find_peer(self, peer_id: str) -> Session | None:
        """The session that carries this signaling peer id."""
        return next((s for s in self._sessions.values() if s.peer_id == peer_id), None)

    def list_of_user(self, user_id: int) -> list[Session]:
        """All tabs of one user, oldest first."""
        return [s for s in self._sessions.values() if s.user_id == user_id]

    def list_others(self, session: Session) -> list[Session]:
        """Everybody but this session."""
        return [s for s in self._sessions.values() if s is not session]

    def state(self) -> dict[str, JsonValue]:
        """The MEETING_STATE payload: what holds for everybody in the room."""
        return {
            "locked": self.is_locked,
            "allows": self.allows.model_dump(),
            "title": self.title,
            "roles": {str(s.user_id): int(s.role) for s in self},
        }

    @property
    def user_count(self) -> int:
        """Distinct users present."""
        return len({s.user_id for s in self._sessions.values()})

    def room_info(
        self, receivers: Sequence[Session], ice_servers: dict[SessionId, list[JsonValue]]
    ) -> Iterator[tuple[Session, dict[str, JsonValue]]]:
        """The ROOM_INFO payload of each receiver. Payloads share entries: do not change them."""
        entries: dict[SessionId, JsonValue] = {s.session_id: _entry(s, is_self=False) for s in self}
        count = self.user_count
        recording = None if self.recording is None else self.recording.shown()
        for receiver in receivers:
            own = _entry(receiver, is_self=True)
            yield (
                receiver,
                {
                    "meeting_id": self.meeting_id,
                    "participant_count": count,
                    "session_id": receiver.session_id,
                    "peer_id": receiver.peer_id,
                    "ice_servers": ice_servers[receiver.session_id],
                    "participants": [
                        own if key == receiver.session_id else entry for key, entry in entries.items()
                    ],
                    "ai_live": self.ai_live.status(),
                    "recording": recording,
                },
            )


def _entry(session: Session, *, is_self: bool) -> dict[str, JsonValue]:
    return {
        "user_id": session.user_id,
        "username": session.username,
        "nickname": session.nickname,
        "session_id": session.session_id,
        "peer_id": session.peer_id,
        "joined_at": rfc3339(session.connected_at),
        "last_active_at": rfc3339(session.last_active_at),
        "is_self": is_self,
        "avatar_url": session.avatar_url,
        "role": int(session.role),
        "audio_block": session.audio_block.value,
        "video_block": session.video_block.value,
        "media": {
            "audio": bool(session.shown.audio),
            "video": bool(session.shown.video),
            "screen": bool(session.shown.screen),
        },
    }
