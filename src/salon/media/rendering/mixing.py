"""All voices of a recording as one sound, at one loudness.

Loudness follows EBU R 128 in two passes: FFmpeg's ``ebur128`` filter measures the whole mix, then one gain
brings it to ``TARGET_LUFS``; a look-ahead limiter (``alimiter``) keeps the peaks from clipping. One gain for
all: nobody's voice swells in the pauses of others, as it would with a gain that follows the signal.
"""

import itertools
from collections.abc import Iterator
from fractions import Fraction
from math import ceil
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.audio.frame import AudioFrame

from salon.media.rendering.model import SECOND_US, Media, RecordingLog
from salon.media.rendering.output import Container, Report, muxer, part_of, whole_file
from salon.media.rendering.voices import CHANNELS, RATE_HZ, Samples, Voice

TARGET_LUFS = -16.0
"""Speech on the web (EBU R 128 s2 lets streams be at -16; broadcast's -23 is too faint on a telephone)."""
MOST_GAIN_DB = 20.0
"""A recording of nearly nothing stays quiet instead of becoming noise."""
SILENCE_LUFS = -69.0
PEAK = 0.7
"""-3 dBFS: AAC makes up to 2 dB more of a sudden beginning."""
CHUNK = RATE_HZ // 2


def mix(log: RecordingLog) -> Iterator[Samples]:
    """The sum of all voices from the start to the end, in pieces of half a second; may exceed [-1, 1]."""
    voices = [
        Voice(track, log.start_us) for track in log.tracks if track.media is Media.AUDIO and track.readable
    ]
    total = max(
        CHUNK, round(log.duration_us * RATE_HZ / SECOND_US)
    )  # A file of nothing at all does not play.
    for position in range(0, total, CHUNK):
        piece = np.zeros((CHANNELS, min(CHUNK, total - position)), np.float32)
        for voice in voices:
            voice.add_to(piece, position)
        yield piece


def gain_of(log: RecordingLog, report: Report) -> float:
    """The factor that brings the recording's mix to ``TARGET_LUFS``; 1 for silence."""
    total = max(1, ceil(log.duration_us * RATE_HZ / SECOND_US / CHUNK))
    meter = _Filter([("ebur128", "metadata=1")])
    loudness = SILENCE_LUFS
    for number, piece in enumerate(mix(log)):
        for frame in meter.take(piece):
            loudness = float(frame.metadata.get("lavfi.r128.I", loudness))
        report(100 * number / total)
    if loudness <= SILENCE_LUFS:
        return 1.0
    return float(10 ** (min(MOST_GAIN_DB, TARGET_LUFS - loudness) / 20))


def normalised(log: RecordingLog, gain: float) -> Iterator[AudioFrame]:
    """The mix at its gain, limited: frames of 48 kHz stereo floats with ``pts`` in samples from the start."""
    limiter = _Filter([("alimiter", f"limit={PEAK}:level=disabled:attack=5:release=50:latency=1")])
    for piece in mix(log):
        yield from limiter.take(piece * np.float32(gain))
    yield from limiter.finish()


def write_mix(log: RecordingLog, out: Path, report: Report) -> dict[str, Any]:
    """The mix as one file: AAC in MP4 for ``.m4a`` and ``.mp4``, else Opus (``.webm``, ``.mkv``, or Ogg).

    Empty recordings give silence of the recording's length.
    """
    container = _container_of(out)
    gain = gain_of(log, part_of(report, 0, 40))
    total = max(1, log.duration_us * RATE_HZ // SECOND_US)
    told = part_of(report, 40, 100)
    with whole_file(out) as part, muxer(part, container) as output:
        stream = add_sound(output, container)
        for frame in normalised(log, gain):
            output.mux(stream.encode(frame))
            told(100 * (frame.pts or 0) / total)
        output.mux(stream.encode(None))
    return {
        "file": str(out),
        "bytes": out.stat().st_size,
        "duration": log.duration_us / SECOND_US,
        "gain_db": round(20 * float(np.log10(gain)), 2),
        "empty": log.is_empty,
    }


def add_sound(output: av.container.OutputContainer, container: Container) -> Any:
    """A stereo sound stream in the codec that fits the container."""
    codec = "aac" if container in {"mp4", "mkv"} else "libopus"
    stream: Any = output.add_stream(codec, rate=RATE_HZ)
    stream.codec_context.layout = "stereo"
    stream.codec_context.bit_rate = 128_000
    stream.codec_context.time_base = Fraction(1, RATE_HZ)
    return stream


def _container_of(out: Path) -> Container:
    match out.suffix.lower():
        case ".m4a" | ".mp4":
            return "mp4"
        case ".webm":
            return "webm"
        case ".mkv" | ".mka":
            return "mkv"
        case _:
            return "ogg"


class _Filter:
    """A chain of FFmpeg filters for 48 kHz stereo."""

    def __init__(self, chain: list[tuple[str, str]]) -> None:
        self._graph = av.filter.Graph()
        source = self._graph.add_abuffer(
            format="fltp", sample_rate=RATE_HZ, layout="stereo", time_base=Fraction(1, RATE_HZ)
        )
        # The limiter computes in doubles; whatever comes behind wants what went in.
        last = self._graph.add("aformat", f"sample_fmts=fltp:sample_rates={RATE_HZ}:channel_layouts=stereo")
        sink = self._graph.add("abuffersink")
        links = [source, *(self._graph.add(name, options) for name, options in chain), last, sink]
        for one, following in itertools.pairwise(links):
            one.link_to(following)
        self._graph.configure()
        self._position = 0

    def take(self, piece: Samples) -> Iterator[AudioFrame]:
        frame = AudioFrame.from_ndarray(np.ascontiguousarray(piece), format="fltp", layout="stereo")
        frame.sample_rate, frame.pts, frame.time_base = RATE_HZ, self._position, Fraction(1, RATE_HZ)
        self._position += piece.shape[1]
        self._graph.push(frame)
        yield from self._pull()

    def finish(self) -> Iterator[AudioFrame]:
        self._graph.push(None)
        yield from self._pull()

    def _pull(self) -> Iterator[AudioFrame]:
        while True:
            try:
                frame = self._graph.pull()
            except (av.BlockingIOError, av.EOFError):
                return
            if isinstance(frame, AudioFrame):
                yield frame
