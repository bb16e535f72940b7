"""One small interface for what finds the items of minutes, and what stands behind it."""

import asyncio
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice

import structlog

from salon.ai.remote.chat import ChatModel, RemoteUnclear
from salon.ai.remote.client import RemoteFailed
from salon.ai.transcripts.figures import MinutesFigures
from salon.ai.transcripts.minutes import Fallback, Item, ItemList, sum_up
from salon.ai.transcripts.model import Line
from salon.ai.transcripts.prompt import (
    RULES,
    Dropped,
    Point,
    UnclearAnswer,
    Window,
    read_answer,
    windows_of,
)

log = structlog.get_logger()

MAX_WINDOWS = 40
"""Questions about one meeting: some nine hours of talk."""


class SummaryFailed(Exception):
    """There is no summary."""

    def __init__(self, reason: Fallback) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Summary:
    """What matters in a meeting, and who says so."""

    items: list[Item]
    made_by: str | None = None
    left_out: int = 0


class Summarizer(ABC):
    """Finds decisions, tasks and questions in what was said."""

    @abstractmethod
    async def summarize(self, lines: Sequence[Line]) -> Summary:
        """Items of a transcript, whose lines come in the order in which they were begun.

        Raises:
            SummaryFailed: it cannot now, or not of this transcript.
        """

    @abstractmethod
    async def close(self) -> None:
        """Let go of what it holds; safe to call twice."""


class WordSummarizer(Summarizer):
    """Chooses sentences by their own words. Never fails."""

    async def summarize(self, lines: Sequence[Line]) -> Summary:
        return Summary(await asyncio.to_thread(sum_up, lines))

    async def close(self) -> None:
        pass


class ModelSummarizer(Summarizer):
    """Asks a language model, window by window, and believes nothing that cites nothing.

    Args:
        timeout: how long all windows of one meeting may take together.
    """

    def __init__(self, model: ChatModel, *, timeout: timedelta, figures: MinutesFigures) -> None:
        self._model = model
        self._timeout = timeout
        self._figures = figures

    async def close(self) -> None:
        await self._model.close()

    async def summarize(self, lines: Sequence[Line]) -> Summary:
        windows = await asyncio.to_thread(lambda: list(islice(windows_of(lines), MAX_WINDOWS + 1)))
        if len(windows) > MAX_WINDOWS:
            raise SummaryFailed("too_long")
        try:
            async with asyncio.timeout(self._timeout.total_seconds()), asyncio.TaskGroup() as group:
                tasks = [group.create_task(self._read(window)) for window in windows]
        except TimeoutError as fault:
            log.warning("minutes.model_late", windows=len(windows))
            raise SummaryFailed("no_answer") from fault
        except ExceptionGroup as faults:
            failed = [fault for fault in faults.exceptions if isinstance(fault, SummaryFailed)]
            if not failed:
                raise
            raise failed[0] from faults
        answers = [task.result() for task in tasks]
        dropped = sum((some for _, some in answers), Counter[Dropped]())
        found = ItemList()
        points = [point for some, _ in answers for point in some]
        for point in sorted(points, key=lambda one: one.numbers[0]):
            found.add(point.kind, point.text, [lines[number - 1] for number in point.numbers])
        self._figures.on_answer(kept=len(points), dropped=dropped)
        if dropped and not points:
            log.warning("minutes.model_cites_nothing", dropped=dropped.total())
            raise SummaryFailed("bad_answer")
        return Summary(found.items, self._model.name, dropped.total())

    async def _read(self, window: Window) -> tuple[list[Point], Counter[Dropped]]:
        try:
            answer = await self._model.answer(rules=RULES, question=window.question)
            return read_answer(answer, window.shown)
        except (RemoteUnclear, UnclearAnswer) as fault:
            log.warning("minutes.model_unclear", fault=str(fault))
            raise SummaryFailed("bad_answer") from fault
        except RemoteFailed as fault:
            log.warning("minutes.model_failed", fault=str(fault))
            raise SummaryFailed("no_answer") from fault
