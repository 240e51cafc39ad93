"""Reads what each place holds: the log by SQL, the feed over HTTP, Kafka, and the projection's own copy."""

import json
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import create_engine, text

from tests.chaos.client.facts import SOURCE, content_hash

OPENED = "TreatmentOpened"


@dataclass(frozen=True, slots=True)
class Seen:
    """One fact where it was found. `message` is None for an opening and for what the client never wrote."""

    treatment: str
    version: int
    fact_id: str
    position: int
    type: str
    message: str | None
    sha256: str


def in_log(database: str) -> Iterator[Seen]:
    """The rows of the course service's table, by position."""
    query = "select position, treatment, version, topic, state, fact_id from event order by position"
    for row in _rows(database, query):
        state = json.loads(bytes(row.state))
        kind = str(row.topic).rpartition(":")[2]
        item = {**state, "type": kind, "fact_id": _uuid(row.fact_id), "treatment": _uuid(row.treatment)}
        yield seen({**item, "version": row.version, "position": row.position})


def in_feed(course_url: str) -> Iterator[Seen]:
    after = 0
    while True:
        with urllib.request.urlopen(f"{course_url}/v1/audit/events?after={after}&limit=5000", timeout=60) as response:
            page = json.load(response)
        yield from map(seen, page["events"])
        if not page["events"]:
            return
        after = page["next_after"]


def in_projection(database: str) -> Iterator[Seen]:
    """The facts that the monitoring service has projected, by treatment and version."""
    for row in _rows(database, "select item from fact order by treatment, version"):
        yield seen(json.loads(bytes(row.item)))


def in_kafka(bootstrap: str, topic: str = "coursewatch.course.events.v1") -> Iterator[Seen]:
    """Every record of a fact up to the present ends, doubles included, in the order of each partition."""
    from kafka import KafkaConsumer, TopicPartition

    consumer = KafkaConsumer(
        bootstrap_servers=bootstrap, group_id=None, enable_auto_commit=False, reconnect_backoff_max_ms=500
    )
    try:
        partitions = [TopicPartition(topic, number) for number in sorted(consumer.partitions_for_topic(topic) or ())]
        consumer.assign(partitions)
        consumer.seek_to_beginning(*partitions)
        ends = consumer.end_offsets(partitions)
        while any(consumer.position(one) < ends[one] for one in partitions):
            for records in consumer.poll(timeout_ms=1000, max_records=5000).values():
                for record in records:
                    if record.key is not None:
                        yield seen(json.loads(record.value))
    finally:
        consumer.close()


def seen(item: dict[str, Any]) -> Seen:
    source = str(item.get("source"))
    message = source.removeprefix(SOURCE) if source.startswith(SOURCE) else None
    names = (item["treatment"], item["version"], item["fact_id"], item["position"], item["type"])
    return Seen(*names, message, "" if item["type"] == OPENED else content_hash(item))


def _rows(database: str, query: str) -> Iterator[Any]:
    engine = create_engine(database)
    try:
        with engine.connect() as connection:
            yield from connection.execution_options(yield_per=5000).execute(text(query))
    finally:
        engine.dispose()


def _uuid(value: object) -> str:
    """PostgreSQL gives a UUID, SQLite its 32 digits."""
    digits = str(value).replace("-", "")
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))
