"""Figures of the language model that writes minutes, for dashboards."""

from collections import Counter
from typing import get_args

from prometheus_client import CollectorRegistry
from prometheus_client import Counter as CounterMetric

from salon.ai.transcripts.minutes import Fallback
from salon.ai.transcripts.prompt import Dropped

_MADE = "made"
_KEPT = "kept"


class MinutesFigures:
    """Counts how often the model was needed and what came of it, and which of its items counted."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._outcomes = CounterMetric(
            "salon_ai_minutes_total",
            "Minutes asked of the language model: made, or why the words had to do.",
            ["outcome"],
            registry=registry,
        )
        self._items = CounterMetric(
            "salon_ai_minutes_items_total",
            "Items of the language model: kept, or left out for their kind, their text, their citations.",
            ["fate"],
            registry=registry,
        )
        for outcome in (_MADE, *get_args(Fallback)):
            self._outcomes.labels(outcome)
        for fate in (_KEPT, *get_args(Dropped)):
            self._items.labels(fate)

    def on_minutes(self, fallback: Fallback | None) -> None:
        """The model was asked for minutes."""
        self._outcomes.labels(fallback or _MADE).inc()

    def on_answer(self, *, kept: int, dropped: Counter[Dropped]) -> None:
        """It answered."""
        self._items.labels(_KEPT).inc(kept)
        for fate, count in dropped.items():
            self._items.labels(fate).inc(count)
