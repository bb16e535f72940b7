"""Speech of people and of machines, alike in all but who speaks: the same band, level and texts.

People are the prompts of recognition. Machines are the synthesisers that Debian packages, reading what the
people read. What differs otherwise (bandwidth, loudness, pauses) is taken away: it must not be what is
detected.
"""

import io
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from salon.ai.audio import RATE_HZ, Sound, decode
from salon.ai.backends import VoiceActivity
from salon.ai.bench import corpora
from salon.ai.detection.detector import speech_in

PIECE_S: Final = 6.0
"""Speech that is judged at once, as in a call."""
TOP_HZ: Final = 3400
LEVEL: Final = 0.05
"""Root mean square."""
OPUS_BITS: Final = 24_000
_OPUS_HZ: Final = 48_000


@dataclass(frozen=True, slots=True)
class Engine:
    """A synthesiser: its program, its package, and its voices."""

    name: str
    program: str
    package: str
    voices: Sequence[str]
    command: Callable[[str, str, str, str], list[str]]
    """Of the program's path, a voice, a file with the text, and the file to be made."""


ENGINES: Final = (
    Engine(
        "espeak-ng",
        "espeak-ng",
        "espeak-ng",
        ("en-us", "en-us+f3", "en-gb+m7"),
        lambda program, voice, text, out: [program, "-v", voice, "-f", text, "-w", out],
    ),
    Engine(
        "flite",
        "flite",
        "flite",
        ("slt", "rms", "awb"),
        lambda program, voice, text, out: [program, "-voice", voice, "-f", text, "-o", out],
    ),
    Engine(
        "festival",
        "text2wave",
        "festival",
        ("kal_diphone",),
        lambda program, voice, text, out: [program, "-eval", f"(voice_{voice})", text, "-o", out],
    ),
)


@dataclass(frozen=True, slots=True)
class Piece:
    """Some seconds of one voice."""

    source: str
    """The engine's name; of people their language."""
    voice: str
    sound: Sound


def by_people(languages: Sequence[str], most: int, activity: VoiceActivity) -> Iterator[Piece]:
    """Up to so many pieces of the speaker of each language."""
    for language in languages:
        sounds = (clip.sound() for clip in corpora.clips_of(language))
        for sound in _pieces(sounds, most, activity):
            yield Piece(language, language, sound)


def by_machines(engine: Engine, most: int, activity: VoiceActivity) -> Iterator[Piece]:
    """Up to so many pieces of each voice of an engine; none if it is not on this machine."""
    program = shutil.which(engine.program)
    if program is None:
        return
    texts = [clip.text for clip in corpora.clips_of("en")]
    for voice in engine.voices:
        sounds = (_spoken(engine, program, voice, text) for text in texts)
        for sound in _pieces(sounds, most, activity):
            yield Piece(engine.name, voice, sound)


def _spoken(engine: Engine, program: str, voice: str, text: str) -> Sound:
    with tempfile.TemporaryDirectory() as folder:
        read, made = Path(folder, "text"), Path(folder, "made.wav")
        read.write_text(text)
        command = engine.command(program, voice, str(read), str(made))
        done = subprocess.run(command, capture_output=True, check=False, timeout=60)  # noqa: S603
        if done.returncode or not made.is_file():
            return np.zeros(0, np.float32)
        return decode(made.read_bytes(), "wav", rate_hz=0, channels=0)


def _pieces(sounds: Iterator[Sound], most: int, activity: VoiceActivity) -> Iterator[Sound]:
    """What is spoken in sounds, one after the other, in pieces."""
    size, waiting, count = int(PIECE_S * RATE_HZ), np.zeros(0, np.float32), 0
    for sound in sounds:
        waiting = np.concatenate([waiting, speech_in(sound, activity)])
        while waiting.size >= size:
            yield _alike(waiting[:size])
            waiting, count = waiting[size:], count + 1
            if count == most:
                return


def _alike(sound: Sound) -> Sound:
    """In the band of a telephone, at one level."""
    spectrum = np.fft.rfft(sound)
    spectrum[int(TOP_HZ * sound.size / RATE_HZ) :] = 0
    narrow = np.fft.irfft(spectrum, sound.size)
    level = float(np.sqrt(np.mean(narrow**2)))
    found: Sound = np.clip(narrow * (LEVEL / max(level, 1e-6)), -1, 1).astype(np.float32)
    return found


def through_opus(sound: Sound) -> Sound:
    """As it is after a call: encoded as Opus for speech at 24 kbit/s, and decoded."""
    import av  # noqa: PLC0415 - loaded where somebody needs it

    kept = io.BytesIO()
    with av.open(kept, "w", format="ogg") as out:
        stream = out.add_stream("libopus", rate=_OPUS_HZ, options={"application": "voip"})
        stream.bit_rate = OPUS_BITS
        stream.layout = "mono"
        resampler = av.AudioResampler(format="s16", layout="mono", rate=_OPUS_HZ, frame_size=960)
        whole = av.AudioFrame.from_ndarray(
            (sound * 32767).astype(np.int16)[None], format="s16", layout="mono"
        )
        whole.sample_rate = RATE_HZ
        for frame in [*resampler.resample(whole), *resampler.resample(None)]:
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    back = decode(kept.getvalue(), "ogg", rate_hz=0, channels=0)
    return back[: sound.size]
