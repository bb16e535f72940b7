"""Whether a recording is whole: every file against its hash, every block read, every gap named."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from salon.media.rendering.demuxing import measure
from salon.media.rendering.log import read_log
from salon.media.rendering.model import RecordingLog, Segment, Track
from salon.media.rendering.output import Report
from salon.media.rendering.sealing import sha256_of


@dataclass(slots=True)
class Findings:
    """Names of files, by what is wrong with them."""

    missing: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)
    open: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)

    @property
    def is_whole(self) -> bool:
        """Nothing lost or altered; open segments and gaps that the log tells of are no damage."""
        return not (self.missing or self.changed or self.unreadable)


def verify(folder: Path, report: Report) -> dict[str, Any]:
    """Checks a recording.

    Returns:
        ``ok``, the files by what is wrong with them, and ``gaps`` with their seconds and whose they are.

    Raises:
        NotARecording: there is no recording in this folder.
    """
    log = read_log(folder)
    found = Findings()
    total = max(1, sum(len(track.segments) for track in log.tracks))
    checked = 0
    for track in log.tracks:
        for segment in track.segments:
            _check(track, segment, found)
            checked += 1
            report(100 * checked / total)
    known = {segment.path.resolve() for segment in log.segments}
    found.unknown = [
        path.relative_to(folder).as_posix()
        for path in sorted(folder.glob("tracks/*/*"))
        if path.is_file() and path.resolve() not in known
    ]
    return {
        "ok": found.is_whole,
        "recording_id": log.recording_id,
        "title": log.title,
        "duration": log.seconds(log.end_us),
        "stopped": log.is_stopped,
        "segments": checked,
        "bad_lines": log.bad_lines,
        "missing": found.missing,
        "changed": found.changed,
        "unreadable": found.unreadable,
        "open": found.open,
        "unknown": found.unknown,
        "gaps": gaps_told(log),
    }


def gaps_told(log: RecordingLog) -> list[dict[str, Any]]:
    """The gaps for people: seconds from the start, and a name."""
    return [
        {
            "track": gap.track,
            "stream": gap.stream,
            "name": log.name_of(gap.stream),
            "media": str(track.media) if (track := log.find_track(gap.track)) else "",
            "start": log.seconds(gap.start_us),
            "end": log.seconds(gap.end_us),
            "cause": gap.cause,
            "packets": gap.packets,
        }
        for gap in log.gaps
    ]


def _check(track: Track, segment: Segment, found: Findings) -> None:
    if not segment.is_there:
        found.missing.append(segment.file)
        return
    if not segment.is_sealed:
        found.open.append(segment.file)
    elif sha256_of(segment.path) != segment.sha256:
        found.changed.append(segment.file)
    if segment.frames and measure(segment.path, track.media).blocks < segment.frames:
        found.unreadable.append(segment.file)


def as_text(result: dict[str, Any]) -> str:
    """The findings for a terminal."""
    title = result["title"] or result["recording_id"]
    lines = [f"{title}: {_clock(result['duration'])}, {result['segments']} segments"]
    words = {
        "missing": "is missing",
        "changed": "is not what was sealed",
        "unreadable": "cannot be read to its end",
        "open": "was never sealed",
        "unknown": "is not in the index",
    }
    lines += [f"  {file} {word}" for kind, word in words.items() for file in result[kind]]
    lines += [
        f"  gap {_clock(gap['start'])} to {_clock(gap['end'])}: {gap['name']}, {gap['media']}, {gap['cause']}"
        for gap in result["gaps"]
    ]
    if result["bad_lines"]:
        lines.append(f"  {result['bad_lines']} lines of the log cannot be read")
    lines.append("Whole." if result["ok"] else "Damaged.")
    return "\n".join(lines)


def _clock(seconds: float) -> str:
    minutes, rest = divmod(seconds, 60)
    return f"{int(minutes // 60)}:{int(minutes % 60):02}:{rest:06.3f}"
