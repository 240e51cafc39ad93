"""A fact is stored once, its answer is kept, and nothing of the log changes afterwards."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import exc, text

from services.course.application import Ledger
from services.course.domain.outcome import Conflict, Stored
from shared.contracts.v1.facts import InfusionAdministered
from shared.contracts.v1.parts import BusinessId
from tests.course.ledgers import NOW, StillClock, assert_gapless, infusion, opened, record, stored, whole_log


@pytest.fixture
def treatment(ledger: Ledger) -> UUID:
    return opened(ledger).treatment


def rows(ledger: Ledger, query: str) -> list[Any]:
    with ledger._database.read() as connection:
        return list(connection.execute(text(query)))


def test_a_fact_gets_the_next_version_the_next_position_and_an_instant(ledger: Ledger, treatment: UUID) -> None:
    first, second = record(ledger, infusion(treatment, key="a"), infusion(treatment, key="b"))

    assert isinstance(first, Stored)
    assert isinstance(second, Stored)
    assert [(first.version, first.position), (second.version, second.position)] == [(2, 2), (3, 3)]
    # The opening was recorded at NOW; a clock that stands still is bumped by a microsecond.
    assert [first.recorded_at - NOW, second.recorded_at - NOW] == [timedelta(microseconds=n) for n in (1, 2)]
    assert not first.replayed


def test_a_clock_that_steps_back_does_not_turn_recorded_at_back(
    ledger: Ledger, treatment: UUID, clock: StillClock
) -> None:
    before = stored(ledger, infusion(treatment, key="a"))
    clock.step(hours=-3)
    after = stored(ledger, infusion(treatment, key="b"))
    clock.step(hours=6)
    later = stored(ledger, infusion(treatment, key="c"))

    assert after.recorded_at - before.recorded_at == timedelta(microseconds=1)
    assert later.recorded_at == NOW + timedelta(hours=3)
    assert_gapless(whole_log(ledger))


def test_fact_ids_sort_as_the_log_does(ledger: Ledger, treatment: UUID) -> None:
    record(ledger, *(infusion(treatment, key=str(n)) for n in range(50)))

    ids = [item.fact_id for item in whole_log(ledger)]

    assert ids == sorted(ids)
    assert {UUID(fact_id).version for fact_id in ids} == {7}


def test_an_exact_duplicate_gets_the_original_answer(ledger: Ledger, treatment: UUID, clock: StillClock) -> None:
    original = stored(ledger, infusion(treatment, key="a"))
    clock.step(days=1)

    again = stored(ledger, infusion(treatment, key="a", received=b"spaced  otherwise"))

    assert again == Stored(*(getattr(original, name) for name in original.__struct_fields__[:-1]), replayed=True)
    assert len(whole_log(ledger)) == 2


def test_the_same_message_twice_in_one_batch_is_one_fact(ledger: Ledger, treatment: UUID) -> None:
    first, second = record(ledger, infusion(treatment, key="a"), infusion(treatment, key="a"))

    assert isinstance(first, Stored)
    assert isinstance(second, Stored)
    assert (first.fact_id, first.replayed, second.replayed) == (second.fact_id, False, True)


def test_the_same_key_with_other_content_is_a_conflict_recorded_once(ledger: Ledger, treatment: UUID) -> None:
    original = stored(ledger, infusion(treatment, key="a"))
    other = infusion(treatment, key="a", data=InfusionAdministered(dose_mg=13), received=b"other")

    first, second = record(ledger, other, other)
    third = record(ledger, other)[0]

    assert isinstance(first, Conflict)
    assert first.fact_id == original.fact_id
    assert first == second == third
    assert [bytes(row.received) for row in rows(ledger, "select received from conflict")] == [b"other"]
    assert len(whole_log(ledger)) == 2


def test_a_bad_item_of_a_batch_does_not_fail_its_neighbours(ledger: Ledger, treatment: UUID) -> None:
    stored(ledger, infusion(treatment, key="a"))

    outcomes = record(
        ledger,
        infusion(treatment, key="b"),
        infusion(treatment, key="a", source="another"),
        infusion(UUID(int=7), key="c"),
        infusion(treatment, key="d"),
    )

    assert [type(outcome).__name__ for outcome in outcomes] == ["Stored", "Conflict", "Quarantined", "Stored"]


def test_the_same_key_of_another_sender_is_another_message(ledger: Ledger, treatment: UUID) -> None:
    mine = stored(ledger, infusion(treatment, key="a"))
    theirs = stored(ledger, infusion(treatment, key="a", sender="lab"))

    assert mine.fact_id != theirs.fact_id


def test_without_a_key_the_business_id_tells_messages_apart(ledger: Ledger, treatment: UUID) -> None:
    named = BusinessId("urn:hospital:ehr", "I-1", 1)
    first = stored(ledger, infusion(treatment, business_id=named))

    assert stored(ledger, infusion(treatment, business_id=named)).fact_id == first.fact_id
    assert isinstance(record(ledger, infusion(treatment, business_id=named, author="nurse-2"))[0], Conflict)
    next_version = BusinessId("urn:hospital:ehr", "I-1", 2)
    assert stored(ledger, infusion(treatment, business_id=next_version)).fact_id != first.fact_id


def test_without_a_key_and_a_business_id_the_content_tells_messages_apart(ledger: Ledger, treatment: UUID) -> None:
    first = stored(ledger, infusion(treatment))

    assert stored(ledger, infusion(treatment, traceparent="00-1-1-01")).fact_id == first.fact_id
    assert stored(ledger, infusion(treatment, author="nurse-2")).fact_id != first.fact_id


def test_a_message_id_that_reads_like_a_business_id_is_not_one(ledger: Ledger, treatment: UUID) -> None:
    first = stored(ledger, infusion(treatment, business_id=BusinessId("s", "1")))

    assert stored(ledger, infusion(treatment, key='["business","s","1",null]')).fact_id != first.fact_id


def test_more_facts_than_one_transaction_takes_are_all_recorded(ledger: Ledger, treatment: UUID) -> None:
    outcomes = record(ledger, *(infusion(treatment, key=str(n)) for n in range(1200)))

    assert [outcome.version for outcome in outcomes if isinstance(outcome, Stored)] == list(range(2, 1202))
    assert_gapless(whole_log(ledger))


def test_the_bytes_are_kept_as_they_were_received_and_the_fact_as_plain_json(ledger: Ledger, treatment: UUID) -> None:
    stored(ledger, infusion(treatment, key="a", received=b'{"dose_mg" : 12}'))

    assert bytes(rows(ledger, "select received from message")[0][0]) == b'{"dose_mg" : 12}'
    assert bytes(rows(ledger, "select state from event where position = 2")[0][0]) == (
        b'{"sender":"local","source":"urn:hospital:ehr","author":"nurse-1","data":{"dose_mg":12},'
        b'"occurred_at":"2024-05-15T10:00:00-04:00"}'
    )


@pytest.mark.parametrize(
    "change",
    [
        "update event set recorded_at = 0",
        "update event set state = state",
        "delete from event",
        "delete from message",
        "update message set position = 9, received = null",
        "update message set received = content_hash",
    ],
)
def test_the_log_refuses_to_be_changed(ledger: Ledger, treatment: UUID, change: str) -> None:
    stored(ledger, infusion(treatment, key="a"))

    with pytest.raises(exc.DatabaseError, match="append-only"), ledger._database.write() as connection:
        connection.execute(text(change))


def test_the_bytes_of_a_message_can_be_erased(ledger: Ledger, treatment: UUID) -> None:
    original = stored(ledger, infusion(treatment, key="a"))

    with ledger._database.write() as connection:
        connection.execute(text("update message set received = null"))

    assert stored(ledger, infusion(treatment, key="a")).fact_id == original.fact_id
