"""Sound as models want it: 16 kHz, one channel, float32 in -1..1."""

import io
import struct
from typing import Final

import numpy as np
from numpy.typing import NDArray

Sound = NDArray[np.float32]
Samples = NDArray[np.int16]
"""Sound as it travels: the same in 16 bit."""

RATE_HZ: Final = 16_000
LONGEST_S: Final = 3600
"""Of one request; what is longer is refused."""

COMPRESSED: Final = {"mp3": "mp3", "m4a": "mov", "ogg": "ogg", "webm": "matroska", "flac": "flac"}
"""What clients call a format, and the demuxer for it: a file is never taken for something else."""

FORMATS: Final = ("wav", "pcm", *COMPRESSED)


class BadAudio(ValueError):
    """The bytes are not what they are said to be; the text is for the caller."""


def decode(content: bytes, form: str, *, rate_hz: int, channels: int) -> Sound:
    """The sound of a file or of raw samples.

    Args:
        content: the bytes.
        form: one of `FORMATS`.
        rate_hz: of ``pcm``, 8,000 to 192,000.
        channels: of ``pcm``, 1 to 8.

    Raises:
        BadAudio: it cannot be decoded, or lasts longer than `LONGEST_S`.
    """
    if not content:
        raise BadAudio("There is no audio in the request.")
    if form == "wav":
        return _wav(content)
    if form == "pcm":
        return _pcm(content, rate_hz, channels)
    if form in COMPRESSED:
        return _compressed(content, form)
    raise BadAudio(f"The format {form!r} is not known. Send one of: {', '.join(FORMATS)}.")


def _pcm(content: bytes, rate_hz: int, channels: int) -> Sound:
    if not 8_000 <= rate_hz <= 192_000:
        raise BadAudio(f"A sample rate of {rate_hz} Hz is not possible: 8000 to 192000.")
    if not 1 <= channels <= 8:
        raise BadAudio(f"{channels} channels are not possible: 1 to 8.")
    if len(content) % (2 * channels):
        raise BadAudio(f"{len(content)} bytes are not whole samples of 16 bit in {channels} channels.")
    _refuse_long(len(content) // (2 * channels) / rate_hz)
    samples = np.frombuffer(content, "<i2").reshape(-1, channels)
    mono: Sound = samples.mean(axis=1, dtype=np.float32) / np.float32(32768)
    return _resample(mono, rate_hz)


def _wav(content: bytes) -> Sound:
    """RIFF, PCM of 16 bit; other chunks are passed over (Multimedia Programming Interface, 1991)."""
    if len(content) < 12 or content[:4] != b"RIFF" or content[8:12] != b"WAVE":
        raise BadAudio("This is not a WAV file.")
    form: tuple[int, int, int] | None = None
    at = 12
    while at + 8 <= len(content):
        name, size = content[at : at + 4], int(struct.unpack_from("<I", content, at + 4)[0])
        body = content[at + 8 : at + 8 + size]
        if name == b"fmt ":
            if len(body) < 16:
                raise BadAudio("The WAV file's header is cut off.")
            kind, channels, rate_hz, _, _, bits = struct.unpack_from("<HHIIHH", body)
            if kind != 1 or bits != 16:
                raise BadAudio("Only WAV files of 16 bit PCM can be read.")
            form = (kind, channels, rate_hz)
        elif name == b"data":
            if form is None:
                raise BadAudio("The WAV file has sound before its header.")
            # A recorder that was cut off leaves half a sample, and a size of what was to come.
            whole = len(body) - len(body) % (2 * max(1, form[1]))
            if not whole:
                raise BadAudio("There is no sound in the WAV file.")
            return _pcm(body[:whole], form[2], form[1])
        at += 8 + size + size % 2
    raise BadAudio("There is no sound in the WAV file.")


def _compressed(content: bytes, form: str) -> Sound:
    import av  # noqa: PLC0415 - loaded where somebody needs it
    from av.error import FFmpegError  # noqa: PLC0415

    parts: list[Sound] = []
    total = 0
    try:
        with av.open(io.BytesIO(content), "r", format=COMPRESSED[form]) as container:
            if not container.streams.audio:
                raise BadAudio("There is no sound in the file.")
            resampler = av.AudioResampler(format="flt", layout="mono", rate=RATE_HZ)
            for frame in container.decode(container.streams.audio[0]):
                for piece in resampler.resample(frame):
                    parts.append(piece.to_ndarray().reshape(-1).astype(np.float32, copy=False))
                    total += parts[-1].size
                _refuse_long(total / RATE_HZ)
    except (FFmpegError, OSError) as fault:
        raise BadAudio(f"The file cannot be decoded as {form}.") from fault
    if not total:
        raise BadAudio("There is no sound in the file.")
    return np.concatenate(parts)


def _refuse_long(seconds: float) -> None:
    if seconds > LONGEST_S:
        raise BadAudio(f"The audio is too long: at most {LONGEST_S // 60} minutes are taken.")


def _resample(mono: Sound, rate_hz: int) -> Sound:
    """Linear, after a mean over what is left out: the wire contract asks for no more."""
    if rate_hz == RATE_HZ or not mono.size:
        return mono
    if rate_hz > RATE_HZ:
        width = round(rate_hz / RATE_HZ)
        if width > 1:
            mono = np.convolve(mono, np.full(width, 1 / width, np.float32), "same").astype(np.float32)
    count = max(1, round(mono.size * RATE_HZ / rate_hz))
    at = np.arange(count) * (rate_hz / RATE_HZ)
    found: Sound = np.interp(at, np.arange(mono.size), mono).astype(np.float32)
    return found
