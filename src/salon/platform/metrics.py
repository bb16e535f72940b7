"""Figures for dashboards, in a registry of the application's own."""

import time

import psutil
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics
from prometheus_client.exposition import generate_latest

# A second series per counter that nobody draws.
disable_created_metrics()  # type: ignore[no-untyped-call]  # the library left it so

SERVICES = ("user", "meeting", "signaling", "media", "ai")

_SERVICE_OF_PREFIX = (
    ("/api/v1/auth", "user"),
    ("/api/v1/users", "user"),
    ("/api/v1/admin/users", "user"),
    ("/api/v1/csrf-token", "user"),
    ("/api/v1/meetings", "meeting"),
    ("/api/v1/my/meetings", "meeting"),
    ("/api/v1/admin/meetings", "meeting"),
    ("/ws/signaling", "signaling"),
    ("/api/v1/sessions", "signaling"),
    ("/api/v1/messages", "signaling"),
    ("/api/v1/stats", "signaling"),
    ("/admin", "signaling"),
    ("/api/v1/ai/streams", "media"),
    ("/api/v1/ai/connectivity", "media"),
    ("/api/v1/ai", "ai"),
    ("/api/v1/media", "media"),
    ("/api/v1/webrtc", "media"),
    ("/api/v1/recording", "media"),
    ("/api/v1/ffmpeg", "media"),
)


def service_of(path: str) -> str:
    """The service a path belongs to; ``gateway`` for what belongs to none."""
    for prefix, service in _SERVICE_OF_PREFIX:
        if path.startswith(prefix):
            return service
    return "gateway"


class Metrics:
    """The registry, and the figures that the platform itself keeps.

    A service makes its own figures in `registry`; gauges that cost something are refreshed by `refresh`.
    """

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._started = time.monotonic()
        self._process = psutil.Process()
        self._requests = Counter(
            "http_requests_total",
            "Answered requests.",
            ["method", "endpoint", "status_code", "service"],
            registry=self.registry,
        )
        self._durations = Histogram(
            "http_request_duration_seconds",
            "Time from the request's head to the answer's end.",
            ["method", "endpoint", "service"],
            registry=self.registry,
        )
        self._failures = Counter(
            "salon_unhandled_errors_total",
            "Requests that ended in an error of ours.",
            ["service"],
            registry=self.registry,
        )
        self._connections_active = self._gauge("db_connections_active", "Database connections in use.")
        self._connections_idle = self._gauge("db_connections_idle", "Database connections waiting.")
        self._memory = self._gauge("memory_usage_bytes", "Resident memory of this process.")
        self._processor = self._gauge("cpu_usage_percent", "Of one core, since the last look.")
        self._uptime = self._gauge("service_uptime_seconds", "Since the start of this process.")
        self._health = Gauge(
            "service_health_status",
            "1: serves.",
            ["service", "endpoint"],
            registry=self.registry,
        )
        self.active_users = self._gauge("active_users_total", "Users connected now.", service="user")
        self.active_meetings = self._gauge(
            "active_meetings_total", "Meetings going on now.", service="meeting"
        )

    def _gauge(self, name: str, text: str, *, service: str = "salon") -> Gauge:
        return Gauge(name, text, ["service"], registry=self.registry).labels(service=service)

    @property
    def uptime_s(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self._started

    def observe(self, *, method: str, endpoint: str, status: int, seconds: float) -> None:
        """Count one answered request. `endpoint` is the route's template, never a path with ids."""
        service = service_of(endpoint)
        self._requests.labels(method, endpoint, str(status), service).inc()
        self._durations.labels(method, endpoint, service).observe(seconds)

    def count_failure(self, path: str) -> None:
        """Count a request that ended in an error of ours."""
        self._failures.labels(service_of(path)).inc()

    def render(self, *, database_connections: tuple[int, int]) -> bytes:
        """All figures, in Prometheus' text form."""
        active, idle = database_connections
        self._connections_active.set(active)
        self._connections_idle.set(idle)
        self._memory.set(self._process.memory_info().rss)
        self._processor.set(self._process.cpu_percent())
        self._uptime.set(self.uptime_s)
        for service in SERVICES[:4]:
            self._health.labels(service=service, endpoint="/health").set(1)
        return generate_latest(self.registry)
