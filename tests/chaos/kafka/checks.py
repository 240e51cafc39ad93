"""Whether the river came out whole: every place against the journals, the projection against a rebuild."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Literal

import httpx
from kafka import KafkaConsumer, TopicPartition

from tests.chaos.kafka.stage import Stage
from tests.chaos.oracle import compare, positions
from tests.chaos.oracle_journal import Told, read
from tests.chaos.oracle_places import Seen, in_feed, in_kafka, in_log, in_projection

Topic = Literal["in order", "from the last beginning", "left out"]


def whole(stage: Stage, journals: Sequence[Path], *, kafka: Topic = "in order") -> list[str]:
    """What is broken in the log, the feed, Kafka and the projection; `kafka` says what it must hold.

    "in order": every fact, each treatment's for the first time in its order. "from the last beginning": the same, from
    where each treatment's opening last stands; what was sent before the relay began anew may stand in front.
    """
    told = [read(journal) for journal in journals]
    broken = [sentence for one in told for sentence in one.wrong]
    log = list(in_log(stage.course_db))
    broken += positions("the log", log) + positions("the feed", in_feed(stage.course_url))
    places: dict[str, list[Seen]] = {"the log": log, "the projection": list(in_projection(stage.monitoring_db))}
    if kafka != "left out":
        sent = list(in_kafka(stage.kafka.bootstrap))
        places["Kafka"] = sent if kafka == "in order" else from_the_last_beginning(sent)
    for place, found in places.items():
        broken += _same_as_log(place, log, found, doubles=place == "Kafka")
        for one in told:
            broken += compare(one, place, _of(one, found), doubles=place == "Kafka")
    return broken


def from_the_last_beginning(sent: Sequence[Seen]) -> list[Seen]:
    """Of each treatment what stands from its last opening on."""
    begins = {one.treatment: number for number, one in enumerate(sent) if one.version == 1}
    return [one for number, one in enumerate(sent) if number >= begins.get(one.treatment, 0)]


def distinct(bootstrap: str, topic: str, *, by_key: bool) -> int:
    """How many different keys, or `ce_id`s, a topic holds up to its present ends."""
    consumer = KafkaConsumer(
        bootstrap_servers=bootstrap, group_id=None, enable_auto_commit=False, reconnect_backoff_max_ms=500
    )
    found = set()
    try:
        partitions = [TopicPartition(topic, number) for number in sorted(consumer.partitions_for_topic(topic) or ())]
        consumer.assign(partitions)
        consumer.seek_to_beginning(*partitions)
        ends = consumer.end_offsets(partitions)
        while any(consumer.position(one) < ends[one] for one in partitions):
            for records in consumer.poll(timeout_ms=1000, max_records=5000).values():
                found |= {one.key if by_key else dict(one.headers)["ce_id"] for one in records}
    finally:
        consumer.close()
    return len(found)


def rebuilt_the_same(stage: Stage) -> list[str]:
    """The digest of what is projected, and that of a projection built anew from the log."""
    before = digest(stage)
    done = stage.command("monitoring rebuild")
    if done.returncode:
        return [f"A rebuild failed: {done.said[-300:]}"]
    after = digest(stage)
    return [] if before == after else [f"A rebuild has another digest: {after} instead of {before}."]


def digest(stage: Stage) -> tuple[int, int, str]:
    """Treatments, slots and hash, of all that is known, on a day in the past."""
    answer = httpx.get(f"{stage.monitoring_url}/v1/audit/digest", params={"on": "2025-06-01"}, timeout=300)
    answer.raise_for_status()
    body = answer.json()
    return body["treatments"], body["slots"], body["sha256"]


def _same_as_log(place: str, log: Sequence[Seen], found: Sequence[Seen], *, doubles: bool) -> list[str]:
    here, there = {one.fact_id for one in found}, {one.fact_id for one in log}
    broken = []
    if missing := there - here:
        broken.append(f"{place}: {len(missing)} facts of the log are missing, such as {min(missing)}.")
    if foreign := here - there:
        broken.append(f"{place}: {len(foreign)} facts are not in the log, such as {min(foreign)}.")
    if not doubles and len(found) != len(here):
        broken.append(f"{place}: {len(found) - len(here)} facts are there twice.")
    return broken


def _of(told: Told, found: Iterable[Seen]) -> list[Seen]:
    """The facts of one client's treatments."""
    mine = {ack.treatment for ack in told.opened.values()} | {one.treatment for one in told.attempted.values()}
    return [one for one in found if one.treatment in mine]
