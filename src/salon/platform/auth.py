"""Who calls: bearer tokens, the sign-in cookie, and the checks that keep cookies from being misused."""

import hashlib
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal, Protocol
from urllib.parse import urlsplit

import jwt
from fastapi import Depends, Request
from fastapi.security import APIKeyCookie, HTTPBearer
from pydantic import BaseModel, ConfigDict
from starlette.datastructures import Headers
from starlette.requests import HTTPConnection

from salon.platform.clock import Clock
from salon.platform.csrf import CSRF_HEADER, CsrfTokens
from salon.platform.errors import NotAllowed, NotSignedIn
from salon.platform.ids import UserId

ISSUER = "meeting-system"
AUDIENCE = "salon"
TYPE = "access"
ACCESS_COOKIE = "access_token"
ADMIN_ROLE = 3
_MAX_ID = 2**31 - 1
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class Caller(BaseModel):
    """The signed-in user behind a request."""

    model_config = ConfigDict(frozen=True)

    user_id: UserId
    username: str
    email: str
    via: Literal["bearer", "cookie"]
    sid: str | None = None
    """The sign-in that the token comes from; None: a token made elsewhere."""
    guest_of: int | None = None
    """The one meeting that a guest may be in; None: no guest."""
    version: int | None = None
    """The account's token version when the token was issued."""
    issued_at: float | None = None
    """Unix time, in seconds."""


class _Claims(BaseModel):
    """What a token must say. Issuer and not-before are not asked for: foreign tools leave them out."""

    user_id: int
    username: str
    email: str = ""
    exp: float
    """Load tools write fractions of a second."""
    iat: float | None = None
    typ: str = TYPE
    aud: str | list[str] = AUDIENCE
    sid: str | None = None
    ver: int | None = None
    guest_of: int | None = None


class Tokens:
    """Issues and verifies HS256 tokens.

    Args:
        secret: at least 32 bytes.
        lifetime: of an issued token.
        previous: a secret used before; its tokens stay good until they expire.
    """

    def __init__(
        self, secret: bytes, *, lifetime: timedelta, clock: Clock, previous: bytes | None = None
    ) -> None:
        if len(secret) < 32:
            raise ValueError("the token secret needs at least 32 bytes")
        self._secret = secret
        self._kid = _key_id(secret)
        self._keys = {_key_id(key): key for key in (secret, previous) if key is not None}
        self._clock = clock
        self.lifetime = lifetime

    def issue(
        self,
        *,
        user_id: UserId,
        username: str,
        email: str,
        sid: str,
        version: int,
        guest_of: int | None = None,
        lifetime: timedelta | None = None,
    ) -> str:
        """A token that proves its bearer to be this user until it expires or is revoked.

        Args:
            sid: the sign-in it belongs to; renewed tokens keep it.
            version: the account's token version; a token of an older one is no good.
            guest_of: for guests, the one meeting they may be in.
            lifetime: if not the usual one.
        """
        now = self._clock.now()
        claims: dict[str, Any] = {
            "user_id": user_id,
            "username": username,
            "email": email,
            "sub": str(user_id),
            "iat": int(now.timestamp()),
            "nbf": int(now.timestamp()),
            "exp": int((now + (lifetime or self.lifetime)).timestamp()),
            "iss": ISSUER,
            "aud": AUDIENCE,
            "typ": TYPE,
            "sid": sid,
            "ver": version,
        }
        if guest_of is not None:
            claims["guest_of"] = guest_of
        return jwt.encode(claims, self._secret, algorithm="HS256", headers={"kid": self._kid})

    def verify(self, token: str | None, *, via: Literal["bearer", "cookie"] = "bearer") -> Caller:
        """Whose token this is. Whether it was revoked since, only the account knows: see `Authentication`.

        Raises:
            NotSignedIn: none, not ours, or expired.
        """
        claims = self._read(token)
        return Caller(
            user_id=UserId(claims.user_id),
            username=claims.username,
            email=claims.email,
            via=via,
            sid=claims.sid,
            guest_of=claims.guest_of,
            version=claims.ver,
            issued_at=claims.iat,
        )

    def expires_at(self, token: str) -> datetime:
        """When a valid token stops being one.

        Raises:
            NotSignedIn: not ours, or expired.
        """
        return datetime.fromtimestamp(self._read(token).exp, tz=self._clock.now().tzinfo)

    def _read(self, token: str | None) -> _Claims:
        if not token:
            raise NotSignedIn("Authorization is missing. Sign in first.")
        try:
            raw = jwt.decode(
                token,
                self._key_of(token),
                algorithms=["HS256"],
                # Time is compared below, with the clock that issued; issuer and audience are free.
                options={
                    "require": ["exp"],
                    "verify_exp": False,
                    "verify_nbf": False,
                    "verify_iat": False,
                    "verify_aud": False,
                    "verify_sub": False,
                },
            )
            claims = _Claims.model_validate(raw)
        except (jwt.PyJWTError, ValueError) as fault:
            raise NotSignedIn("The token is not valid. Sign in again.") from fault
        audience = [claims.aud] if isinstance(claims.aud, str) else claims.aud
        # Both are ours to set; tokens made elsewhere leave them out.
        is_access = claims.typ == TYPE and AUDIENCE in audience
        if not is_access or not 0 < claims.user_id <= _MAX_ID:
            raise NotSignedIn("The token is not valid. Sign in again.")
        now = self._clock.now().timestamp()
        if claims.exp <= now:
            raise NotSignedIn("The token has expired. Sign in again.")
        not_before = raw.get("nbf")
        if isinstance(not_before, int | float) and not_before > now + 60:
            raise NotSignedIn("The token is not valid yet. Check the clock of this machine.")
        return claims

    def _key_of(self, token: str) -> bytes:
        kid = jwt.get_unverified_header(token).get("kid")
        return self._keys.get(kid, self._secret) if isinstance(kid, str) else self._secret


def _key_id(secret: bytes) -> str:
    """A name for a key that tells nothing about it."""
    return hashlib.sha256(b"salon kid " + secret).hexdigest()[:12]


class Origins:
    """Which web pages may use the sign-in cookie: our own, and those of the allow-list."""

    def __init__(self, allowed: frozenset[str]) -> None:
        self.allowed = allowed

    def admits(self, headers: Headers) -> bool:
        """Whether the page that sent this request may. No sign of a page: not a browser, admitted."""
        origin = headers.get("origin")
        if origin is not None:
            # The host alone: behind a proxy that ends TLS, the scheme seen here may not be the page's.
            return origin in self.allowed or _netloc(origin) == headers.get("host", "").lower()
        return headers.get("sec-fetch-site", "none") in ("same-origin", "none")


def _netloc(origin: str) -> str | None:
    try:
        return urlsplit(origin).netloc.lower() or None
    except ValueError:
        return None


class _AdminCheck(Protocol):
    async def __call__(self, user_id: UserId) -> int | None:
        """The role of an active account as stored now; None if there is none."""
        ...


class _Admission(Protocol):
    async def __call__(self, caller: Caller) -> None:
        """Refuse, with `NotSignedIn`, a token that was revoked and an account that is banned or deleted."""
        ...


class Authentication:
    """What the dependencies of this module need; `app.py` puts one into ``app.state.authentication``."""

    def __init__(
        self,
        *,
        tokens: Tokens,
        csrf: CsrfTokens,
        origins: Origins,
        find_role: _AdminCheck,
        admit: _Admission,
    ) -> None:
        self.tokens = tokens
        self.csrf = csrf
        self.origins = origins
        self.find_role = find_role
        self._admit = admit

    async def verify(self, token: str | None, *, via: Literal["bearer", "cookie"] = "bearer") -> Caller:
        """Whose token this is, if it still counts.

        Raises:
            NotSignedIn: none, not ours, expired, revoked, or of an account that may not be used.
        """
        caller = self.tokens.verify(token, via=via)
        await self._admit(caller)
        return caller

    async def caller_of(self, connection: HTTPConnection) -> Caller:
        """Who sent this request, by header, else by cookie.

        Raises:
            NotSignedIn: nobody, or a wrong token. A wrong header is not rescued by the cookie.
        """
        header = connection.headers.get("authorization")
        if header is not None:
            scheme, _, token = header.partition(" ")
            if scheme != "Bearer":
                raise NotSignedIn("Authorization must be `Bearer <token>`. Sign in first.")
            return await self.verify(token.strip(), via="bearer")
        return await self.verify(connection.cookies.get(ACCESS_COOKIE), via="cookie")


def authentication_of(connection: HTTPConnection) -> Authentication:
    """The application's authentication."""
    found: Authentication = connection.app.state.authentication
    return found


def _bearer_of(request: Request) -> str:
    return request.headers["authorization"].partition(" ")[2].strip()


def _require_own_page(request: Request) -> None:
    origins = authentication_of(request).origins
    if request.method not in _SAFE_METHODS and not origins.admits(request.headers):
        raise NotAllowed("This page may not act for you. Open Salon itself.")


# Dependencies are coroutines even if they wait for nothing: FastAPI sends a plain function to a thread, and
# a request would wait several times for whoever holds the interpreter's lock.
async def require_own_page(request: Request) -> None:
    """Refuse a write that another site's page sends on a user's behalf.

    Raises:
        NotAllowed: it comes from a page that is neither ours nor on the allow-list.
    """
    _require_own_page(request)


OwnPage = Depends(require_own_page)


async def signed_in_or_guest(
    request: Request,
    _bearer: Annotated[Any, Depends(HTTPBearer(auto_error=False, description="A token of sign-in."))],
    _cookie: Annotated[Any, Depends(APIKeyCookie(name=ACCESS_COOKIE, auto_error=False))],
) -> Caller:
    """The caller; a write by cookie must come from an own page.

    Raises:
        NotSignedIn: nobody is signed in.
        NotAllowed: a cookie-borne write from a foreign page.
    """
    caller = await authentication_of(request).caller_of(request)
    if caller.via == "cookie":
        _require_own_page(request)
    else:
        token = _bearer_of(request)
        if request.cookies.get(ACCESS_COOKIE) != token and _from_own_page(request):
            grant_cookie(request, token)
    return caller


def _from_own_page(request: Request) -> bool:
    return authentication_of(request).origins.admits(request.headers)


def grant_cookie(request: Request, token: str) -> None:
    """Let the answer to this request set the sign-in cookie."""
    request.state.access_cookie = token


def revoke_cookie(request: Request) -> None:
    """Let the answer to this request remove the sign-in cookie."""
    request.state.access_cookie = ""


SignedInOrGuest = Annotated[Caller, Depends(signed_in_or_guest)]
"""A parameter of this type makes an endpoint ask for sign-in; guests of a meeting may come too."""


async def signed_in(caller: SignedInOrGuest) -> Caller:
    """The caller, unless a guest.

    Raises:
        NotAllowed: a guest of a meeting.
    """
    if caller.guest_of is not None:
        raise NotAllowed("Guests cannot do this. Make an account.")
    return caller


SignedIn = Annotated[Caller, Depends(signed_in)]
"""A parameter of this type makes an endpoint ask for sign-in with an account of one's own."""


async def signed_in_with_csrf(request: Request, caller: SignedIn) -> Caller:
    """The caller of an endpoint that asks cookie callers for the CSRF token too.

    Raises:
        NotAllowed: the token is missing, expired, or of another browser.
    """
    if caller.via == "bearer" or request.method in _SAFE_METHODS:
        return caller
    authentication_of(request).csrf.require(header=request.headers.get(CSRF_HEADER), cookies=request.cookies)
    return caller


SignedInWithCsrf = Annotated[Caller, Depends(signed_in_with_csrf)]
"""As `SignedIn`, for endpoints under the CSRF rule."""


async def admin(request: Request, caller: SignedInWithCsrf) -> Caller:
    """The caller, if an administrator at this moment.

    Raises:
        NotSignedIn: the account is gone.
        NotAllowed: no administrator.
    """
    role = await authentication_of(request).find_role(caller.user_id)
    if role is None:
        raise NotSignedIn("This account does not exist any more.")
    if role < ADMIN_ROLE:
        raise NotAllowed("Insufficient permissions")
    return caller


Admin = Annotated[Caller, Depends(admin)]
"""As `SignedInWithCsrf`, for administrators only."""
