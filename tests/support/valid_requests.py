"""A valid request for every route of the API: the OpenAPI document's own example, with real ids put in.

A new route needs a word here only if its example cannot be valid by itself: a body that names objects
(`BODIES`), a state that must be there first (`BEFORE`), a meeting of its own kind (`MEETINGS`).
"""

from __future__ import annotations

import io
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import pyotp
from PIL import Image

from support.clips import clip
from support.people import PASSWORD, Person
from support.scene import Scene, offer_body
from support.sounds import as_base64, wav
from support.transcripts import say
from support.wait import eventually

V1 = "/api/v1"
MEETING = f"{V1}/meetings/{{meeting_id}}"
RTC = f"{V1}/webrtc"
REC = f"{V1}/recording"


@dataclass
class Request:
    """What goes over the wire, but for who sends it."""

    method: str
    path: str
    options: dict[str, Any] = field(default_factory=dict)
    """Of httpx: `json` or `files`."""


Body = Callable[[Scene, Person], Any]
Preparation = Callable[[Scene, Person], Awaitable[None]]

OWN_ACCOUNT = {
    f"DELETE {V1}/users/account",
    f"POST {V1}/auth/logout",
    f"POST {V1}/users/change-password",
    f"PUT {V1}/users/password",
    f"POST {V1}/auth/totp/setup",
    f"POST {V1}/auth/totp/enable",
    f"POST {V1}/auth/totp/disable",
    f"POST {V1}/auth/totp/recovery-codes",
}
"""These change the account of who calls, whom nobody else may then use."""

OWN_TARGET = {
    f"PUT {V1}/admin/users/{{user_id}}",
    f"DELETE {V1}/admin/users/{{user_id}}",
    f"POST {V1}/admin/users/{{user_id}}/ban",
    f"POST {V1}/admin/users/{{user_id}}/unban",
}
"""These change another one's account, whom nobody else may then use."""

ONCE = {
    f"DELETE {MEETING}/participants/{{user_id}}",
    f"DELETE {MEETING}/invites/{{invite_id}}",
    f"DELETE {V1}/media/{{file_id}}",
    f"POST {MEETING}/lobby/admit",
    f"POST {MEETING}/lobby/deny",
    f"POST {MEETING}/recording/start",
    f"POST {REC}/start",
}
"""Several roles may do these, but after the first there is nothing left to do."""


def _bystander(scene: Scene, _caller: Person) -> Any:
    return {"user_ids": [scene.cast["bystander"].user_id]}


def _waiting(scene: Scene, _caller: Person) -> Any:
    return {"user_ids": [scene.cast["waiting"].user_id]}


def _oneself(_scene: Scene, caller: Person) -> Any:
    return {"user_id": str(caller.user_id)}


def _new_password(_scene: Scene, _caller: Person) -> Any:
    return {"old_password": PASSWORD, "new_password": PASSWORD + "9"}


def _own_password(_scene: Scene, _caller: Person) -> Any:
    return {"password": PASSWORD}


def _proof(scene: Scene, caller: Person) -> Any:
    # The codes of an app count once each; recovery codes are many.
    return {"password": PASSWORD, "code": scene.extra.get(("recovery", caller.user_id), "000000")}


def _registration(_scene: Scene, _caller: Person) -> Any:
    name = f"new_{secrets.token_hex(5)}"
    return {"username": name, "email": f"{name}@example.org", "password": PASSWORD}


def _offer(scene: Scene, caller: Person) -> Any:
    return {"room_id": scene.room_id, "user_id": caller.user_id, "offer": offer_body(scene.offer)}


def _recording(scene: Scene, caller: Person) -> Any:
    user_id = str(caller.user_id)
    return {
        "meeting_id": str(scene.meeting_id),
        "room_id": scene.room_id,
        "user_id": user_id,
        "title": "All of it",
    }


def _file(scene: Scene, _caller: Person) -> Any:
    return {"file_id": scene.extra.get("file_id", "none"), "operation": "extract_audio"}


SILENCE = as_base64(wav(bytes(3200)))


BODIES: dict[str, Body] = {
    f"POST {V1}/auth/register": _registration,
    f"POST {V1}/auth/login": lambda scene, _: {
        "username": scene.cast["bystander"].name,
        "password": PASSWORD,
    },
    f"POST {V1}/auth/refresh": lambda scene, _: {"token": scene.cast["bystander"].token},
    f"POST {V1}/auth/guest": lambda scene, _: {"invite": scene.invite_token, "nickname": "Guest"},
    f"POST {V1}/users/change-password": _new_password,
    f"PUT {V1}/users/password": _new_password,
    f"POST {V1}/auth/totp/setup": _own_password,
    f"POST {V1}/auth/totp/enable": lambda scene, caller: {
        "code": scene.extra.get(("code", caller.user_id), "000000")
    },
    f"POST {V1}/auth/totp/disable": _proof,
    f"POST {V1}/auth/totp/recovery-codes": _proof,
    f"POST {MEETING}/participants": _bystander,
    f"POST {MEETING}/lobby/admit": _waiting,
    f"POST {MEETING}/lobby/deny": _waiting,
    f"POST {RTC}/answer": _offer,
    f"POST {RTC}/ice-candidate": lambda scene, _: {
        "peer_id": scene.peer_id,
        "candidate": {"candidate": "candidate:1 1 UDP 2130706431 192.0.2.7 8801 typ host", "sdpMid": "0"},
    },
    f"POST {MEETING}/recording/stop": lambda scene, _: {},
    f"POST {REC}/start": _recording,
    f"POST {REC}/stop": lambda scene, _: {"recording_id": scene.extra.get("recording_id", "none")},
    f"POST {RTC}/room/{{room_id}}/join": _oneself,
    f"POST {RTC}/room/{{room_id}}/leave": _oneself,
    f"POST {V1}/media/process": _file,
    f"POST {V1}/ffmpeg/thumbnail": _file,
    f"POST {V1}/ai/asr": lambda _scene, _caller: {"audio_data": SILENCE, "format": "wav"},
    f"POST {V1}/ai/synthesis": lambda _scene, _caller: {"audio_data": SILENCE, "format": "wav"},
    f"POST {V1}/ai/emotion": lambda _scene, _caller: {"text": "What a lovely day"},
    f"POST {V1}/ai/setup": lambda _scene, _caller: {"models": ["emotion"]},
    f"POST {V1}/ai/analyze": lambda _scene, _caller: {
        "task_type": "emotion",
        "params": {"text": "What a lovely day"},
    },
    f"POST {V1}/ai/batch": lambda _scene, _caller: {"tasks": []},
    f"POST {V1}/ai/captions/{{meeting_id}}": lambda _scene, _caller: {"enabled": False},
    f"PUT {V1}/ai/consent": lambda _scene, _caller: {"mood_from_voice": False},
}
"""Bodies that name real objects."""

MEETINGS: dict[str, dict[str, Any]] = {
    f"GET {MEETING}/series": {"recurrence": "FREQ=DAILY;COUNT=2"},
}
"""Fields of the meeting that the route is about."""


async def _somebody_waits(scene: Scene, _caller: Person) -> None:
    settings = {"allow_guests": True, "require_approval": True}
    await scene.ok(scene.cast["host"], "PUT", "", {"settings": settings})
    for name in ("waiting", "stranger"):
        await scene.ok(scene.cast[name], "POST", "/knock")


async def _set_up_totp(scene: Scene, caller: Person) -> None:
    answer = await caller.request("POST", f"{V1}/auth/totp/setup", json={"password": PASSWORD})
    if answer.is_success:
        scene.extra["code", caller.user_id] = pyotp.TOTP(answer.json()["data"]["secret"]).now()


async def _switch_totp_on(scene: Scene, caller: Person) -> None:
    await _set_up_totp(scene, caller)
    code = scene.extra.get(("code", caller.user_id))
    answer = await caller.request("POST", f"{V1}/auth/totp/enable", json={"code": code})
    if answer.is_success:
        scene.extra["recovery", caller.user_id] = answer.json()["data"]["recovery_codes"][0]


async def _show_a_picture(scene: Scene, _caller: Person) -> None:
    answer = await scene.cast["bystander"].request(
        "POST", f"{V1}/users/upload-avatar", files={"avatar": picture()}
    )
    assert answer.is_success, answer.text
    scene.extra["name"] = answer.json()["data"]["avatar"].rpartition("/")[2]


async def _start_recording(scene: Scene, _caller: Person) -> None:
    begun = await scene.ok(scene.cast["host"], "POST", "/recording/start")
    scene.extra["recording_id"] = begun["recording_id"]


async def _record(scene: Scene, caller: Person) -> None:
    await _start_recording(scene, caller)
    await scene.ok(scene.cast["host"], "POST", "/recording/stop")


async def _share_a_video(scene: Scene, _caller: Person) -> None:
    owner = scene.cast["participant"]
    answer = await owner.request(
        "POST",
        f"{V1}/media/upload",
        files={"file": ("clip.mp4", clip("mp4"), "video/mp4")},
        data={"meeting_id": str(scene.meeting_id)},
    )
    assert answer.is_success, answer.text
    scene.extra["file_id"] = answer.json()["media_file"]["file_id"]


async def _make_a_thumbnail(scene: Scene, caller: Person) -> None:
    await _share_a_video(scene, caller)
    owner = scene.cast["participant"]
    body = {"file_id": scene.extra["file_id"]}
    answer = await owner.request("POST", f"{V1}/ffmpeg/thumbnail", json=body)
    assert answer.is_success, answer.text
    job_id = scene.extra["job_id"] = answer.json()["job_id"]

    async def look() -> str:
        seen = await owner.request("GET", f"{V1}/ffmpeg/job/{job_id}/status")
        return str(seen.json()["job"]["status"])

    await eventually(look, lambda status: status == "completed", within_s=60)


async def _say_something(scene: Scene, _caller: Person) -> None:
    await say(scene.extra["salon"], scene.meeting_id, ["Hello, everybody."])


BEFORE: dict[str, Preparation] = {
    f"GET {V1}/ai/transcripts/{{meeting_id}}": _say_something,
    f"GET {V1}/ai/transcripts/{{meeting_id}}/download": _say_something,
    f"DELETE {V1}/ai/transcripts/{{meeting_id}}": _say_something,
    f"GET {V1}/ai/minutes/{{meeting_id}}": _say_something,
    f"POST {MEETING}/recording/stop": _start_recording,
    f"POST {REC}/stop": _start_recording,
    f"GET {REC}/status/{{recording_id}}": _record,
    f"GET {REC}/download/{{recording_id}}": _record,
    f"GET {REC}/timeline/{{recording_id}}": _record,
    f"GET {REC}/thumbnail/{{recording_id}}": _record,
    f"GET {REC}/track/{{recording_id}}/{{track}}": _record,
    f"POST {REC}/retry/{{recording_id}}": _record,
    f"DELETE {REC}/{{recording_id}}": _record,
    f"GET {MEETING}/knock": _somebody_waits,
    f"GET {MEETING}/lobby": _somebody_waits,
    f"POST {MEETING}/lobby/admit": _somebody_waits,
    f"POST {MEETING}/lobby/deny": _somebody_waits,
    f"POST {MEETING}/lobby/message": _somebody_waits,
    f"POST {V1}/auth/totp/enable": _set_up_totp,
    f"POST {V1}/auth/totp/disable": _switch_totp_on,
    f"POST {V1}/auth/totp/recovery-codes": _switch_totp_on,
    "GET /avatars/{name}": _show_a_picture,
    f"GET {V1}/media/download/{{file_id}}": _share_a_video,
    f"GET {V1}/media/info/{{file_id}}": _share_a_video,
    f"GET {V1}/media/thumbnail/{{file_id}}": _make_a_thumbnail,
    f"POST {V1}/media/process": _share_a_video,
    f"DELETE {V1}/media/{{file_id}}": _share_a_video,
    f"POST {V1}/ffmpeg/thumbnail": _share_a_video,
    f"GET {V1}/ffmpeg/job/{{job_id}}/status": _make_a_thumbnail,
}
"""What must be so before the request can succeed."""


def picture() -> bytes:
    """A small PNG."""
    made = io.BytesIO()
    Image.new("RGB", (32, 32), "teal").save(made, "PNG")
    return made.getvalue()


def needs_live(route: str) -> bool:
    """Whether the route is about tabs and media peers."""
    return f"{RTC}/" in route or f"{V1}/sessions/" in route


def parameters_of(scene: Scene) -> dict[str, Any]:
    """A real value for each name that occurs in a path."""
    return {
        "meeting_id": scene.meeting_id,
        "room_id": scene.room_id,
        "user_id": scene.cast["bystander"].user_id,
        "invite_id": scene.invite_id,
        "token": scene.invite_token,
        "session_id": scene.session_id,
        "peer_id": scene.peer_id,
        "name": scene.extra.get("name", "none.webp"),
        "recording_id": scene.extra.get("recording_id", "none"),
        "track": "a1",
        "file_id": scene.extra.get("file_id", "none"),
        "job_id": scene.extra.get("job_id", "none"),
        "upload_id": "none",
        "stream_id": "none",
    }


def request_for(document: dict[str, Any], route: str, scene: Scene, caller: Person) -> Request:
    """The valid request of somebody in a scene.

    Raises:
        KeyError: a name in the path that `parameters_of` does not know.
    """
    method, template = route.split(" ", 1)
    operation = document["paths"][template][method.lower()]
    request = Request(method, template.format_map(parameters_of(scene)))
    content = operation.get("requestBody", {}).get("content", {})
    if route in BODIES:
        request.options["json"] = BODIES[route](scene, caller)
    elif "application/json" in content:
        request.options["json"] = content["application/json"]["example"]
    elif "multipart/form-data" in content:
        parts = _resolve(document, content["multipart/form-data"]["schema"])["properties"]
        request.options["files"] = {next(iter(parts)): picture()}
    return request


def _resolve(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    name = schema.get("$ref", "").rpartition("/")[2]
    found: dict[str, Any] = document["components"]["schemas"][name] if name else schema
    return found
