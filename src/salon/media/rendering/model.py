"""What a recording's folder tells, as values. All times are microseconds since the Unix epoch."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

SECOND_US = 1_000_000


class Media(StrEnum):
    """Sound or picture."""

    AUDIO = "audio"
    VIDEO = "video"


@dataclass(frozen=True, slots=True)
class Span:
    """From ``start_us`` to before ``end_us``."""

    start_us: int
    end_us: int

    def holds(self, at_us: int) -> bool:
        return self.start_us <= at_us < self.end_us


@dataclass(frozen=True, slots=True)
class Segment(Span):
    """One file of a track. ``sha256`` is None while it is open, ``is_there`` False if its file is gone.

    A later segment of the same track that starts before this one ends (a clock set back) cuts ``end_us``.
    """

    track: str
    file: str
    path: Path
    codec: str
    width: int
    height: int
    frames: int
    bytes: int
    sha256: str | None
    is_there: bool
    run: int
    """Number of the run that wrote it. Its time does not tell: a segment begins with a key frame that may be
    older than the recording."""

    @property
    def is_sealed(self) -> bool:
        return self.sha256 is not None


@dataclass(frozen=True, slots=True)
class Track:
    """One source of one peer, with its segments in the order of time."""

    track: str
    stream: str
    peer: str
    media: Media
    codec: str
    segments: tuple[Segment, ...]

    @property
    def readable(self) -> tuple[Segment, ...]:
        """The segments whose files are there and hold something."""
        return tuple(each for each in self.segments if each.is_there and each.end_us > each.start_us)


@dataclass(frozen=True, slots=True)
class Person:
    """Who is behind a stream; ``user_id`` is None if the events do not say."""

    stream: str
    user_id: int | None
    username: str
    name: str


@dataclass(frozen=True, slots=True)
class Gap(Span):
    """A stretch of a track that was sent, or should have been, and is not there.

    ``cause`` is one of the engine's (loss, keyframe, overflow, disk, muted, codec), or found in reading:
    ``crash``, ``restart``, ``file`` (a segment's file is gone), ``missing`` (nothing between two segments).
    """

    track: str
    stream: str
    cause: str
    packets: int | None = None


@dataclass(frozen=True, slots=True)
class Speech(Span):
    """Somebody speaks."""

    track: str
    stream: str


@dataclass(frozen=True, slots=True)
class Presence(Span):
    """A stream is in the room."""

    stream: str


@dataclass(frozen=True, slots=True)
class Switches(Span):
    """What a stream says it sends; None: it never said."""

    stream: str
    audio: bool | None
    video: bool | None
    screen: bool


@dataclass(frozen=True, slots=True)
class Chapter:
    """A moment worth jumping to: joined, left, share_started, share_stopped, started, stopped, warning."""

    at_us: int
    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class Run:
    """One start of the engine. ``last_us`` is the last of it, ``stop`` the cause of its end, if any."""

    number: int
    run: str
    start_us: int
    last_us: int
    stop: str | None


@dataclass(frozen=True, slots=True)
class RecordingLog:
    """Everything a recording's folder tells."""

    folder: Path
    recording_id: str
    title: str
    quality: str
    format: str
    start_us: int
    end_us: int
    is_stopped: bool
    people: dict[str, Person]
    tracks: tuple[Track, ...]
    runs: tuple[Run, ...]
    gaps: tuple[Gap, ...]
    speech: tuple[Speech, ...]
    presences: tuple[Presence, ...]
    switches: tuple[Switches, ...]
    chapters: tuple[Chapter, ...]
    bad_lines: int

    @property
    def segments(self) -> Iterator[Segment]:
        """All segments of all tracks."""
        return (segment for track in self.tracks for segment in track.segments)

    @property
    def duration_us(self) -> int:
        return self.end_us - self.start_us

    @property
    def is_empty(self) -> bool:
        """Whether nothing at all can be played."""
        return not any(track.readable for track in self.tracks)

    def seconds(self, at_us: int) -> float:
        """A moment as seconds from the recording's start, never outside of it."""
        return round(min(max(at_us - self.start_us, 0), self.duration_us) / SECOND_US, 3)

    def name_of(self, stream: str) -> str:
        """What people call whoever is behind a stream."""
        person = self.people.get(stream)
        return person.name if person else stream

    def find_track(self, track: str) -> Track | None:
        return next((each for each in self.tracks if each.track == track), None)
