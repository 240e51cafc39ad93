"""The worklist over HTTP against the pure function, row by row: docs/contract.md §3.2."""

import csv
import io
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import parse_qs

import msgspec
import pytest

from services.monitoring.api.app import create_app
from services.monitoring.reading.export import COLUMNS
from services.monitoring.settings import Settings
from shared.clock import ManualClock
from shared.database import Database
from tests.monitoring.api.people import people
from tests.monitoring.api.serving import Asked

Store = tuple[Database, Settings]
Rows = list[dict[str, Any]]
NOW = datetime(2025, 6, 1, 11, tzinfo=UTC)  # 2 June in Kiritimati
LIST = "/v1/obligations"
PEOPLE = people()


@pytest.fixture(scope="module")
def asked(cohort: Store) -> Iterator[Asked]:
    with Asked(create_app(cohort[1], ManualClock(NOW))) as asking:
        yield asking


def rows(asked: Asked, query: str = "", address: str = LIST) -> Rows:
    answer = asked.get(f"{address}?limit=500{query}")
    assert answer.status_code == 200, answer.text
    return list(answer.json()["obligations"])


def expected(on: str, known: str | None) -> Rows:
    """What the pure function says of every treatment, in the order of the list."""
    found: Rows = []
    for one in PEOPLE:
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
def test_the_list_is_what_the_pure_function_says_of_each_treatment(asked: Asked, on: str, known: str | None) -> None:
    query = f"&on={on}" + (f"&known_at={known.replace('+', '%2B')}" if known else "")
    assert rows(asked, query) == expected(on, known)


def test_without_on_each_row_is_judged_on_its_own_today(asked: Asked) -> None:
    answer = (asked.get(f"{LIST}?limit=500")).json()
    assert answer["clocks"]["on"] is None
    today = {row["treatment"]: row["on"] for row in answer["obligations"]}
    by_name = {one.name: today[one.treatment] for one in PEOPLE if one.treatment in today}
    assert by_name["east"] == "2025-06-02"  # UTC+14
    assert by_name["steady"] == "2025-06-01"
    alike: Rows = []
    for one in PEOPLE:
        if one.treatment in today:
            alike += _json(one.assess(today[one.treatment]).roll_ups)
    assert sorted(answer["obligations"], key=_key) == sorted(
        (row for row in alike if row["standing"] != "not_applicable"), key=_key
    )


@pytest.mark.parametrize(
    "filters",
    [
        "",
        "&standing=overdue",
        "&standing=due&standing=upcoming&site=south",
        "&standing=suspended&standing=waived&standing=declined&standing=cancelled&standing=ended",
        "&standing=not_applicable",
        "&requirement=MON-01&requirement=MON-06",
        "&site=south&site=east",
        "&due_before=2024-07-15",
        "&min_days_overdue=30",
        "&min_days_overdue=0&due_before=2024-06-16&requirement=MON-04",
        "&site=nowhere",
    ],
)
@pytest.mark.parametrize("clocks", ["&on=2024-09-20", "&on=2024-09-20&known_at=2024-07-01", ""])
def test_a_filter_a_total_and_an_export_are_the_same_list(asked: Asked, filters: str, clocks: str) -> None:
    everything = rows(asked, clocks) + rows(asked, clocks + "&standing=not_applicable")
    found = rows(asked, filters + clocks)
    summary = asked.get(f"{LIST}/summary?{filters + clocks}".replace("?&", "?")).json()
    export = asked.get(f"{LIST}?{filters + clocks}".replace("?&", "?"), accept="text/csv")
    assert sorted(found, key=_key) == sorted((row for row in everything if _wanted(row, filters)), key=_key)
    assert summary["total"] == len(found)
    assert summary["treatments"] == len({row["treatment"] for row in found})
    assert summary["by_standing"] == Counter(row["standing"] for row in found)
    for by, field in (("by_requirement", "requirement"), ("by_site", "site")):
        assert summary[by] == {
            name: Counter(row["standing"] for row in found if row[field] == name)
            for name in {row[field] for row in found}
        }
    assert export.headers["content-type"] == "text/csv; charset=utf-8"
    assert list(csv.reader(io.StringIO(export.text))) == [list(COLUMNS), *map(_cells, found)]


def _wanted(row: dict[str, Any], query: str) -> bool:
    """The filters said once more, over rows instead of spans."""
    asked = parse_qs(query.removeprefix("&"))
    if row["standing"] == "not_applicable" and "not_applicable" not in asked.get("standing", ()):
        return False
    if any(row[field] not in asked[field] for field in ("standing", "requirement", "site") if field in asked):
        return False
    if "due_before" in asked and not (row["due_on"] and row["due_on"] < asked["due_before"][0]):
        return False
    return row["days_overdue"] >= int(asked.get("min_days_overdue", ["0"])[0])


def _cells(row: dict[str, Any]) -> list[str]:
    """A row of the list as its line of the export."""
    flat = row | {f"counts.{name}": number for name, number in row["counts"].items()}
    return [_cell(flat[name]) for name in COLUMNS]


def _cell(value: Any) -> str:
    if isinstance(value, list):
        return "; ".join(value)
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


@pytest.mark.parametrize("sort", ["due_on", "-due_on", "site"])
def test_the_list_is_sorted_as_asked_with_ties_by_treatment_and_requirement(asked: Asked, sort: str) -> None:
    found = rows(asked, f"&on=2024-09-20&sort={sort}")
    keys = [_order(row, sort) for row in found]
    assert keys == sorted(keys)
    assert len(set(keys)) == len(keys) > 50


def _order(row: dict[str, Any], sort: str) -> tuple[Any, ...]:
    due = date.fromisoformat(row["due_on"]).toordinal() if row["due_on"] else 10**7
    value = {"due_on": due, "-due_on": -due if row["due_on"] else 10**7, "site": row["site"]}[sort]
    return value, row["treatment"], row["requirement"]


def test_requirements_that_do_not_apply_appear_only_when_asked_for(asked: Asked) -> None:
    assert all(row["applicability"] != "not_applicable" for row in rows(asked))
    hidden = rows(asked, "&standing=not_applicable")
    assert {row["requirement"] for row in hidden} == {"MON-07"}
    assert {row["standing"] for row in hidden} == {"not_applicable"}


def test_a_treatment_without_an_episode_has_no_rows(asked: Asked) -> None:
    nobody = next(one for one in PEOPLE if one.name == "nobody")
    assert rows(asked, f"&treatment={nobody.treatment}") == []
    assert rows(asked, f"&treatment={PEOPLE[0].treatment.upper()}") != []


def _key(row: dict[str, Any]) -> tuple[str, str]:
    return row["treatment"], row["requirement"]


def _json(value: object) -> Any:
    return msgspec.json.decode(msgspec.json.encode(value))
