"""Speech with its transcript that is on this machine: the prompts of Asterisk, as Debian packages them.

Human voices, one for each language, recorded for telephones at 8 kHz; the transcripts come from the same
makers (CC-BY-SA 3.0, https://www.asterisksounds.org). A clip is left out where its transcript is not what is
said word for word, or where it is too short to be a phrase; `WHY_NOT` states the rule.
"""

import gzip
import re
import wave
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from salon.ai.audio import Sound, decode
from salon.ai.bench.text import HIGHEST, units_of

LANGUAGES = ("en", "fr", "es", "it", "ru")
SOUNDS = Path("/usr/share/asterisk/sounds")
DOCS = Path("/usr/share/doc")
SHORTEST_S, LONGEST_S = 1.5, 28.0

WHY_NOT = (
    f"shorter than {SHORTEST_S} s or longer than {LONGEST_S:.0f} s; a transcript with brackets "
    f"(notes, sounds, keys), with a number above {HIGHEST} or with an address of the web; "
    "lists of letters, digits and silences"
)

_VOICES = {"en": "en_US_f_Allison", "fr": "fr_CA_f_June", "es": "es_MX_f_Allison", "it": "it_IT_m_Carlo"}
_VOICES["ru"] = "ru_RU_f_IvrvoiceRU"
_LINE = re.compile(r"(?P<name>[\w/.-]+):\s+(?P<text>\S.*)")
_NOTES = re.compile(r"[][(){}<>]|www\.|\d{3}")
_LISTS = ("letters/", "digits/", "phonetic/", "silence/")


class NoCorpus(Exception):
    """The speech is not on this machine; the text says which package has it."""

    def __init__(self, language: str) -> None:
        super().__init__(
            "There is no speech to measure with. Run: "
            f"apt-get install asterisk-core-sounds-{language}-wav asterisk-core-sounds-{language}"
        )
        self.language = language


def source_of(language: str) -> str:
    """Where the speech comes from, for people."""
    return (
        f"Debian's asterisk-core-sounds-{language}-wav, {_VOICES[language]}: one voice, 8 kHz, CC-BY-SA 3.0"
    )


@dataclass(frozen=True, slots=True)
class Clip:
    """A recording and what is said in it."""

    name: str
    language: str
    text: str
    path: Path

    @property
    def seconds(self) -> float:
        """How long it is."""
        return _seconds(self.path)

    def sound(self) -> Sound:
        """Its samples at the models' rate."""
        return decode(self.path.read_bytes(), "wav", rate_hz=0, channels=0)


def clips_of(
    language: str, limit: int | None = None, *, sounds: Path = SOUNDS, docs: Path = DOCS
) -> list[Clip]:
    """The clips of a language by name; with a limit so many, spread over all of them.

    Raises:
        NoCorpus: the package is not installed.
    """
    folder = sounds / _VOICES[language]
    package = f"asterisk-core-sounds-{language}"
    told = next((docs / package).glob(f"core-sounds-{language}.txt*"), None)
    if told is None or not folder.is_dir():
        raise NoCorpus(language)
    content = told.read_bytes()
    lines = (gzip.decompress(content) if told.suffix == ".gz" else content).decode("utf-8-sig").splitlines()
    found = [
        Clip(name, language, text, folder / f"{name}.wav")
        for name, text in _verbatim(lines)
        if SHORTEST_S <= _seconds(folder / f"{name}.wav") <= LONGEST_S and units_of(text, language)
    ]
    found.sort(key=lambda clip: clip.name)
    if limit is None or limit >= len(found):
        return found
    return [found[at * len(found) // limit] for at in range(limit)]


def _verbatim(lines: list[str]) -> Iterator[tuple[str, str]]:
    for line in lines:
        parts = _LINE.fullmatch(line.strip())
        if parts and not parts["name"].startswith(_LISTS) and not _NOTES.search(parts["text"]):
            yield parts["name"], parts["text"]


def _seconds(path: Path) -> float:
    try:
        with wave.open(str(path)) as file:
            return float(file.getnframes() / file.getframerate())
    except (OSError, EOFError, wave.Error):
        return 0.0
