"""Blobs: the same in a folder and in S3, in pieces, and honest when the store is away."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.s3 import S3

from salon.platform.blobs import Blobs, BlobsUnavailable
from salon.settings import StorageSettings

BIG = 20 * 1024 * 1024 + 17
"""Several parts of an upload, several pieces of a download."""


@pytest.fixture(scope="module")
def s3() -> Iterator[S3]:
    server = S3().start()
    yield server
    server.remove()


@pytest.fixture(params=["folder", "s3"])
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> Blobs:
    settings = StorageSettings()
    if request.param == "s3":
        settings = request.getfixturevalue("s3").settings(f"{tmp_path.name}/inner")
    return Blobs.of(settings, folder=tmp_path / "blobs")


async def read(blobs: Blobs, name: str, *, start: int = 0, end: int | None = None) -> bytes:
    return b"".join([piece async for piece in blobs.stream(name, start=start, end=end)])


async def test_bytes_come_back(blobs: Blobs) -> None:
    await blobs.put("a/b.txt", b"hello")
    assert await blobs.find("a/b.txt") == b"hello"
    assert await blobs.size("a/b.txt") == 5
    await blobs.put("a/b.txt", b"other")
    assert await read(blobs, "a/b.txt", start=1, end=3) == b"th"
    await blobs.remove("a/b.txt")
    await blobs.remove("a/b.txt")
    assert await blobs.find("a/b.txt") is None
    assert await blobs.size("a/b.txt") is None
    with pytest.raises(FileNotFoundError):
        await read(blobs, "a/b.txt")


async def test_a_large_file_goes_through_in_pieces(blobs: Blobs, tmp_path: Path) -> None:
    path = tmp_path / "large"
    content = os.urandom(BIG)
    path.write_bytes(content)
    await blobs.put_file("large/one", path)
    assert await blobs.size("large/one") == BIG
    sizes, digest = [], hashlib.sha256()
    async for piece in blobs.stream("large/one"):
        sizes.append(len(piece))
        digest.update(piece)
    assert max(sizes) < BIG / 3
    assert digest.hexdigest() == hashlib.sha256(content).hexdigest()
    assert await read(blobs, "large/one", start=BIG - 5) == content[-5:]
    await blobs.fetch("large/one", tmp_path / "back")
    assert (tmp_path / "back").read_bytes() == content


async def test_a_missing_file_is_no_fault_of_the_store(blobs: Blobs, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        await blobs.put_file("x", tmp_path / "missing")


async def test_a_prefix_goes_with_all_that_is_under_it(blobs: Blobs) -> None:
    for name in ("files/1/a", "files/1/b/c", "files/10/a", "files/2"):
        await blobs.put(name, b"x")
    assert sorted(await blobs.list_names("files/1/")) == ["files/1/a", "files/1/b/c"]
    await blobs.remove_prefix("files/1/")
    await blobs.remove_prefix("files/1/")
    assert await blobs.find("files/1/a") is None
    assert await blobs.find("files/1/b/c") is None
    assert await blobs.find("files/10/a") == b"x"
    assert await blobs.find("files/2") == b"x"
    with pytest.raises(ValueError, match="empty"):
        await blobs.remove_prefix("/")


async def test_a_changed_blob_has_another_version(blobs: Blobs) -> None:
    await blobs.put("v", b"one")
    first = await blobs.info("v")
    await blobs.put("v", b"another")
    second = await blobs.info("v")
    assert first is not None
    assert second is not None
    assert first.etag != second.etag
    assert '"' not in first.etag


async def test_a_store_that_is_away_says_so_and_comes_back(s3: S3, tmp_path: Path) -> None:
    blobs = Blobs.of(s3.settings(tmp_path.name), folder=tmp_path)
    await blobs.put("kept", b"kept")
    path = tmp_path / "file"
    path.write_bytes(b"x" * 100)
    s3.stop()
    try:
        for deed in (blobs.put("k", b"v"), blobs.put_file("k", path), blobs.find("kept"), blobs.size("kept")):
            with pytest.raises(BlobsUnavailable) as raised:
                await deed
            assert raised.value.status == 503
    finally:
        s3.start()
    assert await blobs.find("kept") == b"kept"


async def test_wrong_keys_are_told_as_a_store_that_cannot_be_used(s3: S3, tmp_path: Path) -> None:
    wrong = s3.settings().model_copy(update={"access_key_id": "somebody"})
    with pytest.raises(BlobsUnavailable):
        await Blobs.of(wrong, folder=tmp_path).put("k", b"v")
