"""What strangers might send: refused with a clear answer, or kept as bytes that hurt nobody."""

from __future__ import annotations

import asyncio
import contextlib
import io
import struct
import zipfile
import zlib
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest
from support.clips import clip, picture
from support.people import Person
from support.server import Salon
from support.wait import eventually

MEDIA = "/api/v1/media"
SECRET = "salon-secret-of-this-machine"


async def send(person: Person, content: bytes, name: str, mime: str = "video/mp4") -> httpx.Response:
    return await person.request("POST", f"{MEDIA}/upload", files={"file": (name, content, mime)})


async def served(person: Person, answer: httpx.Response) -> httpx.Response:
    """The file as it comes back; whatever it is, a browser may only save it."""
    assert answer.status_code == 200, answer.text
    given = await person.request("GET", f"{MEDIA}/download/{answer.json()['media_file']['file_id']}")
    assert given.headers["content-disposition"].startswith("attachment;")
    assert given.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in given.headers["content-security-policy"]
    return given


def archive(inside: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("inside", inside)
    return out.getvalue()


def pixel_bomb(side: int) -> bytes:
    """A few hundred bytes that say they are a huge picture."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", b"\x78\x9c") + chunk(b"IEND", b"")


@pytest.mark.parametrize("name", ["a.html", "a.svg", "a.xhtml", "a.txt", "a.pdf", "a"])
async def test_a_page_is_never_served_as_one(host: Person, name: str) -> None:
    page = b"<html><script>alert(document.domain)</script></html>"
    given = await served(host, await send(host, page, name, "text/html"))
    assert given.headers["content-type"] in ("application/octet-stream", "text/plain")


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (picture("GIF") + b"/*<script>alert(1)</script>*/", "a.html"),
        (picture("PNG") + archive(b"x"), "a.zip"),
        (b"%PDF-1.4\n<script>alert(1)</script>", "a.html"),
    ],
    ids=["gif-page", "png-zip", "pdf-page"],
)
async def test_a_polyglot_is_what_its_content_is(host: Person, content: bytes, name: str) -> None:
    given = await served(host, await send(host, content, name, "text/html"))
    assert given.content == content
    assert "html" not in given.headers["content-type"]


async def test_a_video_that_is_a_page_too_stays_a_video(host: Person) -> None:
    content = clip("mp4") + b"<html><script>alert(1)</script></html>"
    given = await served(host, await send(host, content, "a.html", "text/html"))
    assert given.headers["content-type"] == "video/mp4"


async def test_a_zip_bomb_is_never_unpacked(host: Person) -> None:
    bomb = archive(b"\0" * 200_000_000)
    answer = await send(host, bomb, "a.zip", "application/zip")
    assert answer.json()["media_file"]["file_size"] == len(bomb)
    assert (await served(host, answer)).content == bomb


async def test_a_pixel_bomb_is_refused_unopened(host: Person) -> None:
    assert (await send(host, pixel_bomb(60_000), "a.png", "image/png")).status_code == 413


PLAYLISTS = {
    "m3u8": "#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:0\n#EXTINF:10.0,\n{target}\n#EXT-X-ENDLIST\n",
    "ffconcat": "ffconcat version 1.0\nfile {target}\n",
    "subtitles": "#EXTM3U\n#EXTINF:1,\nconcat:{target}|{target}\n",
    "sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 1 RTP/AVP 96\n",
}


@pytest.mark.parametrize("kind", PLAYLISTS)
@pytest.mark.parametrize("is_local", [True, False])
async def test_a_playlist_leads_nowhere(host: Person, salon: Salon, kind: str, is_local: bool) -> None:
    """Neither to files of this machine nor to other servers: nobody even asks there."""
    asked: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.read(100))
        writer.close()

    elsewhere = await asyncio.start_server(answer, "127.0.0.1", 0)
    target = f"http://127.0.0.1:{elsewhere.sockets[0].getsockname()[1]}/x.mp4"
    if is_local:
        secret = salon.settings.data_dir / "secret.mp4"
        secret.write_text(SECRET)
        target = f"file://{secret}"
    playlist = PLAYLISTS[kind].format(target=target).encode()
    for name in ("a.mp4", "a.mp3", "a.m3u8"):
        refused = await send(host, playlist, name)
        if name == "a.m3u8":
            assert (await served(host, refused)).content == playlist
            body = {"file_id": refused.json()["media_file"]["file_id"], "operation": "transcode"}
            refused = await host.request("POST", f"{MEDIA}/process", json=body)
            assert refused.status_code == 400
        else:
            assert refused.status_code == 415
        assert SECRET not in refused.text
    elsewhere.close()
    assert asked == []


@pytest.mark.parametrize(
    "head",
    [
        clip("mp4")[:32],
        b"\x1aE\xdf\xa3" + b"\x42\x82\x84webm",
        b"ID3\x03\x00\x00\x00",
        b"OggS",
        b"RIFF\0\0\0\0AVI ",
    ],
    ids=["mp4", "webm", "mp3", "ogg", "avi"],
)
async def test_a_playlist_behind_a_borrowed_head_is_no_media(host: Person, head: bytes) -> None:
    playlist = PLAYLISTS["m3u8"].format(target="file:///etc/hostname").encode()
    answer = await send(host, head + b"\n" + playlist, "a.mp4")
    assert answer.status_code in (400, 415), answer.text


async def test_an_empty_file_is_refused(host: Person) -> None:
    assert (await send(host, b"", "a.mp4")).status_code == 400


@pytest.mark.parametrize("name", ["a.mp4", "a.mp3", "a.jpg", "a.mkv"])
async def test_what_is_not_what_it_is_called_is_refused(host: Person, name: str) -> None:
    answer = await send(host, b"MZ\x90\x00 not really" * 100, name)
    assert answer.status_code == 415
    assert name.partition(".")[2] in answer.json()["message"]


async def test_a_cut_off_video_is_refused_and_a_bent_one_hurts_nobody(host: Person) -> None:
    content = clip("mp4")
    assert (await send(host, content[: len(content) // 4], "a.mp4")).status_code == 415
    bent = bytearray(clip("webm"))
    bent[len(bent) // 2 : len(bent) // 2 + 2000] = b"\xff" * 2000
    answer = await send(host, bytes(bent), "a.webm")
    assert answer.status_code in (200, 415)


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../../etc/passwd", "passwd"),
        ("..\\..\\windows\\system.ini", "system.ini"),
        ("/etc/shadow", "shadow"),
        ("..", "file"),
        (".", "file"),
        ("a\r\nSet-Cookie: x=1.txt", "a"),
        ("x" * 5000 + ".txt", "x" * 251 + ".txt"),
        ("\u202egpj.exe", "gpj.exe"),
        ("会议.txt", "会议.txt"),
    ],
    ids=["up", "back", "root", "dots", "dot", "header", "long", "turned", "chinese"],
)
async def test_a_name_is_only_a_name(host: Person, salon: Salon, name: str, kept: str) -> None:
    # As a client that follows no rules writes it.
    body = (
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="'
        + name.replace("\\", "\\\\").encode()
        + b'"\r\n\r\nhello\r\n--x--\r\n'
    )
    answer = await host.request(
        "POST", f"{MEDIA}/upload", content=body, headers={"Content-Type": "multipart/form-data; boundary=x"}
    )
    if answer.status_code == 400:
        # A line break ends the head of the part: there is no such name.
        assert "\n" in name or len(name) > 1000
        return
    assert answer.json()["media_file"]["original_name"] == kept
    given = await served(host, answer)
    assert "\n" not in given.headers["content-disposition"]
    assert "set-cookie" not in given.headers or "x=1" not in given.headers["set-cookie"]
    assert not list(salon.settings.data_dir.parent.glob("**/passwd"))


async def test_ten_thousand_parts_are_refused(host: Person) -> None:
    part = b'--x\r\nContent-Disposition: form-data; name="n"\r\n\r\n1\r\n'
    answer = await host.request(
        "POST",
        f"{MEDIA}/upload",
        content=part * 10_000 + b"--x--\r\n",
        headers={"Content-Type": "multipart/form-data; boundary=x"},
    )
    assert answer.status_code == 400
    assert "parts" in answer.json()["message"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"nonsense",
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nhello',
        b"--x\r\nX-Long: " + b"x" * 20_000 + b"\r\n\r\n",
        b'--x\r\nContent-Disposition: form-data; name="title"\r\n\r\n' + b"x" * 5000 + b"\r\n--x--\r\n",
        b'--x\r\nContent-Disposition: form-data; name="title"\r\n\r\nx\r\n--x--\r\n',
    ],
    ids=["empty", "nonsense", "cut-off", "long-head", "long-field", "no-file"],
)
async def test_a_broken_form_is_refused(host: Person, body: bytes) -> None:
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    answer = await host.request("POST", f"{MEDIA}/upload", content=body, headers=headers)
    assert answer.status_code == 400, answer.text


@pytest.fixture
async def small(make_salon: Callable[..., Salon]) -> AsyncIterator[tuple[Salon, Person]]:
    """A server that takes files of 2 MB, and has little patience."""
    own = make_salon(media={"max_file_mb": 2, "upload_idle_s": 0.5})
    person = await Person.register(own.url, "small")
    yield own, person
    await person.close()


def incoming(own: Salon) -> list[str]:
    return [path.name for path in (own.settings.data_dir / "incoming").iterdir()]


async def test_an_endless_body_ends_at_the_limit(small: tuple[Salon, Person]) -> None:
    own, person = small
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.bin"\r\n\r\n'
        while sent < 500 * 1024 * 1024:
            sent += 65536
            yield b"x" * 65536

    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    try:
        answer = await person.request("POST", f"{MEDIA}/upload", content=endless(), headers=headers)
        assert answer.status_code == 413
    except httpx.TransportError:
        pass  # the connection was closed while we were still sending: refused as well
    assert sent < 100 * 1024 * 1024

    async def left() -> list[str]:
        return incoming(own)

    await eventually(left, lambda names: names == [], within_s=10)


async def test_a_body_that_stands_still_is_given_up(small: tuple[Salon, Person]) -> None:
    own, person = small

    async def slow() -> AsyncIterator[bytes]:
        yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.bin"\r\n\r\n'
        await asyncio.sleep(20)
        yield b"x"

    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    answer: Any = None
    with contextlib.suppress(httpx.TransportError):
        answer = await person.request("POST", f"{MEDIA}/upload", content=slow(), headers=headers)
    assert answer is None or answer.status_code == 400

    async def left() -> list[str]:
        return incoming(own)

    await eventually(left, lambda names: names == [], within_s=10)
    assert (await send(person, picture(), "a.png")).status_code == 200
