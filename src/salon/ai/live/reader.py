"""Phrases on their way through the models: in order, not too many, and never so late that nobody cares."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import Any

import structlog

from salon.ai.audio import BadAudio
from salon.ai.live.backlog import Backlog, Job
from salon.ai.live.guesses import Guesses
from salon.ai.live.reading import Outcome, Reading
from salon.ai.live.segmenter import Phrase
from salon.ai.live.state import Condition
from salon.ai.live.voices import VoiceKey
from salon.ai.model_store import ModelMissing
from salon.ai.workers import Busy, Workers, WorkFailed

log = structlog.get_logger()

BEHIND_FOR_S = 15.0
"""How long after something was left out people are told so."""
PARTIAL_REST = 2.0
"""After showing an unfinished phrase the models rest so many times as long: a finished one may come. Where
they wait for cores they rest longer, by the square of `salon.ai.strain.Strain`: what is shown early is paid
for by what is over."""
SPARE = 2
"""Workers that hold the model beyond those that read: who begins to speak waits for none, and a machine with
many cores fills its memory only when as many speak."""
STRAIN_MEMORY = 0.7
"""How much of the strain before counts beside the latest."""

MOST_TOGETHER = 4
"""Phrases that one worker reads at once. It reads four in about four fifths of the time they take one by one,
and the first of them comes as late as the last: so they are joined only where as many wait, when keeping up
counts for more than the single line."""


class Reader:
    """Owns the workers that read phrases."""

    def __init__(
        self, workers: Workers, *, model: str, languages: tuple[str, ...], now: Callable[[], float]
    ) -> None:
        self._workers = workers
        self._model = model
        self._languages = languages
        self._now = now
        """Seconds since 1970: what the times of phrases count."""
        self._backlog: Backlog[VoiceKey, Phrase] = Backlog()
        self._guesses = Guesses()
        self._spoken: dict[VoiceKey, str] = {}
        self._trouble: dict[str, tuple[Condition, float]] = {}
        self._work = asyncio.Event()
        self._done: asyncio.Queue[Reading] = asyncio.Queue()
        self._tasks: set[asyncio.Task[None]] = set()
        self._partials_read = 0
        self._no_partial_before = 0.0
        self._strain = 1.0
        self._under_way = 0
        self._most_under_way = workers.count
        """As many as hold the model, once it was asked for beforehand."""
        self._is_warm = False
        self._is_loading = False
        self._ready_at: float | None = None
        """When the first worker had loaded the model."""
        self.read_s = 0.0
        self.busy_s = 0.0

    def put(self, key: VoiceKey, phrase: Phrase) -> list[Reading]:
        """Take a phrase; what had to be left out for it."""
        if phrase.state == "nothing":
            self._backlog.forget_unfinished(key)
            self._guesses.give_up(key, phrase)
            return []
        if phrase.state == "final":
            is_known, reading = self._guesses.end(key, phrase)
            if reading is not None:
                self._done.put_nowait(reading)
            if is_known:
                self._backlog.forget_unfinished(key)
                return []
        job = Job(key, phrase.state, phrase.end_us / 1e6, phrase)
        left_out = self._backlog.put(job)
        self._work.set()
        return [self._missed(job, "late") for job in left_out]

    def forget(self, room: str) -> None:
        """Nobody listens to this room any more."""
        self._guesses.forget(room)
        self._spoken = {key: spoken for key, spoken in self._spoken.items() if key.room != room}
        self._trouble.pop(room, None)

    def warm_up(self) -> None:
        """Load the model before somebody speaks."""
        if not self._is_warm:
            self._is_warm = True
            self._most_under_way = 0
            self._load_more()

    @property
    def waiting(self) -> int:
        """Finished phrases that wait."""
        return self._backlog.finals

    def condition(self, room: str) -> Condition:
        """How it goes in a room."""
        condition, since = self._trouble.get(room, ("ok", 0.0))
        if self._now() - since > BEHIND_FOR_S:
            self._trouble.pop(room, None)
            return "ok"
        return condition

    def start(self) -> None:
        """Begin to work."""
        self._workers.start()
        for _ in range(self._workers.count):
            self._spawn(self._run())

    async def readings(self) -> AsyncIterator[Reading]:
        """What becomes of the phrases, for ever."""
        while True:
            yield await self._done.get()

    async def close(self) -> None:
        """Stop."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._workers.close()

    async def _run(self) -> None:
        while True:
            await self._work.wait()
            if self._under_way >= self._most_under_way:
                self._work.clear()
                continue
            now = self._now()
            ready_at = now if self._ready_at is None else self._ready_at
            job, late = self._backlog.take(now, ready_at=ready_at, with_partials=self._may_show_partials(now))
            for missed in late:
                self._done.put_nowait(self._missed(missed, "late"))
            if job is None:
                await self._rest()
                continue
            self._under_way += 1
            self._load_more()
            try:
                readings = await self._read_stages([job, *self._others(job, now, ready_at)])
            finally:
                self._under_way -= 1
                self._work.set()
            for reading in readings:
                self._done.put_nowait(reading)

    def _others(self, job: Job[VoiceKey, Phrase], now: float, ready_at: float) -> list[Job[VoiceKey, Phrase]]:
        """What is read together with a phrase because no worker is free for it: of any voice in any room."""
        is_free = self._workers.busy < self._workers.count - 1
        if job.stage == "partial" or is_free or self._backlog.awaited < MOST_TOGETHER - 1:
            return []
        more, late = self._backlog.take_more(now, MOST_TOGETHER - 1, ready_at=ready_at)
        for missed in late:
            self._done.put_nowait(self._missed(missed, "late"))
        return more

    def _may_show_partials(self, now: float) -> bool:
        # A worker is kept free of them where there are several: a finished phrase may come.
        most = max(1, self._workers.count - 1)
        return now >= self._no_partial_before and self._partials_read < most

    async def _read_stages(self, jobs: list[Job[VoiceKey, Phrase]]) -> list[Reading]:
        """What is to be told of phrases, whether they are over or not."""
        for job in jobs:
            if job.stage == "likely":
                self._guesses.begin(job.voice, job.work)
        is_partial = jobs[0].stage == "partial"
        self._partials_read += is_partial
        try:
            readings = await self._read(jobs)
        finally:
            self._partials_read -= is_partial
        found = [
            reading if job.is_final else self._guesses.settle(reading)
            for job, reading in zip(jobs, readings, strict=True)
        ]
        return [reading for reading in found if reading is not None]

    async def _rest(self) -> None:
        """Until there is something new, or unfinished phrases may be shown again."""
        self._work.clear()
        if len(self._backlog):
            with suppress(TimeoutError):
                patience = max(0.05, self._no_partial_before - self._now())
                async with asyncio.timeout(patience):
                    await self._work.wait()
            self._work.set()

    async def _read(self, jobs: list[Job[VoiceKey, Phrase]]) -> list[Reading]:
        began = self._now()
        try:
            content = b"".join(job.work.pcm.astype("<i2").tobytes() for job in jobs)
            found = await self._workers.ask(self._order(jobs), content)
        except (Busy, BadAudio, ModelMissing, WorkFailed) as fault:
            if len(jobs) > 1:
                # One of them may be to blame: the others are not to suffer for it.
                return [reading for job in jobs for reading in await self._read([job])]
            log.warning("captions.unread", fault=type(fault).__name__)
            self._trouble[jobs[0].voice.room] = ("unavailable", self._now())
            return [self._missed(jobs[0], "failed")]
        took_s = self._now() - began
        self.busy_s += took_s
        self._strain = STRAIN_MEMORY * self._strain + (1 - STRAIN_MEMORY) * float(found["strain"])
        if jobs[0].stage == "partial":
            self._no_partial_before = self._now() + PARTIAL_REST * took_s * self._strain**2
        return [
            self._heard(job, heard, began, took_s) for job, heard in zip(jobs, found["heard"], strict=True)
        ]

    def _heard(
        self, job: Job[VoiceKey, Phrase], heard: dict[str, Any], began: float, took_s: float
    ) -> Reading:
        self.read_s += job.work.seconds
        log.debug(
            "captions.read",
            stage=job.stage,
            sound_s=round(job.work.seconds, 2),
            waited_s=round(began - job.ended_at, 2),
            took_s=round(took_s, 2),
            strain=round(self._strain, 2),
        )
        if heard["text"]:
            self._remember(job.voice, str(heard["language"]))
        return Reading(
            job.voice,
            job.work,
            "read",
            text=str(heard["text"]),
            language=str(heard["language"]),
            confidence=float(heard["confidence"]),
            words=tuple((float(begin), float(end), str(text)) for begin, end, text, _ in heard["words"]),
        )

    def _order(self, jobs: list[Job[VoiceKey, Phrase]]) -> dict[str, Any]:
        return {
            "task": "phrases",
            "model": self._model,
            "allowed": self._languages,
            "phrases": [
                {
                    "language": self._spoken.get(job.voice, ""),
                    "is_over": job.stage != "partial",
                    "samples": int(job.work.pcm.size),
                }
                for job in jobs
            ],
        }

    def _remember(self, key: VoiceKey, language: str) -> None:
        self._spoken[key] = language

    def _missed(self, job: Job[VoiceKey, Phrase], outcome: Outcome) -> Reading:
        if outcome == "late":
            self._trouble[job.voice.room] = ("behind", self._now())
        return Reading(job.voice, job.work, outcome)

    def _load_more(self) -> None:
        if self._is_warm and not self._is_loading and self._most_under_way < self._wanted:
            self._is_loading = True
            self._spawn(self._load())

    @property
    def _wanted(self) -> int:
        return min(self._workers.count, self._under_way + SPARE)

    async def _load(self) -> None:
        """One worker after the other: the first reads while the next loads, and is ready in half the time."""
        try:
            while self._most_under_way < self._wanted:
                await self._workers.prepare({"task": "phrases", "model": self._model})
                self._most_under_way += 1
                self._begin_to_read()
        except (Busy, BadAudio, ModelMissing, WorkFailed) as fault:
            log.warning("captions.unloaded", fault=type(fault).__name__)
            # Those who read find out what is wrong, and tell.
            self._is_warm = False
            self._most_under_way = self._workers.count
            self._begin_to_read()
        finally:
            self._is_loading = False

    def _begin_to_read(self) -> None:
        if self._ready_at is None:
            self._ready_at = self._now()
        self._work.set()

    def _spawn(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
