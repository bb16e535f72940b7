"""Measures one model in a process of its own.

``python -m salon.ai.bench.measure FOLDER MODEL THREADS LIMIT LANGUAGE...``; a limit of 0 is none. Each line
it prints is a JSON object: ``{"done": n, "of": m}`` while it works, and its `ModelFigures` at the end.
"""

import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import ParamSpec

import numpy as np

from salon.ai.audio import RATE_HZ, Sound
from salon.ai.backends import Recognizer, SileroActivity, Transcript
from salon.ai.bench import chinese, corpora, sounds
from salon.ai.bench.report import SHARE, SPEAKERS, LiveFigures, ModelFigures, SpeechFigures
from salon.ai.bench.text import ErrorCount, errors_of, units_of
from salon.ai.catalog import CATALOG
from salon.ai.live.phrases import Hints, PhraseRecognizer
from salon.ai.model_store import ModelStore
from salon.ai.recognizers import phrases_of, recognizer_of

P = ParamSpec("P")

_PHRASE_S = (3.5, 4.5)
"""What counts as a phrase of four seconds."""


@dataclass(frozen=True, slots=True)
class Task:
    """A piece of speech, and what is said in it."""

    said: str
    sound: Callable[[], Sound]


@dataclass(slots=True)
class _Tally:
    audio_s: float = 0.0
    wall_s: float = 0.0
    cpu_s: float = 0.0
    errors: ErrorCount = field(default_factory=ErrorCount)

    def add(self, audio_s: float, wall_s: float, cpu_s: float, errors: ErrorCount) -> None:
        self.audio_s += audio_s
        self.wall_s += wall_s
        self.cpu_s += cpu_s
        self.errors += errors


def languages_of(model: str) -> list[str]:
    """What a model is measured in, English first."""
    known = CATALOG[model].languages
    return [each for each in (*corpora.LANGUAGES, "zh") if "*" in known or each in known]


def tasks_of(language: str, limit: int | None) -> list[Task]:
    """The speech of a language.

    Raises:
        NoCorpus, NoSpeaker: it is not on this machine.
    """
    if language != "zh":
        return [Task(clip.text, clip.sound) for clip in corpora.clips_of(language, limit)]
    if not chinese.is_here():
        raise chinese.NoSpeaker
    pairs = chinese.SENTENCES[:limit]
    return [Task(said, lambda pinyin=pinyin: chinese.spoken(pinyin)) for said, pinyin in pairs]  # type: ignore[misc]


class Measurement:
    """One model on the speech of some languages."""

    def __init__(
        self, recognizer: Recognizer, phrases: PhraseRecognizer, on_progress: Callable[[int, int], None]
    ) -> None:
        self._recognizer = recognizer
        self._phrases = phrases
        self._on_progress = on_progress
        self._total = _Tally()
        self._done = 0

    def run(self, model: str, wanted: dict[str, list[Task]], threads: int) -> ModelFigures:
        began = time.perf_counter()
        self._recognizer.load()
        load_s = time.perf_counter() - began
        # The first phrase pays for what is made once.
        self._recognizer.recognize(next(iter(wanted.values()))[0].sound(), next(iter(wanted)))
        speech: list[SpeechFigures] = []
        language = next(iter(wanted))
        self._count = sum(len(tasks) for tasks in wanted.values()) + len(wanted[language])
        live = self._live(wanted[language], language, threads)
        for language, tasks in wanted.items():
            tally = _Tally()
            for task in tasks:
                self._one(task, language, tally)
                self._step()
            speech.append(_figures(language, len(tasks), tally))
        return ModelFigures(
            model=model,
            licence=CATALOG[model].licence,
            speech=speech,
            words_in={
                name: len(units_of(self._recognizer.recognize(sounds.sound_of(name), "").text, "en"))
                for name in sounds.NAMES
            },
            real_time_factor=round(self._total.wall_s / self._total.audio_s, 4),
            cpu_real_time_factor=round(self._total.cpu_s / self._total.audio_s, 4),
            live=live,
            load_s=round(load_s, 2),
            peak_memory_mib=round(peak_memory_mib(), 1),
        )

    def _step(self) -> None:
        self._done += 1
        self._on_progress(self._done, self._count)

    def _live(self, tasks: list[Task], language: str, cores: int) -> LiveFigures:
        """As captions read: by phrases, with words, no language known beforehand but what may be spoken."""
        hints = Hints(allowed=(language,), is_over=True)
        self._phrases.load()
        self._phrases.recognize(tasks[0].sound(), hints)
        tally, taken, lengths = _Tally(), [], []
        for task in tasks:
            sound = task.sound()
            length = sound.size / RATE_HZ
            heard, wall_s, cpu_s = _timed(self._phrases.recognize, sound, hints)
            tally.add(length, wall_s, cpu_s, errors_of(task.said, heard, language))
            if _PHRASE_S[0] <= length <= _PHRASE_S[1]:
                lengths.append(length)
                taken.append(wall_s)
            self._step()
        factor = tally.cpu_s / tally.audio_s
        return LiveFigures(
            error_rate=round(tally.errors.rate, 4),
            cpu_real_time_factor=round(factor, 4),
            phrase_s=round(float(np.mean(lengths)), 2) if lengths else 0.0,
            phrases=len(lengths),
            phrase_median_s=round(float(np.median(taken)), 3) if taken else None,
            phrase_p95_s=round(float(np.percentile(taken, 95)), 3) if taken else None,
            keeps_up=SPEAKERS * factor <= SHARE * cores,
        )

    def _one(self, task: Task, language: str, tally: _Tally) -> None:
        sound = task.sound()
        heard, wall_s, cpu_s = _timed(self._recognizer.recognize, sound, language)
        if language == "zh":
            heard = heard.translate(chinese.SIMPLER)
        for each in (tally, self._total):
            each.add(sound.size / RATE_HZ, wall_s, cpu_s, errors_of(task.said, heard, language))


def _timed(work: Callable[P, Transcript], *given: P.args, **named: P.kwargs) -> tuple[str, float, float]:
    """The text, and the seconds that passed and that cores worked."""
    wall, cpu = time.perf_counter(), time.process_time()
    found = work(*given, **named).text
    return found, time.perf_counter() - wall, time.process_time() - cpu


def _figures(language: str, clips: int, tally: _Tally) -> SpeechFigures:
    is_chinese = language == "zh"
    return SpeechFigures(
        language=language,
        source=chinese.SOURCE if is_chinese else corpora.source_of(language),
        is_synthetic=is_chinese,
        unit="character" if is_chinese else "word",
        clips=clips,
        audio_s=round(tally.audio_s, 1),
        units=tally.errors.units,
        errors=tally.errors.errors,
        error_rate=round(tally.errors.rate, 4),
        cpu_s=round(tally.cpu_s, 1),
        wall_s=round(tally.wall_s, 1),
    )


def peak_memory_mib() -> float:
    """The most this process had in memory (VmHWM: what a parent had before does not count); 0: not told."""
    try:
        lines: Iterator[str] = iter(Path("/proc/self/status").read_text().splitlines())
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM:")), 0.0)


def _main(root: str, model: str, threads: str, limit: str, *languages: str) -> None:
    def tell(what: object) -> None:
        out.write(json.dumps(what) + "\n")
        out.flush()

    # What libraries print must not get among the figures.
    out, sys.stdout = sys.stdout, sys.stderr
    store, activity = ModelStore(Path(root)), SileroActivity()
    recognizer = recognizer_of(store, model, threads=int(threads), activity=activity)
    phrases = phrases_of(store, model, threads=1, activity=activity)
    wanted = {language: tasks_of(language, int(limit) or None) for language in languages}
    measurement = Measurement(recognizer, phrases, lambda done, of: tell({"done": done, "of": of}))
    tell(measurement.run(model, wanted, int(threads)).model_dump())


def command(root: Path, model: str, threads: int, limit: int | None, languages: Sequence[str]) -> list[str]:
    """What starts the process."""
    module = [sys.executable, "-m", "salon.ai.bench.measure", str(root), model]
    return [*module, str(threads), str(limit or 0), *languages]


if __name__ == "__main__":
    os.environ["HF_HUB_OFFLINE"] = "1"
    _main(*sys.argv[1:])
