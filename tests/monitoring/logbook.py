"""A course log made of told histories: delivered as the feed or Kafka would, and asked for ranges as a gap does."""

import random
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import msgspec

from services.monitoring.facts import read_item
from services.monitoring.rules.facts import Fact
from services.monitoring.transport.seam import Delivery, Mark
from shared.contracts.v1.feed import FeedItem, Watermark

_TICK = timedelta(microseconds=1)


class Logbook:
    """Facts of several treatments in the order of their recording; positions 1..n without a gap."""

    def __init__(self, *histories: Sequence[Fact]) -> None:
        self.facts: list[Fact] = []
        latest = datetime(1970, 1, 1, tzinfo=UTC)
        for fact in sorted((fact for facts in histories for fact in facts), key=lambda one: one.recorded_at):
            latest = max(fact.recorded_at.astimezone(UTC), latest + _TICK)
            self.facts.append(replace(fact, position=len(self.facts) + 1, recorded_at=latest))
        self.deliveries = [delivery(fact) for fact in self.facts]

    def range(self, treatment: str, after_version: int) -> list[Delivery]:
        """What the feed answers to `treatment=&after_version=`."""
        chosen = [fact for fact in self.facts if fact.treatment == treatment and fact.version > after_version]
        return [delivery(fact) for fact in chosen]

    def of(self, treatment: str) -> list[Delivery]:
        return self.range(treatment, 0)


def delivery(fact: Fact, partition: int = 0) -> Delivery:
    """The fact as the feed carries it."""
    value = written(fact)
    content = read_item(value)
    assert isinstance(content, FeedItem), content
    return Delivery(Mark(partition, fact.position), fact.treatment.encode(), value, content)


def watermark(position: int, recorded_through: datetime) -> Delivery:
    water = Watermark(position=position, recorded_through=_text(recorded_through))
    return Delivery(Mark(0, position), None, b"", water)


def written(fact: Fact) -> bytes:
    """The canonical JSON of a fact's feed item."""
    item = FeedItem(
        position=fact.position,
        fact_id=fact.fact_id,
        treatment=fact.treatment,
        version=fact.version,
        type=fact.type,
        schema=1,
        occurred_at=None if fact.occurred_at is None else fact.occurred_at.isoformat(),
        occurred_on=fact.occurred_on,
        zone=fact.zone,
        issued_at=None if fact.issued_at is None else fact.issued_at.isoformat(),
        recorded_at=_text(fact.recorded_at),
        sender="local",
        source="urn:test",
        author="test",
        business_id=fact.business_id,
        corrects=fact.corrects,
        data=msgspec.Raw(msgspec.json.encode(fact.data)),
    )
    return msgspec.json.encode(item)


def shuffled(deliveries: Iterable[Delivery], rng: random.Random) -> list[list[Delivery]]:
    """The same deliveries in any order, a third of them twice, in batches of any size."""
    everything = list(deliveries)
    everything += rng.sample(everything, len(everything) // 3)
    rng.shuffle(everything)
    return split(everything, rng)


def split(deliveries: Sequence[Delivery], rng: random.Random) -> list[list[Delivery]]:
    """Batches of any size, in order."""
    rest = list(deliveries)
    batches = []
    while rest:
        size = rng.choice((1, 2, 5, 20, 100))
        batches.append(rest[:size])
        rest = rest[size:]
    return batches


def _text(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
