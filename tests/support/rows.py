"""Proves that every row of the contract was answered: with success, and with each of its errors.

The contract client notes each answer of a run; when the whole of `tests/contract` has passed, the notes are
compared with `tests/contract/rows.toml`, and a row without an answer fails the run. Which test met which row
is written to `tests/artifacts/contract-rows.txt`.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

CONTRACT = Path(__file__).parents[1] / "contract"
REPORT = Path(__file__).parents[1] / "artifacts" / "contract-rows.txt"
FOLDER = "SALON_CONTRACT_NOTES"
"""Names the folder that all processes of a run write their notes to."""

Row = tuple[str, str, int]
"""Method, path template, status."""

_noted: set[tuple[str, ...]] = set()
_missing = pytest.StashKey[list[str]]()


def read_rows() -> dict[tuple[str, str], list[int]]:
    """The table: statuses by method and path."""
    text = (CONTRACT / "rows.toml").read_text(encoding="utf-8")
    rows: dict[tuple[str, str], list[int]] = {}
    for table in tomllib.loads(text)["rows"].values():
        for line in table:
            method, path, *statuses = line.split()
            if (method, path) in rows:
                raise ValueError(f"{method} {path} stands in rows.toml twice")
            rows[method, path] = [int(status) for status in statuses]
    return rows


def note(method: str, template: str, status: int) -> None:
    """An answer came; a no-op outside of such a run."""
    folder = os.environ.get(FOLDER)
    test = os.environ.get("PYTEST_CURRENT_TEST", "").partition(" ")[0]
    line = (method, template, str(status), test)
    if not folder or line in _noted:
        return
    _noted.add(line)
    with (Path(folder) / f"{os.getpid()}.tsv").open("a", encoding="utf-8") as file:
        file.write("\t".join(line) + "\n")


def _read_notes() -> dict[Row, set[str]]:
    met: defaultdict[Row, set[str]] = defaultdict(set)
    for path in Path(os.environ[FOLDER]).glob("*.tsv"):
        for line in path.read_text(encoding="utf-8").splitlines():
            method, template, status, test = line.split("\t")
            met[method, template, int(status)].add(test)
    return met


def _compare(met: dict[Row, set[str]]) -> Iterator[tuple[str, set[str]]]:
    for (method, path), statuses in read_rows().items():
        for status in statuses:
            yield f"{method} {path} {status}", met.get((method, path, status), set())


# Hooks of pytest, imported by `tests/conftest.py`.


def _is_controller(config: pytest.Config) -> bool:
    return not hasattr(config, "workerinput")


def pytest_configure(config: pytest.Config) -> None:
    """Give all processes of this run one folder."""
    if _is_controller(config):
        os.environ[FOLDER] = tempfile.mkdtemp(prefix="salon-contract-")


def pytest_unconfigure(config: pytest.Config) -> None:
    """Throw the notes away."""
    if _is_controller(config):
        shutil.rmtree(os.environ.pop(FOLDER, ""), ignore_errors=True)


def _was_whole(config: pytest.Config) -> bool:
    """Whether all of `tests/contract` was asked for."""
    option = config.option
    if option.keyword or option.markexpr or option.collectonly or getattr(option, "lf", False):
        return False
    if option.ignore:
        return False
    asked = [(config.invocation_params.dir / arg).resolve() for arg in config.args]
    return any(path == CONTRACT or path in CONTRACT.parents for path in asked)


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Compare, once everything has passed."""
    config = session.config
    if not _is_controller(config) or exitstatus != 0 or not _was_whole(config):
        return
    compared = sorted(_compare(_read_notes()))
    REPORT.parent.mkdir(exist_ok=True)
    lines = [f"{row}  {len(tests)} tests, such as {min(tests, default='none')}" for row, tests in compared]
    REPORT.write_text("\n".join(lines) + "\n", encoding="utf-8")
    config.stash[_missing] = [row for row, tests in compared if not tests]
    if config.stash[_missing]:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say which rows no test has met."""
    missing = config.stash.get(_missing, None)
    if missing is None:
        return
    terminalreporter.section("rows of the contract")
    total = sum(len(statuses) for statuses in read_rows().values())
    terminalreporter.line(f"{total - len(missing)} of {total} rows were answered; see {REPORT}")
    for row in missing:
        terminalreporter.line(f"no test was answered: {row}", red=True)
