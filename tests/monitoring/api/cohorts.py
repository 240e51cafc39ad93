"""Facts of scenarios brought into a store by the real projector, as the feed would deliver them."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

import msgspec

from services.monitoring.facts import micros_of, read_item
from services.monitoring.projector import Advance, Projector
from services.monitoring.rules.facts import Fact
from services.monitoring.store import checkpoints
from services.monitoring.transport.feed import SOURCE
from services.monitoring.transport.seam import Delivery, Mark
from shared.clock import ManualClock
from shared.contracts.v1.feed import FeedItem
from shared.database import Database
from shared.texts import write_instant
from tests.scenario import EDITION, Scenario

EDITIONS = {EDITION.protocol: EDITION}


class Log:
    """A course log as the monitoring service meets it: facts of many treatments in the order of their recording."""

    def __init__(self, store: Database) -> None:
        self._projector = Projector(store, EDITIONS, ManualClock())
        self._store = store
        self._position = 0
        checkpoints.claim(store, SOURCE, [0])

    def deliver(self, *scenarios: Scenario, upto: int | None = None) -> None:
        """All facts of these treatments, in one batch; those already delivered are known and skipped."""
        facts = sorted((fact for one in scenarios for fact in one.facts), key=lambda fact: fact.recorded_at)
        self.deliver_facts(facts[:upto])

    def deliver_facts(self, facts: Iterable[Fact]) -> None:
        deliveries = []
        for fact in facts:
            self._position += 1
            deliveries.append(_delivery(replace(fact, position=self._position)))
        self._project(deliveries)

    def run_dates(self, now: datetime) -> int:
        return self._projector.run_dates(now)

    def _project(self, deliveries: Sequence[Delivery]) -> None:
        with self._store.read() as connection:
            old = checkpoints.read(connection, SOURCE)
        through = max(
            [
                old[0].known_through,
                *(micros_of(d.content.recorded_at) for d in deliveries if isinstance(d.content, FeedItem)),
            ]
        )
        new = {0: checkpoints.Checkpoint(self._position, through)}
        self._projector.project(deliveries, Advance(SOURCE, old, new))


def item(fact: Fact) -> FeedItem:
    """The feed item that says what the fact says."""
    return FeedItem(
        position=fact.position,
        fact_id=fact.fact_id,
        treatment=fact.treatment,
        version=fact.version,
        type=fact.type,
        schema=1,
        occurred_at=fact.occurred_at.isoformat() if fact.occurred_at else None,
        occurred_on=fact.occurred_on,
        zone=fact.zone,
        issued_at=fact.issued_at.isoformat() if fact.issued_at else None,
        recorded_at=write_instant(fact.recorded_at),
        sender="local",
        source="urn:test:scenario",
        author="tester",
        business_id=fact.business_id,
        corrects=fact.corrects,
        data=msgspec.Raw(msgspec.json.encode(fact.data)),
    )


def _delivery(fact: Fact) -> Delivery:
    value = msgspec.json.encode(item(fact))
    return Delivery(Mark(0, fact.position), None, value, read_item(value))
