"""What one process counts, in Prometheus' text form; labels are fixed words, never a treatment or a patient."""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram, PlatformCollector, ProcessCollector
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.metrics_core import Metric
from starlette.types import ASGIApp, Message, Receive, Scope, Send

CONTENT_TYPE: Final = CONTENT_TYPE_PLAIN_0_0_4
_METHODS = {"GET", "POST", "PUT", "HEAD"}
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)


class Metrics:
    """A registry of this process's own; safe to use from several threads. Memory, CPU and files come with it."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        PlatformCollector(registry=self._registry)

    def counter(self, name: str, told: str, label: str | None = None, words: Sequence[str] = ()) -> Counter:
        """A counter; all `words` that its label may have are there from the beginning, at 0."""
        made = Counter(name, told, [label] if label else [], registry=self._registry)
        for word in words:
            made.labels(word)
        return made

    def histogram(self, name: str, told: str, labels: Sequence[str]) -> Histogram:
        return Histogram(name, told, labels, registry=self._registry, buckets=_SECONDS)

    def text(self, looked_up: Iterable[Metric] = ()) -> bytes:
        """All of it as Prometheus reads it, and with it what was looked up for this one answer."""
        return generate_latest(_Together(self._registry, tuple(looked_up)))


class _Together(CollectorRegistry):
    """Gives what is counted, then what was looked up: a value that could not be looked up is absent, not old."""

    def __init__(self, counted: CollectorRegistry, looked_up: Sequence[Metric]) -> None:
        super().__init__()
        self._counted = counted
        self._looked_up = looked_up

    def collect(self) -> Iterator[Metric]:
        yield from self._counted.collect()
        yield from self._looked_up


def gauge(name: str, told: str, value: float) -> Metric:
    """A value that was looked up just now."""
    return GaugeMetricFamily(name, told, value=value)


def gauges(name: str, told: str, label: str, values: Mapping[str, float]) -> Metric:
    """Values that were looked up just now, one a word of the label."""
    family = GaugeMetricFamily(name, told, labels=[label])
    for word, value in values.items():
        family.add_metric([word], value)
    return family


class CountAnswers:
    """Middleware that times answers by method, route and status, until their first byte: a stream may last for days."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._seconds = metrics.histogram(
            "coursewatch_http_request_duration_seconds",
            "Seconds until an answer began, by route template",
            ("method", "route", "status"),
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()

        async def timed(message: Message) -> None:
            if message["type"] == "http.response.start":
                method = scope["method"] if scope["method"] in _METHODS else "other"
                labelled = self._seconds.labels(method, _route(scope), str(message["status"]))
                labelled.observe(time.perf_counter() - began)
            await send(message)

        await self._app(scope, receive, timed)


def _route(scope: Scope) -> str:
    """The template, such as /v1/treatments/{treatment}; the address itself may hold anything."""
    return str(getattr(scope.get("route"), "path", "none"))
