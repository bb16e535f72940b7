"""Prepares what changed, then becomes ``salon serve``."""

from __future__ import annotations

import os
import sys
from typing import NoReturn

from prepare import prepare
from workshop import ROOT, VENV, Failure, environment


def main() -> NoReturn:
    """Entry point."""
    try:
        prepare("python", "engine", "web")
        try:
            prepare("models")
        except Failure as failure:
            # Meetings go on without them; what needs one says so.
            print(f"! {failure}\n! Try again later: .venv/bin/salon models pull", file=sys.stderr)
    except Failure as failure:
        print(f"✗ {failure}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
    os.chdir(ROOT)
    program = VENV / "bin" / "salon"
    # Becoming the server, not starting it: signals reach it, and its exit code is ours.
    os.execve(program, [str(program), "serve", *sys.argv[1:]], environment())


if __name__ == "__main__":
    main()
