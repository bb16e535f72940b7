"""Events between services: ids and small facts, safe to receive twice."""

from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, TypeVar

import structlog
from prometheus_client import CollectorRegistry, Counter
from pydantic import BaseModel, ConfigDict

log = structlog.get_logger()


class Event(BaseModel):
    """Something that happened. Subclasses live in faces; their class name is their name on the wire."""

    model_config = ConfigDict(frozen=True)


E = TypeVar("E", bound=Event)
Handler = Callable[[E], Awaitable[None]]


class Subscription:
    """A handler's place on the bus; `close` takes it off, as often as one likes."""

    def __init__(self, close: Callable[[], None]) -> None:
        self._close = close

    def close(self) -> None:
        """Stop delivery to this handler."""
        self._close()


class Bus(ABC):
    """Carries events from who publishes to who subscribed."""

    @abstractmethod
    async def publish(self, event: Event) -> None:
        """Deliver to every subscriber, in the order this publisher publishes.

        A handler that fails is logged and counted; the publisher never notices.
        """

    @abstractmethod
    def subscribe(self, kind: type[E], handler: Handler[E]) -> Subscription:
        """Call `handler` for every event of exactly this class from now on."""


class InProcessBus(Bus):
    """The bus of one process: `publish` returns when every handler has run.

    Delivering in the publisher's own task keeps its order without a queue, hence nothing can overflow:
    whoever publishes waits. Handlers must not take long; work goes into their service's own tasks.
    """

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        self._handlers: defaultdict[type[Event], list[Handler[Any]]] = defaultdict(list)
        self._failures = Counter(
            "salon_bus_handler_failures_total",
            "Event handlers that raised, by event.",
            ["event"],
            registry=registry if registry is not None else CollectorRegistry(),
        )

    async def publish(self, event: Event) -> None:
        """Run the handlers of the event's class one after the other."""
        for handler in tuple(self._handlers.get(type(event), ())):
            try:
                await handler(event)
            except Exception:  # one subscriber's fault must hurt neither the publisher nor the others
                self._failures.labels(event=type(event).__name__).inc()
                log.exception("bus.handler_failed", event_name=type(event).__name__)

    def subscribe(self, kind: type[E], handler: Handler[E]) -> Subscription:
        """Call `handler` for every event of exactly this class from now on."""
        handlers = self._handlers[kind]
        handlers.append(handler)

        def close() -> None:
            with suppress(ValueError):
                handlers.remove(handler)

        return Subscription(close)
