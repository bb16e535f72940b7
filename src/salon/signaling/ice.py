"""Which ICE servers clients are told, with TURN credentials that expire."""

import base64
import hashlib
import hmac
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from pydantic import JsonValue


class IceServers:
    """Makes the list of a ROOM_INFO; never empty once the media port is known.

    Args:
        stun_port: tells the UDP port of the SFU, which answers STUN binding requests.
        advertised_host: address the SFU advertises; None takes the host the client asked for.
        stun_urls: further STUN servers, shown last.
        turn_urls: TURN servers that share ``turn_secret``.
        turn_lifetime: how long credentials stay good.
    """

    def __init__(
        self,
        *,
        stun_port: Callable[[], int],
        advertised_host: str | None,
        stun_urls: Sequence[str] = (),
        turn_urls: Sequence[str] = (),
        turn_secret: str = "",
        turn_lifetime: timedelta = timedelta(hours=24),
    ) -> None:
        self._stun_port = stun_port
        self._host = advertised_host
        self._stun_urls = tuple(stun_urls)
        self._turn_urls = tuple(turn_urls) if turn_secret else ()
        self._turn_secret = turn_secret.encode()
        self._turn_lifetime = turn_lifetime

    def list_for(self, *, user_id: int, request_host: str, now: datetime) -> list[JsonValue]:
        """Own STUN, TURN, other STUN; one URL an entry.

        Source of the credential form: draft-uberti-behave-turn-rest-00, section 2.2.
        """
        host = self._host or request_host
        servers: list[JsonValue] = [{"urls": f"stun:{_bracketed(host)}:{self._stun_port()}"}]
        if self._turn_urls:
            username = f"{int((now + self._turn_lifetime).timestamp())}:{user_id}"
            digest = hmac.new(self._turn_secret, username.encode(), hashlib.sha1).digest()
            credential = base64.b64encode(digest).decode()
            servers += [
                {"urls": url, "username": username, "credential": credential} for url in self._turn_urls
            ]
        servers += [{"urls": url} for url in self._stun_urls]
        return servers


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host and not host.startswith("[") else host
