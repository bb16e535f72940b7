"""Every revision goes up, down and up again with data in every table, and loses none of it."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Connection
from support.postgres import database_for

from salon import app, migrations
from salon.platform.db import Base, Database

FOLDER = str(Path(migrations.__file__).parent)
MOMENT = datetime(2030, 1, 1, 12, tzinfo=UTC)
KEPT = {"alembic_version"}


@pytest.fixture
async def db(tmp_path: Path) -> AsyncIterator[Database]:
    is_postgres = os.environ.get("SALON_TEST_DATABASE") == "postgres"
    address = database_for(tmp_path) if is_postgres else f"sqlite+aiosqlite:///{tmp_path / 'salon.db'}"
    db = Database(address)
    yield db
    await db.close()


def revisions() -> list[str]:
    """All of them, oldest first."""
    script = ScriptDirectory(FOLDER)
    return [revision.revision for revision in reversed(list(script.walk_revisions()))]


async def move(db: Database, step: Callable[[Config, str], None], target: str) -> None:
    """Up or down to a revision."""

    def run(connection: Connection) -> None:
        config = Config()
        config.set_main_option("script_location", FOLDER)
        config.set_main_option("path_separator", "os")
        config.attributes["connection"] = connection
        step(config, target)

    async with db.writing_engine.begin() as connection:
        await connection.run_sync(run)


def is_ours(table: str) -> bool:
    """Whether rows may be put into it: the tables inside an index are the database's own."""
    return table not in KEPT and migrations.is_declared(table, "table")


def reflect(connection: Connection) -> sa.MetaData:
    """The tables as they are."""
    found = sa.MetaData()
    found.reflect(connection)
    return found


def shape(connection: Connection) -> dict[str, Any]:
    """Everything about the tables that a revision could change."""
    look = sa.inspect(connection)
    return {
        table: {
            "columns": sorted(
                (one["name"], str(one["type"]), one["nullable"], str(one["default"]))
                for one in look.get_columns(table)
            ),
            "indexes": sorted(
                (str(one["name"]), one["column_names"], bool(one["unique"]), _options(one))
                for one in look.get_indexes(table)
            ),
            "unique": sorted(
                (str(one["name"]), one["column_names"]) for one in look.get_unique_constraints(table)
            ),
            "keys": sorted(
                (str(one["name"]), one["constrained_columns"]) for one in look.get_foreign_keys(table)
            ),
            "primary": look.get_pk_constraint(table)["constrained_columns"],
        }
        for table in sorted(look.get_table_names())
    }


def _options(index: Any) -> str:
    """What only one kind of database knows, such as the condition of a partial index."""
    return repr({name: str(value) for name, value in index.get("dialect_options", {}).items()})


def value_for(column: sa.Column[Any], number: int) -> Any:
    """Something of the column's type, different for every row."""
    kind = column.type
    if isinstance(kind, sa.Boolean):
        return number % 2 == 0
    if isinstance(kind, sa.Integer | sa.Numeric | sa.Float):
        return number
    if isinstance(kind, sa.DateTime):
        is_zoned = column.table.metadata.info["is_postgres"]
        return MOMENT if is_zoned else MOMENT.replace(tzinfo=None)
    if isinstance(kind, sa.JSON):
        return {"require_approval": True}
    text = f"{column.name}-{number}"
    return text[-kind.length :] if isinstance(kind, sa.String) and kind.length else text


def fill(connection: Connection) -> None:
    """Two rows into every table that has none; keys point at the row of the same number."""
    tables = reflect(connection)
    tables.info["is_postgres"] = connection.dialect.name == "postgresql"
    for table in tables.sorted_tables:
        if not is_ours(table.name) or connection.scalar(sa.select(sa.func.count()).select_from(table)):
            continue
        for number in (1, 2):
            row = {column.name: value_for(column, number) for column in table.columns}
            connection.execute(table.insert().values(**row))


def snapshot(connection: Connection, only: dict[str, Any] | None = None) -> dict[str, list[dict[str, Any]]]:
    """All rows; of `only` these tables and columns, if given."""
    found = {}
    for table in reflect(connection).sorted_tables:
        if not is_ours(table.name) or (only is not None and table.name not in only):
            continue
        names = {one[0] for one in only[table.name]["columns"]} if only else set(table.columns.keys())
        columns = [column for column in table.columns if column.name in names]
        rows = connection.execute(sa.select(*columns)).mappings()
        found[table.name] = sorted((dict(row) for row in rows), key=repr)
    return found


@pytest.mark.timeout(300)
async def test_each_revision_goes_up_and_down_and_up_with_data(db: Database) -> None:
    before: dict[str, Any] = {}
    for number, revision in enumerate(revisions()):
        await move(db, command.upgrade, revision)
        async with db.writing_engine.begin() as connection:
            made = await connection.run_sync(shape)
            await connection.run_sync(fill)
            everything = await connection.run_sync(snapshot)
            common = await connection.run_sync(snapshot, before)
            assert all(everything[table] for table in everything), "a table is empty"
        await move(db, command.downgrade, "-1" if number else "base")
        async with db.writing_engine.begin() as connection:
            undone = await connection.run_sync(shape)
            undone.pop("alembic_version")
            assert undone == before, revision
            assert await connection.run_sync(snapshot, before) == common, revision
        await move(db, command.upgrade, revision)
        async with db.writing_engine.begin() as connection:
            assert await connection.run_sync(shape) == made, revision
            assert await connection.run_sync(snapshot, before) == common, revision
            await connection.run_sync(fill)
        made.pop("alembic_version")
        before = made


@pytest.mark.timeout(300)
async def test_all_the_way_down_leaves_nothing_and_up_again_is_what_the_code_declares(db: Database) -> None:
    assert app.create_app  # importing it declares the tables of every service
    await migrations.migrate(db)
    async with db.writing_engine.begin() as connection:
        await connection.run_sync(fill)
    await move(db, command.downgrade, "base")
    async with db.writing_engine.begin() as connection:
        left = await connection.run_sync(shape)
        assert set(left) == KEPT
    await migrations.migrate(db)

    def differences(connection: Connection) -> list[object]:
        options = {
            "compare_type": True,
            "compare_server_default": True,
            "include_name": migrations.is_declared,
        }
        return list(compare_metadata(MigrationContext.configure(connection, opts=options), Base.metadata))

    async with db.writing_engine.begin() as connection:
        assert await connection.run_sync(differences) == []
