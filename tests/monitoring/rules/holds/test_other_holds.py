"""HLD-14 … HLD-17, HLD-22 and what clinicians place: medicines, screenings, overdue monitoring (T10, trap 25)."""

import pytest

from shared.contracts.v1.conditions import HoldLifted, HoldPlaced, RuleOverridden
from shared.contracts.v1.history import (
    MedicationStarted,
    MedicationStopped,
    PriorTreatmentRecorded,
    ScreeningCompleted,
)
from tests.monitoring.rules.infusion_days import held
from tests.scenario import Scenario, treated


def test_a_medicine_warns_until_the_same_product_is_stopped() -> None:
    t = Scenario()
    t.record(MedicationStarted("azathioprine", "immunosuppressant"), "2024-06-02")
    t.record(MedicationStarted("mitoxantrone", "antineoplastic"), "2024-06-02")
    t.record(MedicationStarted("paracetamol"), "2024-06-02")
    t.record(MedicationStopped("mitoxantrone"), "2024-06-05")
    assert [(one.rule, one.standing, one.severity) for one in held(t, "2024-06-05", "HLD-15", "HLD-16")] == [
        ("HLD-16", "in_force", "WARN"),
        ("HLD-15", "lifted", "WARN"),
    ]


def test_the_last_screening_decides() -> None:
    t = Scenario()
    t.record(ScreeningCompleted("hepatitis-b", "positive"), "2024-06-02")
    assert [one.severity for one in held(t, "2024-06-02", "HLD-17")] == ["WARN"]
    t.record(ScreeningCompleted("hepatitis-b", "negative"), "2024-06-03")
    assert held(t, "2024-06-03", "HLD-17") == []
    t.record(ScreeningCompleted("hiv", "positive"), "2024-06-04")
    assert [(one.severity, one.stops) for one in held(t, "2024-06-04", "HLD-19")] == [("BLOCK", True)]


def test_an_earlier_treatment_with_the_same_substance_warns_until_it_is_acknowledged_by_an_override() -> None:
    t = Scenario()
    t.record(PriorTreatmentRecorded("campath"), "2010-06-02", known="2024-06-02")
    (one,) = held(t, "2024-06-02", "HLD-14")
    assert (one.severity, one.overridden_by) == ("WARN", None)
    decided = t.record(RuleOverridden("HLD-14", "known"), "2024-06-03")
    assert held(t, "2024-06-03", "HLD-14")[0].overridden_by == decided


@pytest.mark.parametrize(
    ("on", "severity", "opened"),
    [
        ("2024-06-15", None, None),
        ("2024-06-16", "WARN", "2024-06-16"),
        ("2024-06-28", "WARN", "2024-06-16"),
        ("2024-06-29", "HOLD", "2024-06-29"),
        ("2024-08-29", "HOLD", "2024-06-29"),
    ],
)
def test_overdue_monitoring_warns_from_day_1_and_holds_from_day_14(
    on: str, severity: str | None, opened: str | None
) -> None:
    found = [one for one in held(treated(), on, "HLD-22") if one.hold == "MON-01"]
    assert [(one.severity, one.stops, one.opened_on.isoformat()) for one in found] == (
        [(severity, severity == "HOLD", opened)] if severity else []
    )


def test_monitoring_done_waived_or_given_away_holds_nothing() -> None:
    t = treated()
    t.cbc("2024-06-10")
    assert "MON-01" not in {one.hold for one in held(t, "2024-07-10", "HLD-22")}
    t.waive("MON-02", "2024-06-20")
    assert "MON-02" not in {one.hold for one in held(t, "2024-07-10", "HLD-22")}
    t.transfer_out("2024-07-11")
    assert held(t, "2024-07-11", "HLD-22") == []


def test_declined_monitoring_holds_at_once_and_until_it_is_resumed() -> None:
    t = treated()
    t.cbc("2024-06-10")
    refused = t.decline("2024-06-20", "MON-01")
    (one,) = [one for one in held(t, "2024-06-20", "HLD-22") if one.hold == "MON-01"]
    assert (one.severity, one.stops, one.opened_by) == ("HOLD", True, (refused,))
    t.resume("2024-06-25", "MON-01")
    assert "MON-01" not in {one.hold for one in held(t, "2024-06-25", "HLD-22")}


def test_a_refusal_of_everything_holds_for_every_core_requirement() -> None:
    t = treated()
    t.decline("2024-05-25")
    assert [one.hold for one in held(t, "2024-05-25", "HLD-22")] == [f"MON-0{n}" for n in range(1, 6)]


def test_a_prescriber_lifts_the_hold_of_what_is_overdue_and_what_becomes_overdue_later_opens_anew() -> None:
    t = treated()
    t.record(HoldLifted("HLD-22", "seen in person"), "2024-07-01")
    assert {one.standing for one in held(t, "2024-07-01", "HLD-22") if one.hold == "MON-01"} == {"lifted"}
    assert {one.standing for one in held(t, "2024-06-30", "HLD-22") if one.hold == "MON-01"} == {"in_force"}
    t.cbc("2024-07-02")
    t.cbc("2024-07-10")
    assert {one.standing for one in held(t, "2024-08-16", "HLD-22") if one.hold == "MON-01"} == {"in_force"}


def test_a_placed_hold_stands_until_one_of_its_name_is_lifted() -> None:
    t = Scenario()
    t.record(HoldLifted("surgery", "done before"), "2024-06-01")
    placed = t.record(HoldPlaced("surgery", "hernia"), "2024-06-02")
    (one,) = held(t, "2024-06-03")
    assert (one.rule, one.basis, one.severity, one.stops, one.opened_by) == (None, None, "HOLD", True, (placed,))
    t.record(HoldLifted("surgery", "healed"), "2024-06-04")
    assert [one.standing for one in held(t, "2024-06-04")] == ["lifted"]


def test_a_hold_placed_under_a_rule_stops_although_the_rule_itself_only_warns() -> None:
    t = Scenario()
    t.record(HoldPlaced("HLD-11", "thyroid storm"), "2024-06-02")
    (one,) = held(t, "2024-06-02", "HLD-11")
    assert (one.severity, one.stops) == ("HOLD", True)


def test_a_placed_hold_that_was_voided_is_withdrawn() -> None:
    t = Scenario()
    placed = t.record(HoldPlaced("surgery", "hernia"), "2024-06-02")
    t.void(placed, known="2024-06-03")
    assert [(one.standing, one.stops) for one in held(t, "2024-06-03")] == [("withdrawn", False)]
