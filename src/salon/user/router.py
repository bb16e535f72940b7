"""The endpoints of the user service."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from salon.platform.auth import (
    OwnPage,
    SignedIn,
    authentication_of,
    grant_cookie,
    revoke_cookie,
)
from salon.platform.edge import csrf_cookie
from salon.platform.envelope import Envelope, errors
from salon.platform.errors import NotFound
from salon.user.schema import (
    CsrfResult,
    LoginRequest,
    LoginResult,
    RefreshRequest,
    RegisterRequest,
    TokenResult,
    UserProfile,
)
from salon.user.service import UserService
from salon.user.store import UserRow

router = APIRouter(prefix="/api/v1", tags=["user"])


def _users(request: Request) -> UserService:
    service: UserService = request.app.state.users
    return service


UsersDep = Annotated[UserService, Depends(_users)]


def _profile(user: UserRow) -> UserProfile:
    return UserProfile.model_validate(user, from_attributes=True)


@router.post("/auth/register", dependencies=[OwnPage], responses=errors(400, 403, 503))
async def register(body: RegisterRequest, users: UsersDep) -> Envelope[UserProfile]:
    """Make an account."""
    user = await users.register(
        username=body.username,
        email=body.email,
        password=body.password,
        nickname=body.nickname,
        phone=body.phone,
    )
    return Envelope.success(_profile(user))


@router.post("/auth/login", dependencies=[OwnPage], responses=errors(400, 401, 403, 429, 503))
async def login(request: Request, body: LoginRequest, users: UsersDep) -> Envelope[LoginResult]:
    """Sign in: answers a token, and sets it as the cookie `access_token` too."""
    user, token = await users.login(login=body.username, password=body.password)
    grant_cookie(request, token)
    return Envelope.success(LoginResult(user=_profile(user), token=token))


@router.post("/auth/refresh", dependencies=[OwnPage], responses=errors(400, 401, 403))
async def refresh(request: Request, body: RefreshRequest, users: UsersDep) -> Envelope[TokenResult]:
    """Exchange a valid token for one that lives on."""
    token = await users.refresh(body.token)
    grant_cookie(request, token)
    return Envelope.success(TokenResult(token=token))


@router.post("/auth/logout", dependencies=[OwnPage], responses=errors(403))
async def logout(request: Request) -> Envelope[None]:
    """Forget the sign-in cookie of this browser; works signed in or not."""
    revoke_cookie(request)
    return Envelope.success()


@router.get("/csrf-token")
async def csrf_token(request: Request, response: Response) -> Envelope[CsrfResult]:
    """The CSRF token of this browser; the same one for as long as it is valid."""
    token, is_new = authentication_of(request).csrf.ensure(request.cookies)
    if is_new:
        secure = request.url.scheme == "https"
        response.headers.append("set-cookie", csrf_cookie(token, secure=secure))
    return Envelope.success(CsrfResult(csrf_token=token))


@router.get("/users/profile", responses=errors(401))
async def profile(caller: SignedIn, users: UsersDep) -> Envelope[UserProfile]:
    """The caller's own account."""
    return Envelope.success(_profile(await users.get_profile(caller.user_id)))


@router.get("/users", responses=errors(401, 404), include_in_schema=False)
async def no_list(_caller: SignedIn) -> Envelope[None]:
    """There is no list of users for everybody; clients probe this to see whether sign-in is asked for."""
    raise NotFound("There is no list of users. Administrators have /api/v1/admin/users.")
