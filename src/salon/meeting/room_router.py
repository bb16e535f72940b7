"""The endpoints of a meeting's room: itself and its chat. Those of its recordings belong to media."""

import uuid
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from salon.meeting.schema import ChatMessageView, ChatRequest, RoomView
from salon.meeting.views import MeetingNumber, MeetingsDep, chat_view, room_view
from salon.platform.auth import SignedIn, SignedInOrGuest
from salon.platform.envelope import Envelope, errors
from salon.platform.ids import MAX_ROW_ID
from salon.platform.paging import Paging

router = APIRouter(prefix="/api/v1/meetings/{meeting_id}", tags=["room"])


@router.get("/room", responses=errors(400, 401, 403, 404))
async def get_room(
    meeting_id: MeetingNumber, caller: SignedInOrGuest, meetings: MeetingsDep
) -> Envelope[RoomView]:
    """The live space of a meeting."""
    return Envelope.success(room_view(await meetings.rooms.get(caller, meeting_id)))


@router.post("/room", responses=errors(400, 401, 403, 404, 409))
async def open_room(meeting_id: MeetingNumber, caller: SignedIn, meetings: MeetingsDep) -> Envelope[RoomView]:
    """The room, opened again if it was closed."""
    return Envelope.success(room_view(await meetings.rooms.open(caller, meeting_id)))


@router.delete("/room", responses=errors(400, 401, 403, 404))
async def close_room(meeting_id: MeetingNumber, caller: SignedIn, meetings: MeetingsDep) -> Envelope[None]:
    """Send everybody out of the room; the meeting goes on."""
    await meetings.rooms.close(caller, meeting_id)
    return Envelope.success()


@dataclass(frozen=True, slots=True)
class ChatWindow:
    """Which part of a chat somebody wants to read."""

    limit: int
    offset: int
    before: int | None


async def _read_window(
    paging: Paging,
    limit: Annotated[int | None, Query(ge=1, le=1000, description="instead of pages")] = None,
    before: Annotated[int | None, Query(ge=1, le=MAX_ROW_ID, description="only older than this id")] = None,
) -> ChatWindow:
    if limit is None:
        return ChatWindow(paging.page_size, paging.offset, before)
    return ChatWindow(limit, 0, before)


@router.get("/messages", responses=errors(400, 401, 403, 404))
async def list_messages(
    meeting_id: MeetingNumber,
    caller: SignedInOrGuest,
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
    return Envelope.success([chat_view(message) for message in found])


@router.post("/messages", responses=errors(400, 401, 403, 404, 429))
async def post_message(
    meeting_id: MeetingNumber, body: ChatRequest, caller: SignedInOrGuest, meetings: MeetingsDep
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
    return Envelope.success(chat_view(message))
