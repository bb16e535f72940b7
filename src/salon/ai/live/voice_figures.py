"""Figures of the warning about synthetic voices for dashboards."""

from collections.abc import Callable
from typing import Literal, get_args

from prometheus_client import CollectorRegistry, Counter, Gauge

SkippedBy = Literal["busy", "behind", "surplus", "failed"]
"""Why speech was not scored: the models did other work, captions needed the machine, there was more of it
at once than is kept, the detector failed."""


class VoiceFigures:
    """Counts speech that was scored, and what was not."""

    def __init__(self, registry: CollectorRegistry, *, suspicious: Callable[[], int]) -> None:
        self.scored_s = 0.0
        self.skipped_s: dict[SkippedBy, float] = dict.fromkeys(get_args(SkippedBy), 0.0)
        self.suspicious = suspicious
        """Voices that hosts are warned of now."""
        self._scored = Counter(
            "salon_voices_scored_seconds_total",
            "Speech that the detector of synthetic voices has scored.",
            registry=registry,
        )
        self._skipped = Counter(
            "salon_voices_skipped_seconds_total",
            "Speech that it has not: models busy, captions behind, too much at once, detector failed.",
            ["why"],
            registry=registry,
        )
        for why in get_args(SkippedBy):
            self._skipped.labels(why)
        Gauge(
            "salon_voices_suspicious", "Voices that hosts are warned of now.", registry=registry
        ).set_function(suspicious)

    def on_scored(self, seconds: float) -> None:
        """So much speech has a score."""
        self.scored_s += seconds
        self._scored.inc(seconds)

    def on_skipped(self, seconds: float, why: SkippedBy) -> None:
        """So much speech has none."""
        if seconds > 0:
            self.skipped_s[why] += seconds
            self._skipped.labels(why).inc(seconds)
