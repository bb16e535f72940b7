"""A sound track decoded and placed at its true time."""

from collections.abc import Iterator
from typing import Any

import av
import numpy as np
from av.audio.codeccontext import AudioCodecContext
from numpy.typing import NDArray

from salon.media.rendering.demuxing import Block, blocks_of
from salon.media.rendering.model import SECOND_US, Track

RATE_HZ = 48_000
CHANNELS = 2
DRIFT = RATE_HZ // 50
"""Blocks up to 20 ms off their place follow one another without a cut: times are rounded, clocks drift."""

Samples = NDArray[np.float32]
"""Shape ``(2, samples)``, 48 kHz, range [-1, 1]."""


class Voice:
    """Reads one track from the recording's start on, in one direction; holds one block beyond what is read.

    Args:
        track: sound.
        start_us: the recording's start, which is sample 0.
    """

    def __init__(self, track: Track, start_us: int) -> None:
        self._start_us = start_us
        self._pieces = self._decoded(track)
        self._ahead: tuple[int, Samples] | None = next(self._pieces, None)
        self.bad_blocks = 0

    def add_to(self, mix: Samples, position: int) -> None:
        """Adds what is heard from sample ``position`` on; positions must not go back."""
        end = position + mix.shape[1]
        while self._ahead is not None and self._ahead[0] < end:
            at, piece = self._ahead
            begin, stop = max(at, position), min(at + piece.shape[1], end)
            if stop > begin:
                mix[:, begin - position : stop - position] += piece[:, begin - at : stop - at]
            if at + piece.shape[1] > end:
                return
            self._ahead = next(self._pieces, None)

    def _decoded(self, track: Track) -> Iterator[tuple[int, Samples]]:
        """Pieces with their first sample's position, never overlapping."""
        decoder: _Decoder | None = None
        following: int | None = None
        for segment in track.readable:
            for at_us, packet in blocks_of(segment):
                source = packet.stream.codec_context
                if not isinstance(source, AudioCodecContext):
                    break
                if decoder is None or not decoder.continues(source):
                    decoder = _Decoder(source)
                samples = self._decode(decoder, packet)
                if samples is None:
                    continue
                place = round((at_us - self._start_us) * RATE_HZ / SECOND_US)
                if following is not None and abs(place - following) <= DRIFT:
                    place = following
                skip = 0 if following is None else max(0, following - place)
                if skip < samples.shape[1]:
                    yield place + skip, samples[:, skip:]
                    following = place + samples.shape[1]

    def _decode(self, decoder: "_Decoder", packet: Block) -> Samples | None:
        try:
            return decoder.decode(packet)
        except (av.FFmpegError, ValueError):
            self.bad_blocks += 1
            return None


class _Decoder:
    """One decoder for all segments of a track, so that none begins with a click."""

    def __init__(self, source: AudioCodecContext) -> None:
        self._likeness = _likeness(source)
        self._codec = _decoder(source.codec.name)
        self._codec.extradata = source.extradata
        self._codec.layout = source.layout
        self._codec.sample_rate = source.sample_rate
        # Only the first segment's lead-in is the encoder's; that of the others is sound like any.
        self._codec.options = {"flags2": "+skip_manual"}
        self._resampler = av.AudioResampler(format="fltp", layout="stereo", rate=RATE_HZ)

    def continues(self, source: AudioCodecContext) -> bool:
        return _likeness(source) == self._likeness

    def decode(self, packet: Block) -> Samples | None:
        pieces: list[Any] = []
        for frame in self._codec.decode(packet):
            if (
                frame.format.name == "fltp"
                and frame.sample_rate == RATE_HZ
                and frame.layout.nb_channels <= CHANNELS
            ):
                pieces.append(frame.to_ndarray())
            else:
                frame.pts = None
                pieces += [each.to_ndarray() for each in self._resampler.resample(frame)]
        if not pieces:
            return None
        stereo = [np.broadcast_to(piece, (CHANNELS, piece.shape[1])) for piece in pieces]
        samples: Samples = np.nan_to_num(np.concatenate(stereo, axis=1)) if len(stereo) > 1 else stereo[0]
        return samples


def _decoder(name: str) -> Any:
    return av.CodecContext.create(name, "r")


def _likeness(source: AudioCodecContext) -> tuple[str, bytes | None, int, str]:
    return source.codec.name, source.extradata, source.sample_rate, source.layout.name
