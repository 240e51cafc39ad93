"""What would change if some facts were recorded now, over HTTP: docs/contract.md §3.14. Nothing is stored."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import func, select

from services.monitoring.api.app import create_app
from services.monitoring.settings import Settings
from services.monitoring.store.tables import metadata
from shared.clock import ManualClock
from shared.database import Database
from tests.monitoring.api.people import people
from tests.monitoring.api.serving import Asked
from tests.scenario import CBC, CODES

Store = tuple[Database, Settings]
PEOPLE = {one.name: one for one in people()}
NOW = datetime(2025, 6, 1, 11, tzinfo=UTC)


@pytest.fixture(scope="module")
def asked(cohort: Store) -> Iterator[Asked]:
    with Asked(create_app(cohort[1], ManualClock(NOW))) as asking:
        yield asking


def fact(kind: str, when: str, data: dict[str, Any], **more: Any) -> dict[str, Any]:
    said = {"type": kind, "occurred_at": f"{when}T10:00:00-04:00", "source": "urn:test", "author": "tester"}
    return said | {"data": data} | more


def infusion(when: str) -> dict[str, Any]:
    return fact("InfusionAdministered", when, {"dose_mg": 12})


def cbc(when: str) -> dict[str, Any]:
    results = [{"code": CODES[name], "status": "final"} for name in CBC]
    return fact("LabResultRecorded", when, {"specimen_id": "S-hypothetical", "results": results})


def simulate(asked: Asked, name: str, *facts: dict[str, Any], query: str = "") -> dict[str, Any]:
    answer = asked.post(f"/v1/treatments/{PEOPLE[name].treatment}/simulate{query}", {"facts": list(facts)})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def kinds(found: dict[str, Any], requirement: str) -> dict[str, list[str]]:
    return {
        one["obligation_id"].split(f"{requirement}.")[1]: one["kinds"]
        for one in found["slots"]
        if one["requirement"] == requirement
    }


def test_another_infusion_moves_the_end_and_opens_a_year_of_windows(asked: Asked) -> None:
    found = simulate(asked, "steady", infusion("2025-06-01"))
    assert (found["before"]["ends_on"], found["after"]["ends_on"]) == ("2028-05-19", "2029-06-01")
    assert [len(found[side]["episodes"][0]["courses"]) for side in ("before", "after")] == [1, 2]
    opened = {key: said for key, said in kinds(found, "MON-01").items() if said == ["opened"]}
    assert sorted(opened) == sorted(["e1.close-out", *(f"e1.s{n}" for n in range(49, 61))])
    assert found["slots"][0]["caused_by"] == ["hypothetical-1"]


def test_a_test_closes_what_is_due_and_the_next_one_is_due_later(asked: Asked) -> None:
    found = simulate(asked, "neglected", cbc("2025-05-20"))
    assert kinds(found, "MON-01") == {"e1.s12": ["satisfied"]}
    due = next(one for one in found["next_due"] if one["requirement"] == "MON-01")
    assert (due["before"]["standing"], due["before"]["due_on"]) == ("overdue", "2025-05-15")
    assert (due["after"]["standing"], due["after"]["due_on"]) == ("upcoming", "2025-06-15")
    assert [one["requirement"] for one in found["roll_ups"]] == ["MON-01"]


def test_each_hypothetical_fact_says_what_it_alone_would_change(asked: Asked) -> None:
    found = simulate(asked, "neglected", cbc("2025-05-20"), cbc("2025-05-21"))
    one, other = found["facts"]
    assert (one["fact_id"], one["version"], one["roll_ups"]) == ("hypothetical-1", 8, ["MON-01"])
    assert (other["fact_id"], other["slots"], other["roll_ups"]) == ("hypothetical-2", [], [])


def test_facts_of_later_days_count_when_a_later_day_is_asked_about(asked: Asked) -> None:
    assert simulate(asked, "steady", infusion("2026-06-10"))["after"]["ends_on"] == "2028-05-19"
    later = simulate(asked, "steady", infusion("2026-06-10"), query="?on=2026-06-10")
    assert later["after"]["ends_on"] == "2030-06-10"


def test_a_void_of_a_real_fact_can_be_thought_through(asked: Asked) -> None:
    first = PEOPLE["steady"].facts[1].fact_id
    void = fact("InfusionVoided", "2025-06-01", {"reason": "never given"}, corrects={"fact_id": first.upper()})
    found = simulate(asked, "steady", void)
    assert (found["before"]["episodes"][0]["anchor"], found["after"]["episodes"][0]["anchor"]) == (
        "2024-05-15",
        "2024-05-16",
    )
    assert "moved" in kinds(found, "MON-01")["e1.s14"]


def test_it_starts_from_what_was_known_then(asked: Asked) -> None:
    found = simulate(asked, "twice", infusion("2024-07-02"), query="?on=2024-07-02&known_at=2024-07-02")
    assert (found["before"]["ends_on"], found["after"]["ends_on"]) == ("2028-07-01", "2028-07-02")
    assert found["facts"][0]["recorded_at"] == "2024-07-03T03:59:59.999999Z"


def test_a_first_infusion_opens_everything(asked: Asked) -> None:
    found = simulate(asked, "nobody", infusion("2025-06-01"))
    assert (found["before"]["ends_on"], found["before"]["episodes"]) == (None, [])
    assert all(one["before"] is None for one in found["next_due"])
    assert {tuple(one["kinds"]) for one in found["slots"]} == {("opened",)}


def test_nothing_is_stored(asked: Asked, cohort: Store) -> None:
    def rows() -> dict[str, int]:
        with cohort[0].read() as connection:
            return {
                table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
                for table in metadata.sorted_tables
            }

    before = rows()
    here = f"/v1/treatments/{PEOPLE['steady'].treatment}/obligations"
    listed = asked.get(here).json()["obligations"]
    simulate(asked, "steady", infusion("2025-06-01"))
    assert rows() == before
    assert asked.get(here).json()["obligations"] == listed


def test_every_wrong_field_is_named_by_the_fact_s_place(asked: Asked) -> None:
    wrong = infusion("2025-06-01")
    wrong["data"]["dose_mg"] = True
    unknown = infusion("2025-06-01") | {"type": "Guess"}
    naive = infusion("2025-06-01") | {"occurred_at": "2025-06-01T10:00:00"}
    void = fact("InfusionVoided", "2025-06-01", {"reason": "x"})
    address = f"/v1/treatments/{PEOPLE['steady'].treatment}/simulate"
    answer = asked.post(address, {"facts": [infusion("2025-06-01"), wrong, unknown, naive, void]})
    assert (answer.status_code, answer.json()["type"]) == (422, "urn:coursewatch:problem:invalid-query")
    assert [(one["pointer"], one["message"]) for one in answer.json()["errors"]] == [
        ("/facts/1/data/dose_mg", "must be a number, not a boolean"),
        ("/facts/2/type", "is not a fact type; /openapi.json lists them"),
        ("/facts/3/occurred_at", "must carry an offset"),
        ("/facts/4/corrects", "is required for InfusionVoided"),
    ]


def test_a_fact_beyond_the_next_ten_years_is_refused(asked: Asked) -> None:
    assert simulate(asked, "steady", infusion("2035-06-01"))["slots"] == []
    month = infusion("2035-06-02") | {"occurred_on": "2040-01"}
    del month["occurred_at"]
    address = f"/v1/treatments/{PEOPLE['steady'].treatment}/simulate"
    answer = asked.post(address, {"facts": [infusion("2025-06-01"), infusion("2035-06-02"), month]})
    message = "must not lie more than 10 years after now"
    assert (answer.status_code, answer.json()["errors"]) == (
        422,
        [{"pointer": f"/facts/{place}", "message": message} for place in ("1/occurred_at", "2/occurred_on")],
    )


@pytest.mark.parametrize(
    "body, pointer, message",
    [
        ({"facts": []}, "/facts", "must have at least 1 item"),
        ({"facts": [infusion("2025-06-01")] * 101}, "/facts", "must have at most 100 items"),
        ({"facts": "none"}, "/facts", "must be a list"),
        ({}, "/facts", "is required"),
        ([], "", "must be an object"),
        ({"facts": [infusion("2025-06-01")], "why": 1}, "/why", "is not a field that is known here"),
    ],
)
def test_a_body_of_another_shape_is_refused(asked: Asked, body: object, pointer: str, message: str) -> None:
    answer = asked.post(f"/v1/treatments/{PEOPLE['steady'].treatment}/simulate", body)
    assert answer.status_code == 422
    assert answer.json()["errors"] == [{"pointer": pointer, "message": message}]


def test_a_stranger_is_not_found_and_a_body_has_its_limit(asked: Asked) -> None:
    body = {"facts": [infusion("2025-06-01")]}
    answer = asked.post("/v1/treatments/0190f3c2-7a10-7c3e-9a55-3b1f0a6d2e41/simulate", body)
    assert answer.status_code == 404
    long = {"facts": [infusion("2025-06-01") | {"source": "x" * 4000}] * 300}
    assert asked.post(f"/v1/treatments/{PEOPLE['steady'].treatment}/simulate", long).status_code == 413
