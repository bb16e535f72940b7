"""What recordings stand on, without media: small files, jobs in memory, blobs in a folder."""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from salon.media.engine import EngineError
from salon.media.recording.tools import RecordingTools, RenderingFailed
from salon.platform.jobs import RetryLater


@dataclass(frozen=True)
class Summary:
    segments: int
    bytes: int
    gaps: int = 0
    duration_s: float = 0.0


class FakeRecorder:
    """Writes one sealed segment for each recording unless `is_silent`."""

    def __init__(self) -> None:
        self.running: dict[str, tuple[str, Path]] = {}
        self.is_silent = False
        self.refusals: list[str] = []
        """Kinds of errors that the next commands fail with."""

    def _refuse(self) -> None:
        if self.refusals:
            raise EngineError(self.refusals.pop(0))

    def _line(self, folder: Path, **fields: Any) -> None:
        with (folder / "index.jsonl").open("a") as file:
            file.write(json.dumps({"t": time.time_ns() // 1000, **fields}) + "\n")

    async def start_recording(self, *, room: str, recording: str, folder: Path) -> None:
        self._refuse()
        if room in self.running:
            raise EngineError("exists")
        self._line(folder, kind="run", run=str(uuid.uuid4()), version=1)
        if not self.is_silent:
            (folder / "tracks" / "a1").mkdir(parents=True, exist_ok=True)
            (folder / "tracks" / "a1" / "000001.mkv").write_bytes(b"sound" * 20)
        self.running[room] = (recording, folder)

    async def stop_recording(self, *, room: str, recording: str) -> Summary:
        self._refuse()
        if self.running.get(room, ("", Path()))[0] != recording:
            raise EngineError("unknown_recording")
        _, folder = self.running.pop(room)
        self._line(folder, kind="stop", cause="command")
        sizes = [file.stat().st_size for file in folder.glob("tracks/*/*.mkv")]
        return Summary(len(sizes), sum(sizes))


@dataclass
class FakeJob:
    kind: str
    subject: str
    payload: dict[str, Any]
    job_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    status: str = "pending"
    progress: float = 0.0
    error: str = ""

    async def report(self, percent: float, note: str = "") -> None:
        self.progress = percent


class FakeJobs:
    """Done only when a test says so."""

    def __init__(self) -> None:
        self.handlers: dict[str, Any] = {}
        self.all: list[FakeJob] = []

    def register(
        self, kind: str, handler: Any, *, at_once: int = 1, tries: int = 5, timeout_s: float = 3600
    ) -> None:
        self.handlers[kind] = handler

    async def add(self, tx: Any, *, kind: str, subject: str, payload: dict[str, Any]) -> str:
        self.all.append(FakeJob(kind, subject, payload))
        return self.all[-1].job_id

    async def list_of(self, subjects: Sequence[str]) -> dict[str, list[Any]]:
        return {subject: [job for job in self.all if job.subject == subject] for subject in subjects}

    async def retry(self, job_id: str) -> None:
        next(job for job in self.all if job.job_id == job_id).status = "pending"

    async def forget(self, subject: str) -> None:
        self.all = [job for job in self.all if job.subject != subject]

    async def run_all(self) -> None:
        """Do what waits, once each."""

        @dataclass
        class Run:
            job_id: str
            payload: dict[str, Any]
            progress: Any

        for job in [job for job in self.all if job.status == "pending"]:
            job.status = "processing"
            try:
                await self.handlers[job.kind](Run(job.job_id, job.payload, job.report))
            except RetryLater:
                job.status = "pending"
            except Exception as fault:
                job.status, job.error = "failed", str(fault)
            else:
                job.status, job.progress = "completed", 100.0


class FakeRenderer:
    def __init__(self) -> None:
        self.faults: dict[str, str] = {}
        self.runs: list[tuple[str, tuple[str, ...]]] = []

    async def run(
        self,
        command: str,
        folder: Path,
        out: Path,
        *,
        options: Sequence[str] = (),
        on_progress: Any = None,
    ) -> dict[str, Any]:
        self.runs.append((command, tuple(options)))
        if command in self.faults:
            raise RenderingFailed(self.faults[command])
        await asyncio.sleep(0)
        if command not in ("seal", "verify"):
            out.write_bytes(f"{command} of {folder.name}".encode())
        return {"segments": 1}


@dataclass
class FakeLog:
    folder: Path
    end_us: int = 2_000_000
    people: dict[str, Any] = field(default_factory=dict)
    tracks: tuple[Any, ...] = ()
    speech: tuple[Any, ...] = ()
    chapters: tuple[Any, ...] = ()
    gaps: tuple[Any, ...] = ()

    def seconds(self, at_us: int) -> float:
        return at_us / 1e6


class FakeTools:
    """All of them, to be handed to a Salon; `free` is what the disk has."""

    def __init__(self) -> None:
        self.recorder = FakeRecorder()
        self.jobs = FakeJobs()
        self.renderer = FakeRenderer()
        self.free = 10**12

    def reset(self) -> None:
        """Nothing is refused, nothing fails, the disk is empty."""
        self.recorder.is_silent, self.recorder.refusals = False, []
        self.renderer.faults, self.free = {}, 10**12

    def __call__(self, real: RecordingTools) -> RecordingTools:
        return replace(
            real,
            engine=self.recorder,
            jobs=self.jobs,
            renderer=self.renderer,
            read_log=FakeLog,
            free_space=lambda _folder: self.free,
        )
