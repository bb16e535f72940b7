"""Prepares what tests need, runs all of them, and closes with a plain table.

python3 scripts/test.py [suite...]      (nothing named: all of them)
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass

from check import QUICK, run_checks
from crates import cargo
from prepare import prepare
from workshop import WEB, Failure, Stopwatch, environment, run, say

# Many tests wait for something most of their time: more of them at once than there are cores.
PARALLEL = ("-n", str((os.cpu_count() or 2) + 1), "--dist", "worksteal")
PYTHON_SUITES = ("tests/unit", "tests/contract", "tests/integration")
WITHOUT_DATABASE = (
    *(f"contract/test_{name}" for name in ("ai", "cli", "hostile_uploads", "model_bench", "openapi")),
    *(
        f"integration/test_{name}"
        for name in ("blobs", "engine", "engine_recording", "recording_faults", "recording_kills")
    ),
    *(f"integration/test_{name}" for name in ("jobs", "live_captions", "remote_recognizers")),
    *(f"integration/test_{name}" for name in ("rendering", "sandbox")),
)
"""They are about something else, or prepare a database of their own: once is enough."""


def quick_checks() -> None:
    """Lint, formats, layers: what takes seconds. ``make check`` does the rest."""
    failed = run_checks(QUICK)
    if failed:
        raise Failure(f"failed: {', '.join(failed)}")


def rust() -> None:
    """Unit, property and socket tests of the engine."""
    # The dev profile: overflow and debug assertions are on, and clippy shares its compiled C code.
    # py is left out: it links against an interpreter and is tested from Python.
    cargo("test", "--workspace", "--exclude", "salon-sfu-py", "--locked", "--quiet", "--no-fail-fast")


def python() -> None:
    """Rules, the wire contract over real sockets, and the server with real media peers."""
    run(["python", "-m", "pytest", "-q", *PARALLEL, *PYTHON_SUITES])


def postgresql() -> None:
    """The wire contract and the services again, on a PostgreSQL that the tests start themselves."""
    suites = ["tests/contract", "tests/integration"]
    for name in WITHOUT_DATABASE:
        suites += ["--ignore", f"tests/{name}.py"]
    env = environment(SALON_TEST_DATABASE="postgres")
    run(["python", "-m", "pytest", "-q", *PARALLEL, *suites], env=env)


def fuzz() -> None:
    """Requests made up from the OpenAPI document, as three callers; SALON_FUZZ_EXAMPLES says how many."""
    run(["python", "-m", "pytest", "-q", "-n", "2", "-rA", "tests/fuzz"])


def kills() -> None:
    """The server killed in the middle of many writes, on both databases; SALON_KILL_ROUNDS says how often."""
    for database in ("sqlite", "postgres"):
        env = environment(SALON_TEST_DATABASE=database)
        run(["python", "-m", "pytest", "-q", "-rA", "tests/integration/test_kill_during_writes.py"], env=env)


def recordings() -> None:
    """Recordings under kills and faults, and the film of a call of browsers, with their figures.

    SALON_RECORDING_KILLS says how many kills, SALON_FILM_S how many seconds are filmed.
    """
    files = [f"tests/integration/test_recording{which}.py" for which in ("_kills", "_faults", "_media")]
    run(["python", "-m", "pytest", "-q", "-rA", "-p", "no:xdist", *files, "tests/e2e/test_film.py"])


def aims() -> None:
    """How soon people see, hear and read each other, held to the aims; for a machine left alone."""
    files = [f"tests/e2e/test_{which}.py" for which in ("speed", "call", "restart", "captions")]
    run(
        ["python", "-m", "pytest", "-q", "-rA", "-p", "no:xdist", *files],
        env=environment(SALON_HOLD_AIMS="1"),
    )


def typescript() -> None:
    """Policies, parsers, view models, components."""
    run(["npm", "run", "--silent", "test"], cwd=WEB)


def browsers() -> None:
    """Real browsers in real calls; one after the other, for they fill the machine."""
    run(["python", "-m", "pytest", "-q", "-p", "no:xdist", "--durations=0", "-rA", "tests/e2e"])


@dataclass(frozen=True)
class Outcome:
    """A row of the closing table."""

    name: str
    time: str
    failure: str = ""


SUITES: dict[str, Callable[[], None]] = {
    "checks": quick_checks,
    "rust": rust,
    "python": python,
    "postgresql": postgresql,
    "fuzz": fuzz,
    "typescript": typescript,
    "browsers": browsers,
}

SLOW: dict[str, Callable[[], None]] = {"kills": kills, "recordings": recordings, "aims": aims}
"""Run only when they are named."""


def run_suite(name: str) -> Outcome:
    """Run one suite; its failure does not keep the others from running."""
    say(f"Tests: {name}")
    watch = Stopwatch()
    try:
        (SUITES | SLOW)[name]()
    except Failure as failure:
        return Outcome(name, str(watch), str(failure))
    return Outcome(name, str(watch))


def main() -> int:
    """Entry point."""
    names = sys.argv[1:] or list(SUITES)
    unknown = [name for name in names if name not in SUITES | SLOW]
    if unknown:
        print(f"No such suite: {', '.join(unknown)}. There are {', '.join(SUITES | SLOW)}.", file=sys.stderr)
        return 2
    watch = Stopwatch()
    try:
        browsers_needed = ["browsers"] if {"browsers", "recordings", "aims"} & set(names) else []
        prepare("python", "engine", "web", "servers", "models", *browsers_needed)
        outcomes = [Outcome("prepare", str(watch)), *map(run_suite, names)]
    except Failure as failure:
        print(f"✗ {failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    print()
    for outcome in outcomes:
        verdict = f"FAILED: {outcome.failure}" if outcome.failure else "ok"
        print(f"  {outcome.name:<12}{outcome.time:>14}   {verdict}")
    failed = [outcome.name for outcome in outcomes if outcome.failure]
    print(f"\n{'Failed: ' + ', '.join(failed) if failed else 'All tests passed'} in {watch}.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
