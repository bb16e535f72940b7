"""Where a phrase begins and ends. Pure: told what is heard and how likely it is speech, never the time."""

from collections import deque
from dataclasses import dataclass
from typing import Literal

import numpy as np

from salon.ai.audio import RATE_HZ, Samples

BEGIN, GO_ON = 0.5, 0.35
"""Probability of speech that begins a phrase, and that keeps it going."""
PAUSE_S = 0.5
"""Silence that ends a phrase: shorter and people are cut in the middle, longer and they wait for the line."""
LIKELY_S = 0.2
"""Silence after which the phrase is probably over: it can be read already, while the pause is waited for.
After 0.13 s a third of those readings were for nothing, as the speaker went on; after this, a seventh."""
LEAST_S = 0.25
"""Speech in a phrase at least; less is a click or a cough."""
LONGEST_S, CUT_AFTER_S = 12.0, 9.0
"""A phrase is cut at the next dip after the second, and at the first wherever it is."""
BEFORE_S = 0.3
"""Sound before the first speech that belongs to it: beginnings are soft."""
FIRST_PARTIAL_S, PARTIAL_EVERY_S = 1.2, 2.0
"""When a phrase under way is first shown, and how often then: each time costs as much as a finished one."""


State = Literal["partial", "likely", "final", "nothing"]
"""`likely`: final, unless the speaker goes on. `nothing`: what had been shown as partial was no speech."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """What somebody said, or said so far."""

    number: int
    """Counts the phrases of a voice; the same for every state of one phrase."""
    state: State
    begin_us: int
    end_us: int
    """Of the last speech in it, in microseconds since 1970."""
    pcm: Samples

    @property
    def is_partial(self) -> bool:
        """Whether it may go on."""
        return self.state in ("partial", "likely")

    @property
    def seconds(self) -> float:
        """How long the sound is."""
        return self.pcm.size / RATE_HZ


class Segmenter:
    """The phrases of one voice."""

    def __init__(self) -> None:
        self._before: deque[Samples] = deque()
        self._before_size = 0
        self._windows: list[Samples] = []
        self._size = 0
        self._begin_us = 0
        self._speech = 0
        self._silence = 0
        self._next_partial = 0
        self._number = 0
        self._is_likely_over = False
        """Told of the silence under way."""

    @property
    def is_open(self) -> bool:
        """Whether a phrase is under way."""
        return bool(self._windows)

    @property
    def size(self) -> int:
        """Samples of the phrase under way."""
        return self._size

    def feed(self, window: Samples, probability: float, at_us: int) -> list[Phrase]:
        """Take the next window, which began at ``at_us``; what there is to say about phrases."""
        if not self.is_open:
            if probability < BEGIN:
                self._remember(window)
                return []
            self._open(at_us)
        self._windows.append(window)
        self._size += window.size
        if probability >= GO_ON:
            self._speech += window.size
            self._silence = 0
        else:
            self._silence += window.size
        return self._look()

    def end(self) -> list[Phrase]:
        """Nothing comes any more, or something is missing: what was under way is over."""
        self._before.clear()
        self._before_size = 0
        return [self._close()] if self.is_open else []

    def _look(self) -> list[Phrase]:
        seconds = self._size / RATE_HZ
        pause_s = self._silence / RATE_HZ
        is_cut = seconds >= LONGEST_S or (seconds >= CUT_AFTER_S and pause_s > 0.06)
        if pause_s >= PAUSE_S or is_cut:
            return [self._close()]
        if self._speech / RATE_HZ < LEAST_S:
            return []
        if self._silence == 0:
            self._is_likely_over = False
            return [self._show("partial")] if self._size >= self._next_partial else []
        if pause_s >= LIKELY_S and not self._is_likely_over:
            self._is_likely_over = True
            return [self._show("likely")]
        return []

    def _show(self, state: State) -> Phrase:
        self._next_partial = self._size + int(PARTIAL_EVERY_S * RATE_HZ)
        return self._phrase(state)

    def _open(self, at_us: int) -> None:
        self._number += 1
        self._windows = list(self._before)
        self._size = self._before_size
        self._begin_us = at_us - self._before_size * 1_000_000 // RATE_HZ
        self._speech = self._silence = 0
        self._next_partial = int(FIRST_PARTIAL_S * RATE_HZ)
        self._is_likely_over = False
        self._before.clear()
        self._before_size = 0

    def _close(self) -> Phrase:
        is_speech = self._speech / RATE_HZ >= LEAST_S
        phrase = self._phrase("final" if is_speech else "nothing")
        self._windows, self._size = [], 0
        return phrase

    def _phrase(self, state: State) -> Phrase:
        heard = self._size - self._silence
        end_us = self._begin_us + heard * 1_000_000 // RATE_HZ
        return Phrase(self._number, state, self._begin_us, end_us, np.concatenate(self._windows))

    def _remember(self, window: Samples) -> None:
        self._before.append(window)
        self._before_size += window.size
        while self._before_size - self._before[0].size >= BEFORE_S * RATE_HZ:
            self._before_size -= self._before.popleft().size
