"""HTTP and WebSocket endpoints of signaling."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, WebSocket

from salon.meeting.face import MeetingId
from salon.platform.auth import Admin, SignedIn
from salon.platform.envelope import Envelope, errors
from salon.platform.ids import DIGITS, MAX_ROW_ID, MAX_WIRE_ID
from salon.platform.web import RawRoute
from salon.signaling.history import SignalingHistory
from salon.signaling.schema import LiveRooms, MessageView, Overview, SessionPage, SessionView
from salon.signaling.socket import SignalingSocket

MeetingPath = Annotated[int, DIGITS, Path(ge=0, le=MAX_WIRE_ID)]
DEFAULT_PAGE_SIZE = 20
MAX_PAGE_SIZE = 100


def build_router(history: SignalingHistory, socket: SignalingSocket) -> APIRouter:
    """The endpoints over their services."""
    router = APIRouter(tags=["signaling"])
    raw = APIRouter(tags=["signaling"], route_class=RawRoute)

    @router.websocket("/ws/signaling")
    async def signaling(websocket: WebSocket) -> None:
        await socket.serve(websocket)

    @router.get("/api/v1/sessions/room/{meeting_id}", responses=errors(400, 401, 403))
    async def list_room_sessions(meeting_id: MeetingPath, caller: SignedIn) -> Envelope[list[SessionView]]:
        """Live sessions of a meeting, for its participants."""
        return Envelope.success(await history.list_room(caller, MeetingId(meeting_id)))

    @router.get("/api/v1/sessions/{session_id}", responses=errors(403, 404))
    async def get_session(session_id: str, caller: SignedIn) -> Envelope[SessionView]:
        """One's own session, or one of a meeting one hosts."""
        return Envelope.success(await history.get_session(caller, session_id))

    @router.get("/api/v1/messages/history/{meeting_id}", responses=errors(400, 401, 403))
    async def list_messages(
        meeting_id: MeetingPath, caller: SignedIn, limit: str | None = None
    ) -> Envelope[list[MessageView]]:
        """Chat and relayed descriptions of a meeting, newest first; an invalid limit means 50."""
        return Envelope.success(await history.list_messages(caller, MeetingId(meeting_id), limit))

    @raw.get("/api/v1/stats/overview", responses=errors(403))
    async def overview(caller: SignedIn) -> Overview:
        """Live figures, read at top level."""
        return history.overview()

    @router.get("/api/v1/stats/rooms", responses=errors(403))
    async def rooms(caller: SignedIn) -> Envelope[dict[str, int]]:
        """Distinct users of each live room."""
        return Envelope.success(history.rooms())

    @router.get("/api/v1/stats/live", responses=errors(401, 403))
    async def live_rooms(caller: Admin) -> Envelope[LiveRooms]:
        """Who is in which room now, for administrators."""
        return Envelope.success(history.live_rooms())

    @router.post("/admin/cleanup/sessions", responses=errors(401, 403))
    async def clean_up(caller: Admin) -> Envelope[None]:
        """Close the records of sessions that do not live any more."""
        count = await history.clean_up(caller)
        return Envelope.success(message=f"{count} stale sessions closed")

    @router.get("/admin/sessions", responses=errors(400, 401, 403))
    async def page_sessions(
        caller: Admin,
        meeting_id: Annotated[int | None, Query(ge=0, le=MAX_ROW_ID)] = None,
        status: Annotated[int | None, Query(ge=0, le=MAX_ROW_ID)] = None,
        page: str = "1",
        page_size: str = "20",
    ) -> Envelope[SessionPage]:
        """All session records, newest first; page numbers out of range fall back to the defaults."""
        return Envelope.success(
            await history.page_sessions(
                meeting_id=meeting_id,
                status=status,
                page=_in_range(page, default=1, highest=10**6),
                page_size=_in_range(page_size, default=DEFAULT_PAGE_SIZE, highest=MAX_PAGE_SIZE),
            )
        )

    router.include_router(raw)
    return router


def _in_range(text: str, *, default: int, highest: int) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        return default
    return int(text) if 1 <= int(text) <= highest else default
