"""The records of sessions, in a real database."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from prometheus_client import CollectorRegistry

from salon import migrations
from salon.platform.db import Database
from salon.signaling import store
from salon.signaling.archive import Archive
from salon.signaling.face import SessionId
from salon.signaling.records import Opened

NOW = datetime(2030, 1, 1, tzinfo=UTC)


async def test_a_clean_up_spares_those_that_live_and_those_that_come_meanwhile(tmp_path: Path) -> None:
    db = Database(f"sqlite+aiosqlite:///{tmp_path / 'salon.db'}")
    await migrations.migrate(db)
    archive = Archive(db, CollectorRegistry())
    archive.start()
    for name, opened in (("dead", -60), ("live", -60), ("new", 1)):
        archive.put(Opened(SessionId(name), 1, 1, name, NOW + timedelta(seconds=opened)))
    assert await archive.close_orphans([SessionId("live")], NOW) == [(1, 1)]
    async with db.read() as tx:
        rows = [await store.find_session(tx, name) for name in ("dead", "live", "new")]
    assert [row.disconnected_at is None for row in rows if row is not None] == [False, True, True]
    await archive.close()
    await db.close()
