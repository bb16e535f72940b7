"""Puts signaling together from what it stands on."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from fastapi import APIRouter
from prometheus_client import CollectorRegistry

from salon.meeting.face import Meetings
from salon.platform.auth import Authentication
from salon.platform.bus import Bus
from salon.platform.clock import Clock
from salon.platform.db import Database
from salon.settings import Settings
from salon.signaling.archive import Archive
from salon.signaling.captions import CaptionNotices
from salon.signaling.history import SignalingHistory
from salon.signaling.ice import IceServers
from salon.signaling.lobby import LobbySockets
from salon.signaling.notices import Notices
from salon.signaling.router import build_router
from salon.signaling.service import SignalingService
from salon.signaling.socket import SignalingSocket
from salon.signaling.voices import VoiceNotices
from salon.user.face import Users


@dataclass(frozen=True, slots=True)
class SignalingParts:
    """What the composition uses: it starts and closes the parts, and includes `router`."""

    service: SignalingService
    notices: Notices
    captions: CaptionNotices
    voices: VoiceNotices
    router: APIRouter

    async def start(self) -> None:
        """Begin to serve."""
        await self.service.start()
        self.notices.start()
        self.captions.start()
        self.voices.start()

    async def close(self) -> None:
        """Stop; sockets are closed by the server before."""
        self.voices.close()
        self.captions.close()
        self.notices.close()
        await self.service.close()


def build(
    *,
    settings: Settings,
    db: Database,
    bus: Bus,
    clock: Clock,
    users: Users,
    meetings: Meetings,
    authentication: Authentication,
    registry: CollectorRegistry,
    stun_port: Callable[[], int],
    advertised_ips: tuple[str, ...],
) -> SignalingParts:
    """Build the service.

    Args:
        stun_port: tells the media engine's UDP port, which answers STUN; asked when it is open.
        advertised_ips: the media engine's addresses; the first one is named as STUN server.
    """
    secret = settings.turn.secret
    archive = Archive(db, registry)

    def make_id(prefix: str) -> str:
        return f"{prefix}_{clock.now().timestamp() * 1e3:.0f}_{secrets.token_hex(4)}"

    service = SignalingService(
        users=users,
        meetings=meetings,
        bus=bus,
        clock=clock,
        archive=archive,
        ice=IceServers(
            stun_port=stun_port,
            advertised_host=advertised_ips[0] if advertised_ips else None,
            stun_urls=settings.stun_urls,
            turn_urls=settings.turn.urls,
            turn_secret=secret.get_secret_value() if secret else "",
            turn_lifetime=timedelta(seconds=settings.turn.lifetime_s),
        ),
        make_id=make_id,
        registry=registry,
    )
    history = SignalingHistory(
        db=db, archive=archive, live=service, users=users, meetings=meetings, clock=clock
    )
    lobby = LobbySockets(meetings=meetings, clock=clock, make_id=make_id)
    router = build_router(history, SignalingSocket(service, lobby, authentication))
    notices = Notices(
        service=service,
        lobby=lobby,
        meetings=meetings,
        users=users,
        bus=bus,
        clock=clock,
        make_id=make_id,
    )
    captions = CaptionNotices(service=service, bus=bus, clock=clock)
    voices = VoiceNotices(service=service, bus=bus, clock=clock)
    return SignalingParts(service, notices, captions, voices, router)
