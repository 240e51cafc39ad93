"""A message that can't be applied yet is kept, answered the same again, and applied when it can be."""

from uuid import UUID

import pytest
from msgspec import structs
from msgspec.json import encode

from services.course.application import Ledger, LogEntry
from services.course.domain.outcome import Conflict, Outcome, Quarantined, Stored
from shared.contracts.v1.facts import LabResultRecorded, Result
from shared.contracts.v1.parts import BusinessId, Reference
from tests.course.ledgers import StillClock, infusion, opened, patient, record, run, stored, whole_log

NOBODY = UUID("0190f3c2-7a10-7c3e-9a55-3b1f0a6d2e41")


def held(outcome: Outcome | None) -> Quarantined:
    assert isinstance(outcome, Quarantined)
    return outcome


def test_a_fact_for_a_treatment_that_nobody_opened_waits(ledger: Ledger) -> None:
    outcome = held(record(ledger, infusion(NOBODY, key="a"))[0])

    assert (outcome.reason, outcome.replayed) == ("unknown-treatment", False)
    [item] = run(ledger.quarantined())
    assert (item.quarantine_id, item.reason, item.sender) == (outcome.quarantine_id, "unknown-treatment", "local")
    assert not item.resolved
    assert whole_log(ledger) == []


def test_a_replay_of_a_waiting_message_gets_the_same_quarantine_id(ledger: Ledger) -> None:
    first, second = record(ledger, infusion(NOBODY), infusion(NOBODY))
    third = record(ledger, infusion(NOBODY))[0]

    assert held(first).quarantine_id == held(second).quarantine_id == held(third).quarantine_id
    assert [held(outcome).replayed for outcome in (first, second, third)] == [False, True, True]


def test_the_key_of_a_waiting_message_with_other_content_is_a_conflict(ledger: Ledger) -> None:
    record(ledger, infusion(NOBODY, key="a"))

    outcome = record(ledger, infusion(NOBODY, key="a", author="nurse-2"))[0]

    assert isinstance(outcome, Conflict)
    assert outcome.fact_id is None


@pytest.mark.parametrize(
    "said", [{"key": "a"}, {"business_id": BusinessId("s", "1")}, {}], ids=["key", "business id", "content"]
)
def test_facts_of_an_unknown_identifier_are_recorded_when_its_treatment_is_opened(
    ledger: Ledger, said: dict[str, object]
) -> None:
    by_name = infusion(identifier=patient(), **said)
    waiting = held(record(ledger, by_name)[0])
    record(ledger, infusion(identifier=patient("another"), author="nurse-2"))

    treatment = opened(ledger).treatment

    assert [item.type for item in whole_log(ledger)] == ["TreatmentOpened", "InfusionAdministered"]
    assert [item.resolved for item in run(ledger.quarantined())] == [True, False]
    # Once re-driven, the message is an ordinary duplicate, whichever way it names the patient.
    again = [stored(ledger, by_name), stored(ledger, infusion(treatment, **said))]
    again.append(run(ledger.redrive(waiting.quarantine_id)))  # type: ignore[arg-type]
    assert [(outcome.version, outcome.replayed) for outcome in again] == [(2, True)] * 3
    assert len(whole_log(ledger)) == 2


def test_what_waited_is_recorded_as_it_was_said(ledger: Ledger) -> None:
    said = {
        "data": LabResultRecorded("S-1", (Result("777-3", "final", value=210), Result("718-7", "final", value="high"))),
        "zone": "Europe/Berlin",
        "issued_at": "2024-05-15T12:00:00Z",
        "business_id": BusinessId("urn:hospital:lis", "S-1", 2),
        "corrects": Reference(fact_id=str(NOBODY)),
        "traceparent": "00-a-b-01",
        "key": "a",
    }
    record(ledger, infusion(identifier=patient("waits"), **said))
    opened(ledger, patient("waits"))
    record(ledger, infusion(opened(ledger).treatment, **{**said, "key": "b"}))

    [_, driven, _, direct] = run(ledger.log(0, 10))

    def as_said(entry: LogEntry) -> object:
        assigned = {"position": 0, "fact_id": "", "treatment": "", "version": 0, "recorded_at": ""}
        return entry.traceparent, encode(structs.replace(entry.item, **assigned))

    assert as_said(driven) == as_said(direct)


def test_facts_that_waited_keep_the_order_in_which_they_came(ledger: Ledger) -> None:
    record(ledger, *(infusion(identifier=patient(), author=f"nurse-{n}") for n in range(5)))

    opened(ledger)

    assert [item.author for item in whole_log(ledger)][1:] == [f"nurse-{n}" for n in range(5)]


@pytest.mark.parametrize(
    "said, waits",
    [
        ({"occurred_at": "2024-06-11T13:02:11.532000Z"}, False),
        ({"occurred_at": "2024-06-11T13:02:11.532001Z"}, True),
        ({"occurred_on": "2024-06-11"}, False),
        ({"occurred_on": "2024-06-12"}, True),
        ({"occurred_on": "2024-06"}, False),
        ({"occurred_on": "2024-07"}, True),
        ({"occurred_on": "2025"}, True),
    ],
)
def test_a_fact_more_than_a_day_ahead_waits(ledger: Ledger, said: dict[str, str], waits: bool) -> None:
    outcome = record(ledger, infusion(opened(ledger).treatment, **said))[0]

    assert isinstance(outcome, Quarantined if waits else Stored)
    assert not waits or held(outcome).reason == "in-the-future"


def test_a_fact_of_the_future_is_recorded_when_it_is_driven_again_in_time(ledger: Ledger, clock: StillClock) -> None:
    future = infusion(opened(ledger).treatment, occurred_at="2024-07-01T10:00:00-04:00")
    waiting = held(record(ledger, future)[0])

    too_early = held(run(ledger.redrive(waiting.quarantine_id)))
    clock.step(days=30)
    untouched = held(record(ledger, future)[0])
    driven = run(ledger.redrive(waiting.quarantine_id))

    assert too_early == untouched == Quarantined(waiting.quarantine_id, "in-the-future", replayed=True)
    assert isinstance(driven, Stored)
    assert not driven.replayed
    assert stored(ledger, future).replayed


@pytest.mark.parametrize("key", ["a", None])
def test_a_message_that_waits_for_two_reasons_tells_the_one_that_is_left(ledger: Ledger, key: str | None) -> None:
    future = infusion(identifier=patient(), occurred_on="2025", key=key)
    waiting = held(record(ledger, future)[0])

    treatment = opened(ledger).treatment

    assert [(item.reason, item.resolved) for item in run(ledger.quarantined())] == [("in-the-future", False)]
    replays = record(ledger, future, infusion(treatment, occurred_on="2025", key=key))
    assert replays == [Quarantined(waiting.quarantine_id, "in-the-future", replayed=True)] * 2


def test_a_patient_on_two_protocols_is_not_guessed_at(ledger: Ledger) -> None:
    opened(ledger)
    opened(ledger, protocol="another")

    assert held(record(ledger, infusion(identifier=patient()))[0]).reason == "unknown-treatment"
    assert len(run(ledger.lookup(patient()))) == 2


@pytest.mark.parametrize(
    "said", [{"key": "a"}, {"business_id": BusinessId("s", "1")}, {}], ids=["key", "business id", "content"]
)
def test_a_second_protocol_makes_no_replay_a_conflict_or_a_new_message(
    ledger: Ledger, clock: StillClock, said: dict[str, object]
) -> None:
    first = opened(ledger).treatment
    by_name, future = infusion(identifier=patient(), **said), infusion(identifier=patient(), occurred_on="2025")
    before, waiting = stored(ledger, by_name), held(record(ledger, future)[0])

    opened(ledger, protocol="another")

    again = stored(ledger, by_name)
    assert (again.fact_id, again.replayed) == (before.fact_id, True)
    assert record(ledger, future) == [Quarantined(waiting.quarantine_id, "in-the-future", replayed=True)]
    clock.step(days=300)
    driven = run(ledger.redrive(waiting.quarantine_id))
    assert isinstance(driven, Stored)
    assert (driven.treatment, driven.version) == (first, 3)
    # Twin: with other content the key is a conflict, and without a key it is a new message that can't be told.
    other = record(ledger, infusion(identifier=patient(), author="nurse-2", **said))[0]
    assert isinstance(other, Conflict if said else Quarantined)


def test_redriving_what_is_not_there_answers_nothing(ledger: Ledger) -> None:
    assert run(ledger.redrive(NOBODY)) is None


def test_the_quarantine_is_listed_by_reason_and_sender_page_by_page(ledger: Ledger) -> None:
    treatment = opened(ledger).treatment
    record(ledger, *(infusion(NOBODY, key=str(n)) for n in range(3)))
    record(ledger, infusion(treatment, occurred_on="2025", sender="lab"))

    first = run(ledger.quarantined(limit=3))
    rest = run(ledger.quarantined(after=first[-1].number, limit=3))

    assert [len(first), len(rest)] == [3, 1]
    assert rest == run(ledger.quarantined(reason="in-the-future")) == run(ledger.quarantined(sender="lab"))
