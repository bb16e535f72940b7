"""Which media peer belongs to whom: the binding of SFU connections to users and tabs. Pure state."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, NewType

from salon.media.face import PublishedTrack, Tracks
from salon.meeting.face import Block, MeetingId, RoomId, Seat
from salon.signaling.face import MediaSwitches, SignalingPeerId
from salon.user.face import UserId

MediaPeerId = NewType("MediaPeerId", str)
"""One PeerConnection at the SFU (UUID)."""

PeerStatus = Literal["connecting", "connected", "disconnected"]
TrackKind = Literal["audio", "video"]


@dataclass(frozen=True, slots=True)
class Tab:
    """A page of a user in a meeting: survives a reconnect of its WebSocket."""

    meeting_id: MeetingId
    user_id: UserId
    signaling_peer_id: SignalingPeerId


@dataclass(frozen=True, slots=True)
class PendingOffer:
    """An offer of the engine that waits for the client's answer."""

    neg: int
    sdp: str


@dataclass(frozen=True, slots=True)
class Publish:
    """Which kinds of packets the engine lets through from a peer."""

    audio: bool = True
    video: bool = True


@dataclass(slots=True)
class MediaPeer:
    """One connection at the SFU and what is known of it."""

    peer_id: MediaPeerId
    room_id: RoomId
    tab: Tab
    created_at: datetime
    last_activity: datetime
    status: PeerStatus = "connecting"
    offer: PendingOffer | None = None
    candidates: list[dict[str, str | int]] = field(default_factory=list)
    wanted: Publish = field(default_factory=Publish)
    """What the page says it sends."""
    allowed: Publish = field(default_factory=Publish)
    """What the meeting and its moderators let through."""
    passing: Publish = field(default_factory=Publish)
    """What the engine was told: both of the above."""
    tracks: dict[str, TrackKind] = field(default_factory=dict)


def allowed_of(seat: Seat) -> Publish:
    """What may pass from somebody with this seat."""
    return Publish(
        audio=seat.allows.audio and seat.audio_block is Block.FREE,
        video=seat.allows.video and seat.video_block is Block.FREE,
    )


class PeerTable:
    """All media peers of this process: one a tab, two for the moment in which a newer replaces an older."""

    def __init__(self) -> None:
        self._peers: dict[MediaPeerId, MediaPeer] = {}
        self._of_tab: dict[Tab, list[MediaPeer]] = {}

    def __len__(self) -> int:
        return len(self._peers)

    def add(self, peer: MediaPeer) -> None:
        """Enter a peer."""
        self._peers[peer.peer_id] = peer
        self._of_tab.setdefault(peer.tab, []).append(peer)

    def remove(self, peer_id: MediaPeerId) -> MediaPeer | None:
        """Take a peer out; None if it was out already, so that each teardown happens once."""
        peer = self._peers.pop(peer_id, None)
        if peer is not None:
            remaining = self._of_tab[peer.tab]
            remaining.remove(peer)
            if not remaining:
                del self._of_tab[peer.tab]
        return peer

    def find(self, peer_id: str) -> MediaPeer | None:
        """The peer of that id."""
        return self._peers.get(MediaPeerId(peer_id))

    def list_of_tab(self, tab: Tab) -> list[MediaPeer]:
        """The peers of a tab, oldest first."""
        return list(self._of_tab.get(tab, ()))

    def list_all(self) -> list[MediaPeer]:
        """Every peer, oldest first."""
        return list(self._peers.values())

    def list_of_meeting(self, meeting_id: MeetingId) -> list[MediaPeer]:
        """The peers of a meeting, oldest first."""
        return [p for p in self._peers.values() if p.tab.meeting_id == meeting_id]


def publish_of(switches: MediaSwitches, *, before: Publish) -> Publish:
    """What may pass for what a tab says of itself; of what it never spoke, nothing changes.

    Camera and shared screen are one sender, so its packets pass while either is on.
    """
    audio = before.audio if switches.audio is None else switches.audio
    camera = before.video if switches.video is None else switches.video
    return Publish(audio=audio, video=camera or bool(switches.screen))


def candidates_of(answer_sdp: str) -> list[dict[str, str | int]]:
    """The host candidates inside an answer, in the form of the polling endpoint."""
    mid, ufrag = "0", ""
    lines: list[str] = []
    for line in answer_sdp.splitlines():
        if line.startswith("a=mid:") and not lines:
            mid = line.removeprefix("a=mid:")
        elif line.startswith("a=ice-ufrag:"):
            ufrag = ufrag or line.removeprefix("a=ice-ufrag:")
        elif line.startswith("a=candidate:"):
            lines.append(line.removeprefix("a="))
    return [
        {"candidate": text, "sdpMid": mid, "sdpMLineIndex": 0, "usernameFragment": ufrag}
        for text in dict.fromkeys(lines)
    ]


class PublishedTracks(Tracks):
    """The tracks of the peers of this process."""

    def __init__(self, peers: PeerTable) -> None:
        self._peers = peers

    async def list_tracks(self) -> list[PublishedTrack]:
        """See `Tracks.list_tracks`."""
        return [
            PublishedTrack(
                peer_id=peer.peer_id,
                track_id=track_id,
                stream=peer.tab.signaling_peer_id,
                meeting_id=peer.tab.meeting_id,
                room_id=peer.room_id,
                user_id=peer.tab.user_id,
                kind=kind,
                since=peer.created_at,
            )
            for peer in self._peers.list_all()
            for track_id, kind in peer.tracks.items()
        ]
