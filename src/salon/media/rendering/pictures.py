"""A video track decoded in step with the recording's clock."""

from collections.abc import Iterator

import av
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame

from salon.media.rendering.demuxing import Block, blocks_of
from salon.media.rendering.model import SECOND_US, Segment, Track

MOST_PIXELS = 4096 * 2304
"""Beyond 4K a frame is damage, or an attack on the memory."""


class Pictures:
    """Gives the newest picture of a track at moments that never go back; holds one frame beyond the last."""

    def __init__(self, track: Track) -> None:
        self._segments = track.readable
        self._now_us = 0
        self._frames: Iterator[tuple[int, VideoFrame]] | None = None
        self._ahead: tuple[int, VideoFrame] | None = None
        self.bad_blocks = 0

    def newest(self, at_us: int) -> VideoFrame | None:
        """The picture of this moment if it is another than the one given last, else None."""
        self._now_us = at_us
        if self._frames is None:
            self._frames = self._decoded()
            self._ahead = next(self._frames, None)
        found: VideoFrame | None = None
        while self._ahead is not None and self._ahead[0] <= at_us:
            found = self._ahead[1]
            self._ahead = next(self._frames, None)
        return found

    def _decoded(self) -> Iterator[tuple[int, VideoFrame]]:
        for position, segment in enumerate(self._segments):
            following = self._segments[position + 1 : position + 2]
            if following and following[0].start_us <= self._now_us:
                continue  # Wholly past: somebody who was hidden is shown again.
            yield from self._decoded_segment(segment)

    def _decoded_segment(self, segment: Segment) -> Iterator[tuple[int, VideoFrame]]:
        decoder: VideoCodecContext | None = None
        for _, packet in blocks_of(segment):
            if decoder is None:
                context = packet.stream.codec_context
                if not isinstance(context, VideoCodecContext):
                    return
                decoder = context
                decoder.thread_type = (
                    "NONE"  # Threads of frames would hold frames back, and there are many tiles.
                )
            yield from self._frames_of(segment, decoder, packet)
        if decoder is not None:
            yield from self._frames_of(segment, decoder, None)

    def _frames_of(
        self, segment: Segment, decoder: VideoCodecContext, packet: Block | None
    ) -> Iterator[tuple[int, VideoFrame]]:
        try:
            frames = decoder.decode(packet)
        except (av.FFmpegError, ValueError):
            self.bad_blocks += 1
            return
        for frame in frames:
            if frame.pts is None or frame.time_base is None or frame.width * frame.height > MOST_PIXELS:
                self.bad_blocks += 1
                continue
            yield segment.start_us + int(frame.pts * frame.time_base * SECOND_US), frame
