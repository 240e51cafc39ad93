"""The worklist over HTTP against the pure function, row by row: docs/contract.md §3.2."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from services.monitoring.api.app import create_app
from services.monitoring.settings import Settings
from shared.clock import ManualClock
from shared.database import Database
from tests.monitoring.api.cohorts import Log
from tests.monitoring.api.people import people
from tests.monitoring.api.serving import Asked
from tests.scenario import Scenario

Store = tuple[Database, Settings]
Rows = list[dict[str, Any]]
NOW = datetime(2025, 6, 1, 12, tzinfo=UTC)
LIST = "/v1/obligations"


def asking(store: Store, now: datetime = NOW) -> Asked:
    return Asked(create_app(store[1], ManualClock(now)))


def rows(asked: Asked, query: str = "", address: str = LIST) -> Rows:
    answer = asked.get(f"{address}?limit=500{query}")
    assert answer.status_code == 200, answer.text
    return list(answer.json()["obligations"])


def expected(cohort: list[Scenario], on: str, known: str | None) -> Rows:
    """What the pure function says of every treatment, in the order of the list."""
    found: Rows = []
    for one in cohort:
        if known and all(fact.recorded_at > (one.known_at(known) or NOW) for fact in one.facts):
            continue
        found += _json(one.assess(on, known).roll_ups)
    found = [row for row in found if row["standing"] != "not_applicable"]
    return sorted(found, key=lambda row: (row["due_on"] or "9999", row["treatment"], row["requirement"]))


@pytest.mark.parametrize(
    ("on", "known"),
    [
        ("2024-05-14", None),
        ("2024-06-18", None),
        ("2024-06-18", "2024-06-18"),
        ("2024-07-07", "2024-07-05"),
        ("2024-09-08", "2024-08-25"),
        ("2024-09-08", None),
        ("2024-12-01", "2024-12-01"),
        ("2025-06-01", "2024-07-05T03:00:00+00:00"),
        ("2025-06-01", None),
        ("2028-06-20", None),
        ("2030-01-01", None),
    ],
)
def test_the_list_is_what_the_pure_function_says_of_each_treatment(store: Store, on: str, known: str | None) -> None:
    cohort = people()
    Log(store[0]).deliver(*cohort)
    with asking(store) as asked:
        query = f"&on={on}" + (f"&known_at={known.replace('+', '%2B')}" if known else "")
        assert rows(asked, query) == expected(cohort, on, known)


def test_without_on_each_row_is_judged_on_its_own_today(store: Store) -> None:
    cohort = people()
    Log(store[0]).deliver(*cohort)
    with asking(store, datetime(2025, 6, 1, 11, tzinfo=UTC)) as asked:
        answer = (asked.get(f"{LIST}?limit=500")).json()
    assert answer["clocks"]["on"] is None
    today = {row["treatment"]: row["on"] for row in answer["obligations"]}
    by_name = {one.name: today[one.treatment] for one in cohort if one.treatment in today}
    assert by_name["east"] == "2025-06-02"  # UTC+14
    assert by_name["steady"] == "2025-06-01"
    alike: Rows = []
    for one in cohort:
        if one.treatment in today:
            alike += _json(one.assess(today[one.treatment]).roll_ups)
    assert sorted(answer["obligations"], key=_key) == sorted(
        (row for row in alike if row["standing"] != "not_applicable"), key=_key
    )


def _key(row: dict[str, Any]) -> tuple[str, str]:
    return row["treatment"], row["requirement"]


def _json(value: object) -> Any:
    return msgspec.json.decode(msgspec.json.encode(value))
