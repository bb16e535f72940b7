"""The endpoints of invite links and guests."""

from datetime import timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Request
from pydantic import AfterValidator, BaseModel, Field, StrictBool, StringConstraints

from salon.meeting.face import ParticipantRole
from salon.meeting.invite_store import InviteRow
from salon.meeting.schema import not_blank
from salon.meeting.views import MeetingNumber, MeetingsDep
from salon.platform.auth import OwnPage, SignedIn, grant_cookie
from salon.platform.envelope import Envelope, RequestModel, Timestamp, errors
from salon.platform.ids import DIGITS, MAX_WIRE_ID

router = APIRouter(prefix="/api/v1", tags=["invites"])

Token = Annotated[str, Path(min_length=1, max_length=128, pattern=r"^[A-Za-z0-9_-]+$")]
InviteNumber = Annotated[int, DIGITS, Path(ge=0, le=MAX_WIRE_ID)]


class CreateInviteRequest(RequestModel):
    """A new link."""

    role: Annotated[int, Field(ge=1, le=3)] = 1
    expires_in_h: Annotated[int, Field(ge=1, le=720)] = 72
    max_uses: Annotated[int, Field(ge=1, le=1000)] | None = None
    guests: StrictBool = Field(default=False, description="whether people without an account may use it")


class InviteView(BaseModel):
    """A link; its secret is shown only by the answer that makes it."""

    id: int
    role: int
    guests: bool
    uses: int
    max_uses: int | None
    created_at: Timestamp
    expires_at: Timestamp
    token: str | None = Field(default=None, exclude_if=lambda value: value is None)
    url: str | None = Field(default=None, exclude_if=lambda value: value is None)


class InvitePreview(BaseModel):
    """What a link leads to."""

    meeting_id: int
    title: str
    start_time: Timestamp
    host: str
    needs: Literal["account", "guest_ok"]


class AcceptResult(BaseModel):
    """Where the place is."""

    meeting_id: int


class GuestRequest(RequestModel):
    """Who comes in, by which link."""

    invite: Annotated[str, StringConstraints(min_length=1, max_length=128)]
    nickname: Annotated[str, StringConstraints(min_length=1, max_length=50), AfterValidator(not_blank)]


class GuestUser(BaseModel):
    """A guest."""

    id: int
    username: str
    nickname: str
    role: int


class GuestResult(BaseModel):
    """A guest's way in. The token is good for this meeting alone."""

    user: GuestUser
    token: str
    meeting_id: int


@router.post("/meetings/{meeting_id}/invites", status_code=201, responses=errors(400, 401, 403, 404, 409))
async def create_invite(
    request: Request,
    meeting_id: MeetingNumber,
    caller: SignedIn,
    meetings: MeetingsDep,
    body: CreateInviteRequest | None = None,
) -> Envelope[InviteView]:
    """Make a link that gives a place in the meeting."""
    wanted = body or CreateInviteRequest()
    row, token = await meetings.invites.create(
        caller,
        meeting_id,
        role=ParticipantRole(wanted.role),
        lifetime=timedelta(hours=wanted.expires_in_h),
        max_uses=wanted.max_uses,
        guests=wanted.guests,
    )
    view = _view(row)
    view.token, view.url = token, f"{base_url(request)}/invite/{token}"
    return Envelope.created(view)


@router.get("/meetings/{meeting_id}/invites", responses=errors(400, 401, 403, 404))
async def list_invites(
    meeting_id: MeetingNumber, caller: SignedIn, meetings: MeetingsDep
) -> Envelope[list[InviteView]]:
    """The links of a meeting that work, newest first, without their secrets."""
    rows = await meetings.invites.list_all(caller, meeting_id)
    return Envelope.success([_view(row) for row in rows])


@router.delete("/meetings/{meeting_id}/invites/{invite_id}", responses=errors(400, 401, 403, 404))
async def revoke_invite(
    meeting_id: MeetingNumber, invite_id: InviteNumber, caller: SignedIn, meetings: MeetingsDep
) -> Envelope[None]:
    """End a link; guests who came by it are sent home."""
    await meetings.invites.revoke(caller, meeting_id, invite_id)
    return Envelope.success()


@router.get("/invites/{token}", responses=errors(400, 404, 429))
async def preview_invite(token: Token, meetings: MeetingsDep) -> Envelope[InvitePreview]:
    """What a link leads to."""
    found = await meetings.invites.preview(token)
    host = found.host
    return Envelope.success(
        InvitePreview(
            meeting_id=found.meeting.id,
            title=found.meeting.title,
            start_time=found.meeting.start_time,
            host=(host.nickname or host.username) if host else "",
            needs="guest_ok" if found.takes_guests else "account",
        )
    )


@router.post("/invites/{token}/accept", responses=errors(400, 401, 403, 404))
async def accept_invite(token: Token, caller: SignedIn, meetings: MeetingsDep) -> Envelope[AcceptResult]:
    """Take the place that the link gives; joining follows as usual."""
    return Envelope.success(AcceptResult(meeting_id=await meetings.invites.accept(caller, token)))


@router.post("/auth/guest", dependencies=[OwnPage], responses=errors(400, 403, 404, 429))
async def enter_as_guest(
    request: Request, body: GuestRequest, meetings: MeetingsDep
) -> Envelope[GuestResult]:
    """Come in without an account: answers a token for this meeting, and sets it as the cookie too."""
    card, token, meeting_id = await meetings.invites.enter_as_guest(body.invite, body.nickname)
    grant_cookie(request, token)
    user = GuestUser(id=card.id, username=card.username, nickname=card.nickname, role=int(card.role))
    return Envelope.success(GuestResult(user=user, token=token, meeting_id=meeting_id))


def base_url(request: Request) -> str:
    """What links begin with."""
    configured: str = request.app.state.public_url
    return configured or str(request.base_url).rstrip("/")


def _view(row: InviteRow) -> InviteView:
    return InviteView(
        id=row.id,
        role=row.role,
        guests=row.guests,
        uses=row.uses,
        max_uses=row.max_uses,
        created_at=row.created_at,
        expires_at=row.expires_at,
    )
