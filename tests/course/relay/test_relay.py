"""The log reaches Kafka whole, in order, from one relay at a time, whatever breaks between."""

import asyncio
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import pytest
from kafka import KafkaConsumer, TopicPartition
from sqlalchemy import text

from services.course.application import Ledger
from services.course.domain.submission import Identifier, Opening, Submission
from services.course.lease import Lease, LeaseLost, beats, lease_engine
from services.course.publishing import last_position
from services.course.relay import Relay, RelayError, is_alive, run
from services.course.relay_state import RelayState
from services.course.settings import from_environment
from shared.clock import SystemClock
from shared.contracts.v1.cloudevents import PARTITIONS, TOPIC
from shared.contracts.v1.facts import ExamPerformed
from shared.metrics import Metrics
from tests.real_parts.fixtures import wipe_kafka


@pytest.fixture
def ledger(postgres_url: str) -> Iterator[Ledger]:
    opened = Ledger.open(postgres_url, SystemClock())
    try:
        yield opened
    finally:
        opened.close()


@contextmanager
def relaying(url: str, bootstrap: str, start_after: int | None = None) -> Iterator[None]:
    """A relay at work in a thread, with its own ledger and sessions as its process would have them."""
    stop = threading.Event()

    def work() -> None:
        ledger, engine = Ledger.open(url, SystemClock()), lease_engine(url)
        with asyncio.Runner() as runner:
            relay = Relay(ledger, runner, engine, bootstrap, start_after)
            while not stop.is_set():
                relay.serve(stop)
        engine.dispose()
        ledger.close()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(30)
        assert not thread.is_alive()


def facts(ledger: Ledger, treatments: int, each: int) -> int:
    """Opens treatments and records exams for each; returns how many facts the log then holds."""

    async def record() -> int:
        for number in range(treatments):
            patient = Identifier("urn:test", f"{time.time_ns()}-{number}")
            opened = await ledger.open_treatment(Opening(sender="test", identifier=patient, zone="Europe/Berlin"))
            await ledger.record([exam(opened.treatment, f"{opened.treatment}-{n}") for n in range(each)])
        return (await ledger.head()).position

    return asyncio.run(record())


def exam(treatment: UUID, key: str) -> Submission:
    return Submission(
        sender="test",
        received=b"{}",
        data=ExamPerformed("skin", outcome="nothing to be seen"),
        source="urn:test",
        author="nobody",
        treatment=treatment,
        key=key,
        occurred_on="2024-05-01",
        traceparent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    )


def records(bootstrap: str, until: Callable[[list[Any]], bool], seconds: float = 20) -> list[Any]:
    """All records of the topic, once `until` holds of them; partition by partition in their order."""
    consumer = KafkaConsumer(bootstrap_servers=bootstrap, group_id=None, auto_offset_reset="earliest")
    consumer.assign([TopicPartition(TOPIC, number) for number in range(PARTITIONS)])
    found: list[Any] = []
    deadline = time.monotonic() + seconds
    try:
        while not until(found):
            assert time.monotonic() < deadline, f"only {len(found)} records"
            for batch in consumer.poll(timeout_ms=200).values():
                found += batch
    finally:
        consumer.close()
    return found


def positions(found: list[Any]) -> list[int]:
    return [json.loads(record.value)["position"] for record in found if record.key is not None]


def all_of(count: int) -> Callable[[list[Any]], bool]:
    return lambda found: set(positions(found)) >= set(range(1, count + 1))


def test_every_fact_arrives_by_treatment_in_order_and_each_partition_is_told_of_the_silence(
    ledger: Ledger, postgres_url: str, kafka_bootstrap: str
) -> None:
    count = facts(ledger, treatments=30, each=20)
    with relaying(postgres_url, kafka_bootstrap):

        def silent(found: list[Any]) -> bool:
            marks = [r for r in found if r.key is None and json.loads(r.value)["position"] == count]
            return len({record.partition for record in marks}) == PARTITIONS

        found = records(kafka_bootstrap, silent)

    assert sorted(positions(found)) == list(range(1, count + 1))
    versions: dict[bytes, list[int]] = {}
    for record in found:
        if record.key is not None:
            versions.setdefault(record.key, []).append(int(dict(record.headers)["ce_sequence"]))
    assert all(seen == list(range(1, 22)) for seen in versions.values())
    assert len(versions) == 30
    assert not any(b"nothing to be seen" in record.value for record in found)
    traces = [dict(record.headers).get("traceparent") for record in found if record.key is not None]
    assert traces.count(b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01") == 600


def test_a_relay_that_starts_again_goes_on_where_kafka_acknowledged(
    ledger: Ledger, postgres_url: str, kafka_bootstrap: str
) -> None:
    count = facts(ledger, treatments=1, each=5)
    with relaying(postgres_url, kafka_bootstrap):
        records(kafka_bootstrap, all_of(count))
    more = facts(ledger, treatments=1, each=5)
    with relaying(postgres_url, kafka_bootstrap):
        found = records(kafka_bootstrap, all_of(more))
    assert sorted(positions(found)) == list(range(1, more + 1))


def test_a_relay_on_an_empty_log_shows_that_it_is_alive(
    ledger: Ledger, postgres_url: str, kafka_bootstrap: str
) -> None:
    settings = from_environment({"COURSEWATCH_KAFKA": kafka_bootstrap, "COURSEWATCH_COURSE_DB": postgres_url})
    assert not is_alive(settings)
    with relaying(postgres_url, kafka_bootstrap):
        deadline = time.monotonic() + 15
        while not is_alive(settings):
            assert time.monotonic() < deadline
            time.sleep(0.1)


def test_it_sends_again_from_any_position_that_is_asked_for(
    ledger: Ledger, postgres_url: str, kafka_bootstrap: str
) -> None:
    count = facts(ledger, treatments=1, each=5)
    with relaying(postgres_url, kafka_bootstrap):
        records(kafka_bootstrap, all_of(count))
    with relaying(postgres_url, kafka_bootstrap, start_after=2):
        found = records(kafka_bootstrap, lambda found: len(positions(found)) == count + count - 2)
    assert sorted(positions(found)) == sorted([*range(1, count + 1), *range(3, count + 1)])


@pytest.mark.slow
def test_a_topic_that_was_wiped_is_filled_again_from_the_beginning(
    ledger: Ledger, postgres_url: str, kafka_bootstrap: str
) -> None:
    count = facts(ledger, treatments=3, each=5)
    with relaying(postgres_url, kafka_bootstrap):
        records(kafka_bootstrap, all_of(count))
    wipe_kafka(kafka_bootstrap)
    with relaying(postgres_url, kafka_bootstrap):
        found = records(kafka_bootstrap, all_of(count))
    assert sorted(positions(found)) == list(range(1, count + 1))


def test_one_relay_sends_and_the_next_takes_over_when_its_session_is_gone(ledger: Ledger, postgres_url: str) -> None:
    engine = lease_engine(postgres_url)
    first = Lease.take(engine, "a topic")
    assert first is not None
    assert Lease.take(engine, "a topic") is None
    first.move(7)
    with first:
        pass
    second = Lease.take(engine, "a topic")
    assert second is not None
    with second:
        assert second.position == 7
        assert beats(engine)
    engine.dispose()


def test_a_relay_whose_lease_was_taken_cannot_move_the_checkpoint(ledger: Ledger, postgres_url: str) -> None:
    engine, cut_off = lease_engine(postgres_url), lease_engine(postgres_url)
    old = Lease.take(cut_off, "a topic")
    assert old is not None
    # As if the lock had been lost and the session had not: the epoch alone must hold.
    with engine.connect() as connection:
        connection.execute(text("update relay set epoch = epoch + 1"))
    with pytest.raises(LeaseLost):
        old.move(9)
    with old:
        pass
    engine.dispose()
    cut_off.dispose()


def test_a_relay_that_was_silent_for_long_has_lost_the_lease_to_the_next(
    ledger: Ledger, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Frozen or cut off, its session would otherwise stand, and with it the lock."""
    monkeypatch.setattr("services.course.lease.SILENT", 1)
    engine = lease_engine(postgres_url)
    frozen = Lease.take(engine, "a topic")
    assert frozen is not None
    frozen.move(7)
    deadline = time.monotonic() + 20
    while (second := Lease.take(engine, "a topic")) is None:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    with second:
        assert second.position == 7
        with pytest.raises(LeaseLost):
            frozen.move(9)
    with frozen:
        pass
    engine.dispose()


def test_a_topic_made_anew_is_sent_from_the_beginning(ledger: Ledger, postgres_url: str) -> None:
    engine = lease_engine(postgres_url)
    with Lease.take(engine, "a topic") as lease:  # type: ignore[union-attr]
        lease.move(7)
    with Lease.take(engine, "another topic of that name") as lease:  # type: ignore[union-attr]
        assert lease.position == 0
    engine.dispose()


@pytest.mark.parametrize(
    ("env", "names"),
    [
        ({}, "COURSEWATCH_KAFKA"),
        ({"COURSEWATCH_KAFKA": "127.0.0.1:9"}, "COURSEWATCH_COURSE_DB"),
    ],
)
def test_what_is_missing_is_a_sentence(env: dict[str, str], names: str) -> None:
    with pytest.raises(RelayError, match=names):
        run(from_environment(env))


def test_a_checkpoint_beyond_the_logs_end_is_told_and_the_whole_log_is_sent_again(
    ledger: Ledger, postgres_url: str, kafka_bootstrap: str, caplog: pytest.LogCaptureFixture
) -> None:
    """An older log was restored: waiting for position 99 would leave out what it goes on with until then."""
    count = facts(ledger, treatments=1, each=5)
    with relaying(postgres_url, kafka_bootstrap):
        records(kafka_bootstrap, all_of(count))
    engine = lease_engine(postgres_url)
    with engine.connect() as connection:
        connection.execute(text("update relay set position = 99"))
    engine.dispose()
    with relaying(postgres_url, kafka_bootstrap):
        found = records(kafka_bootstrap, lambda found: len(positions(found)) == 2 * count)
    assert sorted(positions(found)) == sorted([*range(1, count + 1)] * 2)
    assert "Kafka was told of position 99, and the course log ends at 6: an older log was restored" in caplog.text


def test_a_kafka_that_was_told_of_more_than_the_log_has_is_named_and_a_whole_one_is_not(
    ledger: Ledger, postgres_url: str, kafka_bootstrap: str
) -> None:
    count = facts(ledger, treatments=1, each=5)
    with relaying(postgres_url, kafka_bootstrap):
        records(kafka_bootstrap, all_of(count))
    assert last_position(kafka_bootstrap) == count
    state = RelayState(Metrics())
    engine = lease_engine(postgres_url)
    with asyncio.Runner() as runner:
        relay = Relay(ledger, runner, engine, kafka_bootstrap, None, state)
        stop = threading.Event()
        threading.Timer(2, stop.set).start()
        relay.serve(stop)
        assert state.ready() == {"ready": True, "checks": {"relay": "sending", "kafka": "ok", "log": "ok"}}
        with engine.connect() as connection:  # as if the last three facts were not in the backup
            connection.execute(text("alter table event disable trigger all"))
            connection.execute(text("delete from event where position > 3"))
            connection.execute(text("update relay set position = 3"))
        stop.clear()
        threading.Timer(2, stop.set).start()
        relay.serve(stop)
    engine.dispose()
    assert state.ready()["ready"] is False
    assert "Kafka was told of position 6, and the course log ends at 3" in str(state.ready())
