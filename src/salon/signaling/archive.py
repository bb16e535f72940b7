"""Records of sessions and relayed messages, written off the hot path by one task."""

import asyncio
from collections.abc import Sequence
from datetime import datetime

import structlog
from prometheus_client import CollectorRegistry, Counter

from salon.platform.db import Database
from salon.signaling import store
from salon.signaling.face import SessionId
from salon.signaling.records import Alive, Closed, Entered, Kept, Opened, Record

log = structlog.get_logger()

QUEUE_LIMIT = 8192
BATCH = 256
SETTLE_TIMEOUT_S = 2.0


class Archive:
    """Writes records in the order they came, in batches.

    A full queue drops the record and counts it: presence must never wait for a disk.
    """

    def __init__(self, db: Database, registry: CollectorRegistry) -> None:
        self._db = db
        self._dropped = Counter(
            "salon_signaling_records_dropped_total",
            "Records that were lost: full queue or database error.",
            registry=registry,
        )
        self._queue: asyncio.Queue[Record | asyncio.Event] = asyncio.Queue(QUEUE_LIMIT)
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to write."""
        self._task = asyncio.create_task(self._run())

    async def close(self) -> None:
        """Write what is queued, then stop."""
        if self._task is None:
            return
        await self.settle()
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        self._task = None

    def put(self, record: Record) -> None:
        """Queue a record; never waits."""
        try:
            self._queue.put_nowait(record)
        except asyncio.QueueFull:
            self._dropped.inc()

    async def close_orphans(self, live: Sequence[SessionId], at: datetime) -> list[tuple[int, int]]:
        """Close the records of sessions that are not alive, left by a crash; (meeting, user) of each."""
        await self.settle()
        async with self._db.begin() as tx:
            return await store.close_all_but(tx, live, at)

    async def settle(self) -> None:
        """Wait until what was queued before is written, two seconds at most: readers see their writes."""
        done = asyncio.Event()
        try:
            async with asyncio.timeout(SETTLE_TIMEOUT_S):
                await self._queue.put(done)
                await done.wait()
        except TimeoutError:
            log.warning("signaling.archive.slow", queued=self._queue.qsize())

    async def _run(self) -> None:
        while True:
            batch = [await self._queue.get()]
            while len(batch) < BATCH and not self._queue.empty():
                batch.append(self._queue.get_nowait())
            records = [item for item in batch if not isinstance(item, asyncio.Event)]
            try:
                await self._write(records)
            except Exception:
                # The records are an aid, not the truth: losing some must not end the writer.
                self._dropped.inc(len(records))
                log.exception("signaling.archive.failed", lost=len(records))
            for item in batch:
                if isinstance(item, asyncio.Event):
                    item.set()

    async def _write(self, records: Sequence[Record]) -> None:
        if not records:
            return
        async with self._db.begin() as tx:
            for record in records:
                match record:
                    case Opened():
                        await store.insert_session(tx, record)
                    case Entered():
                        await store.mark_joined(tx, record.session_id, record.at)
                    case Alive():
                        await store.mark_alive(tx, record.session_ids, record.at)
                    case Closed():
                        await store.mark_closed(tx, record.session_id, record.at)
                    case Kept():
                        await store.insert_message(tx, record)
