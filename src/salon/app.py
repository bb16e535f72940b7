"""Composes the services into one application. The only place that knows them all."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import structlog
from fastapi import FastAPI
from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response

from salon import __version__, migrations, system
from salon.ai.build import AiParts
from salon.ai.build import build as build_ai
from salon.ai.transcripts.service import RecordedSpan
from salon.media.build import MediaParts, build_engine
from salon.media.build import build as build_media
from salon.media.engine import MediaEngine, SfuModule
from salon.media.files.build import FileParts
from salon.media.files.build import build as build_files
from salon.media.recording.build import RecordingParts, real_tools
from salon.media.recording.build import build as build_recording
from salon.media.recording.tools import RecordingTools
from salon.meeting.context import Context
from salon.meeting.face import MeetingId
from salon.meeting.router import routers as meeting_routers
from salon.meeting.service import MeetingService
from salon.platform import audit_router, docs
from salon.platform.audit_book import AuditBook
from salon.platform.auth import Caller
from salon.platform.blobs import Blobs
from salon.platform.bus import InProcessBus
from salon.platform.clock import Clock, SystemClock
from salon.platform.csrf import CSRF_HEADER
from salon.platform.db import Database
from salon.platform.edge import Edge
from salon.platform.jobs import Jobs
from salon.platform.mail import Mailer
from salon.platform.metrics import Metrics
from salon.platform.openapi import install_openapi
from salon.platform.pages import WebClient
from salon.platform.passwords import Passwords
from salon.platform.quotas import Quotas
from salon.platform.turnstile import Turnstile
from salon.platform.web import add_error_handlers
from salon.settings import Settings
from salon.signaling.build import SignalingParts
from salon.signaling.build import build as build_signaling
from salon.user.build import UserParts
from salon.user.build import build as build_user
from salon.user.router import DEAR_PATHS
from salon.vocabulary import VOCABULARY

log = structlog.get_logger()

WEB_DIST = Path(__file__).parent / "web_dist"
SWEEP_EVERY_S = 60.0


ToolsOf = Callable[[RecordingTools], RecordingTools]
"""Changes what recordings stand on."""


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything that one process is made of; the lifespan opens and closes it."""

    settings: Settings
    clock: Clock
    metrics: Metrics
    db: Database
    jobs: Jobs
    """Handlers are registered while the parts are built; it works while the process does."""
    passwords: Passwords
    mailer: Mailer
    user: UserParts
    meetings: MeetingService
    engine: MediaEngine
    signaling: SignalingParts
    media: MediaParts
    recording: RecordingParts
    files: FileParts
    ai: AiParts


def build_parts(settings: Settings, sfu: SfuModule, clock: Clock, tools_of: ToolsOf | None = None) -> Parts:
    """Build every service over what it stands on; nothing is opened yet.

    Raises:
        OSError: the data folder cannot be used.
        ValueError: a kept secret is damaged.
    """
    # Only this account may look in: chat and password hashes lie here.
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    metrics = Metrics()
    bus = InProcessBus(metrics.registry)
    db = Database(settings.resolved_database_url)
    jobs = Jobs(db=db, clock=clock)
    blobs = Blobs.of(settings.storage, folder=settings.data_dir / "blobs")
    passwords = Passwords()
    quotas = Quotas(redis_url=settings.redis_url, is_on=settings.rate_limit == "on", clock=clock)
    mailer = Mailer(settings.mail, folder=settings.data_dir / "mail", registry=metrics.registry)
    user = build_user(
        settings=settings,
        db=db,
        bus=bus,
        clock=clock,
        passwords=passwords,
        quotas=quotas,
        mailer=mailer,
        blobs=blobs,
    )
    users, authentication = user.users, user.authentication
    meetings = MeetingService(
        Context(db=db, bus=bus, clock=clock, passwords=passwords, quotas=quotas, users=users), mailer
    )
    engine = build_engine(settings, sfu)
    signaling = build_signaling(
        settings=settings,
        db=db,
        bus=bus,
        clock=clock,
        users=users,
        meetings=meetings,
        authentication=authentication,
        registry=metrics.registry,
        stun_port=lambda: engine.udp_port,
        advertised_ips=engine.advertised_ips,
    )
    media = build_media(
        engine=engine,
        bus=bus,
        clock=clock,
        meetings=meetings,
        signaling=signaling.service,
        registry=metrics.registry,
    )
    tools = real_tools(engine=engine, jobs=jobs, blobs=blobs)
    recording = build_recording(
        settings=settings,
        tools=tools if tools_of is None else tools_of(tools),
        db=db,
        bus=bus,
        clock=clock,
        users=users,
        meetings=meetings,
        signaling=signaling.service,
    )
    media.lifecycle.on_recording = recording.watch.on_engine_state
    files = build_files(
        settings=settings, db=db, clock=clock, blobs=blobs, jobs=jobs, quotas=quotas, meetings=meetings
    )
    return Parts(
        settings=settings,
        clock=clock,
        metrics=metrics,
        db=db,
        jobs=jobs,
        passwords=passwords,
        mailer=mailer,
        user=user,
        meetings=meetings,
        engine=engine,
        signaling=signaling,
        media=media,
        recording=recording,
        files=files,
        ai=build_ai(
            settings=settings,
            quotas=quotas,
            db=db,
            bus=bus,
            clock=clock,
            users=users,
            meetings=meetings,
            find_recording=lambda caller, recording_id: _recorded(recording, caller, recording_id),
            audio=media.audio,
            tracks=media.tracks,
            signaling=signaling.service,
            registry=metrics.registry,
        ),
    )


async def _recorded(recording: RecordingParts, caller: Caller, recording_id: str) -> RecordedSpan:
    """Transcripts know of recordings only when they were made, and whose."""
    row = (await recording.service.get(caller, recording_id)).row
    return MeetingId(row.meeting_id), row.start_time, row.end_time


def create_app(
    settings: Settings, sfu: SfuModule, *, clock: Clock | None = None, tools_of: ToolsOf | None = None
) -> FastAPI:
    """The application of one process that does everything.

    Args:
        settings: what is to be different from the defaults.
        sfu: the engine's module, `salon._sfu`; whoever calls has made sure that it is usable.
        clock: where time comes from.
        tools_of: changes what recordings stand on; for tests.

    Raises:
        OSError: the data folder cannot be used.
        ValueError: a kept secret is damaged, or a setting names a model of another kind.
    """
    parts = build_parts(settings, sfu, clock or SystemClock(), tools_of)
    app = FastAPI(
        title="Salon",
        version=__version__,
        description="Self-hosted, intelligent video conferences.",
        lifespan=lambda _app: _lifespan(parts),
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        # Existing clients send JSON under any Content-Type, or none.
        strict_content_type=False,
    )
    app.state.meetings = parts.meetings
    app.state.recording = parts.recording
    app.state.ai = parts.ai
    app.state.public_url = settings.public_url

    add_error_handlers(app)
    install_openapi(app, VOCABULARY)
    app.include_router(
        system.build_router(
            metrics=parts.metrics,
            db=parts.db,
            live=lambda: _live_figures(parts),
            is_public=settings.metrics_public,
        )
    )
    app.include_router(docs.build_router())
    parts.user.install(app)
    app.state.audit_book = AuditBook(parts.db)
    app.include_router(audit_router.router)
    for router in meeting_routers:
        app.include_router(router)
    app.include_router(parts.signaling.router)
    app.include_router(parts.media.router)
    for router in parts.recording.routers:
        app.include_router(router)
    # Before the files, whose `/api/v1/media/{file_id}` it would be otherwise.
    app.include_router(parts.files.tus_router)
    app.include_router(parts.files.router)
    for router in parts.ai.routers:
        app.include_router(router)
    app.router.default = WebClient(WEB_DIST)

    if settings.cors_origins:
        app.add_middleware(
            _Cors,
            allow_origins=list(settings.cors_origins),
            allow_credentials=True,
            allow_methods=["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"],
            allow_headers=["Authorization", "Content-Type", CSRF_HEADER, "X-Request-ID"],
            max_age=86_400,
        )
    app.add_middleware(Turnstile, paths=DEAR_PATHS)
    # Added last, hence outermost.
    app.add_middleware(
        Edge,
        metrics=parts.metrics,
        cookie_lifetime_s=int(settings.token_lifetime.total_seconds()),
        max_upload=settings.media.max_file_mb * 1024 * 1024,
    )
    return app


@asynccontextmanager
async def _lifespan(parts: Parts) -> AsyncIterator[None]:
    """Open what a running process holds, and close it in the opposite order."""
    async with AsyncExitStack() as stack:
        stack.callback(parts.passwords.close)
        stack.push_async_callback(parts.db.close)
        await migrations.migrate(parts.db)
        stack.push_async_callback(parts.user.close)
        parts.mailer.start()
        stack.push_async_callback(parts.mailer.close)
        await parts.meetings.recover()
        await parts.signaling.start()
        stack.push_async_callback(parts.signaling.close)
        await parts.media.lifecycle.start()
        stack.push_async_callback(parts.media.lifecycle.close)
        await parts.recording.start()
        stack.push_async_callback(parts.recording.close)
        parts.files.start()
        stack.push_async_callback(parts.files.close)
        parts.ai.workers.start()
        stack.push_async_callback(parts.ai.workers.close)
        parts.ai.transcripts.start()
        stack.push_async_callback(parts.ai.transcripts.close)
        parts.ai.captions.start()
        stack.push_async_callback(parts.ai.captions.close)
        parts.jobs.start()
        stack.push_async_callback(parts.jobs.close)
        parts.meetings.invites.start()
        parts.meetings.invitations.start()
        sweeper = asyncio.create_task(_sweep(parts.meetings))
        stack.push_async_callback(_cancel, sweeper)
        await _offer_setup(parts)
        log.info("salon.ready", udp_port=parts.engine.udp_port, version=__version__)
        yield
        log.info("salon.closing")


async def _offer_setup(parts: Parts) -> None:
    """Without an administrator: the way to become one, for whoever reads this terminal."""
    key = await parts.user.first_admin.offer()
    if key is not None:
        settings = parts.settings
        host = "localhost" if settings.host in ("0.0.0.0", "::", "127.0.0.1") else settings.host  # noqa: S104
        base = settings.public_url or f"http://{host}:{settings.port}"
        log.warning("salon.no_administrator", become_one=f"{base}/setup?key={key}")


async def _sweep(meetings: MeetingService) -> None:
    """End abandoned meetings, for as long as the process lives."""
    while True:
        await asyncio.sleep(SWEEP_EVERY_S)
        try:
            await meetings.sweep()
            await meetings.series.extend()
        except Exception:  # a supervisor: the next round comes whatever happened in this one
            log.exception("meeting.sweep_failed")


async def _cancel(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def _live_figures(parts: Parts) -> system.LiveFigures:
    service = parts.signaling.service
    return system.LiveFigures(sessions=service.connection_count, users_by_room=service.list_rooms())


class _Cors(CORSMiddleware):
    """Answers a preflight with 204: it has no content."""

    def preflight_response(self, request_headers: Headers) -> Response:
        """The answer to an OPTIONS request of a foreign page."""
        response = super().preflight_response(request_headers)
        if response.status_code != 200:
            return response
        kept = {name: value for name, value in response.headers.items() if not name.startswith("content-")}
        return Response(status_code=204, headers=kept)
