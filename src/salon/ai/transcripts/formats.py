"""A transcript as a file: WebVTT, SubRip, JSON, plain text. Pure; line by line, so that a file may be long.

Source of WebVTT: https://www.w3.org/TR/webvtt1/, sections 4.1 (syntax) and 4.2.2 (cue text).
"""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from salon.ai.transcripts.model import Line
from salon.platform.envelope import rfc3339

Form = Literal["vtt", "srt", "json", "txt"]

MEDIA_TYPES: dict[Form, str] = {
    "vtt": "text/vtt; charset=utf-8",
    "srt": "application/x-subrip; charset=utf-8",
    "json": "application/json",
    "txt": "text/plain; charset=utf-8",
}

_SHORTEST = timedelta(milliseconds=1)
"""A cue ends after it begins (WebVTT 4.1)."""

_BLANKS = re.compile(r"[\s\x00-\x1f\x7f\x85\u2028\u2029]+")


@dataclass(frozen=True, slots=True)
class Frame:
    """What a file is about, and where its time begins and ends."""

    meeting_id: int
    title: str
    begin: datetime
    end: datetime | None = None
    """What is spoken later is cut there; None: nothing is."""


def render(form: Form, frame: Frame, lines: Iterable[Line]) -> Iterator[str]:
    """The whole file, piece by piece. Lines come in the order in which they were begun."""
    yield head(form, frame)
    for number, line in enumerate(lines, start=1):
        yield piece(form, frame, line, number)
    yield tail(form)


def head(form: Form, frame: Frame) -> str:
    """What stands before the first line."""
    if form == "vtt":
        return "WEBVTT\n\n"
    if form == "srt":
        return ""
    if form == "json":
        fields = {
            "meeting_id": frame.meeting_id,
            "title": frame.title,
            "started_at": rfc3339(frame.begin),
        }
        return _json(fields)[:-1] + ',"lines":['
    return f"{flat(frame.title)}\n{rfc3339(frame.begin)}\n\n"


def piece(form: Form, frame: Frame, line: Line, number: int) -> str:
    """One line. ``number`` counts from 1."""
    start, end = _times(frame, line)
    if form == "vtt":
        timing = f"{_clock(start, '.')} --> {_clock(end, '.')}"
        return f"{number}\n{timing}\n{_voice(line.speaker)}{escape(flat(line.text))}\n\n"
    if form == "srt":
        timing = f"{_clock(start, ',')} --> {_clock(end, ',')}"
        # SubRip has no escapes, and its readers look for the arrow.
        said = _named(line).replace("-->", "→")
        return f"{number}\n{timing}\n{said}\n\n"
    if form == "json":
        return ("" if number == 1 else ",") + _json(_fields(line))
    return f"[{_clock(start, '.')[:-4]}] {_named(line)}\n"


def tail(form: Form) -> str:
    """What stands behind the last line."""
    return "]}" if form == "json" else ""


def escape(text: str) -> str:
    """Text as it may stand in a cue; an arrow cannot be left in it."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def flat(text: str) -> str:
    """Text on one line: a blank line would end a cue, and control characters are no text."""
    return _BLANKS.sub(" ", text).strip()


def _voice(speaker: str) -> str:
    name = escape(flat(speaker))
    return f"<v {name}>" if name else ""


def _named(line: Line) -> str:
    name = flat(line.speaker)
    return f"{name}: {flat(line.text)}" if name else flat(line.text)


def _times(frame: Frame, line: Line) -> tuple[timedelta, timedelta]:
    start = max(timedelta(0), line.started_at - frame.begin)
    end = line.ended_at if frame.end is None else min(line.ended_at, frame.end)
    return start, max(start + _SHORTEST, end - frame.begin)


def _clock(time: timedelta, point: str) -> str:
    milliseconds = round(time.total_seconds() * 1000)
    seconds, rest = divmod(milliseconds, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}{point}{rest:03}"


def _fields(line: Line) -> dict[str, object]:
    return {
        "line_id": line.line_id,
        "user_id": line.user_id,
        "speaker": line.speaker,
        "speaker_key": line.speaker_key,
        "started_at": rfc3339(line.started_at),
        "ended_at": rfc3339(line.ended_at),
        "text": line.text,
        "language": line.language,
        "confidence": line.confidence,
        "words": [[word.start, word.end, word.text] for word in line.words],
    }


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
