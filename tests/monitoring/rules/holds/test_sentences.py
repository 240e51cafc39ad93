"""Each way in which a hold opens and ends is told in one sentence, with the facts that did it."""

from collections.abc import Callable

import pytest

from shared.contracts.v1.conditions import (
    ConditionConfirmed,
    ConditionExcluded,
    ConditionResolved,
    ConditionRetracted,
    ConditionSuspected,
    EvaluationCompleted,
    FindingRecorded,
    HoldLifted,
    HoldPlaced,
)
from shared.contracts.v1.facts import ReactionReported, ReactionRetracted
from shared.contracts.v1.history import (
    MedicationStarted,
    MedicationStopped,
    PriorTreatmentRecorded,
    ScreeningCompleted,
)
from tests.monitoring.rules.infusion_days import held
from tests.scenario import Day, Scenario, treated

Told = Callable[[Scenario], object]


def each(*facts: object) -> Told:
    """One fact a day, from June 2 on."""
    return lambda t: [t.record(fact, f"2024-06-{day:02}") for day, fact in enumerate(facts, start=2)]  # type: ignore[arg-type] # facts


CASES: list[tuple[Told, str, str, str, str | None]] = [
    (each(ConditionSuspected("infection")), "HLD-01", "in_force", "An active infection suspected on 2024-06-02.", None),
    (each(ConditionConfirmed("infection")), "HLD-01", "in_force", "An active infection confirmed on 2024-06-02.", None),
    (
        each(ConditionSuspected("infection"), ConditionConfirmed("infection")),
        "HLD-01",
        "in_force",
        "An active infection suspected on 2024-06-02, confirmed on 2024-06-03.",
        None,
    ),
    (
        each(ConditionSuspected("infection"), ConditionResolved("infection")),
        "HLD-01",
        "lifted",
        "An active infection suspected on 2024-06-02; on 2024-06-03: over.",
        "2024-06-03",
    ),
    (
        each(ConditionSuspected("infection"), ConditionExcluded("infection")),
        "HLD-01",
        "lifted",
        "An active infection suspected on 2024-06-02; on 2024-06-03: excluded.",
        "2024-06-03",
    ),
    (
        each(ConditionSuspected("infection"), HoldLifted("infection", "well")),
        "HLD-01",
        "lifted",
        "An active infection suspected on 2024-06-02; on 2024-06-03: the hold was lifted.",
        "2024-06-03",
    ),
    (
        each(FindingRecorded("suspicious-mri")),
        "HLD-02",
        "in_force",
        "PML suspected on 2024-06-02 by suspicious mri.",
        None,
    ),
    (
        each(ConditionSuspected("other", ("clumsiness",))),
        "HLD-02",
        "in_force",
        "PML suspected on 2024-06-02 by clumsiness.",
        None,
    ),
    (
        each(ConditionSuspected("pneumonitis"), EvaluationCompleted("pneumonitis")),
        "HLD-10",
        "lifted",
        "Pneumonitis suspected on 2024-06-02; on 2024-06-03: evaluated and not confirmed.",
        "2024-06-03",
    ),
    (
        each(ConditionSuspected("ttp"), EvaluationCompleted("ttp")),
        "HLD-08",
        "discontinue",
        (
            "Thrombotic thrombocytopenic purpura suspected on 2024-06-02, "
            "evaluated by 2024-06-03 and no other cause established."
        ),
        None,
    ),
    (
        each(ConditionSuspected("ttp"), ConditionConfirmed("ttp"), EvaluationCompleted("ttp")),
        "HLD-08",
        "discontinue",
        "Thrombotic thrombocytopenic purpura suspected on 2024-06-02, confirmed on 2024-06-03.",
        None,
    ),
    (
        each(MedicationStarted("azathioprine", "immunosuppressant")),
        "HLD-16",
        "in_force",
        "A medicine (immunosuppressant) is taken since 2024-06-02.",
        None,
    ),
    (
        each(MedicationStarted("azathioprine", "immunosuppressant"), MedicationStopped("azathioprine")),
        "HLD-16",
        "lifted",
        "A medicine (immunosuppressant) was taken from 2024-06-02 to 2024-06-03.",
        "2024-06-03",
    ),
    (
        each(ScreeningCompleted("hepatitis-c", "positive")),
        "HLD-17",
        "in_force",
        "Screening for hepatitis c on 2024-06-02 was positive.",
        None,
    ),
    (each(PriorTreatmentRecorded("campath")), "HLD-14", "in_force", "Treated with campath before.", None),
    (
        each(HoldPlaced("HLD-01", "fever")),
        "HLD-01",
        "in_force",
        "A hold was placed on 2024-06-02 and has not been lifted.",
        None,
    ),
    (
        each(HoldPlaced("HLD-01", "fever"), HoldLifted("HLD-01", "well")),
        "HLD-01",
        "lifted",
        "A hold was placed on 2024-06-02 and lifted on 2024-06-03.",
        "2024-06-03",
    ),
]


@pytest.mark.parametrize(("tell", "rule", "standing", "sentence", "closed"), CASES)
def test_it_says_what_opened_it_and_what_ended_it(
    tell: Told, rule: str, standing: str, sentence: str, closed: str | None
) -> None:
    t = Scenario()
    tell(t)
    (one,) = held(t, "2024-06-10", rule)
    assert (one.standing, one.sentence) == (standing, sentence)
    assert (str(one.opened_on), one.opened_by[0]) == ("2024-06-02", t.facts[1].fact_id)
    assert (str(one.closed_on) if one.closed_on else None) == closed
    assert one.closed_by == (t.facts[-1].fact_id if closed else None)
    assert (one.rule, one.title != "", one.citation != "") == (rule, True, True)


@pytest.mark.parametrize(
    ("fact", "rule"),
    [
        (ConditionSuspected("infection"), "HLD-01"),
        (ConditionConfirmed("infection"), "HLD-01"),
        (ConditionSuspected("other", ("clumsiness",)), "HLD-02"),
        (ReactionReported(("clumsiness", "fever")), "HLD-02"),
        (FindingRecorded("suspicious-mri"), "HLD-02"),
        (HoldPlaced("HLD-01", "fever"), "HLD-01"),
    ],
)
def test_whatever_opened_it_withdraws_when_it_is_voided(fact: object, rule: str) -> None:
    t = Scenario()
    opened = t.record(fact, "2024-06-02")  # type: ignore[arg-type] # a fact
    void = t.void(opened, known="2024-06-05")
    (one,) = held(t, "2024-06-10", rule)
    assert (one.standing, one.opened_by, one.closed_by) == ("withdrawn", (opened,), void)
    assert (str(one.opened_on), str(one.closed_on), one.stops) == ("2024-06-02", "2024-06-05", False)
    assert one.sentence.endswith("was entered in error.")
    assert held(t, "2024-06-01", rule) == []


def test_a_suspicion_that_was_voided_is_not_told_of_a_rule_that_only_a_confirmation_opens() -> None:
    t = Scenario()
    wrong = t.record(ConditionSuspected("itp"), "2024-06-02")
    t.record(ConditionRetracted("in error"), "2024-06-03", corrects=wrong)
    assert held(t, "2024-06-10", "HLD-04") == []
    confirmed = t.record(ConditionConfirmed("itp"), "2024-06-04")
    t.record(ReactionRetracted("in error"), "2024-06-05", corrects=confirmed)
    assert [one.standing for one in held(t, "2024-06-10", "HLD-04")] == ["withdrawn"]


def test_what_ends_nothing_that_is_open_leaves_nothing_behind() -> None:
    t = Scenario()
    t.record(ConditionExcluded("infection"), "2024-06-02")
    t.record(EvaluationCompleted("ttp"), "2024-06-02")
    t.record(ConditionSuspected("itp"), "2024-06-02")
    assert held(t, "2024-06-10", "HLD-01", "HLD-08", "HLD-04") == []
    t.record(ConditionSuspected("ttp"), "2024-06-03")
    assert [one.standing for one in held(t, "2024-06-10", "HLD-08")] == ["in_force"]


def test_after_it_ended_a_hold_knows_nothing_of_the_time_before() -> None:
    t = Scenario()
    for fact in (
        ConditionSuspected("ttp"), ConditionConfirmed("ttp"), ConditionExcluded("ttp", "sepsis"),
        ConditionSuspected("ttp"), ConditionExcluded("ttp"),
    ):  # fmt: skip
        t.record(fact, f"2024-06-{len(t.facts) + 1:02}")
    now, before = held(t, "2024-06-10", "HLD-08")
    assert (before.standing, now.standing) == ("lifted", "in_force")
    assert "confirmed" not in now.sentence
    assert str(now.opened_on) == "2024-06-05"


def test_a_medicine_stopped_and_started_on_one_date_is_ordered_by_the_hour() -> None:
    t = Scenario()
    t.record(MedicationStopped("azathioprine"), "2024-06-02T08:00:00-04:00")
    t.record(MedicationStarted("azathioprine", "immunosuppressant"), "2024-06-02T09:00:00-04:00")
    assert [one.standing for one in held(t, "2024-06-10", "HLD-16")] == ["in_force"]
    t.record(MedicationStopped("azathioprine"), "2024-06-02T10:00:00-04:00")
    assert [one.standing for one in held(t, "2024-06-10", "HLD-16")] == ["lifted"]
    t = Scenario()
    t.record(MedicationStopped("azathioprine"), "2024-06-02T09:00:00-04:00")
    t.record(MedicationStarted("azathioprine", "immunosuppressant"), "2024-06-02T09:00:00-04:00")
    assert [one.standing for one in held(t, "2024-06-10", "HLD-16")] == ["in_force"]
    t = Scenario()
    t.record(MedicationStarted("azathioprine", "immunosuppressant"), Day("2024-06-02"))
    t.record(MedicationStopped("azathioprine"), Day("2024-06-02"))
    assert [one.standing for one in held(t, "2024-06-10", "HLD-16")] == ["lifted"]


def test_a_hold_placed_and_lifted_on_one_date_is_ordered_by_the_hour() -> None:
    t = Scenario()
    t.record(HoldLifted("surgery", "done"), "2024-06-02T08:00:00-04:00")
    t.record(HoldPlaced("surgery", "hernia"), "2024-06-02T09:00:00-04:00")
    assert [one.standing for one in held(t, "2024-06-10")] == ["in_force"]
    t.record(HoldLifted("surgery", "done"), Day("2024-06-02"))
    assert [one.standing for one in held(t, "2024-06-10")] == ["lifted"]


def test_the_sentences_of_overdue_and_declined_monitoring() -> None:
    t = treated()

    def said(on: str) -> str:
        (one,) = [one for one in held(t, on, "HLD-22") if one.hold == "MON-01"]
        return one.sentence

    assert said("2024-06-16") == (
        "CBC with differential is overdue since 2024-06-15: 1 day; from 14 days on no infusion."
    )
    assert said("2024-06-29") == "CBC with differential is overdue since 2024-06-15: 14 days."
    t.record(HoldLifted("MON-01", "seen"), "2024-06-30")
    assert said("2024-07-01") == (
        "CBC with differential is overdue since 2024-06-15: 16 days; on 2024-06-30 the hold was lifted."
    )
    t.decline("2024-07-02", "MON-01")
    t.resume("2024-07-05", "MON-01")
    again = t.decline("2024-07-08", "MON-01")
    t.decline("2024-07-09", "MON-02")
    assert said("2024-07-10") == "CBC with differential is declined since 2024-07-08."
    (one,) = [one for one in held(t, "2024-07-10", "HLD-22") if one.hold == "MON-01"]
    assert (one.opened_by, str(one.opened_on)) == ((again,), "2024-07-08")
