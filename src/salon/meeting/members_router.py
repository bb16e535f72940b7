"""The endpoints of membership and moderation."""

from fastapi import APIRouter

from salon.meeting.context import MeetingFacts
from salon.meeting.face import Block, ParticipantRole
from salon.meeting.moderation import Silence
from salon.meeting.schema import (
    InviteRequest,
    JoinRequest,
    JoinResult,
    MuteRequest,
    ParticipantView,
    RoleRequest,
    UnmuteRequest,
)
from salon.meeting.views import (
    MeetingNumber,
    MeetingsDep,
    UserNumber,
    UsersDep,
    meeting_view,
    participant_view,
    participant_views,
)
from salon.platform.auth import SignedIn, SignedInOrGuest
from salon.platform.envelope import Envelope, errors
from salon.platform.ids import UserId

router = APIRouter(prefix="/api/v1/meetings/{meeting_id}", tags=["participants"])


@router.post("/join", responses=errors(400, 401, 403, 404, 409, 429, 503))
async def join_meeting(
    meeting_id: MeetingNumber,
    caller: SignedInOrGuest,
    meetings: MeetingsDep,
    users: UsersDep,
    body: JoinRequest | None = None,
) -> Envelope[JoinResult]:
    """Come in; twice is as good as once. Where a host must agree, this knocks, and is 403 until then."""
    password = body.password if body else None
    joined = await meetings.membership.join(caller, meeting_id, password)
    cards = await users.cards(user_ids=[caller.user_id])
    result = JoinResult(
        meeting_id=joined.meeting.id,
        room_id=joined.room.room_id,
        participant_id=joined.participant.id,
        role=joined.participant.role,
        sfu_node=joined.room.sfu_node,
        meeting=meeting_view(MeetingFacts(joined.meeting, joined.room.room_id)),
        participant=participant_view(joined.participant, cards),
    )
    return Envelope.success(result)


@router.post("/leave", responses=errors(400, 401, 404))
async def leave_meeting(
    meeting_id: MeetingNumber, caller: SignedInOrGuest, meetings: MeetingsDep
) -> Envelope[None]:
    """Go; the place is kept for coming back."""
    await meetings.membership.leave(caller.user_id, meeting_id)
    return Envelope.success()


@router.get("/participants", responses=errors(400, 401, 403, 404))
async def list_participants(
    meeting_id: MeetingNumber, caller: SignedInOrGuest, meetings: MeetingsDep, users: UsersDep
) -> Envelope[list[ParticipantView]]:
    """The creator and everybody who joined, those who left included."""
    rows = await meetings.looking.participants(caller.user_id, meeting_id)
    return Envelope.success(await participant_views(users, list(rows)))


@router.post("/participants", responses=errors(400, 401, 403, 404, 409))
async def invite_participants(
    meeting_id: MeetingNumber, body: InviteRequest, caller: SignedIn, meetings: MeetingsDep, users: UsersDep
) -> Envelope[list[ParticipantView]]:
    """Give users a place; who was removed may come again."""
    wanted = [UserId(user_id) for user_id in body.user_ids]
    if body.user_id is not None:
        wanted.append(UserId(body.user_id))
    rows = await meetings.membership.invite(caller, meeting_id, wanted, ParticipantRole(body.role))
    return Envelope.success(await participant_views(users, rows))


@router.delete("/participants/{user_id}", responses=errors(400, 401, 403, 404))
async def remove_participant(
    meeting_id: MeetingNumber, user_id: UserNumber, caller: SignedInOrGuest, meetings: MeetingsDep
) -> Envelope[None]:
    """Remove someone from a meeting and end their sessions."""
    await meetings.membership.remove(caller, meeting_id, user_id)
    return Envelope.success()


@router.put("/participants/{user_id}/role", responses=errors(400, 401, 403, 404))
async def change_role(
    *,
    meeting_id: MeetingNumber,
    user_id: UserNumber,
    body: RoleRequest,
    caller: SignedIn,
    meetings: MeetingsDep,
    users: UsersDep,
) -> Envelope[ParticipantView]:
    """Give a participant another role; it counts at once."""
    row = await meetings.membership.change_role(caller, meeting_id, user_id, ParticipantRole(body.role))
    return Envelope.success((await participant_views(users, [row]))[0])


@router.post("/participants/{user_id}/mute", responses=errors(400, 401, 403, 404, 409))
async def mute_participant(
    *,
    meeting_id: MeetingNumber,
    user_id: UserNumber,
    caller: SignedInOrGuest,
    meetings: MeetingsDep,
    users: UsersDep,
    body: MuteRequest | None = None,
) -> Envelope[ParticipantView]:
    """Stop what somebody sends: the server drops it, whatever their client does."""
    row = await meetings.moderation.set_one(caller, meeting_id, user_id, _mute(body))
    return Envelope.success((await participant_views(users, [row]))[0])


@router.post("/participants/{user_id}/unmute", responses=errors(400, 401, 403, 404, 409))
async def unmute_participant(
    *,
    meeting_id: MeetingNumber,
    user_id: UserNumber,
    caller: SignedInOrGuest,
    meetings: MeetingsDep,
    users: UsersDep,
    body: UnmuteRequest | None = None,
) -> Envelope[ParticipantView]:
    """Lift a block. What the participant has switched off stays off."""
    row = await meetings.moderation.set_one(caller, meeting_id, user_id, _unmute(body))
    return Envelope.success((await participant_views(users, [row]))[0])


@router.post("/mute-all", responses=errors(400, 401, 403, 404, 409))
async def mute_all(
    meeting_id: MeetingNumber,
    caller: SignedInOrGuest,
    meetings: MeetingsDep,
    users: UsersDep,
    body: MuteRequest | None = None,
) -> Envelope[list[ParticipantView]]:
    """Stop what everybody sends but hosts and moderators."""
    rows = await meetings.moderation.set_all(caller, meeting_id, _mute(body))
    return Envelope.success(await participant_views(users, rows))


@router.post("/unmute-all", responses=errors(400, 401, 403, 404, 409))
async def unmute_all(
    meeting_id: MeetingNumber,
    caller: SignedInOrGuest,
    meetings: MeetingsDep,
    users: UsersDep,
    body: UnmuteRequest | None = None,
) -> Envelope[list[ParticipantView]]:
    """Lift everybody's blocks."""
    rows = await meetings.moderation.set_all(caller, meeting_id, _unmute(body))
    return Envelope.success(await participant_views(users, rows))


def _mute(body: MuteRequest | None) -> Silence:
    wanted = body or MuteRequest()
    return Silence(wanted.audio, wanted.video, Block.HELD if wanted.hold else Block.MUTED)


def _unmute(body: UnmuteRequest | None) -> Silence:
    wanted = body or UnmuteRequest()
    return Silence(wanted.audio, wanted.video, Block.FREE)
