"""An infusion that began while it was held is a deviation of the hold (HLD-01, D-28)."""

from shared.contracts.v1.conditions import (
    ConditionConfirmed,
    ConditionResolved,
    ConditionSuspected,
    HoldPlaced,
    RuleOverridden,
)
from tests.monitoring.rules.infusion_days import broken
from tests.scenario import Scenario


def test_an_infusion_in_spite_of_a_hold_is_told_with_what_opened_it() -> None:
    t = Scenario()
    fever = t.record(ConditionSuspected("infection"), "2024-05-14")
    given = t.infusion("2024-05-15")
    t.record(ConditionResolved("infection"), "2024-05-16T07:00:00-04:00")
    t.infusion("2024-05-16T09:00:00-04:00")
    (one,) = broken(t, "2024-05-20", "HLD-01")
    assert (one.deviation, one.fact_ids, one.severity) == ("infused_while_held", (given, fever), "HOLD")
    assert one.sentence == "Infused while held: an active infection suspected on 2024-05-14."


def test_what_opened_during_the_infusion_held_nothing_and_what_opened_before_it_on_that_day_did() -> None:
    t = Scenario()
    t.infusion("2024-05-15T09:00:00-04:00")
    t.record(ConditionSuspected("infection"), "2024-05-15T12:00:00-04:00")
    assert broken(t, "2024-05-20", "HLD-01") == []
    t = Scenario()
    t.record(ConditionSuspected("infection"), "2024-05-15T08:00:00-04:00")
    t.infusion("2024-05-15T09:00:00-04:00")
    assert len(broken(t, "2024-05-20", "HLD-01")) == 1


def test_a_clinicians_own_hold_counts_a_warning_does_not_and_an_override_is_named() -> None:
    t = Scenario()
    t.record(HoldPlaced("surgery", "hernia"), "2024-05-10")
    t.record(ConditionConfirmed("graves-disease"), "2024-05-10")
    decided = t.record(RuleOverridden("surgery", "postponed"), "2024-05-12")
    t.infusion("2024-05-15")
    assert broken(t, "2024-05-20", "HLD-11") == []
    (one,) = broken(t, "2024-05-20", None)
    assert (one.rule, one.overridden_by, one.title) == (None, decided, "Hold placed by a clinician")
