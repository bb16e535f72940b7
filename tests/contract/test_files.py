"""Files: kept, measured, listed, given back, worked on, and gone without a trace."""

from __future__ import annotations

import subprocess
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from support.clips import clip, picture
from support.people import Person
from support.server import Salon
from support.wait import eventually

Register = Callable[[str], Awaitable[Person]]
MEDIA = "/api/v1/media"
DONE_S = 90.0


async def upload(
    person: Person, content: bytes, name: str = "clip.mp4", mime: str = "video/mp4", **fields: Any
) -> Any:
    return await person.request(
        "POST",
        f"{MEDIA}/upload",
        files={"file": (name, content, mime)},
        data={key: str(value) for key, value in fields.items()},
    )


async def kept(person: Person, content: bytes, name: str = "clip.mp4", **fields: Any) -> dict[str, Any]:
    answer = await upload(person, content, name, **fields)
    assert answer.status_code == 200, answer.text
    file: dict[str, Any] = answer.json()["media_file"]
    return file


async def finished(person: Person, job_id: str) -> dict[str, Any]:
    async def look() -> dict[str, Any]:
        answer = await person.request("GET", f"/api/v1/ffmpeg/job/{job_id}/status")
        assert answer.status_code == 200, answer.text
        job: dict[str, Any] = answer.json()["job"]
        return job

    return await eventually(look, lambda job: job["status"] in ("completed", "failed"), within_s=DONE_S)


def blobs(salon: Salon) -> set[str]:
    folder = salon.settings.data_dir / "blobs"
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def complaints(path: Path) -> bytes:
    """What ffmpeg has to say against a file, read to its end."""
    command = ["ffmpeg", "-v", "error", "-xerror", "-i", str(path), "-f", "null", "-"]
    return subprocess.run(command, check=False, capture_output=True).stderr


async def test_a_video_is_kept_with_its_real_figures(host: Person) -> None:
    content = clip("mp4")
    file = await kept(host, content, "My clip.mp4", user_id=host.user_id, title="A clip")
    assert file["original_name"] == "My clip.mp4"
    assert file["file_name"] == f"{file['file_id']}.mp4"
    assert (file["file_type"], file["mime_type"], file["status"]) == ("video", "video/mp4", "uploaded")
    assert (file["width"], file["height"], file["codec"], file["frame_rate"]) == (320, 240, "h264", 10)
    assert file["file_size"] == len(content)
    assert file["duration"] == pytest.approx(2, abs=0.2)
    assert file["user_id"] == str(host.user_id)
    assert file["meeting_id"] == ""
    assert file["metadata"]["title"] == "A clip"
    info = await host.request("GET", f"{MEDIA}/info/{file['file_id']}")
    assert info.json() == {"media_file": file}


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("a.mp3", lambda: clip("mp3"), ("audio", "audio/mpeg", "mp3")),
        ("a.wav", lambda: clip("wav"), ("audio", "audio/x-wav", "pcm_s16le")),
        ("a.webm", lambda: clip("webm"), ("video", "video/webm", "vp9")),
        ("a.png", picture, ("image", "image/png", "")),
        ("a.txt", "Grüße".encode, ("document", "text/plain", "")),
        ("a.pdf", lambda: b"%PDF-1.4\n", ("document", "application/pdf", "")),
        ("a.bin", lambda: b"\x00\x01\x02", ("other", "application/octet-stream", "")),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_the_content_says_what_it_is(
    host: Person, name: str, content: Callable[[], bytes], expected: tuple[str, str, str]
) -> None:
    file = await kept(host, content(), name)
    assert (file["file_type"], file["mime_type"], file["codec"]) == expected


async def test_it_comes_back_whole_and_in_parts(host: Person) -> None:
    content = clip("mp4")
    file = await kept(host, content, "Grüße, Welt.mp4")
    path = f"{MEDIA}/download/{file['file_id']}"
    whole = await host.request("GET", path)
    assert whole.content == content
    assert whole.headers["content-length"] == str(len(content))
    assert whole.headers["content-type"] == "video/mp4"
    assert whole.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in whole.headers["content-security-policy"]
    assert whole.headers["content-disposition"] == (
        "attachment; filename=\"Gr__e, Welt.mp4\"; filename*=UTF-8''Gr%C3%BC%C3%9Fe%2C%20Welt.mp4"
    )
    part = await host.request("GET", path, headers={"Range": "bytes=10-19"})
    assert (part.status_code, part.content) == (206, content[10:20])
    assert part.headers["content-range"] == f"bytes 10-19/{len(content)}"
    tail = await host.request("GET", path, headers={"Range": "bytes=-5"})
    assert tail.content == content[-5:]
    etag = whole.headers["etag"]
    same = await host.request("GET", path, headers={"Range": "bytes=0-3", "If-Range": etag})
    assert same.status_code == 206
    other = await host.request("GET", path, headers={"Range": "bytes=0-3", "If-Range": '"other"'})
    assert (other.status_code, other.content) == (200, content)
    assert (await host.request("GET", path, headers={"If-None-Match": etag})).status_code == 304
    beyond = await host.request("GET", path, headers={"Range": f"bytes={len(content)}-"})
    assert (beyond.status_code, beyond.headers["content-range"]) == (416, f"bytes */{len(content)}")
    head = await host.request("HEAD", path)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == str(len(content))


async def test_it_is_for_its_owner_and_the_members_of_its_meeting(
    register: Register, host: Person, guest: Person, meeting: int
) -> None:
    stranger = await register("stranger")
    own = await kept(guest, picture(), "own.png")
    shared = await kept(guest, picture(), "shared.png", meeting_id=meeting)
    assert shared["meeting_id"] == str(meeting)
    for file, allowed in ((own, {guest}), (shared, {guest, host})):
        for person in (guest, host, stranger):
            wanted = 200 if person in allowed else 404
            for part in ("info", "download"):
                answer = await person.request("GET", f"{MEDIA}/{part}/{file['file_id']}")
                assert answer.status_code == wanted
    assert (await stranger.request("DELETE", f"{MEDIA}/{shared['file_id']}")).status_code == 404
    assert (await host.request("DELETE", f"{MEDIA}/{own['file_id']}")).status_code == 404
    assert (await host.http.get(f"{MEDIA}/info/{own['file_id']}")).status_code == 401
    # A host of the meeting may take away what was shared with it, another member may not.
    member = await register("member")
    await member.join(meeting)
    assert (await member.request("DELETE", f"{MEDIA}/{shared['file_id']}")).status_code == 403
    assert (await host.request("DELETE", f"{MEDIA}/{shared['file_id']}")).status_code == 200


async def test_the_list_has_ones_own_and_those_of_a_meeting(
    host: Person, guest: Person, register: Register, meeting: int
) -> None:
    own = await kept(host, picture(), "own.png")
    clip_ = await kept(host, clip("mp3"), "own.mp3")
    shared = await kept(guest, picture(), "shared.png", meeting_id=meeting)
    stranger = await register("stranger")

    async def ids(person: Person, **query: Any) -> list[str]:
        answer = await person.request("GET", MEDIA, params=query)
        assert answer.status_code == 200
        return [file["file_id"] for file in answer.json()["data"]["media_files"]]

    assert await ids(host) == [clip_["file_id"], own["file_id"]]
    assert await ids(host, file_type="image") == [own["file_id"]]
    assert await ids(host, meeting_id=meeting) == [shared["file_id"]]
    assert await ids(host, user_id=guest.user_id) == []
    assert await ids(stranger, meeting_id=meeting) == []
    assert await ids(host, meeting_id="nonsense") == []
    assert (await host.request("GET", MEDIA, params={"user_id": "9" * 21})).status_code == 400
    answer = (await host.request("GET", MEDIA, params={"page": 2, "page_size": 1})).json()
    assert answer["offset"] == 1
    assert answer["filters"] == {"user_id": "", "meeting_id": "", "file_type": ""}
    data = answer["data"]
    assert (data["total"], data["page"], data["page_size"]) == (2, 2, 1)
    assert [file["file_id"] for file in data["media_files"]] == [own["file_id"]]


async def test_nobody_uploads_for_somebody_else_or_into_a_strange_meeting(
    host: Person, register: Register, meeting: int
) -> None:
    stranger = await register("stranger")
    assert (await upload(stranger, picture(), "a.png", user_id=host.user_id)).status_code == 403
    assert (await upload(stranger, picture(), "a.png", meeting_id=meeting)).status_code == 404
    assert (await upload(stranger, picture(), "a.png", meeting_id="x")).status_code == 400
    assert (await stranger.request("POST", f"{MEDIA}/upload", json={})).status_code == 400
    nobody = await stranger.http.post(f"{MEDIA}/upload", files={"file": ("a.png", picture(), "image/png")})
    assert nobody.status_code == 401


async def test_a_thumbnail_is_made_and_shown(host: Person) -> None:
    file = await kept(host, clip("mp4"))
    body = {"file_id": file["file_id"], "timestamp": 3600, "width": 100}
    asked = await host.request("POST", "/api/v1/ffmpeg/thumbnail", json=body)
    assert asked.status_code == 200, asked.text
    assert asked.json()["timestamp"] == 3600
    job = await finished(host, asked.json()["job_id"])
    assert (job["status"], job["progress"], job["job_type"]) == ("completed", 100, "thumbnail"), job
    after = (await host.request("GET", f"{MEDIA}/info/{file['file_id']}")).json()["media_file"]
    assert after["status"] == "processed"
    assert job["output_path"] == after["thumbnail_path"]
    shown = await host.request("GET", after["thumbnail_path"])
    assert shown.headers["content-type"] == "image/jpeg"
    assert shown.content.startswith(b"\xff\xd8")
    await _comes_in_parts(host, after["thumbnail_path"], shown)


async def _comes_in_parts(host: Person, path: str, whole: Any) -> None:
    part = await host.request("GET", path, headers={"Range": "bytes=2-5"})
    assert (part.status_code, part.content) == (206, whole.content[2:6])
    known = await host.request("GET", path, headers={"If-None-Match": whole.headers["etag"]})
    assert (known.status_code, known.content) == (304, b"")
    beyond = await host.request("GET", path, headers={"Range": f"bytes={len(whole.content)}-"})
    assert beyond.status_code == 416


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("DELETE", f"{MEDIA}/%00"),
        ("GET", f"{MEDIA}/info/%00"),
        ("GET", f"{MEDIA}/download/%00"),
        ("GET", f"{MEDIA}/thumbnail/a%00"),
        ("DELETE", f"{MEDIA}/tus/%00"),
        ("GET", "/api/v1/ffmpeg/job/%00/status"),
    ],
)
async def test_what_can_be_no_id_is_refused(host: Person, method: str, path: str) -> None:
    answer = await host.request(method, path)
    assert answer.status_code == 400, answer.text
    assert answer.json()["message"]


@pytest.mark.parametrize(
    ("operation", "parameters", "expected"),
    [
        ("transcode", {"format": "webm", "resolution": "160x120"}, ("video", "vp8", 160)),
        ("extract_audio", {}, ("audio", "mp3", 0)),
        ("extract_video", {}, ("video", "h264", 320)),
    ],
)
async def test_something_else_is_made_of_a_video(
    host: Person, tmp_path: Path, operation: str, parameters: dict[str, Any], expected: tuple[str, str, int]
) -> None:
    file = await kept(host, clip("mp4"))
    body = {"file_id": file["file_id"], "operation": operation, "parameters": parameters}
    asked = await host.request("POST", f"{MEDIA}/process", json=body)
    assert asked.status_code == 200, asked.text
    job = await finished(host, asked.json()["job_id"])
    assert job["status"] == "completed", job
    made_id = job["output_path"].rpartition("/")[2]
    made = (await host.request("GET", f"{MEDIA}/info/{made_id}")).json()["media_file"]
    assert (made["file_type"], made["codec"], made["width"]) == expected
    assert made["metadata"]["properties"] == {"source": file["file_id"], "operation": operation}
    content = (await host.request("GET", job["output_path"])).content
    (tmp_path / "made").write_bytes(content)
    assert complaints(tmp_path / "made") == b""


@pytest.mark.parametrize(
    "body",
    [
        {"operation": "explode"},
        {"operation": "transcode", "parameters": {"format": "exe"}},
        {"operation": "transcode", "parameters": {"filters": ["movie=/etc/passwd"]}},
        {"operation": "transcode", "parameters": {"custom_args": {"-i": "/etc/passwd"}}},
        {"operation": "transcode", "parameters": {"resolution": "99999x1"}},
        {"operation": "transcode", "parameters": {"bitrate": "1k; rm"}},
        {"operation": "transcode", "parameters": {"video_codec": "../x"}},
        {"operation": "extract_audio", "parameters": {"format": "mp4"}},
    ],
)
async def test_what_is_not_offered_is_refused(host: Person, body: dict[str, Any]) -> None:
    file = await kept(host, clip("mp4"))
    answer = await host.request("POST", f"{MEDIA}/process", json={"file_id": file["file_id"], **body})
    assert answer.status_code == 400, answer.text


async def test_what_is_no_video_has_no_thumbnail(host: Person, register: Register) -> None:
    file = await kept(host, picture(), "a.png")
    body = {"file_id": file["file_id"]}
    assert (await host.request("POST", "/api/v1/ffmpeg/thumbnail", json=body)).status_code == 400
    assert (await host.request("GET", f"{MEDIA}/thumbnail/{file['file_id']}")).status_code == 404
    stranger = await register("stranger")
    for path in ("/api/v1/ffmpeg/thumbnail", f"{MEDIA}/process"):
        answer = await stranger.request("POST", path, json={**body, "operation": "transcode"})
        assert answer.status_code == 404
    assert (await host.request("GET", "/api/v1/ffmpeg/job/none/status")).status_code == 404


async def test_removing_leaves_no_trace(host: Person, salon: Salon) -> None:
    before = blobs(salon)
    file = await kept(host, clip("mp4"))
    jobs = []
    for operation in ("thumbnail", "extract_audio"):
        body = {"file_id": file["file_id"], "operation": operation}
        jobs.append((await host.request("POST", f"{MEDIA}/process", json=body)).json()["job_id"])
    made = [await finished(host, job_id) for job_id in jobs]
    assert [job["status"] for job in made] == ["completed", "completed"]
    assert len(blobs(salon) - before) == 3
    assert (await host.request("DELETE", f"{MEDIA}/{file['file_id']}")).status_code == 200
    for path in (
        f"{MEDIA}/info/{file['file_id']}",
        made[1]["output_path"],
        f"/api/v1/ffmpeg/job/{jobs[0]}/status",
    ):
        assert (await host.request("GET", path)).status_code == 404
    assert (await host.request("DELETE", f"{MEDIA}/{file['file_id']}")).status_code == 404
    assert (await host.request("GET", MEDIA)).json()["data"]["total"] == 0

    async def left() -> set[str]:
        return blobs(salon) - before

    await eventually(left, lambda names: names == set(), within_s=DONE_S)


async def test_an_attachment_of_a_chat_message_is_for_the_room(
    host: Person, guest: Person, tabs: Any, meeting: int
) -> None:
    file = await kept(host, picture(), "a.png", meeting_id=meeting)
    await tabs[0].say(8, {"content": "Look", "file_id": file["file_id"]})
    frame = await tabs[1].expect(8)
    assert frame["payload"]["file_id"] == file["file_id"]
    answer = await guest.request("GET", f"{MEDIA}/download/{frame['payload']['file_id']}")
    assert answer.content == picture()


async def test_files_take_no_more_than_the_quota(make_salon: Callable[..., Salon]) -> None:
    own = make_salon(media={"user_quota_mb": 1, "max_file_mb": 1})
    person = await Person.register(own.url, "collector")
    await kept(person, b"x" * 700_000, "a.bin")
    answer = await upload(person, b"x" * 700_000, "b.bin")
    assert answer.status_code == 413
    assert "altogether" in answer.json()["message"]
    answer = await upload(person, b"x" * (1024 * 1024 + 1), "c.bin")
    assert answer.status_code == 413
    assert "larger than 1 MB" in answer.json()["message"]
    await person.close()
