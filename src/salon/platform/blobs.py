"""Where bytes lie that are no rows: pictures of people, files, recordings. A folder, or an S3 bucket."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import obstore
import structlog
from obstore.exceptions import BaseError, NotFoundError
from obstore.store import LocalStore, ObjectStore, S3Store

from salon.platform.errors import Unavailable
from salon.settings import StorageSettings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from obstore.store import ClientConfig, RetryConfig, S3Config

log = structlog.get_logger()

_PIECE = 4 * 1024 * 1024
"""Bytes fetched at a time: no request of ours lasts as long as a slow reader takes."""

_PART = 8 * 1024 * 1024
"""Bytes of a part of a large upload; S3 takes 10 000 parts, hence 80 GB."""

_BATCH = 500


class BlobsUnavailable(Unavailable):
    """The store cannot be reached, or does not take any more."""

    kind = "blobs_unavailable"
    text = "The file storage cannot be reached at the moment. Nothing is lost; try again in a minute."

    def __init__(self) -> None:
        super().__init__(retry_after_s=10)


@dataclass(frozen=True, slots=True)
class BlobInfo:
    """What is known of a blob without reading it."""

    size: int
    etag: str
    """Without quotes; changes with the bytes."""
    modified: datetime


class Blobs:
    """Named pieces of bytes, over obstore, whose one interface fits folders and object stores.

    Everything here raises `BlobsUnavailable` when the store cannot do it now.
    """

    def __init__(self, store: ObjectStore) -> None:
        self._store = store

    @classmethod
    def local(cls, folder: Path) -> "Blobs":
        """A folder of this machine; made if it is not there."""
        return cls(LocalStore(folder, mkdir=True, automatic_cleanup=True))

    @classmethod
    def of(cls, settings: StorageSettings, *, folder: Path) -> "Blobs":
        """What the settings ask for; nothing is opened yet."""
        if not settings.url:
            return cls.local(folder)
        parts = urlsplit(settings.url)
        secret = settings.secret_access_key
        client: ClientConfig = {
            "allow_http": settings.endpoint.startswith("http://"),
            "connect_timeout": timedelta(seconds=3),
            "timeout": timedelta(seconds=60),
        }
        # Whoever waits is told soon; jobs come back by themselves.
        retries: RetryConfig = {"max_retries": 2, "retry_timeout": timedelta(seconds=5)}
        config: S3Config = {"region": settings.region}
        if settings.endpoint:
            config["endpoint"] = settings.endpoint
        if settings.access_key_id and secret is not None:
            config["access_key_id"] = settings.access_key_id
            config["secret_access_key"] = secret.get_secret_value()
        prefix = parts.path.strip("/") or None
        return cls(
            S3Store(parts.netloc, prefix=prefix, config=config, client_options=client, retry_config=retries)
        )

    async def put(self, name: str, content: bytes) -> None:
        """Keep the bytes under the name; whole or not at all."""
        with _told("put", name):
            await obstore.put_async(self._store, name, content)

    async def put_file(self, name: str, path: Path) -> None:
        """Keep a file's bytes under the name, whole or not at all; never all of them in memory.

        Raises:
            OSError: the file cannot be read.
        """
        await asyncio.to_thread(_require_readable, path)
        with _told("put", name):
            await obstore.put_async(self._store, name, path, chunk_size=_PART, max_concurrency=4)

    async def find(self, name: str) -> bytes | None:
        """The bytes of that name, all in memory: for small ones."""
        with _told("get", name):
            try:
                found = await obstore.get_async(self._store, name)
                return bytes(await found.bytes_async())
            except (NotFoundError, FileNotFoundError):
                return None

    async def info(self, name: str) -> BlobInfo | None:
        """Size and version of what lies under that name."""
        with _told("head", name):
            try:
                meta = await obstore.head_async(self._store, name)
            except (NotFoundError, FileNotFoundError):
                return None
        etag = (meta["e_tag"] or f"{meta['size']:x}-{meta['last_modified'].timestamp():.6f}").strip('W/"')
        return BlobInfo(meta["size"], etag, meta["last_modified"])

    async def size(self, name: str) -> int | None:
        """How many bytes lie under that name."""
        found = await self.info(name)
        return None if found is None else found.size

    async def stream(self, name: str, *, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """The bytes from `start` up to, and without, `end`; some MB at a time.

        Raises:
            FileNotFoundError: there are none of that name.
        """
        if end is None:
            end = await self.size(name)
            if end is None:
                raise FileNotFoundError(name)
        at = start
        while at < end:
            upto = min(at + _PIECE, end)
            with _told("get", name):
                try:
                    piece = bytes(await obstore.get_range_async(self._store, name, start=at, end=upto))
                except (NotFoundError, FileNotFoundError) as fault:
                    raise FileNotFoundError(name) from fault
            if not piece:
                return
            yield piece
            at += len(piece)

    async def fetch(self, name: str, path: Path) -> None:
        """Write the bytes of that name into a file.

        Raises:
            FileNotFoundError: there are none of that name.
            OSError: the file cannot be written.
        """
        with await asyncio.to_thread(path.open, "wb") as file:
            async for piece in self.stream(name):
                await asyncio.to_thread(file.write, piece)

    async def remove(self, name: str) -> None:
        """Forget the bytes of that name; harmless if there are none."""
        with _told("delete", name):
            try:
                await obstore.delete_async(self._store, name)
            except (NotFoundError, FileNotFoundError):
                return

    async def list_names(self, prefix: str) -> list[str]:
        """The names that begin with a prefix; it ends at a slash."""
        with _told("list", prefix):
            found = await obstore.list(self._store, prefix=prefix.rstrip("/")).collect_async()
        return [one["path"] for one in found]

    async def remove_prefix(self, prefix: str) -> None:
        """Forget everything whose name begins with a prefix, which ends at a slash.

        Raises:
            ValueError: an empty prefix, which would be everything.
        """
        if not prefix.strip("/"):
            raise ValueError("a prefix must not be empty")
        names = await self.list_names(prefix)
        for at in range(0, len(names), _BATCH):
            with _told("delete", prefix):
                try:
                    await obstore.delete_async(self._store, names[at : at + _BATCH])
                except (NotFoundError, FileNotFoundError):
                    continue


def _require_readable(path: Path) -> None:
    with path.open("rb"):
        pass


@contextmanager
def _told(deed: str, name: str) -> "Iterator[None]":
    """Turn what goes wrong in the store into the one error that callers know."""
    try:
        yield
    except (BaseError, OSError) as fault:
        if isinstance(fault, FileNotFoundError | NotFoundError) and deed != "put":
            raise
        # To put something and be told that it is not there: the bucket, or the account.
        log.warning("blobs.unavailable", deed=deed, name=name, reason=type(fault).__name__)
        raise BlobsUnavailable from fault
