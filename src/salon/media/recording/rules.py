"""The decisions about recordings: pure, the moment passed in."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from salon.meeting.face import ParticipantStatus, Seat
from salon.platform.ids import UserId

Status = Literal["recording", "processing", "completed", "failed"]
Quality = Literal["480p", "720p", "1080p", "4k"]
Format = Literal["mp4", "webm", "mkv"]
Kind = Literal["tracks", "mix", "thumbnail", "composite"]
RenditionState = Literal["pending", "processing", "ready", "failed"]
Command = Literal["tracks", "track", "mix", "composite", "thumbnail", "seal", "verify"]
RoomState = Literal["recording", "stopped", "warning"]
EndCause = Literal["command", "deleted", "limit", "disk", "quota", "meeting_ended", "switched_off", "empty"]

KINDS: tuple[Kind, ...] = ("tracks", "mix", "thumbnail", "composite")

EMPTY_FOR = timedelta(minutes=5)
"""A room in which nobody was so long needs no recording."""

LIMIT_WARNING = timedelta(minutes=5)
"""How long before the end of its time a recording says so."""

WORDS: dict[EndCause, str] = {
    "command": "",
    "deleted": "The recording was deleted.",
    "limit": "The recording was stopped: it had reached its longest duration.",
    "disk": "The recording was stopped: the server's disk is almost full. What was said until then is kept.",
    "quota": "The recording was stopped: who started it has no space left. What was said until then is kept.",
    "meeting_ended": "",
    "switched_off": "The recording was stopped: recording was switched off in this meeting.",
    "empty": "The recording was stopped: nobody was in the room any more.",
}
"""What people read about why a recording ended; nothing where it is plain."""

SLOW = "The server's disk is slow: parts of the recording may be missing."
FAILED = "The recording cannot be written at the moment. It goes on by itself as soon as that is possible."
DISK_LOW = "The server's disk is almost full. The recording will be stopped before it is."
ENDS_SOON = "This recording ends in five minutes: it reaches its longest duration."

_UNSAFE = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|]+')


@dataclass(frozen=True, slots=True)
class Limits:
    """What one server allows; see `RecordingSettings`."""

    longest: timedelta
    disk_floor_bytes: int
    quota_bytes: int
    """Of one user; 0: no limit."""
    retention: timedelta | None
    """None: kept until somebody deletes it."""


@dataclass(frozen=True, slots=True)
class Condition:
    """A running recording at one moment."""

    started_at: datetime
    empty_since: datetime | None
    free_bytes: int
    used_bytes: int
    """By the recordings of who started it, this one included."""


def end_due(now: datetime, limits: Limits, condition: Condition) -> EndCause | None:
    """Why the recording has to end now; None: it goes on."""
    if condition.free_bytes < limits.disk_floor_bytes:
        return "disk"
    if now - condition.started_at >= limits.longest:
        return "limit"
    if limits.quota_bytes and condition.used_bytes >= limits.quota_bytes:
        return "quota"
    if condition.empty_since is not None and now - condition.empty_since >= EMPTY_FOR:
        return "empty"
    return None


def warning_due(now: datetime, limits: Limits, condition: Condition) -> str:
    """What the room should be told before it comes to that; empty: nothing."""
    if condition.free_bytes < limits.disk_floor_bytes + limits.disk_floor_bytes // 4:
        return DISK_LOW
    if now - condition.started_at >= limits.longest - LIMIT_WARNING:
        return ENDS_SOON if limits.longest > LIMIT_WARNING else ""
    return ""


def may_see(seat: Seat | None, user_id: UserId, started_by: int) -> bool:
    """Who took part, or was let in, may see what was recorded; and who started it."""
    if user_id == started_by:
        return True
    return seat is not None and seat.may_see_recordings


def may_stop(seat: Seat | None, user_id: UserId, started_by: int) -> bool:
    """Hosts, moderators, and who started it."""
    if seat is None or seat.status is ParticipantStatus.REJECTED:
        return user_id == started_by
    return user_id == started_by or seat.is_moderator


def may_delete(seat: Seat | None, user_id: UserId, started_by: int) -> bool:
    """Hosts, and who started it."""
    if user_id == started_by:
        return True
    return seat is not None and seat.is_host and seat.status is not ParticipantStatus.REJECTED


@dataclass(frozen=True, slots=True)
class Rights:
    """What somebody may do with a recording that they may see."""

    may_stop: bool
    """Or have made again what failed."""
    may_delete: bool


def rights_of(seat: Seat | None, user_id: UserId, started_by: int) -> Rights:
    """What may be done with a recording by somebody with this seat in its meeting."""
    return Rights(may_stop(seat, user_id, started_by), may_delete(seat, user_id, started_by))


def expires_before(now: datetime, limits: Limits) -> datetime | None:
    """Recordings that ended earlier than this are deleted; None: none is."""
    return None if limits.retention is None else now - limits.retention


def file_name(title: str, suffix: str) -> str:
    """A name under which the file can be saved anywhere: no separators, not empty, not too long."""
    cleaned = " ".join(_UNSAFE.sub(" ", title).split()).strip(" .")
    return f"{cleaned[:100].rstrip(' .') or 'recording'}.{suffix}"


def media_type_of(name: str) -> str:
    """The type of a rendition by its name."""
    suffix = name.rpartition(".")[2]
    return {
        "mp4": "video/mp4",
        "webm": "video/webm",
        "mkv": "video/x-matroska",
        "m4a": "audio/mp4",
        "mka": "audio/x-matroska",
        "ogg": "audio/ogg",
        "opus": "audio/ogg",
        "wav": "audio/wav",
        "jpg": "image/jpeg",
    }.get(suffix, "application/octet-stream")


TRACK = "track:"
"""Before the name of a track: the kind of its own file."""


def output_name(kind: str, container: str) -> str:
    """What the renderer is asked to write for a kind of file."""
    names = {"tracks": "tracks.mkv", "mix": "mix.m4a", "thumbnail": "thumbnail.jpg"}
    if kind.startswith(TRACK):
        return f"track-{kind.removeprefix(TRACK)}"
    return names.get(kind, f"composite.{container}")


def blob_name(written: str, container: object) -> str:
    """Under which name a written file is kept; the renderer itself chooses the container of a track."""
    return f"{written}.{container}" if written.startswith("track-") and container else written


def command_of(kind: str, *, quality: str, container: str) -> tuple[Command, tuple[str, ...]]:
    """The renderer's command for a kind of file, and its options.

    Raises:
        ValueError: there is no such kind.
    """
    if kind.startswith(TRACK):
        return "track", ("--track", kind.removeprefix(TRACK))
    if kind == "composite":
        return "composite", ("--quality", quality, "--format", container)
    for simple in ("tracks", "mix", "thumbnail"):
        if kind == simple:
            return simple, ()
    raise ValueError(f"there is no rendition {kind!r}")


def states_of(
    ready: Iterable[str], jobs: Sequence[tuple[str, str]], *, is_empty: bool
) -> dict[Kind, RenditionState]:
    """How far each rendition has come.

    Args:
        ready: kinds whose files are kept.
        jobs: kind and job status of each job, oldest first: the last of a kind counts.
        is_empty: nothing was recorded, so nothing will be made of it.
    """
    kept, words = set(ready), dict(jobs)
    found: dict[Kind, RenditionState] = {}
    for kind in KINDS:
        if kind in kept:
            found[kind] = "ready"
        elif is_empty:
            continue
        elif words.get(kind) == "failed":
            found[kind] = "failed"
        else:
            found[kind] = "processing" if words.get(kind) == "processing" else "pending"
    return found


def pages_of(total: int, page_size: int) -> int:
    """How many pages there are; at least one."""
    return max(1, -(-total // page_size))
