"""The database's shape, revision by revision."""

from pathlib import Path

from sqlalchemy import inspect, text
from sqlalchemy.engine import Connection

from salon.platform.db import Database

NEWEST = "0014"
"""The revision this code wants. Written down, so that a start with nothing to do need not load Alembic."""


SEARCH = "transcript_search"
"""What the names of full text indexes begin with. Each database has its own kind: no table declares them."""


def is_declared(name: str | None, _kind: str, _parents: object = None) -> bool:
    """Whether the code's tables declare what has this name; Alembic's `include_name`."""
    return name is None or not name.startswith(SEARCH)


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return found


def _upgrade(connection: Connection) -> tuple[str | None, str | None]:
    before = _revision(connection)
    if before == NEWEST:
        return before, before
    # It takes as long to load as the web framework; most starts do without.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    return before, _revision(connection)


async def migrate(db: Database) -> tuple[str | None, str | None]:
    """Bring the database to the newest revision; all of it or nothing. Tells the one before and after."""
    async with db.writing_engine.begin() as connection:
        return await connection.run_sync(_upgrade)
