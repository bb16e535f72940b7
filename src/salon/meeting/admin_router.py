"""The endpoints of administrators over meetings."""

from fastapi import APIRouter

from salon.meeting.face import MeetingStatus
from salon.meeting.meetings_router import Keyword, StatusFilter
from salon.meeting.schema import AdminMeetingView, MeetingView, StatsView
from salon.meeting.views import MeetingNumber, MeetingsDep, UsersDep, admin_views, meeting_view
from salon.platform.auth import Admin
from salon.platform.envelope import Envelope, errors
from salon.platform.paging import Paging

router = APIRouter(prefix="/api/v1/admin/meetings", tags=["admin"])


@router.get("", responses=errors(400, 401, 403))
async def list_all_meetings(
    _caller: Admin,
    meetings: MeetingsDep,
    users: UsersDep,
    paging: Paging,
    status: StatusFilter = 0,
    keyword: Keyword = "",
) -> Envelope[list[AdminMeetingView]]:
    """Everybody's meetings, latest start first."""
    found = await meetings.looking.list_all(
        status=status, keyword=keyword.strip(), offset=paging.offset, limit=paging.page_size
    )
    return Envelope.success(await admin_views(users, found))


@router.get("/stats", responses=errors(401, 403))
async def meeting_stats(_caller: Admin, meetings: MeetingsDep) -> Envelope[StatsView]:
    """Figures over all meetings."""
    stats = await meetings.looking.stats()
    return Envelope.success(
        StatsView(
            total=stats.total,
            scheduled=stats.by_status[MeetingStatus.SCHEDULED],
            active=stats.by_status[MeetingStatus.ACTIVE],
            ended=stats.by_status[MeetingStatus.ENDED],
            cancelled=stats.by_status[MeetingStatus.CANCELLED],
            participants_total=stats.participants_total,
            participants_now=stats.participants_now,
        )
    )


@router.post("/{meeting_id}/force-end", responses=errors(400, 401, 403, 404, 409))
async def force_end(meeting_id: MeetingNumber, caller: Admin, meetings: MeetingsDep) -> Envelope[MeetingView]:
    """End any meeting for everybody in it."""
    return Envelope.success(meeting_view(await meetings.planning.force_end(caller, meeting_id)))
