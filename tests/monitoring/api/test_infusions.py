"""What concerns infusions over HTTP: docs/contract.md §3.9–3.11, at both clocks."""

from datetime import UTC, datetime
from typing import Any

from services.monitoring.api.app import create_app
from services.monitoring.settings import Settings
from shared.clock import ManualClock
from shared.contracts.v1.conditions import ConditionResolved, ConditionSuspected, HoldPlaced, RuleOverridden
from shared.contracts.v1.courses import CoursePlanned
from shared.database import Database
from tests.monitoring.api.cohorts import Log
from tests.monitoring.api.serving import Asked
from tests.scenario import Scenario

Store = tuple[Database, Settings]
NOW = datetime(2025, 6, 1, 11, tzinfo=UTC)


def told() -> Scenario:
    """Timeline T8 until its first course was stopped, then a wrong infusion that is voided."""
    t = Scenario(name="t8")
    for day in ("2024-02-26", "2024-02-27", "2024-02-29"):
        t.infusion(f"{day}T09:00:00-05:00")
    wrong = t.infusion("2024-03-01T09:00:00-05:00", 24)
    t.void_infusion(wrong, known="2024-03-04")
    return t


def answers(store: Store, t: Scenario, *asked: str) -> list[dict[str, Any]]:
    Log(store[0]).deliver(t)
    with Asked(create_app(store[1], ManualClock(NOW))) as asking:
        found = [asking.get(f"/v1/treatments/{t.treatment}/{rest}") for rest in asked]
    assert [one.status_code for one in found] == [200] * len(asked), found[0].text
    return [one.json() for one in found]


def test_deviations_say_which_rule_and_the_numbers_at_both_clocks(store: Store) -> None:
    t = told()
    now, then = answers(store, t, "deviations?on=2024-03-20", "deviations?on=2024-03-20&known_at=2024-03-02")

    def dosing(answer: dict[str, Any]) -> list[tuple[str, str, str]]:
        return [
            (one["rule"], one["deviation"], one["on"]) for one in answer["deviations"] if one["rule"].startswith("DOS")
        ]

    assert dosing(now) == [
        ("DOS-02", "incomplete_course", "2024-02-29"),
        ("DOS-08", "non_consecutive", "2024-02-29"),
    ]
    assert dosing(then) == [
        ("DOS-08", "non_consecutive", "2024-02-29"),
        ("DOS-01", "dose", "2024-03-01"),
        ("DOS-02", "incomplete_course", "2024-03-01"),
    ]
    (short,) = [one for one in now["deviations"] if one["deviation"] == "incomplete_course"]
    assert short["sentence"] == "Course 1 is incomplete: 3/5 infusions, 36/60 mg."
    assert short["quantities"] == [
        {"quantity": "infusions", "measured": 3, "relation": "exactly", "required": 5, "unit": "1"},
        {"quantity": "total dose", "measured": 36, "relation": "exactly", "required": 60, "unit": "mg"},
    ]
    assert (now["treatment"], now["on"], now["clocks"]["profile"]) == (t.treatment, "2024-03-20", "us")


def test_holds_say_what_opened_and_ended_them_at_both_clocks(store: Store) -> None:
    t = Scenario(name="held")
    t.infusion("2024-02-26T09:00:00-05:00")
    fever = t.record(ConditionSuspected("active-infection", ("fever",)), "2024-02-28T08:00:00-05:00")
    over = t.record(ConditionResolved("active-infection"), "2024-03-01T08:00:00-05:00", known="2024-03-05")
    placed = t.record(HoldPlaced("surgery-planned", "hernia"), "2024-03-06T08:00:00-05:00")
    now, then = answers(store, t, "holds?on=2024-03-10", "holds?on=2024-03-03&known_at=2024-03-04")
    assert [(one["hold"], one["standing"], one["stops"]) for one in now["holds"]] == [
        ("surgery-planned", "in_force", True),
        ("active-infection", "lifted", False),
    ]
    assert (now["holds"][0]["rule"], now["holds"][0]["opened_by"]) == (None, [placed])
    assert (now["holds"][1]["closed_by"], now["holds"][1]["closed_on"]) == (over, "2024-03-01")
    (held,) = then["holds"]
    assert (held["rule"], held["standing"], held["opened_by"]) == ("HLD-01", "in_force", [fever])
    assert held["sentence"] == "An active infection suspected on 2024-02-28."


def test_readiness_judges_the_recorded_plan_or_the_instant_that_is_asked_for(store: Store) -> None:
    t = Scenario(name="planned")
    t.infusion("2024-02-29T09:00:00-05:00")
    t.cbc("2025-02-20")
    planned = t.record(CoursePlanned("2025-03-03", "2025-03-03T09:00:00-05:00", 3), "2025-02-21T09:00:00-05:00")
    t.record(RuleOverridden("BAS-02", "seen elsewhere"), "2025-02-22T09:00:00-05:00")
    now, earlier, unplanned = answers(
        store,
        t,
        "readiness?on=2025-03-02",
        "readiness?on=2025-03-02&planned_at=2025-02-28T09:00:00-05:00",
        "readiness?on=2025-03-02&known_at=2025-02-20",
    )
    assert now["plan"] == {
        "on": "2025-03-03",
        "at": "2025-03-03T14:00:00.000000Z",
        "source": "planned",
        "fact_id": planned,
        "course": 2,
        "infusion": 1,
        "first_on": "2025-03-03",
    }
    assert (now["verdict"], now["earliest_next_course_on"]) == ("no_go", "2025-03-01")
    lines = {one["rule"]: one for one in now["lines"]}
    assert (lines["BAS-01"]["standing"], lines["DOS-05"]["standing"]) == ("met", "met")
    assert lines["BAS-01"]["evidence"][0]["why"] == "final"
    assert lines["BAS-02"]["standing"] == "overridden"
    assert lines["BAS-03"]["sentence"] == "None between 2025-02-01 and the start on 2025-03-03."
    blocked = {one["rule"]: one for one in earlier["lines"]}["DOS-05"]
    assert (earlier["plan"]["source"], blocked["standing"]) == ("asked", "not_met")
    assert blocked["sentence"].startswith("Too early by 1 day: ")
    assert (unplanned["plan"]["source"], unplanned["plan"]["on"]) == ("judged", "2025-03-02")


def test_an_instant_of_readiness_that_cant_be_read_is_named(store: Store) -> None:
    t = Scenario(name="planned")
    Log(store[0]).deliver(t)
    with Asked(create_app(store[1], ManualClock(NOW))) as asking:
        answer = asking.get(f"/v1/treatments/{t.treatment}/readiness?planned_at=2025-03-03")
    assert answer.status_code == 422
    assert [one["pointer"] for one in answer.json()["errors"]] == ["/query/planned_at"]
