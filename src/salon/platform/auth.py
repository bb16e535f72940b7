"""Who calls: bearer tokens, the sign-in cookie, and the checks that keep cookies from being misused."""

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


class _Claims(BaseModel):
    """What a token must say. Issuer and not-before are not asked for: foreign tools leave them out."""

    user_id: int
    username: str
    email: str = ""
    exp: float
    """Load tools write fractions of a second."""


class Tokens:
    """Issues and verifies HS256 tokens.

    Args:
        secret: at least 32 bytes.
        lifetime: of an issued token.
    """

    def __init__(self, secret: bytes, *, lifetime: timedelta, clock: Clock) -> None:
        if len(secret) < 32:
            raise ValueError("the token secret needs at least 32 bytes")
        self._secret = secret
        self._clock = clock
        self.lifetime = lifetime

    def issue(self, *, user_id: UserId, username: str, email: str) -> str:
        """A token that proves its bearer to be this user until it expires."""
        now = self._clock.now()
        claims: dict[str, Any] = {
            "user_id": user_id,
            "username": username,
            "email": email,
            "sub": str(user_id),
            "iat": int(now.timestamp()),
            "nbf": int(now.timestamp()),
            "exp": int((now + self.lifetime).timestamp()),
            "iss": ISSUER,
        }
        return jwt.encode(claims, self._secret, algorithm="HS256")

    def verify(self, token: str | None, *, via: Literal["bearer", "cookie"] = "bearer") -> Caller:
        """Whose token this is.

        Raises:
            NotSignedIn: none, not ours, or expired.
        """
        claims = self._read(token)
        return Caller(user_id=UserId(claims.user_id), username=claims.username, email=claims.email, via=via)

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
                self._secret,
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
        if not 0 < claims.user_id <= _MAX_ID:
            raise NotSignedIn("The token is not valid. Sign in again.")
        now = self._clock.now().timestamp()
        if claims.exp <= now:
            raise NotSignedIn("The token has expired. Sign in again.")
        not_before = raw.get("nbf")
        if isinstance(not_before, int | float) and not_before > now + 60:
            raise NotSignedIn("The token is not valid yet. Check the clock of this machine.")
        return claims


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


class Authentication:
    """What the dependencies of this module need; `app.py` puts one into ``app.state.authentication``."""

    def __init__(self, *, tokens: Tokens, csrf: CsrfTokens, origins: Origins, find_role: _AdminCheck) -> None:
        self.tokens = tokens
        self.csrf = csrf
        self.origins = origins
        self.find_role = find_role

    def caller_of(self, connection: HTTPConnection) -> Caller:
        """Who sent this request, by header, else by cookie.

        Raises:
            NotSignedIn: nobody, or a wrong token. A wrong header is not rescued by the cookie.
        """
        header = connection.headers.get("authorization")
        if header is not None:
            scheme, _, token = header.partition(" ")
            if scheme != "Bearer":
                raise NotSignedIn("Authorization must be `Bearer <token>`. Sign in first.")
            return self.tokens.verify(token.strip(), via="bearer")
        return self.tokens.verify(connection.cookies.get(ACCESS_COOKIE), via="cookie")


def authentication_of(connection: HTTPConnection) -> Authentication:
    """The application's authentication."""
    found: Authentication = connection.app.state.authentication
    return found


def _bearer_of(request: Request) -> str:
    return request.headers["authorization"].partition(" ")[2].strip()


def require_own_page(request: Request) -> None:
    """Refuse a write that another site's page sends on a user's behalf.

    Raises:
        NotAllowed: it comes from a page that is neither ours nor on the allow-list.
    """
    origins = authentication_of(request).origins
    if request.method not in _SAFE_METHODS and not origins.admits(request.headers):
        raise NotAllowed("This page may not act for you. Open Salon itself.")


OwnPage = Depends(require_own_page)


def signed_in(
    request: Request,
    _bearer: Annotated[Any, Depends(HTTPBearer(auto_error=False, description="A token of sign-in."))],
    _cookie: Annotated[Any, Depends(APIKeyCookie(name=ACCESS_COOKIE, auto_error=False))],
) -> Caller:
    """The caller; a write by cookie must come from an own page.

    Raises:
        NotSignedIn: nobody is signed in.
        NotAllowed: a cookie-borne write from a foreign page.
    """
    caller = authentication_of(request).caller_of(request)
    if caller.via == "cookie":
        require_own_page(request)
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


SignedIn = Annotated[Caller, Depends(signed_in)]
"""A parameter of this type makes an endpoint ask for sign-in."""


def signed_in_with_csrf(request: Request, caller: SignedIn) -> Caller:
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
