"""Shapes of the `/webrtc` endpoints. All answers are read at top level by existing clients."""

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StrictBool, StringConstraints

from salon.platform.envelope import RequestModel, Timestamp

MAX_SDP = 64 * 1024
"""Characters. A browser's SDP with 100 lines stays below; the engine refuses more as well."""


def _decimal(value: object) -> object:
    """A user id as number or as decimal text; true is neither."""
    if isinstance(value, bool):
        raise ValueError("should be a user id")  # noqa: TRY004  (only this becomes a refusal)
    if isinstance(value, str) and value.strip().isascii() and value.strip().isdigit():
        return int(value)
    return value


def _lenient_text(value: object) -> object:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


UserIdText = Annotated[int, BeforeValidator(_decimal), Field(ge=0, le=2**32 - 1)]
RoomIdText = Annotated[str, BeforeValidator(_lenient_text), StringConstraints(min_length=1, max_length=100)]
PeerIdText = Annotated[str, StringConstraints(min_length=1, max_length=64)]
Sdp = Annotated[str, StringConstraints(min_length=1, max_length=MAX_SDP)]


class Offer(RequestModel):
    """A session description of type offer."""

    type: Literal["offer"]
    sdp: Sdp


class Answer(RequestModel):
    """A session description of type answer."""

    type: Literal["answer"]
    sdp: Sdp


class OpenPeerRequest(RequestModel):
    """A client's offer. ``session_id`` binds it to that tab, ``peer_id`` renegotiates an own connection."""

    room_id: RoomIdText
    user_id: UserIdText
    offer: Offer
    session_id: Annotated[str, StringConstraints(max_length=64)] | None = None
    peer_id: PeerIdText | None = None


class OpenPeerResponse(BaseModel):
    """The SFU's answer, host candidates inside."""

    peer_id: str
    answer: Answer


class Candidate(BaseModel):
    """An ICE candidate; an empty text ends them. camelCase as in browsers."""

    model_config = ConfigDict(populate_by_name=True)

    candidate: Annotated[str, StringConstraints(max_length=1024)]
    sdp_mid: Annotated[str, StringConstraints(max_length=64)] | None = Field(None, alias="sdpMid")
    sdp_m_line_index: int | None = Field(None, alias="sdpMLineIndex")
    username_fragment: Annotated[str, StringConstraints(max_length=256)] | None = Field(
        None, alias="usernameFragment"
    )


class CandidateRequest(RequestModel):
    """A trickled candidate of the client."""

    peer_id: PeerIdText
    candidate: Candidate


class PeerMessage(BaseModel):
    """Done, for this peer."""

    message: str = "success"
    peer_id: str


class CandidatesResponse(BaseModel):
    """Candidates since the last call; ``complete`` when no more will come."""

    peer_id: str
    candidates: list[Candidate]
    complete: bool


class OfferResponse(BaseModel):
    """The offer that waits for an answer, with its number for clients that hand it back."""

    peer_id: str
    offer: Offer
    neg: int


class AnswerRequest(RequestModel):
    """A client's answer to the pending offer, or to offer ``neg``."""

    answer: Answer
    neg: Annotated[int, Field(ge=0)] | None = None


class UserRequest(RequestModel):
    """The caller's own id."""

    user_id: UserIdText


class SfuRoomView(BaseModel):
    """An SFU room."""

    id: str
    meeting_id: str
    created_at: Timestamp


class RoomJoinResponse(BaseModel):
    """A room the caller may use."""

    message: str = "success"
    room: SfuRoomView
    user_id: str


class RoomLeaveResponse(BaseModel):
    """The caller's media peers are gone from the room."""

    message: str = "success"
    room_id: str
    user_id: str


class PeerView(BaseModel):
    """One media peer of a room."""

    peer_id: str
    user_id: str
    media_type: Literal["audio", "video", "screen"]
    status: Literal["connecting", "connected", "disconnected"]
    created_at: Timestamp
    last_activity: Timestamp


class RoomPeersResponse(BaseModel):
    """All media peers of a room."""

    room_id: str
    peers: list[PeerView]
    count: int


class RoomStatsResponse(BaseModel):
    """Figures of a room, counted from the tracks that flow."""

    room_id: str
    total_peers: int
    connected_peers: int
    audio_streams: int
    video_streams: int
    screen_shares: int


class MediaRequest(RequestModel):
    """What a peer sends; what is left out is off."""

    audio_enabled: StrictBool = False
    video_enabled: StrictBool = False
    screen_share: StrictBool = False


class MediaResponse(MediaRequest):
    """What the peer now may send."""

    message: str = "success"
    peer_id: str


class PeerStatusResponse(BaseModel):
    """The transport state of a peer."""

    peer_id: str
    status: Literal["connecting", "connected", "disconnected"]
    message: str = "success"
