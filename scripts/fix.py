"""Formats everything and mends what linters can mend by themselves."""

from __future__ import annotations

import sys

from check import PYTHON_CODE
from prepare import prepare
from workshop import WEB, Failure, run


def main() -> int:
    """Entry point."""
    try:
        prepare("python", "web")
        run(["ruff", "check", "--fix", "--exit-zero", "--quiet", *PYTHON_CODE])
        run(["ruff", "format", "--quiet", *PYTHON_CODE])
        run(["cargo", "fmt", "--all"])
        run(["npm", "run", "--silent", "lint", "--", "--fix"], cwd=WEB)
    except Failure as failure:
        print(f"✗ {failure}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
