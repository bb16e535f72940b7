"""CSRF tokens: 32 bytes that carry their own expiry and proof, so that nothing need be stored."""

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Mapping

from salon.platform.clock import Clock
from salon.platform.errors import NotAllowed

CSRF_HEADER = "X-CSRF-Token"
CSRF_COOKIE = "csrf_token"
CSRF_LIFETIME_S = 86_400
_STAMP = 4
_NONCE = 12
_PROOF = 16


class CsrfTokens:
    """Makes tokens and knows its own; they survive a restart, because only the key is kept."""

    def __init__(self, secret: bytes, *, clock: Clock) -> None:
        # A key of its own kind: a CSRF proof must be of no use anywhere else.
        self._key = hmac.digest(secret, b"csrf", "sha256")
        self._clock = clock

    def issue(self) -> str:
        """A token valid for 24 hours, to be used as often as one likes."""
        expires = int(self._clock.now().timestamp()) + CSRF_LIFETIME_S
        body = expires.to_bytes(_STAMP, "big") + secrets.token_bytes(_NONCE)
        return _encode(body + self._prove(body))

    def is_valid(self, token: str) -> bool:
        """Whether this is an unexpired token of ours."""
        try:
            raw = base64.b64decode(f"{token}=", altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            return False
        if len(raw) != _STAMP + _NONCE + _PROOF:
            return False
        body, proof = raw[: _STAMP + _NONCE], raw[_STAMP + _NONCE :]
        expires = int.from_bytes(body[:_STAMP], "big")
        return hmac.compare_digest(proof, self._prove(body)) and expires > self._clock.now().timestamp()

    def ensure(self, cookies: Mapping[str, str]) -> tuple[str, bool]:
        """The browser's token, and whether it is new and its cookie must be set."""
        present = cookies.get(CSRF_COOKIE, "")
        return (present, False) if self.is_valid(present) else (self.issue(), True)

    def require(self, *, header: str | None, cookies: Mapping[str, str]) -> None:
        """Check that who sends the cookie can also read the token.

        Raises:
            NotAllowed: the token is missing, expired, or another browser's.
        """
        if not header:
            raise NotAllowed("CSRF token missing")
        same = hmac.compare_digest(header.encode(), cookies.get(CSRF_COOKIE, "").encode())
        if not same or not self.is_valid(header):
            raise NotAllowed("Invalid or expired CSRF token")

    def _prove(self, body: bytes) -> bytes:
        return hmac.new(self._key, body, hashlib.sha256).digest()[:_PROOF]


def _encode(raw: bytes) -> str:
    """Base64url without padding, which a cookie would have to quote."""
    return base64.urlsafe_b64encode(raw).decode("ascii").rstrip("=")
