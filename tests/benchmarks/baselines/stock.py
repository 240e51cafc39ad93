"""The same endpoints on the eventsourcing library's own `Application.save` and its PostgreSQL recorder.

Read as the product reads, and stored as its tutorial stores: no idempotency, no bytes as received. It is spared what
the tutorial does beside: a treatment is not loaded before it grows, and each is written by one process alone.
"""

from collections import defaultdict
from typing import Any
from uuid import UUID

import msgspec
from eventsourcing.application import Application
from eventsourcing.domain import DomainEvent
from sqlalchemy import make_url

from services.course.domain.submission import Submission


class FactRecorded(DomainEvent):
    fact: dict[str, Any]


class Stock(Application[UUID]):
    """Facts of treatments, saved together or one by one."""

    def __init__(self, env: dict[str, str]) -> None:
        super().__init__(env)
        self._versions: dict[UUID, int] = defaultdict(int)

    def record(self, submissions: list[Submission]) -> list[int]:
        """Positions of the facts, saved in one transaction."""
        return [recording.notification.id for recording in self.save(*map(self._event, submissions))]

    def _event(self, submission: Submission) -> FactRecorded:
        assert submission.treatment is not None
        self._versions[submission.treatment] += 1
        fact = msgspec.to_builtins(submission)
        del fact["received"]
        return FactRecorded(
            originator_id=submission.treatment,
            originator_version=self._versions[submission.treatment],
            timestamp=FactRecorded.create_timestamp(),
            fact=fact,
        )


def stock(database: str) -> Stock:
    """The library's application on a PostgreSQL database, with its default settings."""
    return Stock(environment(database))


def environment(database: str) -> dict[str, str]:
    """What the library reads to find a PostgreSQL database."""
    url = make_url(database)
    return {
        "PERSISTENCE_MODULE": "eventsourcing.postgres",
        "POSTGRES_DBNAME": url.database or "",
        "POSTGRES_HOST": url.host or "",
        "POSTGRES_PORT": str(url.port or 5432),
        "POSTGRES_USER": url.username or "",
        "POSTGRES_PASSWORD": url.password or "",
    }
