"""Everything that is decided without running the product: lint, types, layers, formats, sizes.

python3 scripts/check.py [name...]      (nothing named: all of them)
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

from crate_graph import crate_faults
from crates import own_target
from file_size import size_faults
from prepare import prepare
from workshop import ROOT, WEB, Failure, Stopwatch, environment, say

PYTHON_CODE = ("src", "tests", "scripts", "bench")


@dataclass(frozen=True)
class Check:
    """One row of the closing table: a command, or a function that lists faults."""

    name: str
    command: Sequence[str] = ()
    cwd: Path = ROOT
    faults: Callable[[], list[str]] | None = None

    def run(self) -> str:
        """Nothing if it holds, else what to read."""
        if self.faults is not None:
            return "\n".join(self.faults())
        with own_target() if self.command[0] == "cargo" else nullcontext():
            done = subprocess.run(
                self.command,
                cwd=self.cwd,
                env=environment(),
                text=True,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                check=False,
            )
        return "" if done.returncode == 0 else done.stdout.strip() or f"exit code {done.returncode}"


QUICK = (
    Check("ruff lint", ("ruff", "check", *PYTHON_CODE)),
    Check("ruff format", ("ruff", "format", "--check", *PYTHON_CODE)),
    Check("Python layers", ("lint-imports",)),
    Check("crate graph", faults=crate_faults),
    Check("file sizes", faults=size_faults),
    Check("rustfmt", ("cargo", "fmt", "--all", "--check")),
    Check("TypeScript types", ("npm", "run", "--silent", "typecheck"), WEB),
    Check("ESLint", ("npm", "run", "--silent", "lint"), WEB),
    Check("knip", ("npm", "run", "--silent", "knip"), WEB),
)
"""Seconds each: ``make test`` runs these first."""

THOROUGH = (
    Check("mypy", ("mypy",)),
    Check("mypy scripts", ("env", "MYPYPATH=src:tests", "mypy", "--strict", "scripts", "tests/e2e")),
    Check("mypy bench", ("env", "MYPYPATH=src:tests:scripts", "mypy", "--strict", "bench")),
    Check("stubtest", ("python", "-m", "mypy.stubtest", "salon._sfu", "--ignore-disjoint-bases")),
    Check(
        "clippy",
        ("cargo", "clippy", "--workspace", "--all-targets", "--locked", "--quiet", "--", "-D", "warnings"),
    ),
    # The build itself fails when the first load of the call page outgrows its budget.
    Check("bundle size", ("npm", "run", "--silent", "build"), WEB),
)


def run_checks(checks: Sequence[Check]) -> list[str]:
    """Run them one after the other; returns the names of those that failed, after showing why."""
    failed = []
    for check in checks:
        watch = Stopwatch()
        report = check.run()
        print(f"  {'✗' if report else '✓'} {check.name} ({watch})", flush=True)
        if report:
            print("    " + report.replace("\n", "\n    "), flush=True)
            failed.append(check.name)
    return failed


def main() -> int:
    """Entry point."""
    known = {check.name: check for check in (*QUICK, *THOROUGH)}
    unknown = [name for name in sys.argv[1:] if name not in known]
    if unknown:
        print(f"No such check: {', '.join(unknown)}. There are: {', '.join(known)}.", file=sys.stderr)
        return 2
    watch = Stopwatch()
    try:
        prepare("python", "engine", "web")
    except Failure as failure:
        print(f"✗ {failure}", file=sys.stderr)
        return 1
    say("Checks")
    failed = run_checks([known[name] for name in sys.argv[1:]] or [*QUICK, *THOROUGH])
    say(f"{'All clean' if not failed else 'Failed: ' + ', '.join(failed)} ({watch})")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
