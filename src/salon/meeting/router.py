"""All endpoints of the meeting service."""

from fastapi import APIRouter

from salon.meeting import (
    admin_router,
    calendar_router,
    invite_router,
    lobby_router,
    meetings_router,
    members_router,
    room_router,
)

routers: tuple[APIRouter, ...] = (
    meetings_router.router,
    members_router.router,
    lobby_router.router,
    room_router.router,
    admin_router.router,
    invite_router.router,
    calendar_router.router,
)
