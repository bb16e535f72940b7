"""Sign-in through an OpenID provider: which account it is, or becomes."""

import hmac
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from pydantic import BaseModel, ConfigDict, ValidationError
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from salon.platform.addresses import check_email
from salon.platform.audit import AuditEntry, record
from salon.platform.auth import Caller
from salon.platform.clock import Clock
from salon.platform.db import Database
from salon.platform.errors import Conflict, NotFound, NotSignedIn
from salon.platform.ids import UserId
from salon.platform.oidc import Identity, OidcProvider, ProofRefused, ProviderUnreachable
from salon.platform.seal import SealBroken, Sealer
from salon.user import identities, store
from salon.user.face import UserRole, UserStatus
from salon.user.identities import IdentityRow
from salon.user.store import UserRow

log = structlog.get_logger()

FLOW_LIFETIME = timedelta(minutes=10)
"""How long somebody may take at the provider."""

_NAME_TRIES = 5
_PATH = re.compile(r"/(?![/\\])[\x21-\x5b\x5d-\x7e]{0,500}")


class OidcProblem(Exception):
    """A sign-in that came to nothing; `code` names the text that the page shows."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class OidcOff(NotFound):
    """No provider is set up."""

    kind = "oidc_off"
    text = "Sign-in through a provider is not set up on this server. Sign in with a password."


class _Flow(BaseModel):
    """What the browser carries, sealed, while it is at the provider."""

    model_config = ConfigDict(frozen=True)

    state: str
    nonce: str
    code_verifier: str
    return_to: str
    link_user_id: int | None = None


@dataclass(frozen=True, slots=True)
class Setting:
    """How sign-in through the provider is set up."""

    label: str
    allow_sign_up: bool


@dataclass(frozen=True, slots=True)
class Started:
    """Where to send the browser, and the sealed flow that it keeps as a cookie."""

    url: str
    flow: str


@dataclass(frozen=True, slots=True)
class Finished:
    """A sign-in that went well. `token` is None after connecting: that browser is signed in."""

    token: str | None
    return_to: str


class OidcSignIn:
    """Accounts behind identities of one provider.

    Args:
        provider: None if none is set up.
        issue: gives an account its token.
    """

    def __init__(
        self,
        *,
        db: Database,
        clock: Clock,
        provider: OidcProvider | None,
        setting: Setting,
        sealer: Sealer,
        issue: Callable[[UserRow], str],
    ) -> None:
        self._db = db
        self._clock = clock
        self._provider = provider
        self._setting = setting
        self._sealer = sealer
        self._issue = issue

    @property
    def label(self) -> str | None:
        """What the button says; None without a provider."""
        return None if self._provider is None else self._setting.label

    async def start(
        self, *, redirect_uri: str, return_to: str, link_user_id: UserId | None = None
    ) -> Started:
        """Begin a sign-in, or the connecting of `link_user_id`.

        Raises:
            OidcOff: no provider is set up.
            ProviderUnreachable: it does not answer.
        """
        if self._provider is None:
            raise OidcOff
        departure = await self._provider.depart(redirect_uri=redirect_uri)
        flow = _Flow(
            state=departure.state,
            nonce=departure.nonce,
            code_verifier=departure.code_verifier,
            return_to=own_path(return_to),
            link_user_id=link_user_id,
        )
        return Started(departure.url, self._sealer.seal(flow.model_dump()))

    def return_path(self, sealed: str | None) -> str:
        """Where a flow that failed leads back to."""
        try:
            return self._open(sealed).return_to
        except OidcProblem:
            return "/"

    async def finish(
        self, *, sealed: str | None, state: str, code: str, error: str, redirect_uri: str
    ) -> Finished:
        """The browser is back from the provider.

        Raises:
            OidcProblem: no sign-in; the code says why.
        """
        flow = self._open(sealed)
        if self._provider is None or not hmac.compare_digest(flow.state.encode(), state.encode()):
            raise OidcProblem("oidc_expired")
        try:
            return await self._arrive(flow, code="" if error else code, redirect_uri=redirect_uri)
        except OidcProblem as problem:
            await self._note_failure(flow, problem.code)
            raise

    async def _arrive(self, flow: _Flow, *, code: str, redirect_uri: str) -> Finished:
        if not code:
            raise OidcProblem("oidc_denied")
        if self._provider is None:
            raise OidcProblem("oidc_expired")
        try:
            identity = await self._provider.identify(
                code=code, redirect_uri=redirect_uri, nonce=flow.nonce, code_verifier=flow.code_verifier
            )
        except ProviderUnreachable as fault:
            raise OidcProblem("oidc_unavailable") from fault
        except ProofRefused as fault:
            log.warning("oidc.refused", reason=str(fault))
            raise OidcProblem("oidc_failed") from fault
        if flow.link_user_id is not None:
            await self._link(UserId(flow.link_user_id), identity)
            return Finished(None, flow.return_to)
        return Finished(await self._sign_in(identity), flow.return_to)

    async def find_link(self, user_id: UserId) -> IdentityRow | None:
        """The account's identity at the provider."""
        if self._provider is None:
            return None
        async with self._db.read() as tx:
            return await identities.find_identity_of(tx, user_id, issuer=self._provider.issuer)

    async def unlink(self, caller: Caller) -> None:
        """Forget the caller's identity.

        Raises:
            Conflict: the account has no password and could never be entered again.
        """
        if self._provider is None:
            raise OidcOff
        async with self._db.begin() as tx:
            user = await store.find_user(tx, caller.user_id)
            if user is None:
                raise NotSignedIn("This account does not exist any more.")
            if not user.password_hash:
                raise Conflict("This account has no password. Set one by “Forgot password” first.")
            await identities.remove_identities(tx, caller.user_id, issuer=self._provider.issuer)
            await self._note(tx, "user.identity_unlinked", user)

    def _open(self, sealed: str | None) -> _Flow:
        try:
            return _Flow.model_validate(self._sealer.unseal(sealed or "", within=FLOW_LIFETIME))
        except (SealBroken, ValidationError) as fault:
            raise OidcProblem("oidc_expired") from fault

    async def _sign_in(self, identity: Identity) -> str:
        for _ in range(_NAME_TRIES):
            try:
                async with self._db.begin() as tx:
                    user = await self._find_or_make(tx, identity)
                    user.last_login = self._clock.now()
                    await self._note(tx, "user.signed_in", user)
                    return self._issue(user)
            except IntegrityError:
                # Somebody took the name, or the same person came twice at once: look again.
                continue
        raise OidcProblem("oidc_failed")

    async def _find_or_make(self, tx: AsyncSession, identity: Identity) -> UserRow:
        now = self._clock.now()
        known = await identities.find_identity(tx, issuer=identity.issuer, subject=identity.subject)
        if known is not None:
            user = await store.find_user(tx, UserId(known.user_id))
            if user is None or user.status != UserStatus.ACTIVE:
                raise OidcProblem("account_disabled")
            known.last_used_at = now
            return user
        if not self._setting.allow_sign_up:
            raise OidcProblem("oidc_sign_up_closed")
        user = await self._make(tx, identity)
        tx.add(_row(UserId(user.id), identity, now))
        await tx.flush()
        return user

    async def _make(self, tx: AsyncSession, identity: Identity) -> UserRow:
        try:
            email = check_email(identity.email)
        except ValueError as fault:
            raise OidcProblem("oidc_no_email") from fault
        if identity.is_email_disputed or len(email) > 100:
            raise OidcProblem("oidc_no_email")
        username = await self._pick_name(tx, identity, email)
        # An address is no proof: whoever runs the provider could walk into any account with it.
        taken = await store.list_taken(tx, username=username, email=email)
        if any(user.email_key == store.fold(email) for user in taken):
            raise OidcProblem("oidc_email_taken")
        now = self._clock.now()
        user = UserRow(
            username=username,
            username_key=store.fold(username),
            email=email,
            email_key=store.fold(email),
            password_hash="",
            nickname=identity.name[:50],
            avatar="",
            phone="",
            role=int(UserRole.USER),
            status=int(UserStatus.ACTIVE),
            created_at=now,
            updated_at=now,
        )
        tx.add(user)
        await tx.flush()
        await self._note(tx, "user.registered", user)
        return user

    async def _pick_name(self, tx: AsyncSession, identity: Identity, email: str) -> str:
        wished = identity.preferred_username.partition("@")[0] or email.partition("@")[0]
        stem = re.sub(r"[^A-Za-z0-9_]+", "_", wished).strip("_")[:20]
        if len(stem) >= 3:
            taken = await store.list_taken(tx, username=stem, email="")
            if not taken:
                return stem
        return f"{stem[:13] or 'user'}_{secrets.token_hex(3)}"

    async def _link(self, user_id: UserId, identity: Identity) -> None:
        try:
            async with self._db.begin() as tx:
                user = await store.find_user(tx, user_id)
                if user is None or user.status != UserStatus.ACTIVE:
                    raise OidcProblem("account_disabled")
                known = await identities.find_identity(tx, issuer=identity.issuer, subject=identity.subject)
                if known is not None and known.user_id != user_id:
                    raise OidcProblem("oidc_linked_elsewhere")
                if known is None:
                    await identities.remove_identities(tx, user_id, issuer=identity.issuer)
                    tx.add(_row(user_id, identity, self._clock.now()))
                    await self._note(tx, "user.identity_linked", user)
        except IntegrityError as fault:
            raise OidcProblem("oidc_linked_elsewhere") from fault

    async def _note_failure(self, flow: _Flow, why: str) -> None:
        """A sign-in, or a connecting, that the provider or the account did not allow."""
        target = f"user:{flow.link_user_id}" if flow.link_user_id is not None else ""
        entry = AuditEntry(
            action="user.sign_in_failed",
            actor_id=None,
            actor_name="",
            target=target,
            outcome="failed",
            details={"via": "oidc", "reason": why},
        )
        async with self._db.begin() as tx:
            await record(tx, entry, now=self._clock.now())

    async def _note(self, tx: AsyncSession, action: str, user: UserRow) -> None:
        entry = AuditEntry(
            action=action,
            actor_id=UserId(user.id),
            actor_name=user.username,
            target=f"user:{user.id}",
            details={"via": "oidc"},
        )
        await record(tx, entry, now=self._clock.now())


def own_path(path: str) -> str:
    """The path, if it leads to a page of this server; else the front page.

    A second slash or a backslash would make a browser leave for another host.
    """
    return path if _PATH.fullmatch(path) else "/"


def _row(user_id: UserId, identity: Identity, now: datetime) -> IdentityRow:
    return IdentityRow(
        user_id=user_id,
        issuer=identity.issuer[:255],
        subject=identity.subject,
        email=identity.email[:100],
        created_at=now,
        last_used_at=now,
    )
