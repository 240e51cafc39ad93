"""What readiness says of courses, persons, baselines and overrides, in one sentence each."""

import pytest

from shared.contracts.v1.conditions import (
    ConditionConfirmed,
    RuleOverridden,
)
from shared.contracts.v1.courses import (
    CourseForgone,
    CoursePlanned,
)
from shared.contracts.v1.history import PriorTreatmentRecorded
from tests.monitoring.rules.infusion_days import line, ready
from tests.scenario import Day, Scenario, treated

START = "2024-01-08T09:00:00-05:00"


EARLIEST = "at the earliest on 2025-05-19, 12 months after 2024-05-19."


@pytest.mark.parametrize(
    ("at", "sentence"),
    [
        (
            "2025-05-18T09:00:00-04:00",
            f"Too early by 1 day: first infusion on 2025-05-18; {EARLIEST}",
        ),
        (
            "2025-05-20T09:00:00-04:00",
            f"Late enough: first infusion on 2025-05-20; {EARLIEST}",
        ),
    ],
)
def test_the_interval_names_the_last_infusion_of_any_earlier_course(at: str, sentence: str) -> None:
    t = treated()
    found = line(ready(t, "2025-05-01", at), "DOS-05")
    assert found.sentence == sentence
    assert [(one.fact_id, str(one.occurred_on), one.shows) for one in found.evidence] == [
        (t.facts[5].fact_id, "2024-05-19", "last infusion")
    ]


def test_spacing_names_the_infusions_it_looked_at() -> None:
    t = treated(days=2)
    same_day = line(ready(t, "2024-05-16", "2024-05-16T18:00:00-04:00"), "DOS-06")
    assert same_day.sentence == "An infusion was given on 2024-05-16 already; at most 1 a day."
    assert [one.fact_id for one in same_day.evidence] == [t.facts[2].fact_id]
    next_day = line(ready(t, "2024-05-17"), "DOS-08")
    assert (next_day.sentence, [one.counts for one in next_day.evidence]) == (
        "The infusion before was on 2024-05-16.",
        [True],
    )
    later = line(ready(t, "2024-05-19"), "DOS-08")
    assert (later.sentence, [one.counts for one in later.evidence]) == (
        "The infusion before was on 2024-05-16: 2 days left out.",
        [False],
    )
    assert line(ready(t, "2024-05-17"), "DOS-02").sentence == "It would be infusion 3 of 5 of course 1."


def test_of_a_course_only_what_concerns_its_number_is_asked() -> None:
    t = treated()
    rules = {one.rule for one in ready(t, "2025-05-20", "2025-05-20T09:00:00-04:00").lines}
    assert {"DOS-02", "DOS-03", "DOS-04"} & rules == {"DOS-03", "DOS-04"}
    t.course("2025-05-20", 3)
    third = ready(t, "2026-06-01")
    assert {"DOS-02", "DOS-03"} & {one.rule for one in third.lines} == set()
    assert "It would be infusion 1 of 3 of course 3." in {one.sentence for one in third.lines}


def test_what_is_asked_for_a_first_course_only_says_so_later() -> None:
    t = treated()
    assert line(ready(t, "2025-05-20"), "BAS-04").sentence == "Not asked for before course 2."


def test_who_is_known_and_how_old() -> None:
    t = Scenario(sex="male")
    t.demographics(known="2020-01-02", birth_date="1990-01-09")
    t.record(ConditionConfirmed("rrms"), "2020-06-01")
    t.record(PriorTreatmentRecorded("none"), "2020-06-01")
    found = ready(t, "2024-01-08", START)
    assert line(found, "BAS-12").sentence == "Date of birth, illness and earlier treatments are recorded."
    assert line(found, "HLD-03").sentence == "33 years old on 2024-01-08; at least 17, adults meant."
    assert line(found, "BAS-15").sentence == "Male."
    ages = [one for one in found.lines if one.rule == "HLD-21"]
    assert "33 years old on 2024-01-08; studied below 65." in {one.sentence for one in ages}


def test_a_decision_a_death_and_a_hold_without_a_rule_have_sentences_of_their_own() -> None:
    t = treated()
    decided = t.record(CourseForgone("stable"), "2025-01-01")
    found = [one for one in ready(t, "2025-01-02").lines if one.rule is None]
    assert [(one.sentence, one.evidence[0].fact_id) for one in found] == [
        ("It was decided on 2025-01-01 to give no further course.", decided)
    ]
    t.record(CoursePlanned("2025-06-02"), "2025-01-01", known="2025-01-03")
    assert [one for one in ready(t, "2025-01-04").lines if one.rule is None] == []
    t.death(Day("2025-02-01"))
    assert [one.sentence for one in ready(t, "2025-02-01").lines if one.rule is None] == [
        "A death is recorded on 2025-02-01."
    ]
    assert [one for one in ready(t, "2025-01-31").lines if one.rule is None] == []


AT_MOST = "before the first infusion on 2024-01-08; at most 30 days."


@pytest.mark.parametrize(
    ("drawn", "sentence"),
    [
        (("2023-12-20",), f"Complete with results from 2023-12-20 on, 19 days {AT_MOST}"),
        (("2024-01-07",), f"Complete with results from 2024-01-07 on, 1 day {AT_MOST}"),
        (("2023-12-20", "2024-01-02"), f"Complete with results from 2024-01-02 on, 6 days {AT_MOST}"),
        ((), "None between 2023-12-09 and the start on 2024-01-08."),
    ],
)
def test_a_laboratory_baseline_says_from_when_it_is(drawn: tuple[str, ...], sentence: str) -> None:
    t = Scenario()
    for day in drawn:
        t.lab(day, "creatinine")
    assert line(ready(t, "2024-01-08", START), "BAS-02").sentence == sentence


def test_without_a_limit_of_days_it_only_says_how_long_before() -> None:
    t = Scenario()
    t.exam("skin", "2023-12-29")
    found = line(ready(t, "2024-01-08", START), "BAS-07")
    assert (
        found.sentence == "Complete with results from 2023-12-29 on, 10 days before the first infusion on 2024-01-08."
    )
    assert line(ready(Scenario(), "2024-01-08", START), "BAS-07").sentence == "None before the start on 2024-01-08."


def test_an_override_counts_from_its_own_day_on() -> None:
    t = Scenario()
    t.record(RuleOverridden("BAS-08", "no time"), "2024-01-07")
    assert line(ready(t, "2024-01-08", "2024-01-06T09:00:00-05:00"), "BAS-08").standing == "not_met"
    assert line(ready(t, "2024-01-08", "2024-01-07T09:00:00-05:00"), "BAS-08").standing == "overridden"
    assert line(ready(t, "2024-01-06", "2024-01-08T09:00:00-05:00"), "BAS-08").standing == "not_met"


def test_of_several_courses_the_last_one_decides_the_interval() -> None:
    t = Scenario()
    for day in ("2021-05-15", "2022-06-15", "2022-06-16"):
        t.infusion(day)
    found = line(ready(t, "2023-06-15"), "DOS-05")
    assert found.standing == "not_met"
    assert [(one.fact_id, one.counts) for one in found.evidence] == [(t.facts[3].fact_id, True)]
