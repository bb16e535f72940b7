"""What recording stands on besides the database: the engine, the durable jobs, the blobs, the renderer."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from pydantic import JsonValue
from sqlalchemy.ext.asyncio import AsyncSession

from salon.media.recording.rules import Command
from salon.platform.blobs import Blobs
from salon.platform.errors import SalonError

Progress = Callable[[float], Awaitable[None]]


class RecordingEngine(Protocol):
    """The recorder inside the media engine."""

    async def start_recording(self, *, room: str, recording: str, folder: Path) -> None:
        """Record a room into a folder, from now on."""

    async def stop_recording(self, *, room: str, recording: str) -> object:
        """Stop and seal."""


class JobRun(Protocol):
    """One try of a job."""

    job_id: Any
    payload: dict[str, JsonValue]

    async def progress(self, percent: float, note: str = "") -> None:
        """Tell how far it has come."""


class Job(Protocol):
    """A durable job as it stands."""

    job_id: Any
    kind: str
    status: str
    progress: float
    error: str


Handler = Callable[[Any], Awaitable[dict[str, JsonValue]]]


class Jobs(Protocol):
    """Durable jobs: run at least once, also after a kill."""

    def register(
        self, kind: str, handler: Handler, *, at_once: int = 1, tries: int = 5, timeout_s: float = 3600
    ) -> None:
        """Say who does jobs of a kind."""

    async def add(self, tx: AsyncSession, *, kind: str, subject: str, payload: dict[str, JsonValue]) -> Any:
        """A new job, within the caller's transaction."""

    async def list_of(self, subjects: Sequence[str]) -> dict[str, list[Any]]:
        """The jobs about these subjects, oldest first."""

    async def retry(self, job_id: Any) -> None:
        """Try a failed one again."""

    async def forget(self, subject: str) -> None:
        """End all jobs about a subject, and leave no trace of them."""


class Renderer(Protocol):
    """Makes files of a recording's folder, in a process of its own."""

    async def run(
        self,
        command: Command,
        folder: Path,
        out: Path,
        *,
        options: Sequence[str] = (),
        on_progress: Progress | None = None,
    ) -> dict[str, JsonValue]:
        """The result that the command prints.

        Raises:
            RenderingFailed: it says why it cannot.
        """


class RenderingFailed(SalonError):
    """The renderer cannot make this file; the text says why."""

    kind = "rendering_failed"


FreeSpace = Callable[[Path], int]
"""Bytes that are free where a folder lies."""


@dataclass(frozen=True, slots=True)
class RecordingTools:
    """All of them."""

    engine: RecordingEngine
    jobs: Jobs
    blobs: Blobs
    renderer: Renderer
    read_log: Callable[[Path], Any]
    """What a recording's folder tells: blocks, so in a thread."""
    free_space: FreeSpace
