"""Auditors replay the log through the eventsourcing library; a row names a known event class or is refused."""

from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest
from eventsourcing.application import AggregateNotFoundError
from eventsourcing.persistence import InfrastructureFactoryError, StoredEvent

from services.course.application import Ledger
from services.course.domain.logged import LoggedFact
from services.course.persistence.codec import PlainCodec
from services.course.persistence.events import EVENTS, FactMapper, FactRecorded, RecordedEvent
from services.course.persistence.facts import UnknownTopic
from services.course.replay import CourseLog
from shared.contracts.v1.facts import FACTS, InfusionAdministered, PregnancyRecorded, TreatmentOpened
from tests.course.ledgers import NOW, infusion, opened, record, whole_log


@pytest.fixture
def fact() -> FactRecorded:
    said = LoggedFact(sender="local", source="s", author="a", data=InfusionAdministered(dose_mg=12), occurred_on="2024")
    return EVENTS["coursewatch.course:InfusionAdministered"](uuid4(), 2, uuid4(), NOW, said)


def test_a_treatment_replays_its_facts_as_they_were_recorded(ledger: Ledger, store_url: str) -> None:
    treatment = opened(ledger).treatment
    record(ledger, infusion(treatment, key="a"), infusion(treatment, key="b", data=PregnancyRecorded()))

    with CourseLog(store_url) as log:
        whole = log.treatment(treatment)
        early = log.treatment(treatment, version=2)
        notifications = log.notification_log.select(start=1, limit=10)
        with pytest.raises(AggregateNotFoundError):
            log.treatment(UUID(int=7))

    assert (whole.version, early.version) == (3, 2)
    assert [type(event.fact.data) for event in whole.facts] == [
        TreatmentOpened,
        InfusionAdministered,
        PregnancyRecorded,
    ]
    assert whole.facts[:2] == early.facts
    log_items = whole_log(ledger)
    assert [str(event.fact_id) for event in whole.facts] == [item.fact_id for item in log_items]
    assert [event.recorded_at.isoformat(timespec="microseconds")[:26] for event in whole.facts] == [
        item.recorded_at[:26] for item in log_items
    ]
    assert [notification.id for notification in notifications] == [1, 2, 3]


def test_every_fact_type_has_an_event_class_with_a_topic_and_a_version_of_its_own() -> None:
    assert set(EVENTS) == {f"coursewatch.course:{name}" for name in FACTS}
    assert all(kind.__dict__["TOPIC"] == topic and kind.class_version == 1 for topic, kind in EVENTS.items())


def test_the_mapper_writes_plain_json_and_reads_it_typed(fact: FactRecorded) -> None:
    row = FactMapper().to_stored_event(fact)

    assert row.state == b'{"sender":"local","source":"s","author":"a","data":{"dose_mg":12},"occurred_on":"2024"}'
    assert FactMapper().to_domain_event(row) == fact


@pytest.mark.parametrize(
    "topic", ["os:system", "coursewatch.course:Forged", "eventsourcing.domain:Aggregate.Event", ""]
)
def test_a_topic_that_is_not_ours_is_refused_and_not_imported(fact: FactRecorded, topic: str) -> None:
    row = RecordedEvent(fact.originator_id, 2, topic, b"{}", fact.fact_id, NOW)

    with pytest.raises(UnknownTopic):
        FactMapper().to_domain_event(row)


def test_an_event_of_an_older_class_version_is_brought_up_to_date(fact: FactRecorded) -> None:
    class InfusionAdministered(FactRecorded):
        __slots__ = ()
        TOPIC = fact.TOPIC
        class_version = 3

        @staticmethod
        def upcast_v1_v2(state: dict[str, Any]) -> None:
            state["data"]["dose_mg"] *= 2

        @staticmethod
        def upcast_v2_v3(state: dict[str, Any]) -> None:
            state["author"] = "upcast"

    mapper = FactMapper(events={fact.TOPIC: InfusionAdministered})

    old = mapper.to_domain_event(FactMapper().to_stored_event(fact))
    new = mapper.to_domain_event(
        mapper.to_stored_event(InfusionAdministered(fact.originator_id, 2, fact.fact_id, NOW, old.fact))
    )

    assert (old.fact.data.dose_mg, old.fact.author, old.fact.schema) == (24, "upcast", 3)
    assert new.fact == old.fact


def test_a_cipher_is_given_all_the_names_that_it_must_bind(fact: FactRecorded) -> None:
    class Binding(PlainCodec):
        def seal(self, plain: bytes, treatment: UUID, version: int, fact_id: UUID) -> bytes:
            return msgspec.json.encode([treatment, version, fact_id]) + plain

        def open(self, sealed: bytes, treatment: UUID, version: int, fact_id: UUID) -> bytes:
            bound = msgspec.json.encode([treatment, version, fact_id])
            assert sealed.startswith(bound)
            return sealed[len(bound) :]

    mapper = FactMapper(Binding())

    assert mapper.to_domain_event(mapper.to_stored_event(fact)) == fact


def test_only_rows_of_the_log_are_mapped() -> None:
    with pytest.raises(TypeError):
        FactMapper().to_domain_event(StoredEvent(uuid4(), 1, "coursewatch.course:TreatmentOpened", b"{}"))


def test_the_librarys_database_functions_are_refused(
    ledger: Ledger, store_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POSTGRES_ENABLE_DB_FUNCTIONS", "y")

    with pytest.raises(InfrastructureFactoryError, match="readers skip events"):
        CourseLog(store_url)
