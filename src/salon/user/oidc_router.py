"""The endpoints of sign-in through an OpenID provider."""

from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, Field

from salon.platform.auth import ACCESS_COOKIE, OwnPage, SignedIn, SignedInWithCsrf, grant_cookie
from salon.platform.envelope import Envelope, errors
from salon.platform.errors import NotSignedIn, SalonError
from salon.user.oidc import FLOW_LIFETIME, OidcProblem, OidcSignIn, own_path
from salon.user.schema import TokenResult

router = APIRouter(prefix="/api/v1/auth", tags=["user"])

FLOW_COOKIE = "oidc_flow"
_FLOW_PATH = "/api/v1/auth/oidc"
_CALLBACK = f"{_FLOW_PATH}/callback"


async def _oidc(request: Request) -> OidcSignIn:
    service: OidcSignIn = request.app.state.user.oidc
    return service


OidcDep = Annotated[OidcSignIn, Depends(_oidc)]
ReturnTo = Annotated[str, Query(max_length=501, description="a path of this server to come back to")]


def _redirects(description: str) -> dict[int | str, dict[str, Any]]:
    return {302: {"description": description}, **errors(400)}


class ProviderView(BaseModel):
    """A provider that people may sign in through."""

    id: str
    label: str = Field(description="what the button says", examples=["Company account"])


class LinkView(BaseModel):
    """The caller's identity at the provider."""

    linked: bool
    label: str
    email: str


class LinkStart(BaseModel):
    """Where to go to connect."""

    url: str


@router.get("/oidc/providers")
async def list_providers(oidc: OidcDep) -> Envelope[list[ProviderView]]:
    """The providers to sign in through; empty if none is set up."""
    label = oidc.label
    return Envelope.success([] if label is None else [ProviderView(id="oidc", label=label)])


@router.get(
    "/oidc/login",
    status_code=302,
    response_class=RedirectResponse,
    responses=_redirects("To the provider, or back to the sign-in page with `problem`."),
)
async def login(request: Request, oidc: OidcDep, return_to: ReturnTo = "/") -> Response:
    """Send the browser to the provider."""
    try:
        started = await oidc.start(redirect_uri=_callback_of(request), return_to=return_to)
    except SalonError:
        return _to_sign_in("problem", "oidc_unavailable", return_to)
    response = RedirectResponse(started.url, status_code=302)
    _keep_flow(request, response, started.flow)
    return response


@router.get(
    "/oidc/callback",
    status_code=302,
    response_class=RedirectResponse,
    responses=_redirects("Back to Salon, signed in; or to the sign-in page with `problem`."),
)
async def callback(
    request: Request,
    oidc: OidcDep,
    state: Annotated[str, Query(max_length=512)] = "",
    code: Annotated[str, Query(max_length=4096)] = "",
    error: Annotated[str, Query(max_length=512)] = "",
) -> Response:
    """The provider sends the browser back here."""
    sealed = request.cookies.get(FLOW_COOKIE)
    try:
        finished = await oidc.finish(
            sealed=sealed, state=state, code=code, error=error, redirect_uri=_callback_of(request)
        )
    except OidcProblem as problem:
        response = _to_sign_in("problem", problem.code, oidc.return_path(sealed))
    else:
        response = _to_sign_in("signed_in", "oidc", finished.return_to)
        if finished.token is not None:
            grant_cookie(request, finished.token)
    # One way only: the same answer brought a second time finds no flow.
    response.delete_cookie(FLOW_COOKIE, path=_FLOW_PATH, httponly=True, samesite="lax")
    return response


@router.get("/oidc/link", responses=errors(401, 403))
async def get_link(caller: SignedIn, oidc: OidcDep) -> Envelope[LinkView]:
    """Whether the caller's account is connected to the provider."""
    found = await oidc.find_link(caller.user_id)
    return Envelope.success(
        LinkView(linked=found is not None, label=oidc.label or "", email=found.email if found else "")
    )


@router.post("/oidc/link", responses=errors(401, 403, 404, 503))
async def link(
    request: Request, response: Response, caller: SignedInWithCsrf, oidc: OidcDep
) -> Envelope[LinkStart]:
    """Begin to connect the caller's account: send the browser to `url`."""
    started = await oidc.start(
        redirect_uri=_callback_of(request), return_to="/account", link_user_id=caller.user_id
    )
    _keep_flow(request, response, started.flow)
    return Envelope.success(LinkStart(url=started.url))


@router.delete("/oidc/link", responses=errors(401, 403, 404, 409))
async def unlink(caller: SignedInWithCsrf, oidc: OidcDep) -> Envelope[None]:
    """Disconnect the caller's account from the provider."""
    await oidc.unlink(caller)
    return Envelope.success()


@router.post("/session", dependencies=[OwnPage], responses=errors(401, 403))
async def session(request: Request, _caller: SignedIn) -> Envelope[TokenResult]:
    """The token behind this browser's sign-in cookie, for a page that came back from a provider."""
    token = request.cookies.get(ACCESS_COOKIE)
    if token is None:
        raise NotSignedIn
    return Envelope.success(TokenResult(token=token))


def _callback_of(request: Request) -> str:
    base: str = request.app.state.user.public_url or str(request.base_url)
    return base.rstrip("/") + _CALLBACK


def _keep_flow(request: Request, response: Response, flow: str) -> None:
    # Lax: the provider's page leads back here, and a Strict cookie would stay behind.
    response.set_cookie(
        FLOW_COOKIE,
        flow,
        max_age=int(FLOW_LIFETIME.total_seconds()),
        path=_FLOW_PATH,
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )


def _to_sign_in(name: str, value: str, return_to: str) -> RedirectResponse:
    target = f"/sign-in?{name}={quote(value)}&return_to={quote(own_path(return_to), safe='/')}"
    return RedirectResponse(target, status_code=302)
