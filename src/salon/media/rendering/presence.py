"""Who was in the room when, and what they said they were sending."""

import itertools
from collections.abc import Sequence

from salon.media.rendering.lines import Line
from salon.media.rendering.model import Presence, Run, Span, Switches, Track


def find_presences(
    events: Sequence[Line], tracks: Sequence[Track], runs: Sequence[Run], span: Span
) -> tuple[Presence, ...]:
    """When each stream was in the room.

    A crash takes its words along: a stream not heard of after a restart went with the run before.
    One that sent media but of which no event tells was there as long as its media.
    """
    opened: dict[str, int] = {}
    last_seen: dict[str, int] = {}
    closed: list[Presence] = []
    for line in events:
        stream = line.text("stream")
        if not stream:
            continue
        last_seen[stream] = line.t
        if line.kind == "joined":
            opened.setdefault(stream, line.t)
        elif line.kind == "left" and stream in opened:
            closed.append(Presence(opened.pop(stream), line.t, stream))
    for track in tracks:
        if track.segments:
            last_seen[track.stream] = max(last_seen.get(track.stream, 0), track.segments[-1].end_us)
    for stream, start_us in opened.items():
        closed.append(Presence(start_us, _end(last_seen[stream], runs, span), stream))
    told = {presence.stream for presence in closed}
    for track in tracks:
        if track.segments and track.stream not in told:
            closed.append(Presence(track.segments[0].start_us, track.segments[-1].end_us, track.stream))
    inside = (Presence(max(p.start_us, span.start_us), min(p.end_us, span.end_us), p.stream) for p in closed)
    return tuple(sorted((p for p in inside if p.end_us > p.start_us), key=lambda p: p.start_us))


def _end(last_seen_us: int, runs: Sequence[Run], span: Span) -> int:
    for run, following in itertools.pairwise(runs):
        if last_seen_us < following.start_us:
            return max(run.last_us, last_seen_us)
    return span.end_us


def find_switches(events: Sequence[Line], span: Span) -> tuple[Switches, ...]:
    """The state of each stream's microphone, camera and screen, from change to change."""
    found: list[Switches] = []
    current: dict[str, Switches] = {}
    for line in events:
        stream = line.text("stream")
        if line.kind == "switches" and stream:
            _close(found, current.pop(stream, None), line.t)
            said = (line.flag("audio"), line.flag("video"), line.flag("screen") or False)
            current[stream] = Switches(line.t, span.end_us, stream, *said)
        elif line.kind == "left" and stream:
            _close(found, current.pop(stream, None), line.t)
    for state in current.values():
        _close(found, state, span.end_us)
    return tuple(sorted(found, key=lambda each: each.start_us))


def _close(found: list[Switches], state: Switches | None, end_us: int) -> None:
    if state is not None and end_us > state.start_us:
        found.append(Switches(state.start_us, end_us, state.stream, state.audio, state.video, state.screen))
