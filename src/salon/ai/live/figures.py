"""Figures of live captions for dashboards."""

from collections import deque
from collections.abc import Callable
from typing import Protocol

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

OUTCOMES = ("late", "failed")


class ReaderFigures(Protocol):
    """What is read of the reader when somebody asks."""

    read_s: float
    busy_s: float

    @property
    def waiting(self) -> int:
        """Finished phrases that wait."""


class CaptionFigures:
    """Counts lines, how late they are, and what was left out."""

    latest_lags_s: deque[float]
    """Of the latest final lines."""
    lines: int
    dropped_s: dict[str, float]
    """Speech without a line, by why."""

    def __init__(
        self, registry: CollectorRegistry, *, reader: ReaderFigures, meetings: Callable[[], int]
    ) -> None:
        self.latest_lags_s = deque(maxlen=200)
        self.lines = 0
        self.dropped_s = dict.fromkeys(OUTCOMES, 0.0)
        self.meetings = meetings
        self.reader = reader
        self._lag = Histogram(
            "salon_captions_lag_seconds",
            "From the end of a phrase to its final line.",
            buckets=(0.5, 0.75, 1, 1.5, 2, 3, 4, 6, 10),
            registry=registry,
        )
        self._dropped = Counter(
            "salon_captions_dropped_seconds_total",
            "Speech without a line, by why: the models were late, or failed.",
            ["outcome"],
            registry=registry,
        )
        for outcome in OUTCOMES:
            self._dropped.labels(outcome)
        Gauge("salon_captions_meetings", "Meetings with captions now.", registry=registry).set_function(
            meetings
        )
        Gauge(
            "salon_captions_waiting", "Finished phrases that wait for a model.", registry=registry
        ).set_function(lambda: reader.waiting)
        Gauge(
            "salon_captions_real_time_factor",
            "Seconds of work for one second of speech, since the start.",
            registry=registry,
        ).set_function(lambda: reader.busy_s / reader.read_s if reader.read_s else 0.0)

    def on_line(self, *, lag_s: float) -> None:
        """A final line was sent, so long after its speech ended."""
        self.lines += 1
        self.latest_lags_s.append(max(0.0, lag_s))
        self._lag.observe(max(0.0, lag_s))

    def on_dropped(self, seconds: float, *, outcome: str) -> None:
        """So much speech has no line."""
        self.dropped_s[outcome] += seconds
        self._dropped.labels(outcome).inc(seconds)
