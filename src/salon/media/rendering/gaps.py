"""What is missing from a recording: told by the engine, left by a crash, or seen between two segments."""

import itertools
from collections import defaultdict
from collections.abc import Mapping, Sequence

from salon.media.rendering.lines import Line
from salon.media.rendering.model import SECOND_US, Gap, Media, Person, Run, Segment, Span, Switches, Track

HOLE_US = 2 * SECOND_US
"""Shorter pauses are the sender's (silence, stillness): after longer ones the engine opens a new segment."""
JOINT_US = 100_000
"""Gaps of one cause that are closer than this are one; what remains beside others and is shorter is none."""
LIVE_US = 15 * SECOND_US
"""A track whose last block is older than this when a run ended had stopped before."""


def find_gaps(
    index: Sequence[Line],
    tracks: Sequence[Track],
    runs: Sequence[Run],
    switches: Sequence[Switches],
    people: Mapping[str, Person],
) -> tuple[Gap, ...]:
    """All gaps in the order of time; no moment of a track is in two of them."""
    told = [gap for line in index if line.kind == "gap" and (gap := _told(line, tracks)) is not None]
    gone = [gap for track in tracks for gap in _gone(track)]
    broken = _broken(index, tracks, runs, people)
    holes = [gap for track in tracks for gap in _holes(track, switches)]
    found: list[Gap] = []
    for group in (_joined(told), gone, broken, holes):  # The surer one wins.
        found += [rest for gap in group for rest in _beside(gap, found)]
    return tuple(sorted(_joined(found), key=lambda gap: (gap.start_us, gap.track)))


def _told(line: Line, tracks: Sequence[Track]) -> Gap | None:
    track = next((each for each in tracks if each.track == line.text("track")), None)
    from_us, to_us = line.number("from_us"), line.number("to_us")
    if track is None or from_us is None or to_us is None or to_us <= from_us:
        return None
    return Gap(
        from_us, to_us, track.track, track.stream, line.text("cause") or "missing", line.number("packets")
    )


def _gone(track: Track) -> list[Gap]:
    """Segments whose files are not there; an open one is missed up to the next."""
    gaps: list[Gap] = []
    for position, segment in enumerate(track.segments):
        following = track.segments[position + 1 : position + 2]
        end_us = (
            segment.end_us if segment.is_sealed else max([segment.end_us, *(s.start_us for s in following)])
        )
        if not segment.is_there and end_us > segment.start_us:
            gaps.append(Gap(segment.start_us, end_us, track.track, track.stream, "file"))
    return gaps


def _broken(
    index: Sequence[Line], tracks: Sequence[Track], runs: Sequence[Run], people: Mapping[str, Person]
) -> list[Gap]:
    """Between the last block of a run and the first after it, for each track that was live."""
    ended = {line.text("track"): line.t for line in index if line.kind == "ended"}
    gaps: list[Gap] = []
    for run, following in itertools.pairwise(runs):
        cause = "restart" if run.stop in {"command", "closed"} else "crash"
        for track in tracks:
            before = [each for each in track.segments if each.run == run.number]
            if not before or before[-1].end_us < run.last_us - LIVE_US:
                continue
            if track.track in ended and ended[track.track] < following.start_us:
                continue
            to_us = _continuation(track, tracks, following, people)
            if to_us > before[-1].end_us:
                gaps.append(Gap(before[-1].end_us, to_us, track.track, track.stream, cause))
    return gaps


def _continuation(track: Track, tracks: Sequence[Track], run: Run, people: Mapping[str, Person]) -> int:
    """When the same person is heard, or seen, again; failing that, anybody; failing that, the restart."""
    person = people.get(track.stream)
    own: list[int] = []
    others: list[int] = []
    for other in tracks:
        starts = [each.start_us for each in other.segments if each.run >= run.number]
        if not starts:
            continue
        others.append(starts[0])
        them = people.get(other.stream)
        is_same = other.stream == track.stream or (
            person is not None
            and them is not None
            and them.user_id is not None
            and them.user_id == person.user_id
        )
        if is_same and other.media is track.media:
            own.append(starts[0])
    return min(own or others or [run.start_us])


def _holes(track: Track, switches: Sequence[Switches]) -> list[Gap]:
    """Between two segments, while the sender said it was sending."""
    gaps: list[Gap] = []
    for one, other in zip(track.segments, track.segments[1:], strict=False):
        if other.start_us - one.end_us > HOLE_US and _was_on(track, one, other, switches):
            gaps.append(Gap(one.end_us, other.start_us, track.track, track.stream, "missing"))
    return gaps


def _was_on(track: Track, one: Segment, other: Segment, switches: Sequence[Switches]) -> bool:
    hole = Span(one.end_us, other.start_us)
    for state in switches:
        if state.stream != track.stream or state.end_us <= hole.start_us or state.start_us >= hole.end_us:
            continue
        is_on = state.audio if track.media is Media.AUDIO else (state.video or state.screen)
        if is_on is False:
            return False
    return True


def _beside(gap: Gap, others: Sequence[Gap]) -> list[Gap]:
    """What of a gap is in none of the others."""
    rest = [Span(gap.start_us, gap.end_us)]
    for other in others:
        if other.track == gap.track:
            rest = [part for span in rest for part in _without(span, other)]
    whole = Span(gap.start_us, gap.end_us)
    rest = [span for span in rest if span == whole or span.end_us - span.start_us >= JOINT_US]
    return [Gap(s.start_us, s.end_us, gap.track, gap.stream, gap.cause, gap.packets) for s in rest]


def _without(span: Span, cut: Span) -> list[Span]:
    parts = [
        Span(span.start_us, min(span.end_us, cut.start_us)),
        Span(max(span.start_us, cut.end_us), span.end_us),
    ]
    return [part for part in parts if part.end_us > part.start_us]


def _joined(gaps: Sequence[Gap]) -> list[Gap]:
    """Neighbours of one track and cause as one; overlaps of different causes go to the earlier one."""
    by_track: dict[str, list[Gap]] = defaultdict(list)
    for gap in sorted(gaps, key=lambda each: each.start_us):
        done = by_track[gap.track]
        last = done[-1] if done else None
        if last is not None and gap.cause == last.cause and gap.start_us - last.end_us <= JOINT_US:
            packets = (
                None
                if gap.packets is None and last.packets is None
                else (gap.packets or 0) + (last.packets or 0)
            )
            end_us = max(last.end_us, gap.end_us)
            done[-1] = Gap(last.start_us, end_us, gap.track, gap.stream, gap.cause, packets)
        elif last is None or gap.end_us > last.end_us:
            start_us = gap.start_us if last is None else max(gap.start_us, last.end_us)
            done.append(Gap(start_us, gap.end_us, gap.track, gap.stream, gap.cause, gap.packets))
    return [gap for done in by_track.values() for gap in done]
