"""The endpoints of the lobby, for both sides of the door."""

from fastapi import APIRouter

from salon.meeting.schema import (
    AdmitRequest,
    DecidedView,
    DenyRequest,
    JoinRequest,
    KnockView,
    LobbyMessageRequest,
    WaitingView,
)
from salon.meeting.views import MeetingNumber, MeetingsDep, UsersDep, waiting_views
from salon.platform.auth import SignedInOrGuest
from salon.platform.envelope import Envelope, errors
from salon.platform.errors import NotFound
from salon.platform.ids import UserId

router = APIRouter(prefix="/api/v1/meetings/{meeting_id}", tags=["lobby"])


@router.post("/knock", responses=errors(400, 401, 403, 404, 409, 429, 503))
async def knock(
    meeting_id: MeetingNumber,
    caller: SignedInOrGuest,
    meetings: MeetingsDep,
    body: JoinRequest | None = None,
) -> Envelope[KnockView]:
    """Ask to be let in. Twice is as good as once; `not_needed`: just join."""
    found = await meetings.lobby.knock(caller, meeting_id, password=body.password if body else None)
    if found is None:
        return Envelope.success(KnockView(state="not_needed", position=0))
    return Envelope.success(KnockView(state=found.state, position=found.position))


@router.get("/knock", responses=errors(400, 401, 404))
async def get_knock(
    meeting_id: MeetingNumber, caller: SignedInOrGuest, meetings: MeetingsDep
) -> Envelope[KnockView]:
    """How one's asking stands."""
    found = await meetings.lobby.find(meeting_id=meeting_id, user_id=caller.user_id)
    if found is None:
        raise NotFound("You have not asked to be let in.")
    return Envelope.success(KnockView(state=found.state, position=found.position))


@router.delete("/knock", responses=errors(400, 401))
async def withdraw_knock(
    meeting_id: MeetingNumber, caller: SignedInOrGuest, meetings: MeetingsDep
) -> Envelope[None]:
    """Wait no longer."""
    await meetings.lobby.withdraw(caller, meeting_id)
    return Envelope.success()


@router.get("/lobby", responses=errors(400, 401, 403, 404))
async def list_lobby(
    meeting_id: MeetingNumber, caller: SignedInOrGuest, meetings: MeetingsDep, users: UsersDep
) -> Envelope[list[WaitingView]]:
    """Who waits to be let in, longest first."""
    return Envelope.success(await waiting_views(users, await meetings.lobby.read(caller, meeting_id)))


@router.post("/lobby/admit", responses=errors(400, 401, 403, 404))
async def admit(
    meeting_id: MeetingNumber,
    caller: SignedInOrGuest,
    meetings: MeetingsDep,
    body: AdmitRequest | None = None,
) -> Envelope[DecidedView]:
    """Let people in; everybody who waits if nobody is named."""
    named = body.user_ids if body else None
    user_ids = None if named is None else [UserId(user_id) for user_id in named]
    decided = await meetings.lobby.admit(caller, meeting_id, user_ids)
    return Envelope.success(DecidedView(user_ids=[int(user_id) for user_id in decided]))


@router.post("/lobby/deny", responses=errors(400, 401, 403, 404))
async def deny(
    meeting_id: MeetingNumber, body: DenyRequest, caller: SignedInOrGuest, meetings: MeetingsDep
) -> Envelope[DecidedView]:
    """Turn people away; they may ask again after a minute."""
    decided = await meetings.lobby.deny(caller, meeting_id, [UserId(user_id) for user_id in body.user_ids])
    return Envelope.success(DecidedView(user_ids=[int(user_id) for user_id in decided]))


@router.post("/lobby/message", responses=errors(400, 401, 403, 404))
async def write_to_lobby(
    meeting_id: MeetingNumber, body: LobbyMessageRequest, caller: SignedInOrGuest, meetings: MeetingsDep
) -> Envelope[None]:
    """Write to everybody who waits."""
    await meetings.lobby.write(caller, meeting_id, body.content)
    return Envelope.success()
