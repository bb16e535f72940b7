"""Writes minutes: by the language model that is set up, else, or when it fails, by the words alone."""

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from salon.ai.transcripts.figures import MinutesFigures
from salon.ai.transcripts.minutes import Fallback, Minutes, speaking_time_of
from salon.ai.transcripts.model import Line
from salon.ai.transcripts.summarizers import Summarizer, Summary, SummaryFailed, WordSummarizer
from salon.meeting.face import MeetingId
from salon.platform.clock import Clock

MAX_KEPT = 64
"""Meetings whose summary is remembered."""

MAX_ASKED = 8
"""Meetings that the model reads at one time; more are summed up by the words."""

REST = timedelta(minutes=1)
"""A meeting that goes on, or that the model failed on, is shown to it again after that time: a page that is
loaded again and again costs no more."""


@dataclass(frozen=True, slots=True)
class _Draft:
    """What came of asking the model."""

    of: int
    made_at: datetime
    result: Summary | Fallback


class MinutesWriter:
    """Minutes of transcripts. Summaries of the model are remembered in memory, and asked for once at a time.

    Args:
        model: None: the words alone.
    """

    def __init__(self, *, clock: Clock, model: Summarizer | None, figures: MinutesFigures) -> None:
        self._clock = clock
        self._model = model
        self._figures = figures
        self._words = WordSummarizer()
        self._kept: OrderedDict[MeetingId, _Draft] = OrderedDict()
        self._asked: dict[MeetingId, asyncio.Task[_Draft]] = {}

    async def write(self, lines: Sequence[Line]) -> Minutes:
        """Minutes of one meeting; at least one line, in the order in which they were begun."""
        fallback: Fallback | None = None
        summary: Summary | None = None
        if self._model is not None:
            draft = await self._draft(self._model, lines)
            if isinstance(draft.result, Summary):
                summary, made_at = draft.result, draft.made_at
            else:
                fallback = draft.result
        if summary is None:
            summary, made_at = await self._words.summarize(lines), self._clock.now()
        return Minutes(
            items=summary.items,
            speaking_time=await asyncio.to_thread(speaking_time_of, lines),
            made_at=made_at,
            made_by=summary.made_by,
            left_out=summary.left_out,
            fallback=fallback,
        )

    def forget(self, meeting_id: MeetingId) -> None:
        """Nothing of that meeting is remembered, or shown to the model, any more."""
        self._kept.pop(meeting_id, None)
        task = self._asked.pop(meeting_id, None)
        if task is not None:
            task.cancel()

    def forget_all(self) -> None:
        """The same of all meetings."""
        for meeting_id in (*self._kept, *self._asked):
            self.forget(meeting_id)

    async def close(self) -> None:
        """End what is being asked; safe to call twice."""
        asked = list(self._asked.values())
        self.forget_all()
        await asyncio.gather(*asked, return_exceptions=True)
        if self._model is not None:
            await self._model.close()

    async def _draft(self, model: Summarizer, lines: Sequence[Line]) -> _Draft:
        meeting_id, of = lines[0].meeting_id, hash(tuple(line.line_id for line in lines))
        kept = self._kept.get(meeting_id)
        if kept is not None and self._still_holds(kept, of, lines):
            self._kept.move_to_end(meeting_id)
            return kept
        task = self._asked.get(meeting_id)
        if task is None:
            if len(self._asked) >= MAX_ASKED:
                return self._finished(of, "busy")
            task = asyncio.create_task(self._ask(model, lines, of))
            self._asked[meeting_id] = task
            task.add_done_callback(lambda done: self._on_done(meeting_id, done))
        # Who asked first may go away: the others wait on, and the summary is kept.
        await asyncio.wait({task})
        return self._finished(of, "no_answer") if task.cancelled() else task.result()

    def _still_holds(self, kept: _Draft, of: int, lines: Sequence[Line]) -> bool:
        """Whether a summary does for a transcript of these lines."""
        if isinstance(kept.result, Summary):
            if kept.of == of:
                return True
            cited = {one.line_id for item in kept.result.items for one in item.citations}
            if not cited <= {line.line_id for line in lines}:
                return False  # what it says was deleted
        return self._clock.now() - kept.made_at < REST

    async def _ask(self, model: Summarizer, lines: Sequence[Line], of: int) -> _Draft:
        try:
            return self._finished(of, await model.summarize(lines))
        except SummaryFailed as fault:
            return self._finished(of, fault.reason)

    def _finished(self, of: int, result: Summary | Fallback) -> _Draft:
        self._figures.on_minutes(None if isinstance(result, Summary) else result)
        return _Draft(of, self._clock.now(), result)

    def _on_done(self, meeting_id: MeetingId, task: asyncio.Task[_Draft]) -> None:
        if self._asked.get(meeting_id) is not task:
            return  # forgotten meanwhile
        del self._asked[meeting_id]
        if task.cancelled() or task.exception() is not None:
            return
        self._kept[meeting_id] = task.result()
        while len(self._kept) > MAX_KEPT:
            self._kept.popitem(last=False)
