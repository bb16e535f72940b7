"""Avatars: what comes is drawn anew, what is no picture is refused."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from PIL import Image
from support.people import Person

Register = Callable[[str], Awaitable[Person]]
PATH = "/api/v1/users/upload-avatar"


@pytest.fixture
async def person(register: Register) -> Person:
    return await register("face")


def picture(kind: str, size: tuple[int, int] = (640, 480), **options: Any) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, (200, 30, 90)).save(out, kind, **options)
    return out.getvalue()


async def send(person: Person, content: bytes, *, part: str = "avatar", name: str = "me.png") -> Any:
    return await person.request("POST", PATH, files={part: (name, content, "image/png")})


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
@pytest.mark.parametrize("part", ["avatar", "file"])
async def test_a_picture_becomes_a_small_square_of_ours(person: Person, kind: str, part: str) -> None:
    answer = await send(person, picture(kind), part=part)
    assert answer.status_code == 200, answer.text
    address = answer.json()["data"]["avatar_url"]
    assert answer.json()["data"]["avatar"] == address
    assert (await person.request("GET", "/api/v1/users/profile")).json()["data"]["avatar"] == address
    served = await person.http.get(address)
    assert served.headers["content-type"] == "image/webp"
    assert served.headers["x-content-type-options"] == "nosniff"
    with Image.open(io.BytesIO(served.content)) as image:
        assert (image.format, image.size) == ("WEBP", (256, 256))


async def test_a_photograph_of_some_megabytes_is_taken(person: Person) -> None:
    noise = Image.effect_noise((2000, 2000), 100)
    out = io.BytesIO()
    noise.save(out, "PNG")
    content = out.getvalue()
    assert 2 * 1024 * 1024 < len(content) < 5 * 1024 * 1024
    answer = await send(person, content)
    assert answer.status_code == 200, answer.text


async def test_the_old_one_is_gone(person: Person) -> None:
    first = (await send(person, picture("PNG"))).json()["data"]["avatar"]
    second = (await send(person, picture("PNG"))).json()["data"]["avatar"]
    assert first != second
    assert (await person.http.get(first)).status_code == 404
    assert (await person.request("DELETE", "/api/v1/users/avatar")).status_code == 200
    assert (await person.http.get(second)).status_code == 404
    assert (await person.request("GET", "/api/v1/users/profile")).json()["data"]["avatar"] == ""


async def test_nothing_of_the_sent_file_but_its_pixels_is_served(person: Person) -> None:
    """A polyglot: a picture that is also a page with a script."""
    script = b"<script>alert(1)</script>"
    sent = picture("JPEG", comment=script) + script
    served = await person.http.get((await send(person, sent)).json()["data"]["avatar"])
    assert b"script" not in served.content


async def test_it_stands_upright(person: Person) -> None:
    image = Image.new("RGB", (400, 200), (0, 0, 0))
    image.paste((255, 255, 255), (0, 0, 200, 200))
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was held on its side: the left is the top
    image.save(out, "JPEG", exif=exif)
    served = await person.http.get((await send(person, out.getvalue())).json()["data"]["avatar"])
    with Image.open(io.BytesIO(served.content)) as drawn:
        top, bottom = drawn.convert("L").getpixel((128, 20)), drawn.convert("L").getpixel((128, 235))
    assert top > 200
    assert bottom < 50


def bomb(width: int, height: int) -> bytes:
    """A few hundred bytes that say they are a huge picture."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", b"\x78\x9c") + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"", 400),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", 415),
        (b"GIF89a not really", 415),
        (b"%PDF-1.4 " + b"x" * 500, 415),
        (picture("BMP"), 415),
        (picture("PNG")[:200], 400),
        (bomb(30_000, 30_000), 413),
        (b"\x89PNG\r\n\x1a\n" + b"x" * (5 * 1024 * 1024), 413),
    ],
    ids=["empty", "svg", "no-gif", "pdf", "bmp", "cut-off", "pixel-bomb", "too-many-bytes"],
)
async def test_what_is_no_picture_of_ours_is_refused(person: Person, content: bytes, status: int) -> None:
    answer = await send(person, content)
    assert answer.status_code == status, answer.text
    assert (await person.request("GET", "/api/v1/users/profile")).json()["data"]["avatar"] == ""


async def test_without_a_part_or_an_account_nothing_is_taken(person: Person) -> None:
    assert (await send(person, picture("PNG"), part="other")).status_code == 400
    assert (await person.request("POST", PATH, json={"avatar": "x"})).status_code == 400
    answer = await person.http.post(PATH, files={"avatar": ("me.png", picture("PNG"), "image/png")})
    assert answer.status_code == 401


@pytest.mark.parametrize("name", ["..%2f..%2fkeys%2ftoken.key", "x.webp", "0" * 32, "%00.webp"])
async def test_no_name_leads_anywhere_else(person: Person, name: str) -> None:
    answer = await person.http.get(f"/avatars/{name}")
    # Not the address of a picture at all: the web client, as for every other path.
    is_page = answer.headers["content-type"].startswith("text/html")
    assert answer.status_code in (400, 404) or is_page
