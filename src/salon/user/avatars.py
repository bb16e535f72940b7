"""Avatars: whatever comes is decoded and drawn anew; nothing is served as it was sent."""

import asyncio
import io
import re
import secrets
import warnings
from concurrent.futures import ThreadPoolExecutor

import structlog
from PIL import Image, ImageOps, UnidentifiedImageError

from salon.platform.auth import Caller
from salon.platform.blobs import Blobs
from salon.platform.clock import Clock
from salon.platform.db import Database
from salon.platform.errors import BadRequest, NotFound, NotSignedIn, TooLarge, Unavailable, UnsupportedType
from salon.platform.quotas import Quota, Quotas
from salon.user import store

log = structlog.get_logger()

MAX_BYTES = 5 * 1024 * 1024
MAX_PIXELS = 40_000_000
"""A 40-megapixel photograph; decoded it takes 160 MB, hence the two threads."""

SIDE_PX = 256
_FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
_MAX_WAITING = 16
_NAME = re.compile(r"[0-9a-f]{32}\.webp")
_PREFIX = "/avatars/"


class Avatars:
    """Takes, keeps and gives pictures of people."""

    def __init__(self, *, db: Database, clock: Clock, blobs: Blobs, quotas: Quotas) -> None:
        self._db = db
        self._clock = clock
        self._blobs = blobs
        self._quotas = quotas
        self._pool = ThreadPoolExecutor(2, thread_name_prefix="avatars")
        self._waiting = 0

    def close(self) -> None:
        """End the threads."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def replace(self, caller: Caller, picture: bytes) -> str:
        """Make this the caller's avatar; answers its address. The old one is removed.

        Raises:
            BadRequest: empty, or not a whole picture.
            TooLarge: more than 5 MB, or more than 40 megapixels.
            UnsupportedType: none of PNG, JPEG, WebP, GIF.
            TooManyRequests: too many uploads.
        """
        await self._quotas.take(Quota.UPLOAD, str(caller.user_id))
        if not picture:
            raise BadRequest("The picture is empty. Choose another one.")
        if len(picture) > MAX_BYTES:
            raise TooLarge(
                f"The picture is larger than {MAX_BYTES // 1024 // 1024} MB. Choose a smaller one."
            )
        drawn = await self._draw(picture)
        name = f"{secrets.token_hex(16)}.webp"
        await self._blobs.put(f"avatars/{name}", drawn)
        old = await self._point(caller, _PREFIX + name)
        await self._drop(old)
        return _PREFIX + name

    async def remove(self, caller: Caller) -> None:
        """Take the caller's avatar away; harmless if there is none."""
        await self._drop(await self._point(caller, ""))

    async def get(self, name: str) -> bytes:
        """A picture, as WebP.

        Raises:
            NotFound: there is none of that name.
        """
        found = await self._blobs.find(f"avatars/{name}") if _NAME.fullmatch(name) else None
        if found is None:
            raise NotFound("There is no such picture.")
        return found

    async def _point(self, caller: Caller, address: str) -> str:
        """Let the account show another picture; gives the address it showed before."""
        async with self._db.begin() as tx:
            user = await store.get_for_update(tx, caller.user_id)
            if user is None:
                raise NotSignedIn("This account does not exist any more.")
            old, user.avatar = user.avatar, address
            user.updated_at = self._clock.now()
        return old

    async def _drop(self, address: str) -> None:
        name = address.removeprefix(_PREFIX)
        if address.startswith(_PREFIX) and _NAME.fullmatch(name):
            await self._blobs.remove(f"avatars/{name}")

    async def _draw(self, picture: bytes) -> bytes:
        if self._waiting >= _MAX_WAITING:
            raise Unavailable("Too many pictures at this moment. Try again.", retry_after_s=2)
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, draw, picture)
        finally:
            self._waiting -= 1


def draw(picture: bytes) -> bytes:
    """The picture as a square WebP of 256 pixels, upright, without anything but its pixels.

    Raises:
        UnsupportedType, TooLarge, BadRequest: see `Avatars.replace`.
    """
    try:
        with warnings.catch_warnings():
            # Our own limit is below the one that Pillow warns at.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(picture), formats=_FORMATS)
    except (UnidentifiedImageError, Image.DecompressionBombError) as fault:
        if isinstance(fault, Image.DecompressionBombError):
            raise TooLarge("The picture has too many pixels. Choose a smaller one.") from fault
        raise UnsupportedType(
            "This is no picture that can be used. Choose a PNG, JPEG, WebP or GIF."
        ) from fault
    except (OSError, ValueError, SyntaxError) as fault:
        raise BadRequest("The picture is damaged. Choose another one.") from fault
    # Known from its head alone: nothing has been decoded yet.
    if image.width * image.height > MAX_PIXELS:
        raise TooLarge("The picture has too many pixels. Choose a smaller one.")
    try:
        image.draft("RGB", (SIDE_PX * 2, SIDE_PX * 2))
        upright = ImageOps.exif_transpose(image)
        square = ImageOps.fit(upright.convert("RGBA"), (SIDE_PX, SIDE_PX), Image.Resampling.LANCZOS)
        out = io.BytesIO()
        square.save(out, "WEBP", quality=86, method=4)
    except (OSError, ValueError, SyntaxError, EOFError, MemoryError) as fault:
        raise BadRequest("The picture is damaged. Choose another one.") from fault
    return out.getvalue()
