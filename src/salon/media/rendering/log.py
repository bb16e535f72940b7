"""A recording's folder as one :class:`RecordingLog`, however it ended."""

import itertools
import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from salon.media.rendering.chapters import find_chapters
from salon.media.rendering.gaps import find_gaps
from salon.media.rendering.lines import Damage, Line, read_lines
from salon.media.rendering.model import (
    SECOND_US,
    Media,
    Person,
    RecordingLog,
    Run,
    Segment,
    Span,
    Speech,
    Track,
)
from salon.media.rendering.presence import find_presences, find_switches

LONGEST_US = 24 * 3600 * SECOND_US
"""No recording lasts longer (4 h are allowed): times beyond are damage, and would make rendering endless."""


class NotARecording(Exception):
    """The folder has neither a manifest nor an index that could be read."""


def read_log(folder: Path) -> RecordingLog:
    """Reads a recording that runs, ended or broke off; opens what was never sealed.

    Raises:
        NotARecording: there is nothing to read in this folder.
    """
    damage = Damage()
    manifest = _manifest(folder / "manifest.json")
    index = list(read_lines(folder / "index.jsonl", damage))
    events = list(read_lines(folder / "events.jsonl", damage))
    if not manifest and not index:
        raise NotARecording(
            f"{folder.name} is not a recording: it has neither manifest.json nor index.jsonl."
        )
    start_us = _start(manifest, index, events)
    here = Span(start_us - 60 * SECOND_US, start_us + LONGEST_US)
    index = [line for line in index if here.holds(line.t)]
    events = sorted((line for line in events if here.holds(line.t)), key=lambda line: line.t)
    tracks = _tracks(folder, index, here)
    runs = _runs(index, tracks)
    end_us = max([start_us, *(each.end_us for track in tracks for each in track.segments), *_ends(index)])
    span = Span(start_us, end_us)
    switches = find_switches(events, span)
    presences = find_presences(events, tracks, runs, span)
    people = _people(events)
    return RecordingLog(
        folder=folder,
        recording_id=str(manifest.get("recording_id") or folder.name),
        title=str(manifest.get("title") or ""),
        quality=str(manifest.get("quality") or ""),
        format=str(manifest.get("format") or ""),
        start_us=start_us,
        end_us=end_us,
        is_stopped=bool(runs) and runs[-1].stop is not None,
        people=people,
        tracks=tracks,
        runs=runs,
        gaps=find_gaps(index, tracks, runs, switches, people),
        speech=_speech(index, tracks, end_us),
        presences=presences,
        switches=switches,
        chapters=find_chapters(events, runs, people, switches, span),
        bad_lines=damage.lines,
    )


def _manifest(path: Path) -> dict[str, Any]:
    try:
        manifest = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return manifest if isinstance(manifest, dict) else {}


def _start(manifest: dict[str, Any], index: Sequence[Line], events: Sequence[Line]) -> int:
    for line in index:
        if line.kind == "run":
            return line.t
    try:
        return int(datetime.fromisoformat(str(manifest.get("started_at"))).timestamp() * SECOND_US)
    except (ValueError, OverflowError):
        return min((line.t for line in (*index, *events)), default=0)


def _ends(index: Sequence[Line]) -> Iterable[int]:
    """The last word of the engine, if it was one."""
    stops = [position for position, line in enumerate(index) if line.kind == "stop"]
    if stops and not any(line.kind == "run" for line in index[stops[-1] :]):
        yield index[stops[-1]].t


@dataclass(slots=True)
class _Draft:
    line: Line
    segments: dict[str, Segment] = field(default_factory=dict)


def _tracks(folder: Path, index: Sequence[Line], here: Span) -> tuple[Track, ...]:
    drafts: dict[str, _Draft] = {}
    run = 0
    for line in index:
        run += line.kind == "run"
        track, file = line.text("track"), line.text("file")
        if line.kind == "track" and track and line.text("media") in set(Media):
            drafts.setdefault(track, _Draft(line))
        elif line.kind in {"segment", "sealed"} and track in drafts and file:
            segments = drafts[track].segments
            segment = _segment(folder, drafts[track].line, line, segments.get(file), run)
            if segment is not None and here.holds(segment.start_us) and here.holds(segment.end_us):
                segments[file] = segment
    return tuple(_finish(track, draft) for track, draft in drafts.items())


def _segment(folder: Path, track: Line, line: Line, known: Segment | None, run: int) -> Segment | None:
    start_us = line.number("start_us")
    if start_us is None:
        return None
    end_us, sha256 = line.number("end_us"), line.text("sha256")
    if line.kind == "sealed" and (end_us is None or not sha256):
        return known
    path = _path(folder, track.text("track"), line.text("file"))
    if path is None:
        return None
    return Segment(
        start_us=start_us,
        end_us=max(start_us, end_us or start_us) if line.kind == "sealed" else start_us,
        track=track.text("track"),
        file=line.text("file"),
        path=path,
        codec=(line.text("codec") or (known.codec if known else "") or track.text("codec")).lower(),
        width=line.number("width") or (known.width if known else 0),
        height=line.number("height") or (known.height if known else 0),
        frames=line.number("frames") or 0,
        bytes=line.number("bytes") or 0,
        sha256=sha256 if line.kind == "sealed" else None,
        is_there=path.is_file(),
        run=known.run if known else run,
    )


def _path(folder: Path, track: str, file: str) -> Path | None:
    """Where a segment lies; None for a name that leads out of the recording."""
    root = folder.resolve()
    candidates = [folder / file, folder / "tracks" / track / file]
    inside = [path for path in candidates if path.resolve().is_relative_to(root)]
    return next((path for path in inside if path.is_file()), inside[0] if inside else None)


def _finish(track: str, draft: _Draft) -> Track:
    """Measures what was left open, and cuts what a clock set back made overlap: the later one is right."""
    media = Media(draft.line.text("media"))
    segments = sorted(
        (_measured(each, media) for each in draft.segments.values()), key=lambda each: each.start_us
    )
    for position, (segment, following) in enumerate(itertools.pairwise(segments)):
        if segment.end_us > following.start_us:
            segments[position] = replace(segment, end_us=following.start_us)
    return Track(
        track=track,
        stream=draft.line.text("stream"),
        peer=draft.line.text("peer"),
        media=media,
        codec=draft.line.text("codec").lower(),
        segments=tuple(segments),
    )


def _measured(segment: Segment, media: Media) -> Segment:
    if segment.is_sealed or not segment.is_there:
        return segment
    from salon.media.rendering.demuxing import measure  # noqa: PLC0415 - whoever reads a sealed log needs no PyAV

    found = measure(segment.path, media)
    size = segment.path.stat().st_size
    return replace(segment, end_us=segment.start_us + found.length_us, frames=found.blocks, bytes=size)


def _runs(index: Sequence[Line], tracks: Sequence[Track]) -> tuple[Run, ...]:
    """The engine's starts, in the order of their lines."""
    runs: list[Run] = []
    for line in index:
        if line.kind == "run":
            number = len(runs) + 1
            ends = [each.end_us for track in tracks for each in track.segments if each.run == number]
            runs.append(Run(number, line.text("run"), line.t, max([line.t, *ends]), None))
        elif line.kind == "stop" and runs:
            last = runs[-1]
            runs[-1] = replace(last, last_us=max(last.last_us, line.t), stop=line.text("cause"))
    following = [run.start_us for run in runs[1:]]
    limited = [
        replace(run, last_us=max(run.start_us, min(run.last_us, next_us)))
        for run, next_us in zip(runs, following, strict=False)
    ]
    return tuple(limited + runs[-1:])


def _people(events: Sequence[Line]) -> dict[str, Person]:
    """The newest name of each stream."""
    people: dict[str, Person] = {}
    for line in events:
        stream = line.text("stream")
        if line.kind == "joined" and stream:
            username = line.text("username")
            name = line.text("nickname") or username or stream
            people[stream] = Person(stream, line.number("user_id"), username, name)
    return people


def _speech(index: Sequence[Line], tracks: Sequence[Track], end_us: int) -> tuple[Speech, ...]:
    since: dict[str, int] = {}
    spans: list[tuple[str, Span]] = []
    last_us: dict[str, int] = defaultdict(lambda: end_us)
    last_us.update({track.track: track.segments[-1].end_us for track in tracks if track.segments})
    for line in sorted(index, key=lambda each: each.t):
        track, is_on = line.text("track"), line.flag("on")
        if line.kind == "speech" and is_on:
            since.setdefault(track, line.t)
        elif line.kind in {"speech", "ended"} and track in since:
            spans.append((track, Span(since.pop(track), line.t)))
        elif line.kind in {"run", "stop"}:
            spans += [
                (each, Span(start, min(line.t, max(start, last_us[each])))) for each, start in since.items()
            ]
            since.clear()
    spans += [(track, Span(start, max(start, min(end_us, last_us[track])))) for track, start in since.items()]
    streams = {track.track: track.stream for track in tracks}
    found = [
        Speech(span.start_us, span.end_us, track, streams[track]) for track, span in spans if track in streams
    ]
    return tuple(
        sorted((each for each in found if each.end_us > each.start_us), key=lambda each: each.start_us)
    )
