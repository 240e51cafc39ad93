"""Counts and gauges in Prometheus' text form; labels are fixed words, never a treatment or a patient."""

from collections import defaultdict
from collections.abc import Mapping
from threading import Lock

from starlette.types import ASGIApp, Message, Receive, Scope, Send

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Metrics:
    """A registry; safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._values: dict[tuple[str, str], float] = defaultdict(float)
        self._kinds: dict[str, str] = {}

    def count(self, name: str, by: float = 1, **labels: str) -> None:
        """Adds to a counter."""
        with self._lock:
            self._kinds[name] = "counter"
            self._values[name, _written(labels)] += by

    def gauge(self, name: str, value: float, **labels: str) -> None:
        """Sets a gauge."""
        with self._lock:
            self._kinds[name] = "gauge"
            self._values[name, _written(labels)] = value

    def text(self) -> str:
        """All of it, as Prometheus reads it."""
        lines: list[str] = []
        with self._lock:
            for name, kind in sorted(self._kinds.items()):
                lines.append(f"# TYPE {name} {kind}")
                values = sorted((labels, value) for (known, labels), value in self._values.items() if known == name)
                lines += [f"{name}{labels} {value:g}" for labels, value in values]
        return "\n".join(lines) + "\n"


def _written(labels: Mapping[str, str]) -> str:
    return "{" + ",".join(f'{name}="{value}"' for name, value in sorted(labels.items())) + "}" if labels else ""


class CountAnswers:
    """Middleware that counts answers by method and status as `coursewatch_http_answers_total`."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                method = scope["method"] if scope["method"] in {"GET", "POST", "PUT", "HEAD"} else "other"
                self._metrics.count("coursewatch_http_answers_total", method=method, status=str(message["status"]))
            await send(message)

        await self._app(scope, receive, counted)
