"""What waits to be recognised, and what is left out when it is too much. Pure, told the time."""

from collections import OrderedDict, deque
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

MOST_LAG_S = 4.0
"""A phrase that ended longer ago is left out: a caption is worth nothing when the talk has moved on."""
MOST_LOADING_S = 30.0
"""What is said while the models are loaded may be so much older: it is how the meeting begins."""
MOST_WAITING = 64

Stage = Literal["partial", "likely", "final"]
"""Of a phrase: under way, probably over, over."""

K = TypeVar("K")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Job(Generic[K, T]):
    """One piece of work of one voice."""

    voice: K
    stage: Stage
    ended_at: float
    """When the speech in it ended, in seconds of the caller's clock."""
    work: T

    @property
    def is_final(self) -> bool:
        """Whether people wait for it in full."""
        return self.stage == "final"


class Backlog(Generic[K, T]):
    """Finished phrases in the order they ended, then what is probably over, then what is under way.

    Of phrases that are not finished only the latest state of each voice waits.
    """

    def __init__(self) -> None:
        self._finals: deque[Job[K, T]] = deque()
        self._likely: OrderedDict[K, Job[K, T]] = OrderedDict()
        self._partials: OrderedDict[K, Job[K, T]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._finals) + len(self._likely) + len(self._partials)

    @property
    def finals(self) -> int:
        """Finished phrases that wait."""
        return len(self._finals)

    @property
    def awaited(self) -> int:
        """Phrases that people wait for: over, or probably over."""
        return len(self._finals) + len(self._likely)

    def put(self, job: Job[K, T]) -> list[Job[K, T]]:
        """Take one more; what has to be left out for it."""
        # What is said in full need not be shown in part.
        self.forget_unfinished(job.voice)
        if not job.is_final:
            waiting = self._likely if job.stage == "likely" else self._partials
            waiting[job.voice] = job
            return []
        self._finals.append(job)
        return [self._finals.popleft()] if len(self._finals) > MOST_WAITING else []

    def forget_unfinished(self, voice: K) -> None:
        """Of this voice nothing is under way any more."""
        self._likely.pop(voice, None)
        self._partials.pop(voice, None)

    def take(
        self, now: float, *, ready_at: float = 0.0, with_partials: bool = True
    ) -> tuple[Job[K, T] | None, list[Job[K, T]]]:
        """The next piece of work, and those that came too late for it.

        Args:
            now: in seconds of the caller's clock.
            ready_at: when the models were loaded. Nothing said before is late because of that, as long as
                it is at most `MOST_LOADING_S` old.
            with_partials: whether phrases that are under way may be taken.
        """
        job, late = self._next_final(now, ready_at)
        if job is not None:
            return job, late
        if self._likely:
            return self._likely.popitem(last=False)[1], late
        if self._partials and with_partials:
            return self._partials.popitem(last=False)[1], late
        return None, late

    def take_more(
        self, now: float, count: int, *, ready_at: float = 0.0
    ) -> tuple[list[Job[K, T]], list[Job[K, T]]]:
        """At most so many more that people wait for, whoever's they are, and those that came too late.

        What is under way is not among them: it must not hold up what is over.
        """
        found: list[Job[K, T]] = []
        late: list[Job[K, T]] = []
        while len(found) < count:
            job, missed = self._next_final(now, ready_at)
            late += missed
            if job is None and self._likely:
                job = self._likely.popitem(last=False)[1]
            if job is None:
                break
            found.append(job)
        return found, late

    def _next_final(self, now: float, ready_at: float) -> tuple[Job[K, T] | None, list[Job[K, T]]]:
        late: list[Job[K, T]] = []
        while self._finals:
            job = self._finals.popleft()
            due_from = max(job.ended_at, min(ready_at, job.ended_at + MOST_LOADING_S))
            if now - due_from <= MOST_LAG_S:
                return job, late
            late.append(job)
        return None, late
