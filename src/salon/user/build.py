"""Puts the user service together from what it stands on."""

from dataclasses import dataclass

from fastapi import APIRouter, FastAPI
from prometheus_client import CollectorRegistry

from salon.platform.auth import Authentication, Origins, Tokens
from salon.platform.blobs import Blobs
from salon.platform.bus import Bus
from salon.platform.clock import Clock
from salon.platform.csrf import CsrfTokens
from salon.platform.db import Database
from salon.platform.keys import ensure_key
from salon.platform.mail import Mailer
from salon.platform.oidc import OidcProvider
from salon.platform.passwords import Passwords
from salon.platform.quotas import Quotas
from salon.platform.seal import Sealer
from salon.settings import Settings
from salon.user import admin_router, oidc_router, profile_router, router, totp_router
from salon.user.administration import UserAdministration
from salon.user.avatars import Avatars
from salon.user.oidc import OidcSignIn
from salon.user.oidc import Setting as OidcSetting
from salon.user.resets import PasswordResets
from salon.user.service import UserService
from salon.user.setup import FirstAdmin
from salon.user.sign_ins import SignIns
from salon.user.totp import SecondFactors


@dataclass(frozen=True, slots=True)
class UserParts:
    """The user service: its parts, which routers find in ``app.state.user``."""

    users: UserService
    sign_ins: SignIns
    resets: PasswordResets
    avatars: Avatars
    administration: UserAdministration
    first_admin: FirstAdmin
    factors: SecondFactors
    oidc: OidcSignIn
    oidc_provider: OidcProvider | None
    authentication: Authentication
    public_url: str

    def install(self, app: FastAPI) -> None:
        """Give the application these endpoints."""
        app.state.user = self
        app.state.users = self.users
        app.state.authentication = self.authentication
        routers: tuple[APIRouter, ...] = (
            router.router,
            profile_router.router,
            totp_router.router,
            oidc_router.router,
            admin_router.router,
        )
        for one in routers:
            app.include_router(one)

    async def close(self) -> None:
        """End what runs; safe to call twice."""
        await self.resets.close()
        self.avatars.close()
        if self.oidc_provider is not None:
            await self.oidc_provider.close()


def build(
    *,
    settings: Settings,
    db: Database,
    bus: Bus,
    clock: Clock,
    passwords: Passwords,
    quotas: Quotas,
    mailer: Mailer,
    blobs: Blobs,
) -> UserParts:
    """Build the service; nothing is opened yet.

    Raises:
        OSError: the data folder cannot be used.
        ValueError: a kept secret is damaged.
    """
    secret = _token_secret(settings)
    seal_key = ensure_key(settings.keys_dir, "seal.key")
    previous = settings.token_secret_previous
    tokens = Tokens(
        secret,
        lifetime=settings.token_lifetime,
        clock=clock,
        previous=previous.get_secret_value().encode() if previous else None,
    )
    factors = SecondFactors(
        db=db,
        clock=clock,
        passwords=passwords,
        quotas=quotas,
        sealer=Sealer(seal_key, purpose="second factor", clock=clock),
    )
    sign_ins = SignIns(
        db=db, bus=bus, clock=clock, tokens=tokens, passwords=passwords, quotas=quotas, factors=factors
    )
    users = UserService(db=db, bus=bus, clock=clock, passwords=passwords, quotas=quotas, sign_ins=sign_ins)
    provider = _provider(settings, clock)
    return UserParts(
        users=users,
        sign_ins=sign_ins,
        resets=PasswordResets(
            db=db,
            clock=clock,
            passwords=passwords,
            quotas=quotas,
            sign_ins=sign_ins,
            mailer=mailer,
            key=seal_key,
        ),
        avatars=Avatars(db=db, clock=clock, blobs=blobs, quotas=quotas),
        administration=UserAdministration(db=db, bus=bus, clock=clock, users=users, sign_ins=sign_ins),
        first_admin=FirstAdmin(db=db, users=users, sign_ins=sign_ins),
        factors=factors,
        oidc=OidcSignIn(
            db=db,
            clock=clock,
            provider=provider,
            setting=OidcSetting(label=settings.oidc.label, allow_sign_up=settings.oidc.allow_sign_up),
            sealer=Sealer(seal_key, purpose="oidc flow", clock=clock),
            issue=sign_ins.issue,
        ),
        oidc_provider=provider,
        authentication=Authentication(
            tokens=tokens,
            csrf=CsrfTokens(secret, clock=clock),
            origins=Origins(frozenset(settings.cors_origins)),
            find_role=users.find_role,
            admit=sign_ins.admit,
        ),
        public_url=settings.public_url,
    )


def build_for_command(
    settings: Settings, db: Database, passwords: Passwords, clock: Clock, bus: Bus
) -> UserService:
    """The rules of accounts alone, for a command that runs beside the server.

    Raises:
        OSError: the data folder cannot be used.
        ValueError: a kept secret is damaged.
    """
    registry = CollectorRegistry()
    return build(
        settings=settings,
        db=db,
        bus=bus,
        clock=clock,
        passwords=passwords,
        quotas=Quotas(redis_url="", is_on=False, clock=clock),
        mailer=Mailer(settings.mail, folder=settings.data_dir / "mail", registry=registry),
        blobs=Blobs.of(settings.storage, folder=settings.data_dir / "blobs"),
    ).users


def _provider(settings: Settings, clock: Clock) -> OidcProvider | None:
    oidc = settings.oidc
    if not oidc.issuer:
        return None
    return OidcProvider(
        issuer=oidc.issuer,
        client_id=oidc.client_id,
        client_secret=oidc.client_secret.get_secret_value() if oidc.client_secret else None,
        scopes=oidc.scopes,
        clock=clock,
    )


def _token_secret(settings: Settings) -> bytes:
    if settings.token_secret is not None:
        return settings.token_secret.get_secret_value().encode()
    return ensure_key(settings.keys_dir, "token.key")
