"""Sign-ins: who gets a token, how long it counts, and how it ends early."""

import secrets
import time
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from salon.platform.audit import AuditEntry, client_address, record
from salon.platform.auth import Caller, Tokens
from salon.platform.bus import Bus
from salon.platform.clock import Clock
from salon.platform.db import Database
from salon.platform.errors import NotSignedIn
from salon.platform.ids import UserId
from salon.platform.passwords import Passwords
from salon.platform.quotas import Quota, Quotas
from salon.user import store
from salon.user.face import TokensRevoked, UserDisabled, UserStatus
from salon.user.store import RevokedSignInRow, UserRow
from salon.user.totp import SecondFactors, WrongCode

log = structlog.get_logger()

REFRESH_BEFORE = timedelta(hours=1)
"""A token that lives longer than this is handed back as it is."""

FACTS_TTL_S = 2.0
"""How long another process may go on with a token that ended here; in this process it ends at once."""

_MAX_FACTS = 20_000
_WRONG = "Wrong user name or password."
_ENDED = "This sign-in has ended. Sign in again."
_GUEST_OVER = "Your visit has ended: the meeting is over, or the link was revoked. Open an invite link again."
_UNUSABLE = "This account cannot be used. Ask an administrator."


@dataclass(frozen=True, slots=True)
class _Facts:
    """What decides about a user's tokens."""

    is_usable: bool
    version: int
    valid_from: datetime | None
    ended: frozenset[str]


class SignIns:
    """Checks passwords and second factors, issues tokens, and ends them."""

    def __init__(
        self,
        *,
        db: Database,
        bus: Bus,
        clock: Clock,
        tokens: Tokens,
        passwords: Passwords,
        quotas: Quotas,
        factors: SecondFactors,
    ) -> None:
        self._db = db
        self._bus = bus
        self._clock = clock
        self._tokens = tokens
        self._passwords = passwords
        self._quotas = quotas
        self._factors = factors
        self._facts: OrderedDict[UserId, tuple[_Facts | None, float]] = OrderedDict()
        self._endings = 0
        bus.subscribe(TokensRevoked, self._forget_facts)
        bus.subscribe(UserDisabled, self._forget_facts)

    # Coming in.

    async def login(
        self, *, login: str, password: str, totp_code: str = "", recovery_code: str = ""
    ) -> tuple[UserRow, str]:
        """The account and a token for it.

        Raises:
            NotSignedIn: unknown user, wrong password, or an account out of use: one text for all.
            SecondFactorNeeded, WrongCode: the password was right, the second factor is missing or wrong.
            TooManyRequests: too many wrong tries for this account, or too many tries from this address.
        """
        key = store.fold(login)
        await self._quotas.take(Quota.SIGN_IN_ADDRESS, client_address.get())
        await self._quotas.check(Quota.SIGN_IN_ACCOUNT, key)
        async with self._db.read() as tx:
            user = await store.find_user_by_login(tx, login)
        stored = user.password_hash if user is not None else None
        is_right = await self._passwords.verify(password, stored)
        if user is None or not is_right or user.status != UserStatus.ACTIVE:
            await self._fail(key, login, user)
            raise NotSignedIn(_WRONG)
        # Again: of many guesses sent at once, those beyond the limit learn nothing.
        await self._quotas.check(Quota.SIGN_IN_ACCOUNT, key)
        renewed = await self._passwords.rehash(password, user.password_hash)
        async with self._db.begin() as tx:
            found = await store.get_for_update(tx, UserId(user.id))
            if found is None or found.status != UserStatus.ACTIVE or found.password_hash != stored:
                raise NotSignedIn(_WRONG)
            is_proven = await self._factors.check(tx, found, totp_code=totp_code, recovery_code=recovery_code)
            if is_proven:
                found.last_login = self._clock.now()
                found.password_hash = renewed or found.password_hash
                await self._note(tx, "user.signed_in", found)
        if not is_proven:
            await self._fail(key, login, user)
            raise WrongCode
        await self._quotas.forget(Quota.SIGN_IN_ACCOUNT, key)
        log.info("user.signed_in", user_id=found.id)
        return found, self.issue(found)

    def issue(self, user: UserRow, *, sid: str | None = None) -> str:
        """A token of a new sign-in, or of the one named."""
        return self._tokens.issue(
            user_id=UserId(user.id),
            username=user.username,
            email=user.email,
            sid=sid or secrets.token_urlsafe(16),
            version=user.token_version,
        )

    def issue_guest(self, user: UserRow, *, meeting_id: int, lifetime: timedelta) -> str:
        """A guest's token: for one meeting, never renewed."""
        return self._tokens.issue(
            user_id=UserId(user.id),
            username=user.username,
            email="",
            sid=secrets.token_urlsafe(16),
            version=user.token_version,
            guest_of=meeting_id,
            lifetime=lifetime,
        )

    async def refresh(self, token: str) -> str:
        """A token that lives on; the same one if it still has more than an hour.

        Raises:
            NotSignedIn: not valid any more, a guest's, or the account is out of use.
        """
        caller = self._tokens.verify(token)
        await self.admit(caller)
        if caller.guest_of is not None:
            raise NotSignedIn("A guest's token cannot be renewed. Come in by the invite link again.")
        async with self._db.read() as tx:
            user = await store.find_user(tx, caller.user_id)
        if user is None or user.status != UserStatus.ACTIVE:
            raise NotSignedIn(_UNUSABLE)
        if self._tokens.expires_at(token) - self._clock.now() > REFRESH_BEFORE:
            return token
        return self.issue(user, sid=caller.sid)

    async def _fail(self, key: str, login: str, user: UserRow | None) -> None:
        await self._quotas.take(Quota.SIGN_IN_ACCOUNT, key)
        async with self._db.begin() as tx:
            entry = AuditEntry(
                action="user.sign_in_failed",
                actor_id=None,
                actor_name=login,
                target=f"user:{user.id}" if user is not None else "",
                outcome="failed",
            )
            await record(tx, entry, now=self._clock.now())

    # Whether a token still counts.

    async def admit(self, caller: Caller) -> None:
        """Let a valid token pass, unless it was ended or its account may not be used.

        Raises:
            NotSignedIn: see above. An id that never was an account passes: foreign tools make such tokens.
        """
        facts = await self._facts_of(caller.user_id)
        if facts is None:
            return
        if not facts.is_usable:
            raise NotSignedIn(_UNUSABLE if caller.guest_of is None else _GUEST_OVER)
        if caller.sid is not None and caller.sid in facts.ended:
            raise NotSignedIn(_ENDED)
        if caller.version is not None:
            if caller.version != facts.version:
                raise NotSignedIn(_ENDED)
        elif facts.valid_from is not None and (caller.issued_at or 0) < facts.valid_from.timestamp():
            raise NotSignedIn(_ENDED)

    async def _facts_of(self, user_id: UserId) -> _Facts | None:
        known = self._facts.get(user_id)
        if known is not None and time.monotonic() - known[1] < FACTS_TTL_S:
            return known[0]
        at, endings = time.monotonic(), self._endings
        async with self._db.read() as tx:
            found = await store.find_token_facts(tx, user_id, self._clock.now())
        facts = None
        if found is not None:
            user, ended = found
            is_usable = user.deleted_at is None and user.status == UserStatus.ACTIVE
            facts = _Facts(is_usable, user.token_version, user.tokens_valid_from, ended)
        if endings != self._endings:
            # Something ended while we looked, perhaps this: good for this once, not to be kept.
            return facts
        self._facts[user_id] = (facts, at)
        self._facts.move_to_end(user_id)
        while len(self._facts) > _MAX_FACTS:
            self._facts.popitem(last=False)
        return facts

    async def _forget_facts(self, event: TokensRevoked | UserDisabled) -> None:
        self._endings += 1
        self._facts.pop(event.user_id, None)

    # Ending.

    def end_all(self, user: UserRow) -> None:
        """Void every token of the account, in the caller's transaction; `announce` it after the commit."""
        user.token_version += 1
        user.tokens_valid_from = self._clock.now()

    async def announce(self, user_id: UserId, *, sid: str | None = None) -> None:
        """Tell everybody that sign-ins ended: sockets and media follow."""
        await self._bus.publish(TokensRevoked(user_id=user_id, sid=sid))

    async def log_out(self, caller: Caller, *, everywhere: bool) -> None:
        """End all of the caller's sign-ins, or the one at hand. A token made elsewhere ends with all."""
        sid = None if everywhere else caller.sid
        try:
            async with self._db.begin() as tx:
                user = await store.get_for_update(tx, caller.user_id)
                if user is None:
                    return
                if sid is None:
                    self.end_all(user)
                else:
                    expires_at = self._clock.now() + self._tokens.lifetime
                    tx.add(RevokedSignInRow(sid=sid, user_id=user.id, expires_at=expires_at))
                await self._note(tx, "user.signed_out", user, everywhere=sid is None)
        except IntegrityError:
            # Signed out twice at once: it is over either way.
            log.info("user.signed_out_already", user_id=caller.user_id)
        await self.announce(caller.user_id, sid=sid)

    async def _note(self, tx: AsyncSession, action: str, user: UserRow, **details: bool) -> None:
        entry = AuditEntry(
            action=action,
            actor_id=UserId(user.id),
            actor_name=user.username,
            target=f"user:{user.id}",
            details=dict(details),
        )
        await record(tx, entry, now=self._clock.now())
