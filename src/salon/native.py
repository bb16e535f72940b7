"""The Rust engine of this installation: is it there, and is it as new as its sources?"""

import hashlib
from pathlib import Path

_CRATES = ("core", "listener", "net", "py", "recorder", "session")
_REMEDY = "Run `make build`."


class EngineUnusable(RuntimeError):
    """The media engine is missing or older than its sources; the text names the remedy."""


def source_hash(root: Path) -> str:
    """SHA-256 (hex) of the engine's sources below a checkout.

    Covers, sorted by path: ``Cargo.toml``, ``Cargo.lock`` and, for each of the five crates, ``Cargo.toml``,
    ``build.rs`` and all ``*.rs`` under ``src``. Each file adds its path, a zero byte, the length of its
    content as eight bytes little-endian, and the content. ``sfu/py/build.rs`` does the same when it builds.
    """
    files = [root / "Cargo.toml", root / "Cargo.lock"]
    for name in _CRATES:
        crate = root / "sfu" / name
        files += [crate / "Cargo.toml", crate / "build.rs", *(crate / "src").rglob("*.rs")]
    named = sorted((file.relative_to(root).as_posix().encode(), file) for file in files if file.is_file())
    digest = hashlib.sha256()
    for path, file in named:
        content = file.read_bytes()
        digest.update(path + b"\0" + len(content).to_bytes(8, "little") + content)
    return digest.hexdigest()


def require_engine() -> None:
    """Make sure that `salon._sfu` can be imported and was built from the sources beside it.

    An installation without sources has nothing to compare and is taken as it is.

    Raises:
        EngineUnusable: it is missing, or the sources have changed since it was built.
    """
    try:
        from salon import _sfu  # noqa: PLC0415  (absent until it is built)
    except ImportError as error:
        raise EngineUnusable(f"The media engine salon._sfu is not built. {_REMEDY}") from error
    root = Path(__file__).resolve().parents[2]
    is_checkout = (root / "sfu" / "py" / "build.rs").is_file()
    if is_checkout and source_hash(root) != _sfu.SOURCE_HASH:
        raise EngineUnusable(f"The media engine salon._sfu is older than its Rust sources. {_REMEDY}")
