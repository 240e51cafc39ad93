"""What will be due for one treatment, over HTTP: docs/contract.md §3.15."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from services.monitoring.api.app import create_app
from services.monitoring.settings import Settings
from shared.clock import ManualClock
from shared.database import Database
from tests.monitoring.api.people import people
from tests.monitoring.api.serving import Asked

Store = tuple[Database, Settings]
PEOPLE = {one.name: one for one in people()}
NOW = datetime(2025, 6, 1, 11, tzinfo=UTC)


@pytest.fixture(scope="module")
def asked(cohort: Store) -> Iterator[Asked]:
    with Asked(create_app(cohort[1], ManualClock(NOW))) as asking:
        yield asking


def ask(asked: Asked, name: str, query: str = "") -> dict[str, Any]:
    answer = asked.get(f"/v1/treatments/{PEOPLE[name].treatment}/forecast{query}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_a_forecast_tells_dates_groups_and_visits(asked: Asked) -> None:
    found = ask(asked, "steady", "?until=2025-06-15")
    assert (found["on"], found["until"], found["clocks"]["on"]) == ("2025-06-01", "2025-06-15", None)
    overdue, first = [one for one in found["obligations"] if one["requirement"] == "MON-01"]
    assert (overdue["due"], overdue["standing"]) == ("2025-05-15", "overdue")
    assert {name: first[name] for name in ("earliest", "due", "overdue_from", "latest", "standing")} == {
        "earliest": "2025-06-08",
        "due": "2025-06-15",
        "overdue_from": "2025-06-16",
        "latest": "2025-07-07",
        "standing": "upcoming",
    }
    line = next(one for one in found["requirements"] if one["requirement"] == "MON-01")
    assert (line["due"], line["obligations"]) == (
        ["2025-05-15", "2025-06-15"],
        [overdue["obligation_id"], first["obligation_id"]],
    )
    visits = {one["on"]: one["obligations"] for one in found["visits"]}
    assert overdue["obligation_id"] in visits["2025-06-01"]
    assert first["obligation_id"] in visits["2025-06-15"]


def test_left_out_it_looks_a_year_ahead_from_the_day_judged(asked: Asked) -> None:
    assert ask(asked, "steady")["until"] == "2026-06-01"
    assert ask(asked, "steady", "?on=2024-06-10")["until"] == "2025-06-10"


def test_what_was_known_then_is_what_it_is_made_of(asked: Asked) -> None:
    then = ask(asked, "twice", "?on=2024-07-02&known_at=2024-07-02&until=2034-07-01")
    now = ask(asked, "twice", "?on=2024-07-02&until=2034-07-01")
    assert [found["obligations"][-1]["due"] for found in (then, now)] == ["2028-06-30", "2028-05-30"]


def test_every_obligation_of_the_forecast_is_a_slot_with_the_same_dates(asked: Asked) -> None:
    for name in PEOPLE:
        slots = asked.get(f"/v1/treatments/{PEOPLE[name].treatment}/obligations?on=2024-09-08").json()["obligations"]
        by_id = {one["obligation_id"]: one for one in slots}
        for one in ask(asked, name, "?on=2024-09-08&until=2029-01-01")["obligations"]:
            slot = by_id[one["obligation_id"]]
            assert (one["earliest"], one["due"], one["latest"]) == (
                slot["opens_on"],
                slot["due_on"],
                slot["closes_on"],
            )
            assert one["standing"] == slot["standing"]


@pytest.mark.parametrize("until", ["2025-05-31", "2035-06-02"])
def test_until_when_has_its_bounds_and_a_sentence(asked: Asked, until: str) -> None:
    answer = asked.get(f"/v1/treatments/{PEOPLE['steady'].treatment}/forecast?until={until}")
    assert (answer.status_code, answer.json()["errors"]) == (
        422,
        [
            {
                "pointer": "/query/until",
                "message": "must not be before the date judged, nor more than 10 years after it",
            }
        ],
    )


@pytest.mark.parametrize("until", ["2025-06-01", "2035-06-01"])
def test_its_bounds_are_inclusive(asked: Asked, until: str) -> None:
    assert ask(asked, "steady", f"?until={until}")["until"] == until


def test_a_treatment_that_nobody_opened_is_not_found(asked: Asked) -> None:
    assert asked.get("/v1/treatments/0190f3c2-7a10-7c3e-9a55-3b1f0a6d2e41/forecast").status_code == 404
    assert asked.get("/v1/treatments/somebody/forecast").status_code == 422
