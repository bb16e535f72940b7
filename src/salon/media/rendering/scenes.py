"""What the picture shows, from change to change: who is there, with a camera, a screen or neither."""

import itertools
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from salon.media.rendering.gaps import HOLE_US
from salon.media.rendering.model import Media, RecordingLog, Span, Switches, Track

SHORTEST_US = 200_000
"""A state shorter than this is skipped: people would see a flicker, and learn nothing."""


class Show(StrEnum):
    """What a tile shows."""

    CAMERA = "camera"
    SCREEN = "screen"
    AVATAR = "avatar"


@dataclass(frozen=True, slots=True)
class Tile:
    """One person's place in the picture; an avatar has no ``track``. ``owner`` gives an avatar its colour."""

    show: Show
    stream: str
    name: str
    owner: str
    track: str | None = None


@dataclass(frozen=True, slots=True)
class Scene(Span):
    """The tiles between two changes, in the order in which their people came."""

    tiles: tuple[Tile, ...]


def find_scenes(log: RecordingLog) -> tuple[Scene, ...]:
    """Scenes that cover the recording without a hole."""
    lit = {track.track: lit_spans(log, track) for track in log.tracks if track.media is Media.VIDEO}
    changes = {log.start_us, log.end_us}
    for span in (*log.presences, *log.switches, *(each for spans in lit.values() for each in spans)):
        changes |= {span.start_us, span.end_us}
    moments = sorted(moment for moment in changes if log.start_us <= moment <= log.end_us)
    scenes: list[Scene] = []
    for start_us, end_us in itertools.pairwise(moments):
        if end_us - start_us < SHORTEST_US and scenes:
            scenes[-1] = Scene(scenes[-1].start_us, end_us, scenes[-1].tiles)
            continue
        tiles = tuple(_tiles(log, lit, start_us))
        if scenes and scenes[-1].tiles == tiles:
            scenes[-1] = Scene(scenes[-1].start_us, end_us, tiles)
        else:
            scenes.append(Scene(start_us, end_us, tiles))
    return tuple(scenes)


def lit_spans(log: RecordingLog, track: Track) -> list[Span]:
    """When a track's picture is worth showing: a still one is held over short holes, not over long ones."""
    spans: list[Span] = []
    for segment in track.readable:
        if spans and segment.start_us - spans[-1].end_us <= HOLE_US:
            spans[-1] = Span(spans[-1].start_us, max(spans[-1].end_us, segment.end_us))
        else:
            spans.append(Span(segment.start_us, segment.end_us))
    for gap in log.gaps:
        if gap.track == track.track and gap.end_us - gap.start_us > HOLE_US:
            spans = [part for span in spans for part in _without(span, gap)]
    return spans


def _without(span: Span, cut: Span) -> list[Span]:
    parts = [
        Span(span.start_us, min(span.end_us, cut.start_us)),
        Span(max(span.start_us, cut.end_us), span.end_us),
    ]
    return [part for part in parts if part.end_us > part.start_us]


def _tiles(log: RecordingLog, lit: dict[str, list[Span]], at_us: int) -> Iterable[Tile]:
    present = list(dict.fromkeys(each.stream for each in log.presences if each.holds(at_us)))
    live: dict[str, list[Track]] = defaultdict(list)
    for track in log.tracks:
        if any(span.holds(at_us) for span in lit.get(track.track, ())):
            live[track.stream].append(track)
    pictured: dict[str, list[Tile]] = {s: list(_pictures(log, s, live[s], at_us)) for s in present}
    owners_seen: set[str] = set()
    with_camera = {
        _owner(log, stream)
        for stream, tiles in pictured.items()
        if any(tile.show is Show.CAMERA for tile in tiles)
    }
    for stream in present:
        owner = _owner(log, stream)
        yield from pictured[stream]
        # Somebody in two tabs is one person: an avatar only if none of them has a camera on.
        if owner not in with_camera and owner not in owners_seen:
            yield Tile(Show.AVATAR, stream, log.name_of(stream), owner)
        owners_seen.add(owner)


def _owner(log: RecordingLog, stream: str) -> str:
    person = log.people.get(stream)
    return str(person.user_id) if person and person.user_id is not None else stream


def _pictures(log: RecordingLog, stream: str, live: Sequence[Track], at_us: int) -> Iterable[Tile]:
    """A stream sends its camera, or its screen in its place. Of two pictures the newer is the screen."""
    state = _state(log.switches, stream, at_us)
    tracks = sorted(live, key=lambda track: track.segments[0].start_us)
    name, owner = log.name_of(stream), _owner(log, stream)
    if state is not None and state.screen and tracks:
        yield Tile(Show.SCREEN, stream, name, owner, tracks[-1].track)
        tracks = tracks[:-1]
    if tracks and (state is None or state.video is not False):
        yield Tile(Show.CAMERA, stream, name, owner, tracks[-1].track)


def _state(switches: Sequence[Switches], stream: str, at_us: int) -> Switches | None:
    return next((each for each in switches if each.stream == stream and each.holds(at_us)), None)
