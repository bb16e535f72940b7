"""Figures of the worker processes for dashboards."""

from collections.abc import Collection, Iterable, Mapping

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from salon.ai.workers import Workers

_COUNTERS = {
    "done": "Questions answered.",
    "refused": "Questions turned away because too many waited.",
    "failed": "Questions over which a worker fell or its model failed.",
    "restarts": "Workers that had to be replaced.",
    "audio_seconds": "Seconds of sound worked on.",
    "work_seconds": "Seconds of work.",
}


def quantile_of(values: Collection[float], quantile: float) -> float | None:
    """The value that so large a part of all (0 to 1) does not exceed; None: there are none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * quantile))] if ordered else None


class WorkerFigures(Collector):
    """What each pool of workers did, read when somebody asks."""

    def __init__(self, pools: Mapping[str, Workers]) -> None:
        self._pools = pools

    def describe(self) -> Iterable[Metric]:
        """Nothing: what is told needs no check for doubles."""
        return []

    def collect(self) -> Iterable[Metric]:
        """Counters, queues, and how the work compares with real time."""
        for name, text in _COUNTERS.items():
            metric = CounterMetricFamily(f"salon_ai_{name}", text, labels=["pool"])
            for pool, workers in self._pools.items():
                metric.add_metric([pool], _value(workers, name))
            yield metric
        waiting = GaugeMetricFamily("salon_ai_waiting", "Questions that wait now.", labels=["pool"])
        latency = GaugeMetricFamily(
            "salon_ai_latency_seconds",
            "Half and nearly all of the latest answers came within.",
            labels=["pool", "quantile"],
        )
        factor = GaugeMetricFamily(
            "salon_ai_real_time_factor", "Seconds of work for one second of sound.", labels=["pool"]
        )
        for pool, workers in self._pools.items():
            waiting.add_metric([pool], workers.queue_length)
            for quantile in (0.5, 0.95):
                value = quantile_of(workers.figures.latest_s, quantile)
                if value is not None:
                    latency.add_metric([pool, str(quantile)], value)
            factor.add_metric([pool], workers.figures.real_time_factor)
        yield from (waiting, latency, factor)


def _value(workers: Workers, name: str) -> float:
    figures = workers.figures
    match name:
        case "audio_seconds":
            return figures.audio_s
        case "work_seconds":
            return figures.work_s
        case _:
            return float(getattr(figures, name))
