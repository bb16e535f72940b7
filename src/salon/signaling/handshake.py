"""The checks before a signaling WebSocket is opened, in the order of the wire contract."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from salon.meeting.face import MeetingId
from salon.platform.auth import ACCESS_COOKIE
from salon.platform.errors import BadRequest
from salon.signaling.face import SignalingPeerId
from salon.user.face import UserId

_NUMBER = re.compile(r"[0-9]{1,10}")
_PEER_ID = re.compile(r"[A-Za-z0-9._:-]{1,64}")
_MAX_ID = 2**32 - 1
_BEARER = re.compile(r"^bearer\s+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Hello:
    """What a client asks for when it opens its socket."""

    user_id: UserId
    meeting_id: MeetingId
    peer_id: SignalingPeerId


def read_hello(query: Mapping[str, str]) -> Hello:
    """Read the query parameters.

    Raises:
        BadRequest: one is missing or malformed.
    """
    raw = [query.get(name, "") for name in ("user_id", "meeting_id", "peer_id")]
    if not all(raw):
        raise BadRequest("Missing required parameters")
    user_id, meeting_id, peer_id = raw
    user = _read_id(user_id, "user_id")
    meeting = _read_id(meeting_id, "meeting_id")
    # It becomes a media stream id in SDP, hence the narrow alphabet.
    if not _PEER_ID.fullmatch(peer_id):
        raise BadRequest("Invalid peer_id")
    return Hello(UserId(user), MeetingId(meeting), SignalingPeerId(peer_id))


def pick_token(headers: Mapping[str, str], query: Mapping[str, str], cookies: Mapping[str, str]) -> str:
    """The token that counts. A header is final: no fall-back from it.

    Existing clients put it behind ``Bearer`` in the query as well.
    """
    if "authorization" in headers:
        return _BEARER.sub("", headers["authorization"])
    for name in ("token", "access_token"):
        if query.get(name):
            return _BEARER.sub("", query[name])
    return cookies.get(ACCESS_COOKIE, "")


def _read_id(text: str, name: str) -> int:
    if not _NUMBER.fullmatch(text) or int(text) > _MAX_ID:
        raise BadRequest(f"Invalid {name}")
    return int(text)
