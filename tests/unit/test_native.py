"""The engine's binary and its sources: told apart when one is older."""

import shutil
from pathlib import Path

from salon import _sfu, native

ROOT = Path(__file__).resolve().parents[2]


def test_the_built_engine_is_as_new_as_its_sources() -> None:
    native.require_engine()
    assert native.source_hash(ROOT) == _sfu.SOURCE_HASH


def test_any_change_of_a_source_is_noticed(tmp_path: Path) -> None:
    shutil.copy(ROOT / "Cargo.toml", tmp_path)
    shutil.copy(ROOT / "Cargo.lock", tmp_path)
    shutil.copytree(ROOT / "sfu", tmp_path / "sfu")
    assert native.source_hash(tmp_path) == _sfu.SOURCE_HASH
    source = tmp_path / "sfu" / "core" / "src" / "lib.rs"
    source.write_text(source.read_text() + "\n")
    changed = native.source_hash(tmp_path)
    assert changed != _sfu.SOURCE_HASH
    (tmp_path / "sfu" / "net" / "tests" / "not_in_the_binary.rs").touch()
    assert native.source_hash(tmp_path) == changed
    (tmp_path / "sfu" / "net" / "src" / "new.rs").touch()
    assert native.source_hash(tmp_path) != changed
