"""Small secrets at rest: encrypted and authenticated, of use only with the key of this server."""

import base64
import hashlib
import hmac
import json
from datetime import timedelta
from typing import Any

from cryptography.fernet import Fernet, InvalidToken

from salon.platform.clock import Clock


class SealBroken(Exception):
    """Not sealed by this server for this purpose, changed since, or too old."""


class Sealer:
    """Seals values for one purpose; what was sealed for another one does not open.

    Fernet (AES-128-CBC and HMAC-SHA256) of `cryptography`, under a key derived for the purpose.
    """

    def __init__(self, key: bytes, *, purpose: str, clock: Clock) -> None:
        derived = hmac.digest(key, f"salon seal {purpose}".encode(), hashlib.sha256)
        self._fernet = Fernet(base64.urlsafe_b64encode(derived))
        self._clock = clock

    def seal(self, value: Any) -> str:
        """The value, any JSON, as URL-safe text that nobody else can read or make."""
        text = json.dumps(value, separators=(",", ":")).encode()
        return self._fernet.encrypt_at_time(text, self._now()).decode("ascii")

    def unseal(self, sealed: str, *, within: timedelta | None = None) -> Any:
        """What was sealed.

        Raises:
            SealBroken: see the class; or it was sealed longer than `within` ago.
        """
        try:
            if within is None:
                text = self._fernet.decrypt(sealed.encode())
            else:
                text = self._fernet.decrypt_at_time(sealed.encode(), int(within.total_seconds()), self._now())
            return json.loads(text)
        except (InvalidToken, ValueError) as fault:
            raise SealBroken from fault

    def _now(self) -> int:
        return int(self._clock.now().timestamp())
