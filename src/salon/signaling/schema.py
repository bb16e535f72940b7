"""Shapes of signaling's REST endpoints."""

from typing import Annotated

from pydantic import BaseModel, Field

from salon.platform.envelope import Timestamp


class PublicUser(BaseModel):
    """What members of a meeting see of each other."""

    id: int
    username: str
    nickname: str = ""
    avatar_url: str = ""


class SessionMeeting(BaseModel):
    """The meeting a session belongs to."""

    id: int
    room_id: str
    status: int


class SessionView(BaseModel):
    """The record of a signaling session."""

    id: int
    session_id: str
    user_id: int
    meeting_id: int
    peer_id: str
    status: int
    joined_at: Timestamp
    last_ping_at: Timestamp | None
    disconnected_at: Timestamp | None
    created_at: Timestamp
    updated_at: Timestamp
    user: PublicUser
    meeting: SessionMeeting | None = Field(default=None, exclude_if=lambda value: value is None)


class MessageView(BaseModel):
    """A stored message; ``payload`` is JSON text."""

    id: int
    message_id: str
    session_id: str
    from_user_id: int
    to_user_id: int | None
    meeting_id: int
    message_type: int
    payload: str
    status: int
    created_at: Timestamp
    updated_at: Timestamp
    from_user: PublicUser
    to_user: PublicUser | None = Field(default=None, exclude_if=lambda value: value is None)


class Overview(BaseModel):
    """Live figures; keys of the map are meeting ids as text, values distinct users."""

    active_sessions: int
    connected_clients: int
    active_rooms: int
    room_details: dict[str, int]


class LiveRoomView(BaseModel):
    """A room with people in it."""

    meeting_id: int
    title: str
    opened_at: Timestamp
    sessions: int
    user_count: int
    people: list[PublicUser] = Field(description="at most 50 of them, longest present first")


class LiveRooms(BaseModel):
    """The fullest rooms at this moment."""

    list: Annotated[list[LiveRoomView], Field(description="at most 100, most people first")]
    total: int


class SessionPage(BaseModel):
    """A page of session records."""

    list: list[SessionView]
    total: int
    page: int
    page_size: int
    total_pages: int
