"""The revisions make exactly the tables that the code declares."""

import subprocess
import sys
from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Connection

from salon import app, migrations
from salon.platform.db import Base, Database


async def test_a_migrated_database_is_what_the_code_declares(tmp_path: Path) -> None:
    assert app.create_app  # importing it declares the tables of every service
    db = Database(f"sqlite+aiosqlite:///{tmp_path / 'salon.db'}")
    newest = ScriptDirectory(str(Path(migrations.__file__).parent)).get_current_head()
    assert newest == migrations.NEWEST
    assert await migrations.migrate(db) == (None, newest)
    assert await migrations.migrate(db) == (newest, newest)

    def differences(connection: Connection) -> list[object]:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "include_name": migrations.is_declared}
        )
        return list(compare_metadata(context, Base.metadata))

    async with db.writing_engine.begin() as connection:
        assert await connection.run_sync(differences) == []
    await db.close()


def test_nothing_loads_alembic_before_it_is_needed() -> None:
    code = "import sys, salon.app, salon.cli; sys.exit('alembic' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
