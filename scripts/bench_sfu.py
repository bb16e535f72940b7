"""Builds and runs the engine's bench; further arguments go to it, e.g. ``--subscribers 10 --seconds 5``."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import NoReturn

from crates import cargo
from prepare import RUST_REMEDY
from workshop import ROOT, Failure, environment, need_version


def main() -> NoReturn:
    """Entry point."""
    env = environment()
    try:
        need_version("cargo", (1, 88), RUST_REMEDY)
        cargo("build", "--quiet", "--release", "--locked", "--package", "salon-sfu-bench")
    except Failure as failure:
        print(f"✗ {failure}", file=sys.stderr)
        sys.exit(1)
    os.chdir(ROOT)
    program = Path(env["CARGO_TARGET_DIR"]) / "release" / "salon-sfu-bench"
    os.execve(program, [str(program), *sys.argv[1:]], env)


if __name__ == "__main__":
    main()
