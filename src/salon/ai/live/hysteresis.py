"""When a voice is called suspicious, and when no more. Pure: told scores and seconds, never the time."""

from math import exp
from typing import Final, Literal

VoiceState = Literal["no_data", "ok", "suspicious"]

LEAST_SCORED_S: Final = 6.0
"""Before so much speech nothing is said about a voice: a single phrase is no evidence."""
SMOOTHING_S: Final = 12.0
"""Time constant, in seconds of speech: two or three phrases weigh as much as all before them."""
RAISE: Final = 0.8
"""Smoothed score that makes a voice suspicious. High: a wrong warning costs somebody more than a late one."""
CLEAR: Final = 0.5
"""Smoothed score that makes it unsuspicious again: less likely than not. What lies between changes nothing:
a score that wavers around one value does not tell hosts now this, now that."""
LEAST_HIGH: Final = 2
"""Pieces of at least `RAISE` that it takes: one may be an outlier, a cough or a bad line."""


class VoiceJudge:
    """What is thought of one voice."""

    def __init__(self) -> None:
        self.state: VoiceState = "no_data"
        self.scored_s = 0.0
        """Speech that was scored, in seconds."""
        self._smoothed = 0.0
        self._high = 0
        """Pieces of at least `RAISE` since the smoothed score reached it."""

    @property
    def score(self) -> float | None:
        """Smoothed, 0 to 1; None while there is too little speech to say anything."""
        return None if self.state == "no_data" else self._smoothed

    def feed(self, score: float, seconds: float) -> bool:
        """Take the score (0 to 1) of one more piece of so many seconds; whether the state changed."""
        before = self.state
        weight = 1 - exp(-seconds / SMOOTHING_S) if self.scored_s else 1.0
        self._smoothed += weight * (score - self._smoothed)
        self.scored_s += seconds
        if self._smoothed < RAISE:
            self._high = 0
        elif score >= RAISE:
            self._high += 1
        self.state = self._judged()
        return self.state != before

    def _judged(self) -> VoiceState:
        if self.scored_s < LEAST_SCORED_S:
            return "no_data"
        if self._high >= LEAST_HIGH:
            return "suspicious"
        # A first piece that sounds made says nothing yet: neither that it is, nor that all is well.
        if self._smoothed <= CLEAR or (self.state == "no_data" and self._smoothed < RAISE):
            return "ok"
        return self.state
