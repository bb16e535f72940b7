"""How a process knows that others want the same cores."""

from __future__ import annotations

import os
import subprocess
import sys
import time

from salon.ai.strain import Strain

BURN = "while True: pass"


def work(seconds: float) -> None:
    """Compute for so long, as this process counts it."""
    until = time.process_time() + seconds
    while time.process_time() < until:
        sum(range(10_000))


def test_who_waits_for_something_else_is_not_strained() -> None:
    strain = Strain()
    time.sleep(0.2)
    assert strain.since_last() == 1


def test_work_among_others_that_want_the_same_cores_is_strained() -> None:
    others = [subprocess.Popen([sys.executable, "-c", BURN]) for _ in range(2 * (os.cpu_count() or 1))]
    try:
        strain = Strain()
        deadline = time.monotonic() + 30
        # They need a moment to start.
        while strain.since_last() < 1.5:
            assert time.monotonic() < deadline, "never had to wait for a core"
            work(0.5)
    finally:
        for other in others:
            other.kill()
            other.wait()
