"""Worker processes for models: a bounded queue before them, and a new one for each that falls."""

import asyncio
import json
import os
import struct
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import structlog

from salon.ai.audio import BadAudio
from salon.ai.model_store import ModelMissing

log = structlog.get_logger()

_PATIENCE_S = 5.0
"""How long a closed worker may take to end."""


class Busy(Exception):
    """As many wait as may."""

    def __init__(self, retry_after_s: int) -> None:
        super().__init__("All models are busy.")
        self.retry_after_s = retry_after_s


class WorkFailed(Exception):
    """The worker fell, took too long, or its model failed; the text is for the log."""


@dataclass(slots=True)
class Figures:
    """What the workers did since the start."""

    done: int = 0
    refused: int = 0
    failed: int = 0
    restarts: int = 0
    audio_s: float = 0.0
    work_s: float = 0.0
    latest_s: deque[float] = field(default_factory=lambda: deque(maxlen=200))
    """From the question to the answer, waiting included."""

    @property
    def real_time_factor(self) -> float:
        """Seconds of work for one second of sound; 0 before the first."""
        return self.work_s / self.audio_s if self.audio_s else 0.0


class Workers:
    """So many processes; each works on one request at a time, in the order they came.

    One that has answered before is asked first: it holds the model, and the last one holds it in its caches.

    Args:
        niceness: how far they yield to others, as in nice(2).
    """

    def __init__(
        self,
        models: Path,
        *,
        count: int | None = None,
        waiting: int = 16,
        timeout_s: float = 300,
        environment: Mapping[str, str] | None = None,
        niceness: int = 2,
    ) -> None:
        cores = os.cpu_count() or 1
        self._count = count or max(1, cores // 2)
        self._threads = max(1, cores // self._count)
        self._models = models
        self._environment = dict(environment or {})
        self._niceness = niceness
        self._most_waiting = waiting
        self._timeout_s = timeout_s
        self._places = asyncio.Semaphore(self._count)
        self._free: list[_Worker] = []
        """Those that hold no model first, then the others, the latest last."""
        self._all: list[_Worker] = []
        self._waiting = 0
        self.figures = Figures()

    def start(self) -> None:
        """Begin. A process is made when it is first needed."""
        for _ in range(self._count):
            worker = _Worker(self._models, self._threads, self._niceness, self._environment)
            self._all.append(worker)
            self._free.append(worker)

    async def close(self) -> None:
        """End all processes; what they work on fails."""
        workers, self._all = self._all, []
        await asyncio.gather(*(worker.end() for worker in workers))

    @property
    def count(self) -> int:
        """Processes that work at one time."""
        return self._count

    @property
    def busy(self) -> int:
        """Processes that work on something now."""
        return self._count - len(self._free)

    @property
    def are_busy(self) -> bool:
        """Whether every process works on something."""
        return not self._free

    @property
    def queue_length(self) -> int:
        """Requests that wait for a worker."""
        return self._waiting

    async def ask(self, order: dict[str, Any], content: bytes = b"") -> dict[str, Any]:
        """The result of a request.

        Raises:
            Busy: too many wait already.
            BadAudio, ModelMissing: what the worker found.
            WorkFailed: it fell over this request, or took too long.
        """
        if self._waiting >= self._most_waiting:
            self.figures.refused += 1
            raise Busy(self._wait_s())
        asked = time.monotonic()
        self._waiting += 1
        try:
            await self._places.acquire()
        finally:
            self._waiting -= 1
        worker = self._free.pop()
        began = time.monotonic()
        try:
            async with asyncio.timeout(self._timeout_s):
                answer = await worker.ask(order, content)
        except asyncio.CancelledError:
            # Whoever gave up left the worker in the middle of something: it starts anew.
            await worker.end()
            self.figures.restarts += 1
            raise
        except (TimeoutError, OSError, EOFError) as fault:
            await worker.end()
            self.figures.restarts += 1
            self.figures.failed += 1
            log.warning("ai.worker_fell", task=order.get("task"), fault=type(fault).__name__)
            raise WorkFailed(f"{type(fault).__name__}: {fault}") from fault
        finally:
            self._give_back(worker)
        return self._take(answer, asked, began)

    async def prepare(self, order: dict[str, Any]) -> bool:
        """Let one more process do what ``order`` says, such as to load a model; False: none is without.

        Raises:
            As `ask`.
        """
        if not self._free or self._free[0].is_warm:
            return False
        # The next one to be asked.
        self._free.append(self._free.pop(0))
        await self.ask(order)
        return True

    def _give_back(self, worker: "_Worker") -> None:
        if worker.is_warm:
            self._free.append(worker)
        else:
            self._free.insert(0, worker)
        self._places.release()

    def _take(self, answer: dict[str, Any], asked: float, began: float) -> dict[str, Any]:
        if "bad" in answer:
            raise BadAudio(str(answer["bad"]))
        if "missing" in answer:
            raise ModelMissing(str(answer["missing"]))
        if "failed" in answer:
            self.figures.failed += 1
            raise WorkFailed(str(answer["failed"]))
        result: dict[str, Any] = answer["result"]
        if "seconds" not in result:
            # A model that was loaded, or a sign of life: not what somebody waited for.
            return result
        now = time.monotonic()
        self.figures.done += 1
        self.figures.audio_s += float(result["seconds"])
        self.figures.work_s += now - began
        self.figures.latest_s.append(now - asked)
        return result

    def _wait_s(self) -> int:
        """When it is worth to come back: after half of those who wait, at the pace of the latest."""
        latest = self.figures.latest_s
        mean = sum(latest) / len(latest) if latest else 1.0
        return max(1, min(60, round(mean * self._most_waiting / 2 / self._count)))


class _Worker:
    def __init__(self, models: Path, threads: int, niceness: int, environment: dict[str, str]) -> None:
        self._command = (
            sys.executable, "-m", "salon.ai.worker", str(models), str(threads), str(niceness)
        )  # fmt: skip
        self._environment = environment
        self._process: Process | None = None
        self.is_warm = False
        """Its process has answered before."""

    async def ask(self, order: dict[str, Any], content: bytes) -> dict[str, Any]:
        process = self._process
        if process is None or process.returncode is not None:
            process = self._process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=PIPE,
                stdout=PIPE,
                env=_environment() | self._environment,
                start_new_session=True,
            )
        if process.stdin is None or process.stdout is None:
            raise OSError("the worker has no pipes")
        head = json.dumps(order | {"bytes": len(content)}).encode()
        process.stdin.write(struct.pack(">I", len(head)) + head + content)
        await process.stdin.drain()
        size = struct.unpack(">I", await process.stdout.readexactly(4))[0]
        answer: dict[str, Any] = json.loads(await process.stdout.readexactly(size))
        self.is_warm = True
        return answer

    async def end(self) -> None:
        process, self._process = self._process, None
        self.is_warm = False
        if process is None or process.returncode is not None:
            return
        with suppress(ProcessLookupError):
            process.kill()
        with suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), _PATIENCE_S)


def _environment() -> dict[str, str]:
    """What every worker is told: no secrets, and no way out to a hub."""
    kept = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "LD_LIBRARY_PATH", "VIRTUAL_ENV", "PYTHONPATH")
    return {name: os.environ[name] for name in kept if name in os.environ} | {"HF_HUB_OFFLINE": "1"}
