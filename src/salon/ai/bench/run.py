"""The whole bench: each model in a process of its own, one after the other, and what came of it."""

import json
import os
import subprocess
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from salon.ai.bench import chinese, corpora
from salon.ai.bench.measure import command, languages_of, tasks_of
from salon.ai.bench.mood import SOURCE, measure_mood
from salon.ai.bench.report import DetectorFigures, ModelFigures, Report, VoiceFigures, best_of
from salon.ai.bench.synthesis import SOURCE as DETECTORS_SOURCE
from salon.ai.bench.synthesis import NoEngine, measure_detector
from salon.ai.bench.text import RULE
from salon.ai.bench.voices import SOURCE as VOICES_SOURCE
from salon.ai.bench.voices import OneVoice, measure_voices
from salon.ai.catalog import CATALOG, Task, defaults
from salon.ai.model_store import ModelStore

LANGUAGES = (*corpora.LANGUAGES, "zh")
"""What there may be speech of."""

Progress = Callable[[str, int, int], None]
"""Called with a model's name, clips that are done, and clips in all."""


class BenchFailed(Exception):
    """It cannot be measured; the text says why."""


def languages_here() -> tuple[list[str], list[str]]:
    """Languages there is speech of on this machine; and of the others what to install.

    Raises:
        NoCorpus: there is not even English.
    """
    here, missing = ["en"], []
    tasks_of("en", 1)
    for language in LANGUAGES[1:]:
        try:
            tasks_of(language, 1)
        except (corpora.NoCorpus, chinese.NoSpeaker) as fault:
            missing.append(f"{language}: {fault}")
        else:
            here.append(language)
    return here, missing


def run(
    root: Path,
    models: Sequence[str],
    *,
    limit: int | None,
    languages: Sequence[str] = (),
    on_progress: Progress = lambda *_: None,
) -> Report:
    """Measure models that are on this machine.

    Raises:
        NoCorpus: there is no English speech on this machine.
        BenchFailed: a model's process fell.
    """
    here, missing = languages_here()
    here = [each for each in here if not languages or each in languages]
    threads = os.cpu_count() or 1
    store = ModelStore(root)
    found: list[ModelFigures] = []
    voices: list[VoiceFigures] = []
    detectors: list[DetectorFigures] = []
    for model in models:
        if CATALOG[model].task is Task.SPEAKER:
            try:
                voices.append(measure_voices(store, model, here, limit, partial(on_progress, model)))
            except OneVoice as fault:
                missing.append(str(fault))
            continue
        if CATALOG[model].task is Task.SYNTHESIS:
            people = [each for each in here if each in corpora.LANGUAGES]
            try:
                detectors.append(measure_detector(store, model, people, limit, partial(on_progress, model)))
            except NoEngine as fault:
                missing.append(str(fault))
            continue
        own = [each for each in languages_of(model) if each in here]
        if own:
            found.append(_measured(command(root, model, threads, limit, own), model, on_progress))
    return Report(
        cores=threads,
        threads=threads,
        rule_of_texts=RULE,
        left_out=corpora.WHY_NOT,
        sources=[chinese.SOURCE if each == "zh" else corpora.source_of(each) for each in here],
        missing=missing,
        models=found,
        mood_source=SOURCE,
        mood=measure_mood(),
        voices_source=VOICES_SOURCE,
        voices=voices,
        detectors_source=DETECTORS_SOURCE,
        detectors=detectors,
        default=defaults()[0].name,
        best=best_of(found),
    )


def _measured(started: list[str], model: str, on_progress: Progress) -> ModelFigures:
    with subprocess.Popen(started, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
        last: dict[str, object] = {}
        for line in process.stdout or ():
            last = json.loads(line)
            if "done" in last:
                on_progress(model, int(str(last["done"])), int(str(last["of"])))
    if process.returncode or "model" not in last:
        raise BenchFailed(f"{model} fell while it was measured (exit code {process.returncode}).")
    return ModelFigures.model_validate(last)
