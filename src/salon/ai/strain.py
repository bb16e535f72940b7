"""How much longer the work of this process takes because others want the same cores."""

from contextlib import suppress
from pathlib import Path

_TASKS = Path("/proc/self/task")
_LEAST_S = 0.02
"""Work that says something; less is a blink of the scheduler."""


class Strain:
    """Told from one moment to the next by what the kernel counts for each thread (proc(5), ``schedstat``)."""

    def __init__(self) -> None:
        self._worked_s, self._waited_s = _counted()

    def since_last(self) -> float:
        """Time to work and wait for cores, as a multiple of the time to work: 1 where nobody else wants one.

        Also 1 when next to nothing was worked, as by who waits for another machine, and on systems that do
        not count it.
        """
        before_s = self._worked_s, self._waited_s
        self._worked_s, self._waited_s = _counted()
        worked_s, waited_s = self._worked_s - before_s[0], self._waited_s - before_s[1]
        return (worked_s + max(0.0, waited_s)) / worked_s if worked_s >= _LEAST_S else 1.0


def _counted() -> tuple[float, float]:
    """Seconds that all threads worked, and that they were ready to and waited."""
    worked_ns = waited_ns = 0
    for task in _TASKS.glob("*"):
        with suppress(OSError, ValueError):
            worked, waited, *_ = (task / "schedstat").read_text().split()
            worked_ns += int(worked)
            waited_ns += int(waited)
    return worked_ns / 1e9, waited_ns / 1e9
