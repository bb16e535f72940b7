"""How rows become answers, and how endpoints reach the service."""

from typing import Annotated, Literal, cast

from fastapi import Depends, Path, Request

from salon.meeting import rules
from salon.meeting.context import MeetingFacts
from salon.meeting.face import ChatMessage, Knock, MeetingId
from salon.meeting.rooms import RoomFacts
from salon.meeting.schema import (
    AdminMeetingView,
    AllowsView,
    ChatMessageView,
    MeetingSettings,
    MeetingView,
    ParticipantView,
    ProfileView,
    RoomView,
    WaitingView,
)
from salon.meeting.service import MeetingService
from salon.meeting.store import ParticipantRow
from salon.platform.ids import DIGITS, MAX_WIRE_ID, UserId
from salon.user.face import UserCard, Users

_CARDS_AT_ONCE = 500
MAX_BITRATE = 1_000_000
"""Bits per second, as the wire contract states it for every room."""


async def _meetings(request: Request) -> MeetingService:
    service: MeetingService = request.app.state.meetings
    return service


async def _users(request: Request) -> Users:
    users: Users = request.app.state.users
    return users


MeetingNumber = Annotated[MeetingId, DIGITS, Path(ge=0, le=MAX_WIRE_ID)]
UserNumber = Annotated[UserId, DIGITS, Path(ge=0, le=MAX_WIRE_ID)]
MeetingsDep = Annotated[MeetingService, Depends(_meetings)]
UsersDep = Annotated[Users, Depends(_users)]
_BlockText = Literal["free", "muted", "held"]


def meeting_view(facts: MeetingFacts) -> MeetingView:
    """A meeting as its members see it."""
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
        locked=meeting.locked,
        series_id=meeting.series_id,
        recurrence="",
        time_zone="",
        allows=AllowsView.model_validate(rules.allows_of(meeting), from_attributes=True),
    )


async def admin_views(users: Users, found: list[MeetingFacts]) -> list[AdminMeetingView]:
    """Meetings as administrators see them, each with whose it is."""
    cards = await cards_of(users, sorted({UserId(facts.meeting.creator_id) for facts in found}))
    return [
        AdminMeetingView(
            **meeting_view(facts).model_dump(), creator=_profile(cards.get(UserId(facts.meeting.creator_id)))
        )
        for facts in found
    ]


async def with_series(meetings: MeetingService, views: list[MeetingView]) -> list[MeetingView]:
    """The same, with rule and time zone of the series they belong to."""
    rules_of = await meetings.find_rules(sorted({v.series_id for v in views if v.series_id is not None}))
    for view in views:
        if view.series_id is not None and view.series_id in rules_of:
            view.recurrence, view.time_zone = rules_of[view.series_id]
    return views


async def cards_of(users: Users, user_ids: list[UserId]) -> dict[UserId, UserCard]:
    """Everybody's card, however many they are."""
    cards: dict[UserId, UserCard] = {}
    for start in range(0, len(user_ids), _CARDS_AT_ONCE):
        cards |= await users.cards(user_ids=user_ids[start : start + _CARDS_AT_ONCE])
    return cards


def participant_view(row: ParticipantRow, cards: dict[UserId, UserCard]) -> ParticipantView:
    """A membership, with the public part of its user."""
    return ParticipantView(
        id=row.id,
        user_id=row.user_id,
        meeting_id=row.meeting_id,
        role=row.role,
        status=row.status,
        joined_at=row.joined_at,
        left_at=row.left_at,
        audio_block=cast("_BlockText", row.audio_block),
        video_block=cast("_BlockText", row.video_block),
        user=_profile(cards.get(UserId(row.user_id))),
    )


def _profile(card: UserCard | None) -> ProfileView | None:
    if card is None:
        return None
    return ProfileView(
        id=card.id,
        username=card.username,
        nickname=card.nickname,
        avatar=card.avatar_url,
        avatar_url=card.avatar_url,
        is_guest=card.is_guest,
    )


async def participant_views(users: Users, rows: list[ParticipantRow]) -> list[ParticipantView]:
    """Memberships, with the public parts of their users."""
    cards = await cards_of(users, [UserId(row.user_id) for row in rows])
    return [participant_view(row, cards) for row in rows]


async def waiting_views(users: Users, knocks: list[Knock]) -> list[WaitingView]:
    """Those who wait; who has no account any more is left out."""
    cards = await cards_of(users, [knock.user_id for knock in knocks])
    return [
        WaitingView(
            user_id=knock.user_id,
            username=card.username,
            nickname=card.nickname,
            avatar_url=card.avatar_url,
            is_guest=card.is_guest,
            asked_at=knock.asked_at,
        )
        for knock in knocks
        if (card := cards.get(knock.user_id)) is not None
    ]


def room_view(facts: RoomFacts) -> RoomView:
    """A room, and how many are in it."""
    room = facts.room
    return RoomView(
        id=room.id,
        meeting_id=room.meeting_id,
        room_id=room.room_id,
        sfu_node=room.sfu_node,
        status="active" if room.status == "active" else "closed",
        participant_count=facts.participant_count,
        max_bitrate=MAX_BITRATE,
        created_at=room.created_at,
        updated_at=room.updated_at,
    )


def chat_view(message: ChatMessage) -> ChatMessageView:
    """A chat message."""
    return ChatMessageView.model_validate(message, from_attributes=True)
