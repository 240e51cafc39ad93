"""One treatment over HTTP: docs/contract.md §3.3–3.5, at both clocks."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import msgspec
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


def ask(asked: Asked, name: str, rest: str = "") -> dict[str, Any]:
    answer = asked.get(f"/v1/treatments/{PEOPLE[name].treatment}{rest}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_a_treatment_shows_its_episodes_courses_and_roll_ups(asked: Asked) -> None:
    found = ask(asked, "twice", "?on=2024-07-02&known_at=2024-07-02")
    assert found["episodes"] == [
        {
            "episode": 1,
            "anchor": "2023-05-30",
            "ends_on": "2028-07-01",
            "courses": [
                {"course": 1, "infusions": 5, "first_on": "2023-05-30", "last_on": "2023-06-03", "total_mg": 60},
                {"course": 2, "infusions": 3, "first_on": "2024-06-03", "last_on": "2024-06-05", "total_mg": 36},
                {"course": 3, "infusions": 1, "first_on": "2024-07-01", "last_on": "2024-07-01", "total_mg": 12},
            ],
        }
    ]
    assert (found["version"], found["sex"], found["site"]) == (12, "female", "south")
    assert found["clocks"]["known_at"] == "2024-07-03T03:59:59.999999Z"
    now = ask(asked, "twice")
    assert (now["episodes"][0]["ends_on"], len(now["episodes"][0]["courses"]), now["version"]) == ("2028-06-05", 2, 13)


@pytest.mark.parametrize("name", sorted(PEOPLE))
def test_its_roll_ups_are_the_rows_of_the_worklist(asked: Asked, name: str) -> None:
    treatment = PEOPLE[name].treatment
    listed = asked.get(f"/v1/obligations?treatment={treatment}&sort=site&on=2024-09-08").json()["obligations"]
    assert ask(asked, name, "?on=2024-09-08")["obligations"] == listed


def test_today_is_that_of_the_zone_believed_then(asked: Asked) -> None:
    rows = ask(asked, "corrected", "?known_at=2024-09-30")["obligations"]
    assert {row["on"] for row in rows} == {"2025-06-01"}
    assert {row["on"] for row in ask(asked, "east")["obligations"]} == {"2025-06-02"}


def test_slots_say_what_counted_what_did_not_and_why(asked: Asked) -> None:
    slots = ask(asked, "neglected", "/obligations?on=2024-06-18&requirement=MON-05&due_to=2024-06-30")["obligations"]
    assert [slot["obligation_id"].partition(".")[2] for slot in slots] == ["MON-05.e1.s1"]
    slot = slots[0]
    assert (slot["standing"], slot["days_overdue"], slot["partial"]) == ("overdue", 3, True)
    assert slot["missing"] == ["total bilirubin"]
    assert [piece["counts"] for piece in slot["evidence"]] == [True]
    assert slot["evidence"][0]["components"] == ["ALT", "AST"]
    cancelled = ask(asked, "corrected", "/obligations?on=2024-07-04&known_at=2024-07-04&requirement=MON-01")
    judged = {tuple(one["components"]): one["counts"] for one in cancelled["obligations"][0]["evidence"]}
    assert judged[("platelets",)] is False


@pytest.mark.parametrize("name", sorted(PEOPLE))
def test_slots_are_those_of_the_pure_function_in_order_and_filtered(asked: Asked, name: str) -> None:
    one = PEOPLE[name]
    slots = msgspec.json.decode(msgspec.json.encode(one.assess("2024-09-08", "2024-09-08").slots))
    slots.sort(key=lambda slot: (slot["requirement"], slot["due_on"]))
    clocks = "on=2024-09-08&known_at=2024-09-08"
    assert ask(asked, name, f"/obligations?{clocks}")["obligations"] == slots
    filtered = f"/obligations?{clocks}&standing=missed&standing=due&due_from=2024-07-15&due_to=2024-09-15"
    assert ask(asked, name, filtered)["obligations"] == [
        slot
        for slot in slots
        if slot["standing"] in {"missed", "due"} and "2024-07-15" <= slot["due_on"] <= "2024-09-15"
    ]


def test_a_timeline_shows_every_fact_and_what_was_believed_of_it(asked: Asked) -> None:
    def states(rest: str) -> list[tuple[str, str]]:
        return [(one["type"], one["state"]) for one in ask(asked, "twice", f"/timeline{rest}")["entries"]]

    assert states("?known_at=2024-07-02").count(("InfusionAdministered", "current")) == 9
    after = ask(asked, "twice", "/timeline")["entries"]
    voided = [one for one in after if one["state"] == "voided"]
    assert [(one["type"], one["by"]) for one in voided] == [("InfusionAdministered", PEOPLE["twice"].facts[-1].fact_id)]
    assert [one["version"] for one in after if one["type"] == "InfusionVoided"] == [13]
    assert set(after[0]) == {
        "fact_id", "version", "type", "occurred_at", "occurred_on", "recorded_at", "state", "by", "summary",
    }  # fmt: skip


def test_a_timeline_on_a_date_leaves_out_what_had_not_happened_but_not_what_was_corrected(asked: Asked) -> None:
    entries = ask(asked, "twice", "/timeline?on=2024-06-30")["entries"]
    assert [one["type"] for one in entries].count("InfusionAdministered") == 8
    assert [one["type"] for one in entries].count("InfusionVoided") == 1


def test_a_treatment_that_nobody_opened_or_not_yet_is_not_found(asked: Asked) -> None:
    opened = PEOPLE["nobody"]
    for path in ("", "/obligations", "/timeline"):
        here = f"/v1/treatments/{opened.treatment}{path}"
        assert asked.get(f"{here}?known_at=2024-06-01").status_code == 200
        for address in (f"{here}?known_at=2024-05-31", f"/v1/treatments/0190f3c2-7a10-7c3e-9a55-3b1f0a6d2e41{path}"):
            answer = asked.get(address)
            assert (answer.status_code, answer.json()["type"]) == (404, "urn:coursewatch:problem:not-found")


def test_an_instant_is_inclusive_to_the_microsecond(asked: Asked) -> None:
    first = PEOPLE["nobody"].facts[0].recorded_at
    here = f"/v1/treatments/{PEOPLE['nobody'].treatment}?known_at="
    assert asked.get(here + first.isoformat(timespec="microseconds").replace("+00:00", "Z")).status_code == 200
    assert asked.get(f"{here}2024-06-01T23:59:59.999999Z").status_code == 404


def test_a_version_not_yet_projected_is_waited_for_then_503(asked: Asked) -> None:
    treatment = PEOPLE["nobody"].treatment
    assert asked.get(f"/v1/treatments/{treatment}?min_version=1").status_code == 200
    answer = asked.get(f"/v1/obligations?treatment={treatment}&min_version=2")
    assert (answer.status_code, answer.json()["type"]) == (503, "urn:coursewatch:problem:not-yet-projected")
    assert answer.headers["retry-after"] == "1"
