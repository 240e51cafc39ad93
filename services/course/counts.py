"""What the ledger answered, counted: facts stored, repeated, contradicted and kept waiting."""

from collections.abc import Iterable

from services.course.domain.outcome import REASONS, Conflict, Opened, Outcome, Quarantined, Stored
from shared.metrics import Metrics


class Counts:
    """Counters of one process; `told` is called with every answer of the ledger."""

    def __init__(self, metrics: Metrics) -> None:
        words = ("stored", "replayed", "conflict", *REASONS)
        self._answers = metrics.counter(
            "coursewatch_facts", "Facts and openings handed in, by what became of them", "outcome", words
        )

    def told(self, outcomes: Iterable[Outcome | Opened]) -> None:
        for outcome in outcomes:
            self._answers.labels(_word(outcome)).inc()


def _word(outcome: Outcome | Opened) -> str:
    match outcome:
        case Stored(replayed=replayed):
            return "replayed" if replayed else "stored"
        case Opened(created=created):
            return "stored" if created else "replayed"
        case Conflict():
            return "conflict"
        case Quarantined(replayed=True):
            return "replayed"
        case Quarantined(reason=reason):
            return reason
