"""What the benches share: percentiles, and a server's databases."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from support.postgres import Postgres

DATABASES = ("sqlite", "postgresql")


def percentile(samples: Sequence[float], share: float) -> float:
    """The value that this share of the samples does not exceed."""
    ordered = sorted(samples)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


@contextmanager
def addresses(database: str, count: int) -> Iterator[list[str]]:
    """Addresses of so many new databases; empty ones stand for SQLite in a server's own folder."""
    if database == "sqlite":
        yield [""] * count
        return
    cluster = Postgres(is_safe=True).create()
    try:
        yield [cluster.make_database() for _ in range(count)]
    finally:
        cluster.stop()
