"""The endpoints of calendars and mailed invitations."""

from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import AfterValidator, BaseModel, Field, StringConstraints

from salon.meeting.invite_router import base_url
from salon.meeting.schema import MeetingView
from salon.meeting.views import MeetingNumber, MeetingsDep, meeting_view, with_series
from salon.platform.addresses import check_email
from salon.platform.auth import SignedIn, SignedInOrGuest
from salon.platform.envelope import Envelope, RequestModel, errors

router = APIRouter(prefix="/api/v1/meetings/{meeting_id}", tags=["calendar"])


class InvitationRequest(RequestModel):
    """Whom to write to."""

    emails: Annotated[
        list[Annotated[str, StringConstraints(max_length=100), AfterValidator(check_email)]],
        Field(min_length=1, max_length=50),
    ]
    message: Annotated[str, StringConstraints(max_length=1000)] = ""


class InvitationResult(BaseModel):
    """Where the invitation goes."""

    emails: list[str]


class CalendarFile(Response):
    """An iCalendar file."""

    media_type = "text/calendar; charset=utf-8"


@router.get(
    "/calendar.ics",
    response_class=CalendarFile,
    responses=errors(403, 404),
)
async def get_calendar(
    request: Request, meeting_id: MeetingNumber, caller: SignedInOrGuest, meetings: MeetingsDep
) -> Response:
    """The meeting for a calendar; the whole series, if it belongs to one."""
    content = await meetings.invitations.calendar_of(caller, meeting_id, base_url=base_url(request))
    headers = {"content-disposition": f'attachment; filename="salon-meeting-{meeting_id}.ics"'}
    return CalendarFile(content, headers=headers)


@router.post("/invitations", responses=errors(400, 401, 403, 404, 409, 429, 503))
async def send_invitations(
    request: Request,
    meeting_id: MeetingNumber,
    body: InvitationRequest,
    caller: SignedIn,
    meetings: MeetingsDep,
) -> Envelope[InvitationResult]:
    """Mail an invitation that calendars understand; later changes are mailed by themselves."""
    sent = await meetings.invitations.send(
        caller, meeting_id, emails=body.emails, message=body.message, base_url=base_url(request)
    )
    return Envelope.success(InvitationResult(emails=sent))


@router.get("/series", responses=errors(400, 401, 403, 404, 409))
async def list_series(
    meeting_id: MeetingNumber, caller: SignedIn, meetings: MeetingsDep
) -> Envelope[list[MeetingView]]:
    """The meetings of the series that this one belongs to, in time."""
    found = await meetings.series.occurrences(caller, meeting_id)
    views = [meeting_view(facts) for facts in found]
    return Envelope.success(await with_series(meetings, views))
