"""The log replayed as auditors read it: each treatment's facts in the order they were recorded, from the rows."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from eventsourcing.application import Application

from services.course.persistence.events import FactRecorded
from services.course.persistence.infrastructure import LogFactory


@dataclass(frozen=True, slots=True)
class Treatment:
    """A treatment as far as it was replayed."""

    id: UUID
    version: int
    facts: tuple[FactRecorded, ...]


def replay(before: Treatment | None, events: Iterable[FactRecorded]) -> Treatment | None:
    """Adds events to a treatment; an own projector, because the library's asks each event for its protocol."""
    facts = list(before.facts) if before else []
    facts.extend(events)
    return Treatment(facts[0].originator_id, facts[-1].originator_version, tuple(facts)) if facts else None


class CourseLog(Application[UUID]):
    """Opens a course database for reading. It never writes: the ledger's appender is the only way into the log."""

    def __init__(self, url: str) -> None:
        super().__init__({"PERSISTENCE_MODULE": f"{LogFactory.__module__}:{LogFactory.__name__}", "COURSE_LOG": url})

    def treatment(self, treatment: UUID, version: int | None = None) -> Treatment:
        """One treatment, up to a version if one is named; raises eventsourcing's AggregateNotFoundError."""
        return self.repository.get(treatment, version=version, projector_func=replay)
