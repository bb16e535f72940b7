"""The endpoints of registration and sign-in."""

from typing import Annotated

from fastapi import APIRouter, Body, Request, Response

from salon.platform.auth import OwnPage, authentication_of, grant_cookie, revoke_cookie
from salon.platform.edge import csrf_cookie
from salon.platform.envelope import Envelope, errors
from salon.platform.errors import NotSignedIn
from salon.user.parts import PartsDep, profile_of
from salon.user.schema import (
    CsrfResult,
    ForgotPasswordRequest,
    LoginRequest,
    LoginResult,
    LogoutRequest,
    RefreshRequest,
    RegisterRequest,
    ResetPasswordRequest,
    SetupRequest,
    SetupState,
    TokenResult,
    UserProfile,
)

router = APIRouter(prefix="/api/v1", tags=["user"])

DEAR_PATHS = frozenset(f"/api/v1/auth/{name}" for name in ("login", "register", "reset-password", "setup"))
"""Anybody may post to these, and each hashes a password."""


@router.post("/auth/register", dependencies=[OwnPage], responses=errors(400, 403, 429, 503))
async def register(body: RegisterRequest, parts: PartsDep) -> Envelope[UserProfile]:
    """Make an account."""
    user = await parts.users.register(
        username=body.username,
        email=body.email,
        password=body.password,
        nickname=body.nickname,
        phone=body.phone,
    )
    return Envelope.success(profile_of(user))


@router.post("/auth/login", dependencies=[OwnPage], responses=errors(400, 401, 403, 429, 503))
async def login(request: Request, body: LoginRequest, parts: PartsDep) -> Envelope[LoginResult]:
    """Sign in: answers a token, and sets it as the cookie `access_token` too.

    An account with a second factor is answered 401 until `totp_code` or `recovery_code` comes along.
    """
    user, token = await parts.sign_ins.login(
        login=body.username,
        password=body.password,
        totp_code=body.totp_code,
        recovery_code=body.recovery_code,
    )
    grant_cookie(request, token)
    return Envelope.success(LoginResult(user=profile_of(user), token=token))


@router.post("/auth/refresh", dependencies=[OwnPage], responses=errors(400, 401, 403))
async def refresh(request: Request, body: RefreshRequest, parts: PartsDep) -> Envelope[TokenResult]:
    """Exchange a valid token for one that lives on."""
    token = await parts.sign_ins.refresh(body.token)
    grant_cookie(request, token)
    return Envelope.success(TokenResult(token=token))


@router.post("/auth/logout", dependencies=[OwnPage], responses=errors(400, 403))
async def logout(
    request: Request, parts: PartsDep, body: Annotated[LogoutRequest | None, Body()] = None
) -> Envelope[None]:
    """Sign out: the account's tokens and sockets end at once, and this browser forgets its cookie.

    Works signed in or not.
    """
    try:
        caller = await authentication_of(request).caller_of(request)
    except NotSignedIn:
        # Signed out already; the cookie that may be left goes all the same.
        pass
    else:
        everywhere = body is None or body.everywhere
        await parts.sign_ins.log_out(caller, everywhere=everywhere)
    revoke_cookie(request)
    return Envelope.success()


@router.post("/auth/forgot-password", dependencies=[OwnPage], responses=errors(400, 403, 429))
async def forgot_password(body: ForgotPasswordRequest, parts: PartsDep) -> Envelope[None]:
    """Mail a one-time code, if the address belongs to an account. The answer does not tell."""
    await parts.resets.request(body.email)
    return Envelope.success()


@router.post("/auth/reset-password", dependencies=[OwnPage], responses=errors(400, 403, 429, 503))
async def reset_password(body: ResetPasswordRequest, parts: PartsDep) -> Envelope[None]:
    """Set a new password with the mailed code; everything signed in with the old one ends."""
    await parts.resets.reset(email=body.email, code=body.code, password=body.password)
    return Envelope.success()


@router.get("/auth/setup")
async def get_setup(parts: PartsDep) -> Envelope[SetupState]:
    """Whether this server still has no administrator."""
    return Envelope.success(SetupState(needed=await parts.first_admin.is_needed()))


@router.post("/auth/setup", dependencies=[OwnPage], responses=errors(400, 403, 503))
async def set_up(request: Request, body: SetupRequest, parts: PartsDep) -> Envelope[LoginResult]:
    """Become the first administrator, with the key of the link that the server printed."""
    user, token = await parts.first_admin.accept(
        key=body.key,
        username=body.username,
        email=body.email,
        password=body.password,
        nickname=body.nickname,
    )
    grant_cookie(request, token)
    return Envelope.success(LoginResult(user=profile_of(user), token=token))


@router.get("/csrf-token")
async def csrf_token(request: Request, response: Response) -> Envelope[CsrfResult]:
    """The CSRF token of this browser; the same one for as long as it is valid."""
    token, is_new = authentication_of(request).csrf.ensure(request.cookies)
    if is_new:
        secure = request.url.scheme == "https"
        response.headers.append("set-cookie", csrf_cookie(token, secure=secure))
    return Envelope.success(CsrfResult(csrf_token=token))
