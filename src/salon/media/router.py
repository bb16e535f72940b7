"""HTTP endpoints of SFU negotiation. Answers and errors are read at top level by existing clients."""

from dataclasses import asdict

from fastapi import APIRouter, Response

from salon.media.access import require_self
from salon.media.schema import (
    Answer,
    AnswerRequest,
    CandidateRequest,
    CandidatesResponse,
    MediaRequest,
    MediaResponse,
    Offer,
    OfferResponse,
    OpenPeerRequest,
    OpenPeerResponse,
    PeerMessage,
    PeerStatusResponse,
    PeerView,
    RoomJoinResponse,
    RoomLeaveResponse,
    RoomPeersResponse,
    RoomStatsResponse,
    SfuRoomView,
    UserRequest,
)
from salon.media.service import MediaService
from salon.platform.auth import SignedInOrGuest
from salon.platform.envelope import errors
from salon.platform.web import RawRoute
from salon.signaling.face import MediaSwitches


def build_router(service: MediaService) -> APIRouter:
    """The eleven `/webrtc` endpoints over a service."""
    router = APIRouter(prefix="/api/v1/webrtc", tags=["webrtc"], route_class=RawRoute)

    @router.post("/answer", responses=errors(400, 401, 403, 404, 503))
    async def open_peer(body: OpenPeerRequest, caller: SignedInOrGuest) -> OpenPeerResponse:
        """Answer a client's offer: its new connection to the SFU, or a renegotiation of one."""
        require_self(caller, body.user_id)
        peer_id, sdp = await service.open_peer(
            caller,
            room_id=body.room_id,
            offer=body.offer.sdp,
            session_id=body.session_id,
            peer_id=body.peer_id,
        )
        return OpenPeerResponse(peer_id=peer_id, answer=Answer(type="answer", sdp=sdp))

    @router.post("/ice-candidate", responses=errors(400, 401, 403, 404, 503))
    async def add_candidate(body: CandidateRequest, caller: SignedInOrGuest) -> PeerMessage:
        """Take one of the client's ICE candidates; an empty text ends them."""
        await service.take_candidate(caller, peer_id=body.peer_id, candidate=body.candidate.candidate)
        return PeerMessage(peer_id=body.peer_id)

    @router.post("/room/{room_id}/join", responses=errors(400, 401, 403, 404))
    async def join_room(room_id: str, body: UserRequest, caller: SignedInOrGuest) -> RoomJoinResponse:
        """Check that the caller may use a room; media flows once it is offered."""
        require_self(caller, body.user_id)
        admission, since = await service.enter_room(caller, room_id=room_id)
        room = SfuRoomView(id=admission.room_id, meeting_id=str(admission.seat.meeting_id), created_at=since)
        return RoomJoinResponse(room=room, user_id=str(caller.user_id))

    @router.post("/room/{room_id}/leave", responses=errors(400, 401, 403, 404))
    async def leave_room(room_id: str, body: UserRequest, caller: SignedInOrGuest) -> RoomLeaveResponse:
        """Drop the caller's media peers in a room."""
        require_self(caller, body.user_id)
        await service.leave_room(caller, room_id=room_id)
        return RoomLeaveResponse(room_id=room_id, user_id=str(caller.user_id))

    @router.get("/room/{room_id}/peers", responses=errors(401, 403, 404))
    async def list_peers(room_id: str, caller: SignedInOrGuest) -> RoomPeersResponse:
        """All media peers of a room."""
        peers = [
            PeerView(
                peer_id=peer.peer_id,
                user_id=str(peer.tab.user_id),
                media_type=await service.media_type_of(peer),
                status=peer.status,
                created_at=peer.created_at,
                last_activity=peer.last_activity,
            )
            for peer in await service.list_peers(caller, room_id=room_id)
        ]
        return RoomPeersResponse(room_id=room_id, peers=peers, count=len(peers))

    @router.get("/room/{room_id}/stats", responses=errors(401, 403, 404))
    async def room_stats(room_id: str, caller: SignedInOrGuest) -> RoomStatsResponse:
        """Figures of a room."""
        stats = await service.room_stats(caller, room_id=room_id)
        return RoomStatsResponse(room_id=room_id, **asdict(stats))

    @router.post("/peer/{peer_id}/media", responses=errors(400, 401, 403, 404, 503))
    async def switch_media(peer_id: str, body: MediaRequest, caller: SignedInOrGuest) -> MediaResponse:
        """Set what the caller's peer sends: held by the server, shown to the room."""
        switches = MediaSwitches(audio=body.audio_enabled, video=body.video_enabled, screen=body.screen_share)
        await service.switch(caller, peer_id=peer_id, switches=switches)
        return MediaResponse(peer_id=peer_id, **body.model_dump())

    @router.get("/peer/{peer_id}/status", responses=errors(401, 403, 404))
    async def peer_status(peer_id: str, caller: SignedInOrGuest) -> PeerStatusResponse:
        """The transport state of the caller's peer."""
        peer = await service.get_status(caller, peer_id=peer_id)
        return PeerStatusResponse(peer_id=peer.peer_id, status=peer.status)

    @router.get("/peer/{peer_id}/ice-candidates", responses=errors(401, 403, 404))
    async def poll_candidates(peer_id: str, caller: SignedInOrGuest) -> CandidatesResponse:
        """The server's candidates since the last call."""
        fresh = await service.drain_candidates(caller, peer_id=peer_id)
        return CandidatesResponse(peer_id=peer_id, candidates=fresh, complete=True)

    @router.get(
        "/peer/{peer_id}/offer",
        response_model=OfferResponse,
        responses={**errors(401, 403, 404), 204: {"description": "No offer is pending."}},
    )
    async def poll_offer(peer_id: str, caller: SignedInOrGuest) -> OfferResponse | Response:
        """The offer that waits for the client's answer; reading does not consume it."""
        pending = await service.find_offer(caller, peer_id=peer_id)
        if pending is None:
            return Response(status_code=204)
        return OfferResponse(peer_id=peer_id, offer=Offer(type="offer", sdp=pending.sdp), neg=pending.neg)

    @router.post("/peer/{peer_id}/answer", responses=errors(400, 401, 403, 404, 409, 503))
    async def take_answer(peer_id: str, body: AnswerRequest, caller: SignedInOrGuest) -> PeerMessage:
        """Take the client's answer to the pending offer."""
        await service.take_answer(caller, peer_id=peer_id, sdp=body.answer.sdp, neg=body.neg)
        return PeerMessage(peer_id=peer_id)

    return router
