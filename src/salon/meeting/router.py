"""The endpoints of the meeting service."""

import uuid
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request

from salon.meeting.face import ChatMessage, MeetingId
from salon.meeting.schema import (
    ChatMessageView,
    ChatRequest,
    CreatedMeeting,
    CreateMeetingRequest,
    JoinRequest,
    JoinResult,
    MeetingPage,
    MeetingSettings,
    MeetingView,
    ParticipantView,
    ProfileView,
    UpdateMeetingRequest,
)
from salon.meeting.service import MeetingChange, MeetingFacts, MeetingService, NewMeeting
from salon.meeting.store import ParticipantRow
from salon.platform.auth import SignedIn
from salon.platform.envelope import Envelope, errors
from salon.platform.ids import DIGITS, MAX_ROW_ID, MAX_WIRE_ID, UserId
from salon.platform.paging import Paging
from salon.user.face import UserCard, Users

router = APIRouter(prefix="/api/v1", tags=["meeting"])


def _meetings(request: Request) -> MeetingService:
    service: MeetingService = request.app.state.meetings
    return service


def _users(request: Request) -> Users:
    users: Users = request.app.state.users
    return users


MeetingNumber = Annotated[MeetingId, DIGITS, Path(ge=0, le=MAX_WIRE_ID)]
UserNumber = Annotated[UserId, DIGITS, Path(ge=0, le=MAX_WIRE_ID)]
MeetingsDep = Annotated[MeetingService, Depends(_meetings)]
UsersDep = Annotated[Users, Depends(_users)]


def _view(facts: MeetingFacts) -> MeetingView:
    meeting = facts.meeting
    return MeetingView(
        id=meeting.id,
        title=meeting.title,
        description=meeting.description,
        start_time=meeting.start_time,
        end_time=meeting.end_time,
        max_participants=meeting.max_participants,
        meeting_type="audio" if meeting.meeting_type == "audio" else "video",
        status=meeting.status,
        settings=MeetingSettings.model_validate(meeting.settings),
        creator_id=meeting.creator_id,
        created_at=meeting.created_at,
        updated_at=meeting.updated_at,
        has_password=meeting.password_hash is not None,
        room_id=facts.room_id,
    )


def _participant(row: ParticipantRow, cards: dict[UserId, UserCard]) -> ParticipantView:
    card = cards.get(UserId(row.user_id))
    user = None
    if card is not None:
        user = ProfileView(
            id=card.id,
            username=card.username,
            nickname=card.nickname,
            avatar=card.avatar_url,
            avatar_url=card.avatar_url,
        )
    return ParticipantView(
        id=row.id,
        user_id=row.user_id,
        meeting_id=row.meeting_id,
        role=row.role,
        status=row.status,
        joined_at=row.joined_at,
        left_at=row.left_at,
        user=user,
    )


def _chat(message: ChatMessage) -> ChatMessageView:
    return ChatMessageView.model_validate(message, from_attributes=True)


@router.post("/meetings", status_code=201, responses=errors(400, 401, 403, 503))
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
        settings=body.settings.model_dump(),
    )
    view = _view(await meetings.create(caller.user_id, plan))
    return Envelope.created(CreatedMeeting(id=view.id, meeting_id=view.id, meeting=view))


@router.get("/meetings", responses=errors(400, 401))
async def list_meetings(
    caller: SignedIn,
    meetings: MeetingsDep,
    paging: Paging,
    status: Annotated[int, Query(ge=0, le=4)] = 0,
    keyword: Annotated[str, Query(max_length=200, pattern=r"^[^\x00]*$")] = "",
) -> Envelope[MeetingPage]:
    """The meetings the caller made or takes part in, latest start first."""
    found, total = await meetings.page(
        caller.user_id, status=status, keyword=keyword.strip(), page=paging.page, page_size=paging.page_size
    )
    return Envelope.success(
        MeetingPage(
            list=[_view(facts) for facts in found],
            total=total,
            page=paging.page,
            page_size=paging.page_size,
            total_pages=-(-total // paging.page_size),
        )
    )


@router.get("/my/meetings", responses=errors(401))
async def my_meetings(caller: SignedIn, meetings: MeetingsDep, paging: Paging) -> Envelope[list[MeetingView]]:
    """As `GET /meetings`, a plain array."""
    found, _ = await meetings.page(
        caller.user_id, status=0, keyword="", page=paging.page, page_size=paging.page_size
    )
    return Envelope.success([_view(facts) for facts in found])


@router.get("/my/meetings/upcoming", responses=errors(401))
async def my_upcoming_meetings(
    caller: SignedIn, meetings: MeetingsDep, paging: Paging
) -> Envelope[list[MeetingView]]:
    """The caller's meetings that are neither over nor past their end."""
    found = await meetings.upcoming(caller.user_id, page=paging.page, page_size=paging.page_size)
    return Envelope.success([_view(facts) for facts in found])


@router.get("/my/meetings/history", responses=errors(401))
async def my_past_meetings(
    caller: SignedIn, meetings: MeetingsDep, paging: Paging
) -> Envelope[list[MeetingView]]:
    """The caller's meetings that are over or past their end."""
    found = await meetings.history(caller.user_id, page=paging.page, page_size=paging.page_size)
    return Envelope.success([_view(facts) for facts in found])


@router.get("/meetings/{meeting_id}", responses=errors(400, 401, 403, 404))
async def get_meeting(
    meeting_id: MeetingNumber, caller: SignedIn, meetings: MeetingsDep
) -> Envelope[MeetingView]:
    """One meeting."""
    return Envelope.success(_view(await meetings.get(caller.user_id, meeting_id)))


@router.put("/meetings/{meeting_id}", responses=errors(400, 401, 403, 404))
async def update_meeting(
    meeting_id: MeetingNumber, body: UpdateMeetingRequest, caller: SignedIn, meetings: MeetingsDep
) -> Envelope[MeetingView]:
    """Change a meeting; what is absent stays."""
    change = MeetingChange(
        title=body.title,
        description=body.description,
        start_time=body.start_time,
        end_time=body.end_time,
        max_participants=body.max_participants,
        settings=body.settings.model_dump() if body.settings else None,
    )
    return Envelope.success(_view(await meetings.update(caller.user_id, meeting_id, change)))


@router.delete("/meetings/{meeting_id}", responses=errors(400, 401, 403, 404))
async def delete_meeting(
    meeting_id: MeetingNumber, caller: SignedIn, meetings: MeetingsDep
) -> Envelope[None]:
    """Take a meeting away; who is in it is sent home."""
    await meetings.delete(caller.user_id, meeting_id)
    return Envelope.success()


@router.post("/meetings/{meeting_id}/end", responses=errors(400, 401, 403, 404, 409))
async def end_meeting(
    meeting_id: MeetingNumber, caller: SignedIn, meetings: MeetingsDep
) -> Envelope[MeetingView]:
    """End a meeting for everybody."""
    return Envelope.success(_view(await meetings.end(caller.user_id, meeting_id)))


@router.post("/meetings/{meeting_id}/join", responses=errors(400, 401, 403, 404, 409, 429, 503))
async def join_meeting(
    meeting_id: MeetingNumber,
    caller: SignedIn,
    meetings: MeetingsDep,
    users: UsersDep,
    body: JoinRequest | None = None,
) -> Envelope[JoinResult]:
    """Come in; twice is as good as once."""
    password = body.password if body else None
    joined = await meetings.join(caller.user_id, meeting_id, password)
    cards = await users.cards(user_ids=[caller.user_id])
    result = JoinResult(
        meeting_id=joined.meeting.id,
        room_id=joined.room.room_id,
        participant_id=joined.participant.id,
        role=joined.participant.role,
        sfu_node=joined.room.sfu_node,
        meeting=_view(MeetingFacts(joined.meeting, joined.room.room_id)),
        participant=_participant(joined.participant, cards),
    )
    return Envelope.success(result)


@router.post("/meetings/{meeting_id}/leave", responses=errors(400, 401, 403, 404))
async def leave_meeting(meeting_id: MeetingNumber, caller: SignedIn, meetings: MeetingsDep) -> Envelope[None]:
    """Go; the place is kept for coming back."""
    await meetings.leave(caller.user_id, meeting_id)
    return Envelope.success()


@router.get("/meetings/{meeting_id}/participants", responses=errors(400, 401, 403, 404))
async def list_participants(
    meeting_id: MeetingNumber, caller: SignedIn, meetings: MeetingsDep, users: UsersDep
) -> Envelope[list[ParticipantView]]:
    """The creator and everybody who joined, those who left included."""
    rows = await meetings.participants(caller.user_id, meeting_id)
    cards: dict[UserId, UserCard] = {}
    for start in range(0, len(rows), 500):
        cards |= await users.cards(user_ids=[UserId(row.user_id) for row in rows[start : start + 500]])
    return Envelope.success([_participant(row, cards) for row in rows])


@router.delete("/meetings/{meeting_id}/participants/{user_id}", responses=errors(400, 401, 403, 404))
async def remove_participant(
    meeting_id: MeetingNumber, user_id: UserNumber, caller: SignedIn, meetings: MeetingsDep
) -> Envelope[None]:
    """Remove someone from a meeting and end their sessions."""
    await meetings.remove_participant(caller.user_id, meeting_id, user_id)
    return Envelope.success()


@dataclass(frozen=True, slots=True)
class ChatWindow:
    """Which part of a chat somebody wants to read."""

    limit: int
    offset: int
    before: int | None


def _read_window(
    paging: Paging,
    limit: Annotated[int | None, Query(ge=1, le=1000, description="instead of pages")] = None,
    before: Annotated[int | None, Query(ge=1, le=MAX_ROW_ID, description="only older than this id")] = None,
) -> ChatWindow:
    if limit is None:
        return ChatWindow(paging.page_size, paging.offset, before)
    return ChatWindow(limit, 0, before)


@router.get("/meetings/{meeting_id}/messages", responses=errors(400, 401, 403, 404))
async def list_messages(
    meeting_id: MeetingNumber,
    caller: SignedIn,
    meetings: MeetingsDep,
    window: Annotated[ChatWindow, Depends(_read_window)],
) -> Envelope[list[ChatMessageView]]:
    """The chat of a meeting, newest first."""
    found = await meetings.chat.read(
        user_id=caller.user_id,
        meeting_id=meeting_id,
        limit=window.limit,
        offset=window.offset,
        before=window.before,
    )
    return Envelope.success([_chat(message) for message in found])


@router.post("/meetings/{meeting_id}/messages", responses=errors(400, 401, 403, 404, 429))
async def post_message(
    meeting_id: MeetingNumber, body: ChatRequest, caller: SignedIn, meetings: MeetingsDep
) -> Envelope[ChatMessageView]:
    """Write to everybody in the meeting."""
    message = await meetings.post_chat(
        user_id=caller.user_id,
        username=caller.username,
        meeting_id=meeting_id,
        message_id=body.message_id or str(uuid.uuid4()),
        content=body.content,
        session_id=None,
        extra={},
    )
    return Envelope.success(_chat(message))
