"""Prepares what a bench of the whole server needs, and runs it.

python3 scripts/bench.py captions|meetings|signin [option...]
"""

from __future__ import annotations

import os
import sys
from typing import NoReturn

from prepare import prepare
from workshop import ROOT, VENV, Failure, environment


def main() -> NoReturn:
    """Entry point."""
    names = sorted(path.stem for path in (ROOT / "bench").glob("*.py") if path.stem != "figures")
    if len(sys.argv) < 2 or sys.argv[1] not in names:
        print(f"Name a bench: {', '.join(names)}.", file=sys.stderr)
        sys.exit(2)
    try:
        prepare("python", "engine", "servers")
    except Failure as failure:
        print(f"✗ {failure}", file=sys.stderr)
        sys.exit(1)
    os.chdir(ROOT)
    # The parts that start servers are those of the tests.
    env = environment(PYTHONPATH=f"{ROOT / 'tests'}:{ROOT / 'scripts'}")
    program = str(VENV / "bin" / "python")
    os.execve(program, [program, str(ROOT / "bench" / f"{sys.argv[1]}.py"), *sys.argv[2:]], env)


if __name__ == "__main__":
    main()
