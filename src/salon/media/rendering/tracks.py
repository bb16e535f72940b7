"""Tracks as files, without encoding anything anew: every block at its true time, gaps as gaps in time."""

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import av
from av.container import OutputContainer

from salon.media.rendering.demuxing import Block, blocks_of, opened
from salon.media.rendering.encoding import QUALITIES, write_nothing
from salon.media.rendering.h264 import in_band, parameter_sets
from salon.media.rendering.model import SECOND_US, Media, RecordingLog, Segment, Track
from salon.media.rendering.output import CONTENT_TYPES, MICROSECONDS, Container, Report, muxer, whole_file

MOST_LANES = 120
"""FFmpeg's Matroska muxer takes 126 tracks."""
_WEBM = frozenset({"vp8", "vp9", "opus", "av1"})
_NAMES = {Media.AUDIO: "sound", Media.VIDEO: "video"}


@dataclass(slots=True)
class _Lane:
    """One track of the file: what follows one another in time, in one codec."""

    media: Media
    codec: str
    titles: list[str] = field(default_factory=list)
    segments: list[Segment] = field(default_factory=list)


def container_of(track: Track) -> Container:
    """The container in which a browser plays it: WebM, MP4 for H.264, Matroska if the codec changed."""
    codecs = {segment.codec for segment in track.readable} or {track.codec}
    if codecs <= _WEBM:
        return "webm"
    return "mp4" if codecs == {"h264"} else "mkv"


def write_track(log: RecordingLog, track: Track, out: Path, report: Report) -> dict[str, Any]:
    """One track by itself; its time 0 is its first segment's start (``start``, in seconds)."""
    container = container_of(track)
    lanes = _lanes(log, [track], by_person=True)
    start_us = min((each.start_us for lane in lanes for each in lane.segments), default=log.start_us)
    end_us = max((each.end_us for lane in lanes for each in lane.segments), default=log.start_us)
    with whole_file(out) as part:
        _write(lanes, part, container, (start_us, end_us), report)
    return {
        "file": str(out),
        "bytes": out.stat().st_size,
        "start": log.seconds(start_us),
        "end": log.seconds(end_us),
        "container": container,
        "content_type": CONTENT_TYPES[container].replace("video/", f"{track.media}/", 1),
        "empty": not lanes,
    }


def write_all(log: RecordingLog, out: Path, report: Report) -> dict[str, Any]:
    """All tracks in one Matroska file on the recording's timeline.

    Somebody who came back goes on in the track they had, so the file has about two for each person.
    """
    lanes = _lanes(log, log.tracks, by_person=True)
    if len(lanes) > MOST_LANES:
        lanes = _lanes(log, log.tracks, by_person=False)[:MOST_LANES]
    # Plain players show the first picture and play the first sound: the longest are likeliest to be of use.
    lanes.sort(
        key=lambda lane: (lane.media is Media.AUDIO, -sum(s.end_us - s.start_us for s in lane.segments))
    )
    with whole_file(out) as part:
        if log.is_empty:
            write_nothing(part, "mkv", QUALITIES["480p"])
        else:
            _write(lanes, part, "mkv", (log.start_us, log.end_us), report)
    return {
        "file": str(out),
        "bytes": out.stat().st_size,
        "duration": log.duration_us / SECOND_US,
        "tracks": [", ".join(lane.titles) for lane in lanes],
        "content_type": CONTENT_TYPES["mkv"],
        "empty": log.is_empty,
    }


def _lanes(log: RecordingLog, tracks: Sequence[Track], *, by_person: bool) -> list[_Lane]:
    """Segments put one after another: of one person, or of anybody, in one codec and without overlap."""
    lanes: dict[tuple[object, ...], list[_Lane]] = {}
    for track in sorted(tracks, key=lambda each: each.segments[0].start_us if each.segments else 0):
        person = log.people.get(track.stream)
        owner: object = (
            (person.user_id if person and person.user_id is not None else track.stream) if by_person else 0
        )
        title = f"{log.name_of(track.stream)} ({_NAMES[track.media]})"
        codecs = list(dict.fromkeys(segment.codec for segment in track.readable))
        for codec in codecs:
            segments = [segment for segment in track.readable if segment.codec == codec]
            likely = lanes.setdefault((owner, track.media, codec), [])
            free = [lane for lane in likely if lane.segments[-1].end_us <= segments[0].start_us]
            lane = free[0] if free else _Lane(track.media, codec)
            if not free:
                likely.append(lane)
            lane.segments += segments
            if title not in lane.titles:
                lane.titles.append(title)
    return [lane for likely in lanes.values() for lane in likely]


def _write(
    lanes: Sequence[_Lane], part: Path, container: Container, span: tuple[int, int], report: Report
) -> None:
    start_us, end_us = span
    # A source that pauses must not make the muxer hold back all others for longer than a second.
    with muxer(part, container, max_interleave_delta="1000000") as output:
        written = [each for lane in lanes if (each := _add(output, lane)) is not None]
        told_us = start_us
        for at_us, _, stream, packet in heapq.merge(*(each.packets(start_us) for each in written)):
            packet.stream = stream
            output.mux_one(packet)
            if at_us - told_us > SECOND_US:
                told_us = at_us
                report(100 * (at_us - start_us) / max(1, end_us - start_us))
        if not written:
            output.start_encoding()


def _add(output: OutputContainer, lane: _Lane) -> "_Writer | None":
    for segment in lane.segments:
        with opened(segment.path) as container:
            if container is None:
                continue
            source = container.streams[0]
            stream = output.add_stream_from_template(source)
            stream.metadata["title"] = ", ".join(lane.titles)
            return _Writer(lane, stream, source.codec_context.extradata or b"")
    return None


@dataclass(slots=True)
class _Writer:
    lane: _Lane
    stream: Any
    extradata: bytes

    def packets(self, start_us: int) -> Iterator[tuple[int, int, Any, Block]]:
        last_us = 0
        for segment in self.lane.segments:
            for number, (at_us, packet) in enumerate(blocks_of(segment)):
                whole = self._self_contained(packet) if number == 0 else packet
                last_us = max(last_us, at_us - start_us)
                whole.pts = whole.dts = last_us
                whole.time_base = MICROSECONDS
                yield start_us + last_us, self.stream.index, self.stream, whole

    def _self_contained(self, packet: Block) -> Block:
        """A first block that brings along what differs from the file's header, which is read once."""
        extradata = packet.stream.codec_context.extradata or b""
        if self.lane.codec != "h264" or extradata == self.extradata:
            return packet
        whole: Block = av.Packet(in_band(parameter_sets(extradata)) + bytes(packet))
        whole.is_keyframe = True
        whole.duration = packet.duration
        return whole
