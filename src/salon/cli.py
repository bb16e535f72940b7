"""The command line: ``salon serve``, ``migrate``, ``admin create``, ``doctor``."""

import asyncio
import secrets
import sys
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.panel import Panel
from sqlalchemy.exc import SQLAlchemyError

from salon import __version__, doctor, migrations, model_commands, recording_commands
from salon.native import EngineUnusable, require_engine
from salon.platform.clock import SystemClock
from salon.platform.db import Database
from salon.platform.errors import SalonError
from salon.platform.logs import configure_logs
from salon.server import PortTaken, listen, run
from salon.settings import Settings, SettingsError, load_settings

if TYPE_CHECKING:
    from salon.user.schema import RegisterRequest

app = typer.Typer(
    name="salon",
    help="Salon: video conferences on your own server. Settings come from SALON_* variables.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
admin_app = typer.Typer(help="Administrators.", no_args_is_help=True)
app.add_typer(admin_app, name="admin")

audit_app = typer.Typer(help="The audit log.", no_args_is_help=True)
app.add_typer(audit_app, name="audit")

app.add_typer(recording_commands.app, name="recording")
app.add_typer(model_commands.app, name="models")

_out = Console(highlight=False)
_err = Console(stderr=True, highlight=False)


def main() -> None:
    """The program."""
    app()


def _stop(message: str, *, code: int = 1) -> NoReturn:
    _err.print(message, style="red", soft_wrap=True, markup=False)
    raise typer.Exit(code)


def _settings() -> Settings:
    try:
        return load_settings()
    except SettingsError as fault:
        _stop(f"Some settings make no sense:\n{fault}", code=2)


@app.callback(invoke_without_command=True)
def _root(
    version: Annotated[bool, typer.Option("--version", help="Print the version and end.")] = False,
) -> None:
    if version:
        _out.print(f"salon {__version__}")
        raise typer.Exit


@app.command()
def serve() -> None:
    """Start Salon: web page, API, signaling and media in one process."""
    settings = _settings()
    configure_logs(level=settings.log_level, style=settings.log_format)
    try:
        require_engine()
    except EngineUnusable as fault:
        _stop(str(fault))
    # The engine is a compiled extension: only here it is known to be there and as new as its sources.
    from salon import _sfu  # noqa: PLC0415
    from salon.app import create_app  # noqa: PLC0415

    try:
        application = create_app(settings, _sfu)
        listener = listen(settings.host, settings.port)
    except (PortTaken, ValueError) as fault:
        _stop(str(fault))
    except OSError as fault:
        _stop(
            f"The data folder {settings.data_dir.absolute()} cannot be used ({fault}). "
            "Make it writable, or choose another one with SALON_DATA_DIR."
        )
    problem = doctor.check_media_port(settings)
    if problem is not None:
        _stop(f"{problem.finding} {problem.remedy}")
    _welcome(settings, listener.getsockname()[1])
    if not run(application, listener):
        _stop("Salon did not start; the last log lines say why. `salon doctor` may know what to do.")


def _welcome(settings: Settings, port: int) -> None:
    shown = "localhost" if settings.host in ("127.0.0.1", "::1", "0.0.0.0", "::") else settings.host  # noqa: S104
    url = f"http://{shown}:{port}"
    lines = [
        f"[bold]Salon is at {url}[/bold]",
        "",
        "Open it, create an account, create a meeting and send its link to somebody.",
    ]
    if settings.host in ("127.0.0.1", "::1", "localhost"):
        lines.append(
            "Only this machine can reach it. For others: SALON_HOST=0.0.0.0 and a TLS proxy in front."
        )
    else:
        lines.append(
            "Cameras work on https:// or localhost only: put a TLS proxy in front for other machines."
        )
    lines.append(f"Data: {settings.data_dir.absolute()}   API: {url}/docs   Stop: Ctrl+C")
    lines.append("If something would stop a call, `salon doctor` says what.")
    _out.print(Panel("\n".join(lines), expand=False, border_style="green"))
    sys.stdout.flush()


@app.command()
def migrate() -> None:
    """Bring the database to the newest shape; `salon serve` does it by itself."""
    settings = _settings()

    async def work() -> tuple[str | None, str | None]:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        db = Database(settings.resolved_database_url)
        try:
            return await migrations.migrate(db)
        finally:
            await db.close()

    try:
        before, after = asyncio.run(work())
    except (OSError, SQLAlchemyError) as fault:
        _stop(f"The database could not be brought up to date: {fault}")
    if before == after:
        _out.print(f"The database is up to date (revision {after}).")
    else:
        _out.print(f"The database went from revision {before or 'nothing'} to {after}.")


@admin_app.command("create")
def create_admin(
    username: Annotated[str, typer.Argument(help="3-20 letters, digits, underscores.")],
    email: Annotated[str, typer.Argument(help="E-mail address.")],
    password: Annotated[
        str | None,
        typer.Option(
            envvar="SALON_ADMIN_PASSWORD", help="Its password; absent: asked for, or made up and shown."
        ),
    ] = None,
) -> None:
    """Make an administrator, or make an existing account one (which keeps its password)."""
    from salon.user.schema import RegisterRequest  # noqa: PLC0415  (the other commands start faster without)

    settings = _settings()
    is_made_up = password is None and not sys.stdin.isatty()
    if password is None:
        password = (
            _make_password()
            if is_made_up
            else typer.prompt("Password", hide_input=True, confirmation_prompt=True)
        )
    try:
        request = RegisterRequest(username=username, email=email, password=password)
        name, is_new = asyncio.run(_ensure_admin(settings, request))
    except ValidationError as fault:
        _stop(
            "\n".join(
                f"{e['loc'][-1]}: {str(e['msg']).removeprefix('Value error, ')}" for e in fault.errors()
            )
        )
    except SalonError as fault:
        _stop(fault.message)
    except (OSError, SQLAlchemyError) as fault:
        _stop(f"The database could not be used: {fault}")
    if not is_new:
        _out.print(f"{name} is an administrator now; the password stays as it was.")
        return
    _out.print(f"{name} is an administrator.")
    if is_made_up:
        _out.print(f"Password: {password}", markup=False)


def _make_password() -> str:
    # The tail makes sure of three kinds of characters.
    return f"{secrets.token_urlsafe(15)}-a7Z"


async def _ensure_admin(settings: Settings, request: "RegisterRequest") -> tuple[str, bool]:
    from salon.platform.bus import InProcessBus  # noqa: PLC0415
    from salon.platform.passwords import Passwords  # noqa: PLC0415
    from salon.user.build import build_for_command  # noqa: PLC0415

    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    db = Database(settings.resolved_database_url)
    passwords = Passwords()
    try:
        await migrations.migrate(db)
        users = build_for_command(settings, db, passwords, SystemClock(), InProcessBus())
        user, is_new = await users.ensure_admin(
            username=request.username, email=request.email, password=request.password
        )
        return user.username, is_new
    finally:
        passwords.close()
        await db.close()


@audit_app.command("verify")
def verify_audit() -> None:
    """Walk the whole audit log; ends with an error if a row was changed, taken out or cut off."""
    from salon.platform.audit_book import AuditBook  # noqa: PLC0415

    async def work(settings: Settings) -> tuple[int, str, str]:
        db = Database(settings.resolved_database_url)
        try:
            await migrations.migrate(db)
            verdict = await AuditBook(db).verify()
        finally:
            await db.close()
        return verdict.rows, verdict.last_hash, verdict.fault

    try:
        rows, last_hash, fault = asyncio.run(work(_settings()))
    except (OSError, SQLAlchemyError) as error:
        _stop(f"The database could not be used: {error}")
    if fault:
        _stop(f"The audit log is not whole. {fault} {rows} rows before it are good.")
    _out.print(f"The audit log is whole: {rows} rows, the last hash is {last_hash}.", soft_wrap=True)


@audit_app.command("export")
def export_audit() -> None:
    """Print the whole audit log, one JSON object a line, oldest first."""
    from salon.platform.audit_book import AuditBook  # noqa: PLC0415
    from salon.platform.audit_router import view_of  # noqa: PLC0415

    async def work(settings: Settings) -> None:
        db = Database(settings.resolved_database_url)
        try:
            await migrations.migrate(db)
            async for row in AuditBook(db).walk():
                sys.stdout.write(view_of(row).model_dump_json() + "\n")
        finally:
            await db.close()

    try:
        asyncio.run(work(_settings()))
    except (OSError, SQLAlchemyError) as error:
        _stop(f"The database could not be used: {error}")


@app.command("doctor")
def run_doctor() -> None:
    """Say in plain words what would stop a call; ends with an error if something would."""
    settings = _settings()
    problems = 0
    for result in doctor.examine(settings):
        mark, style = {"good": ("✓", "green"), "warning": ("!", "yellow"), "blocker": ("✗", "red")}[
            result.grade
        ]
        _out.print(f"[{style}]{mark}[/{style}]", end=" ")
        _out.print(result.finding, markup=False, soft_wrap=True)
        if result.remedy:
            _out.print(f"  → {result.remedy}", markup=False, soft_wrap=True)
        problems += result.grade == "blocker"
    if problems:
        _stop(f"\n{problems} thing{'s' if problems > 1 else ''} would stop a call.")
    _out.print("\nNothing would stop a call.")
