"""Refusals of the media service."""

from salon.media.engine import EngineError
from salon.platform.errors import BadRequest, Conflict, NotAllowed, NotFound, SalonError, Unavailable

RETRY_AFTER_S = 1


class PeerNotFound(NotFound):
    """Existing clients rebuild their connection when they read exactly these words."""

    kind = "peer_not_found"
    text = "peer not found"


class RoomNotFound(NotFound):
    """No such room, or not for this caller."""

    kind = "room_not_found"
    text = "room not found"


class NoLiveSession(NotAllowed):
    """A member without a live signaling session there."""

    kind = "no_live_session"
    text = "Connect to this meeting's signaling WebSocket first."


class NotYourself(NotAllowed):
    """A user id in the request is not the caller's."""

    kind = "not_yourself"
    text = "user_id must be your own."


class BadSdp(BadRequest):
    """The engine cannot use what the client described."""

    kind = "bad_sdp"
    text = "The session description or candidate cannot be used."


class StaleNegotiation(Conflict):
    """The answer belongs to an offer that is no longer pending."""

    kind = "stale_negotiation"

    def __init__(self, neg: int | None) -> None:
        pending = "none is pending" if neg is None else f"pending is number {neg}"
        super().__init__(f"This answer is not to the pending offer ({pending}). Fetch the offer again.")


class MediaBusy(Unavailable):
    """The engine has no room or no time."""

    kind = "media_busy"
    text = "The media engine is busy. Try again in a moment."


def engine_refusal(error: EngineError) -> SalonError:
    """What the caller is told when a command of the engine failed."""
    match error.kind:
        case "bad_sdp" | "bad_candidate" | "too_many_lines":
            return BadSdp(f"{BadSdp.text} {error.detail}".strip())
        case "unknown_peer" | "unknown_room":
            return PeerNotFound()
        case "stale_negotiation":
            return StaleNegotiation(None)
        case _:
            return MediaBusy(retry_after_s=RETRY_AFTER_S)
