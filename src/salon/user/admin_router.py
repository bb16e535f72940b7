"""The endpoints of administrators over accounts."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from salon.platform.auth import Admin
from salon.platform.envelope import Envelope, errors
from salon.platform.ids import DIGITS, MAX_WIRE_ID, UserId
from salon.platform.paging import Paging
from salon.user.administration import UserChange
from salon.user.face import UserRole, UserStatus
from salon.user.parts import PartsDep, profile_of
from salon.user.schema import AdminUserRequest, UserPage, UserProfile
from salon.user.service import ProfileChange

router = APIRouter(prefix="/api/v1/admin/users", tags=["admin"])

UserNumber = Annotated[UserId, DIGITS, Path(ge=0, le=MAX_WIRE_ID)]


@router.get("", responses=errors(400, 401, 403))
async def list_users(
    _caller: Admin,
    parts: PartsDep,
    paging: Paging,
    keyword: Annotated[
        str, Query(max_length=200, pattern=r"^[^\x00]*$", description="part of name, address or nickname")
    ] = "",
) -> Envelope[UserPage]:
    """The accounts, newest first."""
    found, total = await parts.administration.page(
        keyword=keyword, page=paging.page, page_size=paging.page_size
    )
    return Envelope.success(
        UserPage(
            list=[profile_of(user) for user in found],
            total=total,
            page=paging.page,
            page_size=paging.page_size,
            total_pages=-(-total // paging.page_size),
        )
    )


@router.get("/{user_id}", responses=errors(400, 401, 403, 404))
async def get_user(user_id: UserNumber, _caller: Admin, parts: PartsDep) -> Envelope[UserProfile]:
    """One account."""
    return Envelope.success(profile_of(await parts.administration.get(user_id)))


@router.put("/{user_id}", responses=errors(400, 401, 403, 404))
async def update_user(
    user_id: UserNumber, body: AdminUserRequest, caller: Admin, parts: PartsDep
) -> Envelope[UserProfile]:
    """Change an account: what is absent stays, what is empty is cleared."""
    change = UserChange(
        profile=ProfileChange(nickname=body.nickname, avatar=body.avatar, phone=body.phone),
        role=None if body.role is None else UserRole(body.role),
        status=None if body.status is None else UserStatus(body.status),
    )
    return Envelope.success(profile_of(await parts.administration.update(caller, user_id, change)))


@router.delete("/{user_id}", responses=errors(400, 401, 403, 404))
async def delete_user(user_id: UserNumber, caller: Admin, parts: PartsDep) -> Envelope[None]:
    """Delete an account; its tokens, sockets and media end at once."""
    await parts.administration.delete(caller, user_id)
    return Envelope.success()


@router.post("/{user_id}/ban", responses=errors(400, 401, 403, 404))
async def ban_user(user_id: UserNumber, caller: Admin, parts: PartsDep) -> Envelope[None]:
    """Shut somebody out; their tokens, sockets and media end at once."""
    await parts.administration.ban(caller, user_id)
    return Envelope.success()


@router.post("/{user_id}/unban", responses=errors(400, 401, 403, 404))
async def unban_user(user_id: UserNumber, caller: Admin, parts: PartsDep) -> Envelope[None]:
    """Let somebody in again; they sign in anew."""
    await parts.administration.unban(caller, user_id)
    return Envelope.success()
