"""The second factor: time-based one-time codes (RFC 6238), and recovery codes for a lost device."""

import hashlib
import hmac
import io
import secrets
from dataclasses import dataclass
from datetime import datetime

import pyotp
import segno
from sqlalchemy.ext.asyncio import AsyncSession

from salon.platform.audit import AuditEntry, record
from salon.platform.auth import Caller
from salon.platform.clock import Clock
from salon.platform.db import Database
from salon.platform.errors import BadRequest, Conflict, NotSignedIn
from salon.platform.ids import UserId
from salon.platform.passwords import Passwords
from salon.platform.quotas import Quota, Quotas
from salon.platform.seal import Sealer
from salon.user import factors, store
from salon.user.store import UserRow

STEP_S = 30
"""RFC 6238, section 5.2: the recommended time step."""

DRIFT_STEPS = 1
"""RFC 6238, section 5.2: one step either way for clocks that differ and fingers that are slow."""

RECOVERY_CODES = 10
_CODE_LETTERS = "23456789abcdefghjkmnpqrstvwxyz"
_CODE_LENGTH = 12
"""Twelve of thirty letters: 58 bits, which no one guesses through a counted door; a plain hash is enough."""

_ISSUER = "Salon"


class SecondFactorNeeded(NotSignedIn):
    """The password was right, and the account asks for a code too."""

    kind = "second_factor_needed"
    text = "A second factor is needed. Send `totp_code` from your authenticator app, or a `recovery_code`."


class WrongCode(NotSignedIn):
    """The code is wrong, or was used before."""

    kind = "wrong_code"
    text = "This code is not valid. Wait for the next one in your authenticator app and try again."


@dataclass(frozen=True, slots=True)
class FactorState:
    """Whether an account asks for a second factor."""

    enabled: bool
    enabled_at: datetime | None
    recovery_codes_left: int


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What an authenticator app needs; shown once."""

    secret: str
    otpauth_uri: str
    qr_svg: str


class SecondFactors:
    """Authenticators and recovery codes of all accounts."""

    def __init__(
        self, *, db: Database, clock: Clock, passwords: Passwords, quotas: Quotas, sealer: Sealer
    ) -> None:
        self._db = db
        self._clock = clock
        self._passwords = passwords
        self._quotas = quotas
        self._sealer = sealer

    async def get_state(self, user_id: UserId) -> FactorState:
        """Whether the account asks for a code, and how many recovery codes are left."""
        async with self._db.read() as tx:
            totp = await factors.find_totp(tx, user_id)
            left = await factors.count_recovery_codes(tx, user_id)
        enabled_at = totp.enabled_at if totp else None
        return FactorState(enabled_at is not None, enabled_at, left)

    async def set_up(self, caller: Caller, *, password: str) -> Enrolment:
        """Make a new secret that waits for its first code; an earlier waiting one is void.

        Raises:
            BadRequest: the password is wrong.
            Conflict: a second factor is on already.
        """
        user = await self._confirm(caller, password)
        secret = pyotp.random_base32()
        async with self._db.begin() as tx:
            row = await factors.find_totp(tx, caller.user_id, lock=True)
            if row is not None and row.enabled_at is not None:
                raise Conflict("A second factor is on already. Switch it off first.")
            if row is None:
                row = factors.TotpRow(user_id=caller.user_id)
                tx.add(row)
            row.sealed_secret = self._sealer.seal(secret)
            row.last_step = 0
            row.enabled_at = None
            row.created_at = self._clock.now()
        uri = pyotp.TOTP(secret).provisioning_uri(name=user.username, issuer_name=_ISSUER)
        return Enrolment(secret=secret, otpauth_uri=uri, qr_svg=_draw(uri))

    async def enable(self, caller: Caller, *, code: str) -> list[str]:
        """Switch the second factor on with the app's first code; answers the recovery codes, once.

        Raises:
            BadRequest: nothing was set up, or the code is wrong.
            Conflict: it is on already.
        """
        await self._quotas.take(Quota.TOTP, str(caller.user_id))
        codes = _new_codes()
        async with self._db.begin() as tx:
            row = await factors.find_totp(tx, caller.user_id, lock=True)
            if row is None:
                raise BadRequest("Set up an authenticator app first.")
            if row.enabled_at is not None:
                raise Conflict("A second factor is on already.")
            if not self._take_code(row, code):
                raise BadRequest("This code is not valid. Check your phone's clock and try the next one.")
            row.enabled_at = self._clock.now()
            await factors.replace_recovery_codes(tx, caller.user_id, [_hash(one) for one in codes])
            await self._note(tx, caller, "user.second_factor_enabled")
        return codes

    async def disable(self, caller: Caller, *, password: str, code: str) -> None:
        """Switch it off; `code` is one of the app or a recovery code.

        Raises:
            BadRequest: the password or the code is wrong, or it is off.
        """
        await self._confirm(caller, password)
        async with self._db.begin() as tx:
            await self._prove(tx, caller.user_id, code)
            await factors.remove_totp(tx, caller.user_id)
            await self._note(tx, caller, "user.second_factor_disabled")

    async def renew_recovery_codes(self, caller: Caller, *, password: str, code: str) -> list[str]:
        """New recovery codes; the old ones stop working.

        Raises:
            BadRequest: the password or the code is wrong, or the second factor is off.
        """
        await self._confirm(caller, password)
        codes = _new_codes()
        async with self._db.begin() as tx:
            await self._prove(tx, caller.user_id, code)
            await factors.replace_recovery_codes(tx, caller.user_id, [_hash(one) for one in codes])
            await self._note(tx, caller, "user.recovery_codes_renewed")
        return codes

    async def check(self, tx: AsyncSession, user: UserRow, *, totp_code: str, recovery_code: str) -> bool:
        """Whether this sign-in may go on; uses up the code it was given. Call with the right password only.

        Returns:
            False if a code was given and is wrong; the caller counts it and commits nothing.

        Raises:
            SecondFactorNeeded: the account asks for a code, and none was given.
        """
        user_id = UserId(user.id)
        row = await factors.find_totp(tx, user_id, lock=True)
        if row is None or row.enabled_at is None:
            return True
        if totp_code:
            return self._take_code(row, totp_code)
        if recovery_code:
            return await factors.use_recovery_code(tx, user_id, _hash(recovery_code), self._clock.now())
        raise SecondFactorNeeded

    async def _prove(self, tx: AsyncSession, user_id: UserId, code: str) -> None:
        await self._quotas.take(Quota.TOTP, str(user_id))
        row = await factors.find_totp(tx, user_id, lock=True)
        if row is None or row.enabled_at is None:
            raise BadRequest("The second factor is off.")
        if not self._take_code(row, code) and not await factors.use_recovery_code(
            tx, user_id, _hash(code), self._clock.now()
        ):
            raise BadRequest("This code is not valid. Wait for the next one and try again.")

    def _take_code(self, row: factors.TotpRow, code: str) -> bool:
        """Whether the code is the one of now, and newer than the last one taken; then it is used up."""
        digits = "".join(code.split())
        if len(digits) != 6 or not (digits.isascii() and digits.isdecimal()):
            return False
        totp = pyotp.TOTP(self._sealer.unseal(row.sealed_secret))
        now_step = int(self._clock.now().timestamp()) // STEP_S
        for step in range(now_step - DRIFT_STEPS, now_step + DRIFT_STEPS + 1):
            if hmac.compare_digest(totp.at(step * STEP_S), digits) and step > row.last_step:
                row.last_step = step
                return True
        return False

    async def _confirm(self, caller: Caller, password: str) -> UserRow:
        await self._quotas.take(Quota.TOTP, str(caller.user_id))
        async with self._db.read() as tx:
            user = await store.find_user(tx, caller.user_id)
        if user is None:
            raise NotSignedIn("This account does not exist any more.")
        if not await self._passwords.verify(password, user.password_hash):
            raise BadRequest("The password is wrong.")
        return user

    async def _note(self, tx: AsyncSession, caller: Caller, action: str) -> None:
        entry = AuditEntry(
            action=action,
            actor_id=caller.user_id,
            actor_name=caller.username,
            target=f"user:{caller.user_id}",
        )
        await record(tx, entry, now=self._clock.now())


def _new_codes() -> list[str]:
    raw = ("".join(secrets.choice(_CODE_LETTERS) for _ in range(_CODE_LENGTH)) for _ in range(RECOVERY_CODES))
    return [f"{code[:4]}-{code[4:8]}-{code[8:]}" for code in raw]


def _hash(code: str) -> str:
    """People type codes with blanks, without dashes, in capitals."""
    plain = "".join(char for char in code.lower() if char.isalnum())
    return hashlib.sha256(plain.encode()).hexdigest()


def _draw(uri: str) -> str:
    buffer = io.BytesIO()
    segno.make(uri, error="m").save(buffer, kind="svg", xmldecl=False, svgclass=None, lineclass=None, scale=4)
    return buffer.getvalue().decode()
