"""The database's shape, revision by revision."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Connection

from salon.platform.db import Database


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def _upgrade(connection: Connection) -> tuple[str | None, str | None]:
    before = MigrationContext.configure(connection).get_current_revision()
    command.upgrade(_config(connection), "head")
    return before, MigrationContext.configure(connection).get_current_revision()


async def migrate(db: Database) -> tuple[str | None, str | None]:
    """Bring the database to the newest revision; all of it or nothing. Tells the one before and after."""
    async with db.writing_engine.begin() as connection:
        return await connection.run_sync(_upgrade)


def newest_revision() -> str | None:
    """The revision this code wants."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.set_main_option("path_separator", "os")
    return ScriptDirectory.from_config(config).get_current_head()
