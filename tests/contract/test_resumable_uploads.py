"""Resumable uploads: tus 1.0.0 as its clients speak it, with the rights and limits of every upload."""

from __future__ import annotations

import base64
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from support.clips import clip, picture
from support.people import Person
from support.server import Salon

Register = Callable[[str], Awaitable[Person]]
TUS = "/api/v1/media/tus"


async def tus(person: Person, method: str, path: str, **options: Any) -> httpx.Response:
    """A request as a client of tus sends it."""
    headers = {"Tus-Resumable": "1.0.0", **options.pop("headers", {})}
    return await person.request(method, path, headers=headers, **options)


async def begin(person: Person, length: int, **metadata: str) -> httpx.Response:
    pairs = [f"{name} {base64.b64encode(value.encode()).decode()}" for name, value in metadata.items()]
    headers = {"Upload-Length": str(length), "Upload-Metadata": ",".join(pairs)}
    return await tus(person, "POST", TUS, headers=headers)


async def add(person: Person, path: str, offset: int, piece: bytes, **headers: str) -> httpx.Response:
    sent = {"Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream", **headers}
    return await tus(person, "PATCH", path, content=piece, headers=sent)


async def offset_of(person: Person, path: str) -> int:
    # Without the contract's eyes: HEAD of tus has no GET beside it that the document could tell of.
    async with httpx.AsyncClient(base_url=person.url) as http:
        headers = {"Tus-Resumable": "1.0.0", "Authorization": f"Bearer {person.token}"}
        answer = await http.head(path, headers=headers)
    assert answer.status_code == 200, answer.headers
    assert answer.headers["cache-control"] == "no-store"
    return int(answer.headers["upload-offset"])


async def test_a_file_comes_in_pieces_and_becomes_one(host: Person, guest: Person, meeting: int) -> None:
    content = clip("mp4")
    begun = await begin(host, len(content), filename="Grüße.mp4", meeting_id=str(meeting))
    assert begun.status_code == 201, begun.text
    assert begun.headers["tus-resumable"] == "1.0.0"
    assert begun.headers["upload-expires"].endswith("GMT")
    path = begun.headers["location"]
    at = 0
    for end in (1000, 1001, len(content)):
        assert await offset_of(host, path) == at
        added = await add(host, path, at, content[at:end])
        assert added.status_code == 204, added.text
        at = int(added.headers["upload-offset"])
        assert at == end
    file_id = added.headers["upload-file-id"]
    info = (await guest.request("GET", f"/api/v1/media/info/{file_id}")).json()["media_file"]
    assert (info["original_name"], info["codec"], info["file_size"]) == ("Grüße.mp4", "h264", len(content))
    assert (await host.request("GET", f"/api/v1/media/download/{file_id}")).content == content
    assert (await add(host, path, at, b"")).status_code == 404


async def test_it_goes_on_after_the_server_was_started_again(make_salon: Callable[..., Salon]) -> None:
    own = make_salon("kept")
    person = await Person.register(own.url, "patient")
    content = picture(size=(300, 300))
    path = (await begin(person, len(content), filename="a.png")).headers["location"]
    assert (await add(person, path, 0, content[:100])).status_code == 204
    own.stop()
    again = make_salon("kept")
    after = Person(
        again.url, httpx.AsyncClient(base_url=again.url), person.name, person.user_id, person.token
    )
    assert await offset_of(after, path) == 100
    done = await add(after, path, 100, content[100:])
    assert done.headers["upload-file-id"]
    await person.close()
    await after.close()


async def test_an_upload_is_its_owners_alone(host: Person, guest: Person) -> None:
    path = (await begin(host, 100)).headers["location"]
    assert (await add(guest, path, 0, b"x")).status_code == 404
    assert (await tus(guest, "DELETE", path)).status_code == 404
    assert (await tus(host, "DELETE", path)).status_code == 204
    assert (await tus(host, "DELETE", path)).status_code == 404


async def test_what_the_protocol_forbids_is_refused(host: Person, register: Register, meeting: int) -> None:
    path = (await begin(host, 10)).headers["location"]
    assert (await add(host, path, 5, b"x")).status_code == 409
    assert (await add(host, path, 0, b"x" * 11)).status_code == 413
    wrong = {"Content-Type": "text/plain", "Upload-Offset": "0"}
    assert (await tus(host, "PATCH", path, content=b"x", headers=wrong)).status_code in (400, 415)
    assert (await add(host, path, 0, b"x", **{"Upload-Offset": "x"})).status_code == 400
    old = await host.request("POST", TUS, headers={"Upload-Length": "1", "Tus-Resumable": "0.2.2"})
    assert (old.status_code, old.headers["tus-version"]) == (412, "1.0.0")
    assert (await begin(host, 0)).status_code == 400
    assert (await begin(host, 10**12)).status_code == 413
    assert (await tus(host, "POST", TUS, headers={"Upload-Length": "-1"})).status_code == 400
    garbled = {"Upload-Length": "1", "Upload-Metadata": "filename %%%"}
    assert (await tus(host, "POST", TUS, headers=garbled)).status_code == 400
    stranger = await register("stranger")
    assert (await begin(stranger, 10, meeting_id=str(meeting))).status_code == 404
    nobody = await stranger.http.post(TUS, headers={"Tus-Resumable": "1.0.0", "Upload-Length": "1"})
    assert nobody.status_code == 401


@pytest.mark.parametrize("name", ["a.mp4", "../../a.jpg"])
async def test_what_is_not_what_it_is_called_is_refused_at_its_end(host: Person, name: str) -> None:
    path = (await begin(host, 5, filename=name)).headers["location"]
    assert (await add(host, path, 0, b"nopes")).status_code == 415
    assert (await tus(host, "DELETE", path)).status_code == 404
