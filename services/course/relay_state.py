"""How the relay fares, for /metrics and /readyz of its process."""

import time
from typing import Final, Literal

from prometheus_client.metrics_core import Metric

from shared.metrics import Metrics, gauge

STALLED: Final = 60.0  # seconds; one batch waits 20 for Kafka's acknowledgement at most, and as long for the store
Part = Literal["starting", "sending", "standing by"]


class RelayState:
    """Written by the relay's loop, read by the health port's threads."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._sent = metrics.counter("coursewatch_relay_sent", "Facts that Kafka has acknowledged to this relay")
        self._restarts = metrics.counter("coursewatch_relay_restarts", "Terms that broke and were begun again")
        self._part: Part = "starting"
        self._failing: str | None = None
        self._alarm: str | None = None
        self._worked = time.monotonic()

    def works(self, part: Part, sent: int = 0) -> None:
        """A step was done."""
        self._part, self._failing, self._worked = part, None, time.monotonic()
        self._sent.inc(sent)

    def broke(self, why: str) -> None:
        self._failing, self._worked = why, time.monotonic()
        self._restarts.inc()

    def alarm(self, sentence: str | None) -> None:
        """What is wrong with the log itself; it stays until the relay finds it right."""
        self._alarm = sentence

    def ready(self) -> dict[str, object]:
        """Ready while it sends, or stands by for one that does."""
        idle = time.monotonic() - self._worked
        kafka = self._failing or ("ok" if idle < STALLED else f"nothing was done for {idle:.0f} s")
        checks = {"relay": self._part, "kafka": kafka, "log": self._alarm or "ok"}
        return {"ready": kafka == "ok" and self._alarm is None, "checks": checks}

    def text(self, looked_up: list[Metric]) -> bytes:
        """/metrics, with what the store said."""
        active = self._part == "sending" and self._failing is None
        looked_up.append(gauge("coursewatch_relay_active", "1 in the relay that sends", active))
        alarm = gauge("coursewatch_relay_log_alarm", "1 while Kafka knows more than the log", bool(self._alarm))
        return self._metrics.text([*looked_up, alarm])
