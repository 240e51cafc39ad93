"""HLD-03, HLD-13, BAS-01 … BAS-08 after the fact: age, live vaccines, no baseline (D-14, D-18, D-19, R23)."""

import pytest

from shared.contracts.v1.conditions import RuleOverridden
from shared.contracts.v1.facts import VaccineAdministered
from tests.monitoring.rules.infusion_days import broken
from tests.scenario import Scenario, treated

BASELINE = tuple(f"BAS-0{n}" for n in range(1, 9))


def born(day: str) -> Scenario:
    t = Scenario()
    t.demographics(known="2020-01-02", birth_date=day)
    t.infusion("2024-05-15")
    return t


@pytest.mark.parametrize(
    ("birth", "severity"),
    [("2007-05-16", "BLOCK"), ("2007-05-15", "WARN"), ("2006-05-16", "WARN"), ("2006-05-15", None)],
)
def test_under_17_is_blocked_and_at_17_warned_of_by_the_local_date_of_the_infusion(
    birth: str, severity: str | None
) -> None:
    found = broken(born(birth), "2024-05-15", "HLD-03")
    assert [one.severity for one in found] == ([severity] if severity else [])


def test_a_corrected_date_of_birth_judges_anew_and_an_unknown_one_judges_nothing() -> None:
    t = born("2010-01-01")
    t.demographics(known="2024-06-01", birth_date="1990-01-01")
    assert len(broken(t, "2024-06-02", "HLD-03", known="2024-05-31")) == 1
    assert broken(t, "2024-06-02", "HLD-03") == []
    assert broken(treated(), "2024-06-02", "HLD-03") == []


@pytest.mark.parametrize(
    ("cvx", "on", "severity"),
    [
        ("03", "2024-06-01", "BLOCK"),
        ("3", "2024-06-01", "BLOCK"),
        ("21", "2028-05-19", "BLOCK"),
        ("21", "2028-05-20", "WARN"),
        ("19", "2024-06-01", "WARN"),
        ("187", "2024-06-01", None),
        ("03", "2024-05-14", None),
        ("03", "2024-05-15", None),
    ],
)
def test_a_live_vaccine_after_the_first_infusion_is_told_a_bacterial_one_or_one_after_the_end_as_a_warning(
    cvx: str, on: str, severity: str | None
) -> None:
    t = treated(days=5)
    t.record(VaccineAdministered(cvx), f"{on}T07:00:00-04:00", known="2028-06-01")
    found = broken(t, "2028-06-01", "HLD-13")
    assert [one.severity for one in found] == ([severity] if severity else [])


def test_a_decision_taken_before_it_is_named_beside_the_deviation() -> None:
    t = treated()
    decided = t.record(RuleOverridden("HLD-13", "measles nearby", "2024-07-01"), "2024-06-20")
    t.record(VaccineAdministered("03"), "2024-07-01")
    t.record(VaccineAdministered("03"), "2024-07-02")
    assert [one.overridden_by for one in broken(t, "2024-08-01", "HLD-13")] == [decided, None]


def test_a_course_begun_without_a_baseline_stays_a_deviation_though_it_is_done_later() -> None:
    t = treated()
    t.cbc("2024-05-15T11:00:00-04:00")
    found = {one.rule: one for one in broken(t, "2024-06-01", *BASELINE)}
    assert set(found) == set(BASELINE)
    assert found["BAS-01"].sentence.endswith(" It was done later.")
    assert found["BAS-02"].sentence == (
        "Serum creatinine, within 30 days: none between 2024-04-15 and the start on 2024-05-15."
    )
    assert {one.on.isoformat() for one in found.values()} == {"2024-05-15"}


def test_a_baseline_that_is_recorded_late_but_was_drawn_before_the_start_heals_the_deviation() -> None:
    t = treated()
    t.cbc("2024-05-10", known="2024-06-01")
    assert len(broken(t, "2024-06-02", "BAS-01", known="2024-05-31")) == 1
    assert broken(t, "2024-06-02", "BAS-01") == []


def test_each_course_needs_its_own_laboratory_baseline_in_the_us_and_only_the_first_by_the_seed() -> None:
    t = Scenario()
    t.cbc("2024-05-10")
    t.course("2024-05-15")
    t.course("2025-06-02", 3)
    assert [one.course for one in broken(t, "2025-06-10", "BAS-01")] == [2]
    assert broken(t, "2025-06-10", "BAS-01", profile="seed") == []
    assert [one.course for one in broken(t, "2025-06-10", "BAS-07")] == [1]
