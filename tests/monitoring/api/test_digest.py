"""The digest over every slot: docs/contract.md §3.7."""

import hashlib
import json
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import select, update

from services.monitoring.api.app import create_app
from services.monitoring.rules.answers import Slot
from services.monitoring.settings import Settings
from services.monitoring.store.tables import fact
from shared.clock import ManualClock
from shared.database import Database
from tests.monitoring.api.cohorts import Log
from tests.monitoring.api.people import people
from tests.monitoring.api.serving import Asked
from tests.scenario import Scenario, treated

Store = tuple[Database, Settings]
NOW = datetime(2025, 6, 1, 11, tzinfo=UTC)


def digest(store: Store, query: str) -> dict[str, Any]:
    with Asked(create_app(store[1], ManualClock(NOW))) as asked:
        answer = asked.get(f"/v1/audit/digest?{query}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def line(slot: Slot) -> str:
    """One slot as §3.7 writes it, made here anew."""

    def day(value: date | None) -> str | None:
        return value.isoformat() if value else None

    said = [slot.obligation_id, day(slot.opens_on), day(slot.due_on), day(slot.closes_on), slot.standing]
    said += [day(slot.completed_on), list(slot.missing), slot.reason]  # type: ignore[list-item]
    return json.dumps(said, separators=(",", ":"), ensure_ascii=False)


@pytest.mark.parametrize(("on", "known"), [("2024-09-08", "2024-09-08"), ("2024-09-08", None), ("2025-06-01", None)])
def test_it_is_the_hash_of_every_slot_in_order_on_either_store(cohort: Store, on: str, known: str | None) -> None:
    lines = []
    for one in people():
        lines += [line(slot) for slot in one.assess(on, known).slots]
    lines.sort(key=lambda text: json.loads(text)[0])
    found = digest(cohort, f"on={on}" + (f"&known_at={known}" if known else ""))
    assert found["sha256"] == hashlib.sha256("".join(f"{text}\n" for text in lines).encode()).hexdigest()
    assert (found["treatments"], found["slots"]) == (len(people()), len(lines))


def test_one_changed_date_changes_it(store: Store) -> None:
    Log(store[0]).deliver(treated())
    before = digest(store, "on=2024-09-08")["sha256"]
    assert digest(store, "on=2024-09-08")["sha256"] == before
    with store[0].write() as connection:
        first = fact.c.version == 2
        item = connection.execute(select(fact.c.item).where(first)).scalar_one()
        connection.execute(update(fact).where(first).values(item=item.replace(b"2024-05-15T08", b"2024-05-14T08")))
    assert digest(store, "on=2024-09-08")["sha256"] != before


def _lived(name: str) -> Scenario:
    t = treated("2024-05-15", name=name)
    t.cbc("2024-06-12")
    t.exam("skin", "2024-08-01")
    t.exam("hpv", "2024-08-02")
    t.exam("skin", "2025-03-01")
    return t


def test_anonymous_it_is_the_same_for_the_same_history_under_other_ids(store: Store) -> None:
    log = Log(store[0])
    log.deliver(_lived("here"))
    ours = digest(store, "on=2025-05-01&anonymous=true")
    assert ours["sha256"] != digest(store, "on=2025-05-01")["sha256"]
    with store[0].write() as connection:
        for table in ("fact", "roll_up_span", "treatment"):
            connection.exec_driver_sql(f"delete from {table}")
    log.deliver(_lived("there"))
    theirs = digest(store, "on=2025-05-01&anonymous=true")
    assert (theirs["sha256"], theirs["slots"]) == (ours["sha256"], ours["slots"])


def test_a_treatment_opened_later_is_not_counted(cohort: Store) -> None:
    assert digest(cohort, "known_at=2023-05-29")["treatments"] == sum(
        one.facts[0].recorded_at < datetime(2023, 5, 30, 4, tzinfo=UTC) for one in people()
    )
