"""Where bytes lie that are no rows: pictures of people, in a folder."""

from pathlib import Path

import obstore
from obstore.exceptions import NotFoundError
from obstore.store import LocalStore, ObjectStore


class Blobs:
    """Named pieces of bytes, over obstore, whose one interface fits folders and object stores."""

    def __init__(self, folder: Path) -> None:
        self._store: ObjectStore = LocalStore(folder, mkdir=True, automatic_cleanup=True)

    async def put(self, name: str, content: bytes) -> None:
        """Keep the bytes under the name; whole or not at all."""
        await obstore.put_async(self._store, name, content)

    async def find(self, name: str) -> bytes | None:
        """The bytes of that name."""
        try:
            found = await obstore.get_async(self._store, name)
            return bytes(await found.bytes_async())
        except (NotFoundError, FileNotFoundError):
            return None

    async def remove(self, name: str) -> None:
        """Forget the bytes of that name; harmless if there are none."""
        try:
            await obstore.delete_async(self._store, name)
        except (NotFoundError, FileNotFoundError):
            return
