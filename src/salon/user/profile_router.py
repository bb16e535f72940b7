"""The endpoints of one's own account."""

from typing import Annotated

from fastapi import APIRouter, File, Request, Response, UploadFile

from salon.platform.auth import SignedIn, SignedInOrGuest, SignedInWithCsrf, grant_cookie, revoke_cookie
from salon.platform.envelope import Envelope, errors
from salon.platform.errors import BadRequest, NotFound
from salon.user.avatars import MAX_BYTES
from salon.user.parts import PartsDep, profile_of
from salon.user.schema import AvatarResult, PasswordRequest, ProfileRequest, UserProfile
from salon.user.service import ProfileChange

router = APIRouter(tags=["user"])


@router.get("/api/v1/users/profile", responses=errors(401))
async def profile(caller: SignedInOrGuest, parts: PartsDep) -> Envelope[UserProfile]:
    """The caller's own account."""
    return Envelope.success(profile_of(await parts.users.get_profile(caller.user_id)))


@router.put("/api/v1/users/profile", responses=errors(400, 401, 403))
async def update_profile(
    body: ProfileRequest, caller: SignedInWithCsrf, parts: PartsDep
) -> Envelope[UserProfile]:
    """Change one's own account: what is absent stays, what is empty is cleared."""
    change = ProfileChange(nickname=body.nickname, avatar=body.avatar, phone=body.phone)
    return Envelope.success(profile_of(await parts.users.update_profile(caller, change)))


@router.post("/api/v1/users/change-password", responses=errors(400, 401, 403, 429, 503))
@router.put("/api/v1/users/password", responses=errors(400, 401, 403, 429, 503))
async def change_password(
    request: Request, body: PasswordRequest, caller: SignedInWithCsrf, parts: PartsDep
) -> Envelope[None]:
    """Change one's password. All tokens end; this browser's cookie is renewed, others sign in again."""
    token = await parts.users.change_password(caller, old=body.old_password, new=body.new_password)
    grant_cookie(request, token)
    return Envelope.success()


@router.post("/api/v1/users/upload-avatar", responses=errors(400, 401, 403, 413, 415, 429, 503))
async def upload_avatar(
    caller: SignedInWithCsrf,
    parts: PartsDep,
    avatar: Annotated[UploadFile | None, File(description="a PNG, JPEG, WebP or GIF of at most 5 MB")] = None,
    file: Annotated[UploadFile | None, File(description="the same under another name")] = None,
) -> Envelope[AvatarResult]:
    """Show another picture of oneself."""
    sent = avatar or file
    if sent is None:
        raise BadRequest("Send the picture as the part `avatar` of a multipart form.")
    address = await parts.avatars.replace(caller, await sent.read(MAX_BYTES + 1))
    return Envelope.success(AvatarResult(avatar=address, avatar_url=address))


@router.delete("/api/v1/users/avatar", responses=errors(401, 403))
async def remove_avatar(caller: SignedInWithCsrf, parts: PartsDep) -> Envelope[None]:
    """Show no picture of oneself any more."""
    await parts.avatars.remove(caller)
    return Envelope.success()


@router.delete("/api/v1/users/account", responses=errors(401, 403))
async def delete_account(request: Request, caller: SignedInWithCsrf, parts: PartsDep) -> Envelope[None]:
    """Delete one's own account; everything signed in with it ends."""
    await parts.users.delete_account(caller)
    revoke_cookie(request)
    return Envelope.success()


class Picture(Response):
    """A picture in the one form that all are kept in."""

    media_type = "image/webp"


@router.get("/avatars/{name}", response_class=Picture, responses=errors(404))
async def get_avatar(name: str, parts: PartsDep) -> Response:
    """A picture of somebody. Its name is as good as a key: nobody guesses it."""
    picture = await parts.avatars.get(name)
    # A new picture has a new name.
    headers = {"cache-control": "private, max-age=31536000, immutable"}
    return Picture(picture, headers=headers)


@router.get("/api/v1/users", responses=errors(401, 403, 404), include_in_schema=False)
async def no_list(_caller: SignedIn) -> Envelope[None]:
    """There is no list of users for everybody; clients probe this to see whether sign-in is asked for."""
    raise NotFound("There is no list of users. Administrators have /api/v1/admin/users.")
