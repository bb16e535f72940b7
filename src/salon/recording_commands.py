"""The commands ``salon recording list | verify | export``."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, NoReturn, TypeVar

import typer
from rich.console import Console
from rich.table import Table
from sqlalchemy.exc import SQLAlchemyError

from salon import migrations
from salon.platform.db import Database
from salon.settings import Settings, SettingsError, load_settings

T = TypeVar("T")

app = typer.Typer(help="Recordings on this server.", no_args_is_help=True)
_out = Console(highlight=False)
_err = Console(stderr=True, highlight=False)

RecordingArgument = Annotated[str, typer.Argument(metavar="ID", help="As `salon recording list` shows it.")]


def _stop(message: str, *, code: int = 1) -> NoReturn:
    _err.print(message, style="red", soft_wrap=True, markup=False)
    raise typer.Exit(code)


def _settings() -> Settings:
    try:
        return load_settings()
    except SettingsError as fault:
        _stop(f"Some settings make no sense:\n{fault}", code=2)


def _root(settings: Settings) -> Path:
    return settings.data_dir.absolute() / "recordings"


def _with_database(settings: Settings, work: Callable[[Database], Awaitable[T]]) -> T:
    async def run() -> T:
        db = Database(settings.resolved_database_url)
        try:
            await migrations.migrate(db)
            return await work(db)
        finally:
            await db.close()

    try:
        return asyncio.run(run())
    except SQLAlchemyError as fault:
        _stop(f"The database could not be used: {fault}")


@app.command("list")
def list_all() -> None:
    """Every recording, and the folders that belong to none."""
    from salon.media.recording.command import list_recordings  # noqa: PLC0415  (loads what renders)

    settings = _settings()
    found = _with_database(settings, lambda db: list_recordings(db, _root(settings)))
    table = Table("id", "meeting", "title", "status", "started", "seconds", "MB", "by")
    for row in found.rows:
        table.add_row(
            row.recording_id,
            str(row.meeting_id),
            row.title,
            row.status,
            row.start_time.isoformat(timespec="seconds"),
            f"{row.duration:.0f}",
            f"{row.raw_bytes / 2**20:.1f}",
            row.username,
        )
    _out.print(table)
    for name in found.orphans:
        _out.print(f"{_root(settings) / name} belongs to no recording.", soft_wrap=True, markup=False)


@app.command("verify")
def verify_one(recording_id: RecordingArgument) -> None:
    """Hold every file against its hash, and tell what is missing; ends with an error if a file is damaged."""
    from salon.media.recording.command import check  # noqa: PLC0415
    from salon.media.rendering.checking import as_text  # noqa: PLC0415
    from salon.media.rendering.log import NotARecording  # noqa: PLC0415

    folder = _root(_settings()) / Path(recording_id).name
    try:
        result = check(folder)
    except (NotARecording, OSError) as fault:
        _stop(f"{folder} cannot be read: {fault}")
    _out.print(as_text(result), soft_wrap=True, markup=False)
    if not result["ok"]:
        _stop("This recording is damaged.")


@app.command("export")
def export_one(
    recording_id: RecordingArgument,
    folder: Annotated[Path, typer.Argument(help="Where to; the recording gets a folder of its own in it.")],
) -> None:
    """Copy a recording as it lies on the disk: its tracks, and who was there when."""
    from salon.media.recording.command import export  # noqa: PLC0415

    try:
        out = export(_root(_settings()), recording_id, folder)
    except OSError as fault:
        _stop(f"Nothing was copied: {fault}")
    _out.print(f"Copied to {out}.", soft_wrap=True, markup=False)
