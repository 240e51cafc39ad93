"""Versions that are missing, and versions that are another fact: one treatment waits, the others never do."""

from dataclasses import replace

from sqlalchemy import select

from services.monitoring.mending import unpark
from services.monitoring.store.progress import parked_count
from services.monitoring.store.tables import fact, parked, treatment
from shared.database import Database
from tests.monitoring.logbook import Logbook, delivery
from tests.monitoring.stores import opened, projection, projector
from tests.scenario import Scenario, treated


def _two() -> tuple[Scenario, Scenario, Logbook]:
    one, other = treated("2024-05-15", name="one"), treated("2024-05-20", name="other")
    one.cbc("2024-06-14")
    one.cbc("2024-07-14")
    other.cbc("2024-06-20")
    return one, other, Logbook(one.facts, other.facts)


def _versions(store: Database) -> dict[str, int]:
    with store.read() as connection:
        return {row.treatment: row.version for row in connection.execute(select(treatment))}


def test_a_gap_parks_its_treatment_and_the_others_go_on(store: Database) -> None:
    one, other, log = _two()
    arrived = [d for d in log.deliveries if not (d.content.treatment == one.treatment and d.content.version == 4)]
    done = projector(store).project(arrived)
    assert _versions(store) == {one.treatment: 3, other.treatment: len(other.facts)}
    assert done.gaps == {one.treatment: 3}
    with store.read() as connection:
        assert parked_count(connection) == 1


def test_the_range_that_the_feed_answers_fills_the_gap(store: Database) -> None:
    one, other, log = _two()
    at_work = projector(store)
    done = at_work.project([d for d in log.deliveries if d.content.version != 4])
    for name, version in done.gaps.items():
        done = at_work.project(log.range(name, version))
    assert done.gaps == {}
    assert _versions(store) == {one.treatment: len(one.facts), other.treatment: len(other.facts)}
    with store.read() as connection:
        assert parked_count(connection) == 0


def test_a_missing_version_that_arrives_by_itself_heals_the_gap_without_the_feed(store: Database) -> None:
    one, _, log = _two()
    at_work = projector(store)
    late = [d for d in log.of(one.treatment) if d.content.version == 4]
    at_work.project([d for d in log.deliveries if d not in late and d.content.version != 4])
    at_work.project(late)
    assert _versions(store)[one.treatment] == len(one.facts)
    with store.read() as connection:
        assert connection.execute(select(parked.c.treatment).where(parked.c.treatment == one.treatment)).all() == []


def test_the_same_version_with_another_fact_parks_the_treatment_and_keeps_what_was_believed(store: Database) -> None:
    one, other, log = _two()
    at_work = projector(store)
    at_work.project(log.deliveries)
    before = projection(store)
    forked = replace(one.facts[6], fact_id="0190f9aa-0000-7000-8000-00000000ffff", position=900)
    later = Scenario(name="other")
    later.facts = list(other.facts)
    later.cbc("2024-07-20")
    at_work.project([delivery(forked), delivery(replace(later.facts[-1], position=901))])
    assert _versions(store) == {one.treatment: len(one.facts), other.treatment: len(other.facts) + 1}
    kept = [row for row in projection(store)["fact"] if row[0] == one.treatment]
    assert kept == [row for row in before["fact"] if row[0] == one.treatment]
    with store.read() as connection:
        (row,) = connection.execute(select(parked)).all()
    assert (row.reason, row.version, row.item) == ("fork", 7, delivery(forked).value)


def test_a_forked_treatment_takes_nothing_more_until_it_is_unparked_from_the_log(store: Database) -> None:
    one, _, log = _two()
    at_work = projector(store)
    at_work.project(log.deliveries)
    forked = replace(one.facts[-1], fact_id="0190f9aa-0000-7000-8000-00000000ffff", position=900)
    at_work.project([delivery(forked)])
    one.cbc("2024-08-14")
    at_work.project([delivery(replace(one.facts[-1], position=901))])
    assert _versions(store)[one.treatment] == len(one.facts) - 1
    restored = Logbook([*one.facts[:-2], forked])
    unpark(projector(store), one.treatment, restored.range)  # by the command, in a process of its own
    at_work.project([delivery(forked)])  # the consumer takes up what is true now: nothing is parked again
    assert _versions(store)[one.treatment] == len(one.facts) - 1
    with store.read() as connection:
        assert parked_count(connection) == 0
        ids = connection.execute(select(fact.c.fact_id).where(fact.c.treatment == one.treatment)).scalars().all()
    assert forked.fact_id in ids
    assert one.facts[-2].fact_id not in ids


def test_a_first_fact_that_opens_nothing_is_parked_as_failed_and_the_others_go_on(store: Database) -> None:
    one, other, log = _two()
    headless = replace(one.facts[1], version=1, treatment="0190f3c2-7a10-7c3e-9a55-3b1f0a6d2e41", position=500)
    projector(store).project([delivery(headless), *log.of(other.treatment)])
    assert _versions(store) == {other.treatment: len(other.facts)}
    with store.read() as connection:
        assert connection.execute(select(parked.c.reason)).scalars().all() == ["failed"]


def test_gaps_leave_the_same_rows_as_order_does(store: Database, tmp_path_factory: object) -> None:
    _, _, log = _two()
    at_work = projector(store)
    for one in reversed(log.deliveries):
        at_work.project([one])
    with opened(f"sqlite:///{tmp_path_factory.mktemp('b')}/b.db") as in_order:  # type: ignore[attr-defined]
        projector(in_order).project(log.deliveries)
        assert projection(store) == projection(in_order)
