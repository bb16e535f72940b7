"""Endpoints about the server itself: health, figures, version."""

import ipaddress
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from fastapi import APIRouter, Request, Response
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from pydantic import BaseModel

from salon import __version__
from salon.meeting.face import MeetingId
from salon.platform.db import Database
from salon.platform.envelope import Timestamp, errors
from salon.platform.errors import NotAllowed
from salon.platform.metrics import Metrics
from salon.platform.web import RawRoute


@dataclass(frozen=True, slots=True)
class LiveFigures:
    """Who is connected at this moment."""

    sessions: int
    users_by_room: Mapping[MeetingId, int]


class Health(BaseModel):
    """The server lives."""

    status: Literal["ok"] = "ok"
    service: str
    time: Timestamp
    timestamp: Timestamp
    active_sessions: int
    connected_clients: int
    active_rooms: int


class Status(BaseModel):
    """Which server this is, and since when."""

    service: Literal["media-service"] = "media-service"
    version: str
    timestamp: int
    uptime: int


class FiguresText(Response):
    """Prometheus' text form."""

    media_type = CONTENT_TYPE_LATEST


def build_router(
    *, metrics: Metrics, db: Database, live: Callable[[], LiveFigures], is_public: bool
) -> APIRouter:
    """The endpoints; include before the services', whose paths would take some of these for ids."""
    router = APIRouter(tags=["system"], route_class=RawRoute)

    def health_of(service: str) -> Health:
        now = datetime.now(UTC)
        figures = live()
        return Health(
            service=service,
            time=now,
            timestamp=now,
            active_sessions=figures.sessions,
            connected_clients=figures.sessions,
            active_rooms=len(figures.users_by_room),
        )

    @router.get("/health")
    async def health() -> Health:
        """Whether the server answers."""
        return health_of("salon")

    @router.get("/api/v1/users/health")
    async def user_health() -> Health:
        """Whether the user service answers."""
        return health_of("user-service")

    @router.get("/api/v1/meetings/health")
    async def meeting_health() -> Health:
        """Whether the meeting service answers."""
        return health_of("meeting-service")

    @router.get("/api/v1/media/health")
    async def media_health() -> Health:
        """Whether the media service answers."""
        return health_of("media-service")

    @router.get("/status")
    async def status() -> Status:
        """Version and uptime in seconds."""
        return Status(
            version=__version__,
            timestamp=int(datetime.now(UTC).timestamp()),
            uptime=int(metrics.uptime_s),
        )

    @router.get("/metrics", responses=errors(403), response_class=FiguresText)
    async def figures(request: Request) -> Response:
        """Figures in Prometheus' text form."""
        if not is_public and not _is_this_machine(request):
            raise NotAllowed("Figures are for this machine only. Set SALON_METRICS_PUBLIC to open them.")
        now = live()
        metrics.active_users.set(sum(now.users_by_room.values()))
        metrics.active_meetings.set(len(now.users_by_room))
        body = metrics.render(database_connections=db.connections())
        return FiguresText(body)

    return router


def _is_this_machine(request: Request) -> bool:
    try:
        return request.client is not None and ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:
        return False
