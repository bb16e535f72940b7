"""The endpoints of meetings as plans."""

from typing import Annotated

from fastapi import APIRouter, Query

from salon.meeting.context import MeetingFacts
from salon.meeting.planning import MeetingChange, NewMeeting
from salon.meeting.schema import (
    CreatedMeeting,
    CreateMeetingRequest,
    LockRequest,
    MeetingPage,
    MeetingView,
    UpdateMeetingRequest,
)
from salon.meeting.series import Repeating, Scope
from salon.meeting.service import MeetingService
from salon.meeting.views import MeetingNumber, MeetingsDep, meeting_view, with_series
from salon.platform.auth import SignedIn, SignedInOrGuest
from salon.platform.envelope import Envelope, errors
from salon.platform.paging import Paging

router = APIRouter(prefix="/api/v1", tags=["meeting"])

Keyword = Annotated[str, Query(max_length=200, pattern=r"^[^\x00]*$", description="in title or description")]
ScopeQuery = Annotated[
    Scope, Query(description="of a series: this meeting, it and those after it, or all that have not begun")
]
StatusFilter = Annotated[int, Query(ge=0, le=4, description="0: all")]


@router.post("/meetings", status_code=201, responses=errors(400, 401, 403, 429, 503))
async def create_meeting(
    body: CreateMeetingRequest, caller: SignedIn, meetings: MeetingsDep
) -> Envelope[CreatedMeeting]:
    """Plan a meeting."""
    plan = NewMeeting(
        title=body.title,
        description=body.description,
        start_time=body.start_time,
        end_time=body.end_time,
        max_participants=body.max_participants,
        meeting_type=body.meeting_type,
        password=body.password,
        settings=body.settings.model_dump(exclude_unset=True),
    )
    if body.recurrence:
        repeating = Repeating(rule=body.recurrence, time_zone=body.time_zone)
        facts = await meetings.series.create(caller, plan, repeating)
    else:
        facts = await meetings.planning.create(caller, plan)
    view = await _one(meetings, facts)
    return Envelope.created(CreatedMeeting(id=view.id, meeting_id=view.id, meeting=view))


@router.get("/meetings", responses=errors(400, 401, 403))
async def list_meetings(
    caller: SignedIn,
    meetings: MeetingsDep,
    paging: Paging,
    status: StatusFilter = 0,
    keyword: Keyword = "",
) -> Envelope[MeetingPage]:
    """The meetings the caller made or takes part in, latest start first."""
    found, total = await meetings.looking.page(
        caller.user_id,
        status=status,
        keyword=keyword.strip(),
        offset=paging.offset,
        limit=paging.page_size,
    )
    return Envelope.success(
        MeetingPage(
            list=await _many(meetings, found),
            total=total,
            page=paging.page,
            page_size=paging.page_size,
            total_pages=-(-total // paging.page_size),
        )
    )


@router.get("/my/meetings", responses=errors(401, 403))
async def my_meetings(caller: SignedIn, meetings: MeetingsDep, paging: Paging) -> Envelope[list[MeetingView]]:
    """As `GET /meetings`, a plain array."""
    found = await meetings.looking.latest(caller.user_id, offset=paging.offset, limit=paging.page_size)
    return Envelope.success(await _many(meetings, found))


@router.get("/my/meetings/upcoming", responses=errors(401, 403))
async def my_upcoming_meetings(
    caller: SignedIn, meetings: MeetingsDep, paging: Paging
) -> Envelope[list[MeetingView]]:
    """The caller's meetings that are neither over nor past their end."""
    found = await meetings.looking.upcoming(caller.user_id, offset=paging.offset, limit=paging.page_size)
    return Envelope.success(await _many(meetings, found))


@router.get("/my/meetings/history", responses=errors(401, 403))
async def my_past_meetings(
    caller: SignedIn, meetings: MeetingsDep, paging: Paging
) -> Envelope[list[MeetingView]]:
    """The caller's meetings that are over or past their end."""
    found = await meetings.looking.history(caller.user_id, offset=paging.offset, limit=paging.page_size)
    return Envelope.success(await _many(meetings, found))


@router.get("/meetings/{meeting_id}", responses=errors(400, 401, 403, 404))
async def get_meeting(
    meeting_id: MeetingNumber, caller: SignedInOrGuest, meetings: MeetingsDep
) -> Envelope[MeetingView]:
    """One meeting."""
    return Envelope.success(await _one(meetings, await meetings.looking.get(caller.user_id, meeting_id)))


@router.put("/meetings/{meeting_id}", responses=errors(400, 401, 403, 404, 409, 503))
async def update_meeting(
    meeting_id: MeetingNumber,
    body: UpdateMeetingRequest,
    caller: SignedIn,
    meetings: MeetingsDep,
    scope: ScopeQuery = "this",
) -> Envelope[MeetingView]:
    """Change a meeting; what is absent stays. Settings come as a whole and count at once."""
    change = MeetingChange(
        title=body.title,
        description=body.description,
        start_time=body.start_time,
        end_time=body.end_time,
        max_participants=body.max_participants,
        password=body.password,
        settings=body.settings.model_dump(exclude_unset=True) if body.settings else None,
    )
    if scope == "this":
        facts = await meetings.planning.update(caller, meeting_id, change)
    else:
        facts = await meetings.series.update(caller, meeting_id, change, scope)
    return Envelope.success(await _one(meetings, facts))


@router.delete("/meetings/{meeting_id}", responses=errors(400, 401, 403, 404, 409))
async def delete_meeting(
    meeting_id: MeetingNumber, caller: SignedIn, meetings: MeetingsDep, scope: ScopeQuery = "this"
) -> Envelope[None]:
    """Take a meeting away; who is in it is sent home."""
    if scope == "this":
        await meetings.planning.delete(caller, meeting_id)
    else:
        await meetings.series.delete(caller, meeting_id, scope)
    return Envelope.success()


@router.post("/meetings/{meeting_id}/start", responses=errors(400, 401, 403, 404, 409))
async def start_meeting(
    meeting_id: MeetingNumber, caller: SignedIn, meetings: MeetingsDep
) -> Envelope[MeetingView]:
    """Begin a meeting before its time."""
    return Envelope.success(meeting_view(await meetings.planning.start(caller, meeting_id)))


@router.post("/meetings/{meeting_id}/end", responses=errors(400, 401, 403, 404, 409))
async def end_meeting(
    meeting_id: MeetingNumber, caller: SignedIn, meetings: MeetingsDep
) -> Envelope[MeetingView]:
    """End a meeting for everybody."""
    return Envelope.success(meeting_view(await meetings.planning.end(caller, meeting_id)))


@router.post("/meetings/{meeting_id}/lock", responses=errors(400, 401, 403, 404, 409))
async def lock_meeting(
    meeting_id: MeetingNumber, body: LockRequest, caller: SignedInOrGuest, meetings: MeetingsDep
) -> Envelope[MeetingView]:
    """Let nobody new in, or somebody again."""
    facts = await meetings.planning.set_lock(caller, meeting_id, locked=body.locked)
    return Envelope.success(meeting_view(facts))


async def _one(meetings: MeetingService, facts: MeetingFacts) -> MeetingView:
    return (await _many(meetings, [facts]))[0]


async def _many(meetings: MeetingService, found: list[MeetingFacts]) -> list[MeetingView]:
    return await with_series(meetings, [meeting_view(facts) for facts in found])
