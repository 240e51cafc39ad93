"""INF-02, PRP-01 … PRP-05, POST-01, INF-03, BAS-13, SAF-02: the day of an infusion (D-12, D-13, D-15)."""

import pytest

from shared.contracts.v1.courses import DosePrepared, ObservationCompleted, PremedicationGiven
from shared.contracts.v1.facts import InfusionStopped
from shared.contracts.v1.parts import Reference
from tests.monitoring.rules.infusion_days import broken, infused
from tests.scenario import Day, Scenario

START = "2024-01-08T09:00:00-05:00"


def prepared(t: Scenario, at: str, **how: object) -> str:
    return t.record(DosePrepared(**{"diluent": "sodium-chloride-0-9", **how}), at)  # type: ignore[arg-type] # as the test writes it


@pytest.mark.parametrize(
    ("end", "said"),
    [
        ("2024-01-08T12:50:00-05:00", "Infused over 3 h 50 min; at least 4 h."),
        ("2024-01-08T12:59:59-05:00", "Infused over 3 h 59 min 59 s; at least 4 h."),
        ("2024-01-08T08:50:00-05:00", "Recorded to have ended 10 min before it began; at least 4 h."),
        ("2024-01-08T13:00:00-05:00", None),
        ("2024-01-08T16:30:00-05:00", None),
    ],
)
def test_an_infusion_takes_at_least_4_hours_pauses_included(end: str, said: str | None) -> None:
    t = Scenario()
    infused(t, START, ended_at=end)
    assert [one.sentence for one in broken(t, "2024-01-08", "INF-02")] == ([said] if said else [])


def test_the_4_hours_are_elapsed_ones_in_the_night_of_the_autumn_change() -> None:
    t = Scenario()
    infused(t, "2024-11-02T23:00:00-04:00", ended_at="2024-11-03T02:30:00-05:00")  # 4 h 30, by the wall 3 h 30
    infused(t, "2024-03-09T23:00:00-05:00", ended_at="2024-03-10T03:30:00-04:00")  # 3 h 30, by the wall 4 h 30
    assert [one.on.isoformat() for one in broken(t, "2024-11-03", "INF-02")] == ["2024-03-09"]


def test_an_infusion_without_times_or_one_that_was_stopped_is_not_judged_by_its_duration() -> None:
    t = Scenario()
    t.infusion(Day("2024-01-08"))
    stopped = infused(t, "2024-01-09T09:00:00-05:00", ended_at="2024-01-09T10:00:00-05:00")
    t.record(InfusionStopped(Reference(fact_id=stopped), "hives"), "2024-01-09T10:00:00-05:00")
    infused(t, "2024-01-10T09:00:00-05:00", ended_at="2024-01-10T10:00:00-05:00", completed=False)
    assert broken(t, "2024-01-12", "INF-02") == []


@pytest.mark.parametrize(("diluted", "minutes"), [("01:00:00", None), ("00:59:00", 481)])
def test_an_infusion_starts_at_most_8_hours_after_the_dilution(diluted: str, minutes: int | None) -> None:
    t = Scenario()
    made = prepared(t, f"2024-01-08T{diluted}-05:00")
    given = infused(t, START)
    found = broken(t, "2024-01-08", "PRP-05")
    assert [(one.deviation, one.quantities[0].measured, one.fact_ids) for one in found] == (
        [("dilution_age", minutes, (given, made))] if minutes else []
    )


def test_an_infusion_that_starts_in_time_and_ends_later_than_8_hours_after_dilution_is_told_as_information() -> None:
    t = Scenario()
    infused(t, START, diluted_at="2024-01-08T06:00:00-05:00", ended_at="2024-01-08T14:30:00-05:00")
    (one,) = broken(t, "2024-01-08", "PRP-05")
    assert (one.deviation, one.severity) == ("finished_late", "INFO")


def test_a_dose_that_nobody_diluted_or_only_after_the_start_is_told() -> None:
    t = Scenario()
    infused(t, START)
    infused(t, "2024-01-09T09:00:00-05:00")
    prepared(t, "2024-01-09T09:10:00-05:00")
    assert [(one.deviation, one.on.day) for one in broken(t, "2024-01-09", "PRP-02")] == [
        ("not_diluted", 8),
        ("diluted_after_start", 9),
    ]


def test_a_preparation_that_names_its_infusion_belongs_to_it_whenever_it_was() -> None:
    t = Scenario()
    first = infused(t, START)
    infused(t, "2024-01-09T09:00:00-05:00")
    prepared(t, "2024-01-09T08:30:00-05:00", infusion=Reference(fact_id=first))
    assert [(one.deviation, one.on.day) for one in broken(t, "2024-01-09", "PRP-02")] == [
        ("diluted_after_start", 8),
        ("not_diluted", 9),
    ]


def test_volume_bag_and_diluent_are_compared_where_they_are_recorded() -> None:
    t = Scenario()
    infused(t, START)
    prepared(t, "2024-01-08T08:00:00-05:00", diluent="water", bag_ml=250, volume_ml=1.0)
    assert [one.sentence for one in broken(t, "2024-01-08", "PRP-03")] == [
        "Size of the bag: 250 mL; 100 mL required.",
        "Diluted in water; sodium-chloride-0-9 or dextrose-5 required.",
        "Volume of the medicine: 1 mL; 1.2 mL required.",
    ]
    t = Scenario()
    infused(t, START)
    prepared(t, "2024-01-08T08:00:00-05:00", diluent="dextrose-5")
    assert broken(t, "2024-01-08", "PRP-03") == []


@pytest.mark.parametrize(("route", "wrong"), [("IV infusion", 0), ("Intravenous", 0), (None, 0), ("iv push", 1)])
def test_another_way_of_giving_is_told_without_repeating_the_senders_words(route: str | None, wrong: int) -> None:
    t = Scenario()
    infused(t, START, route=route)
    found = broken(t, "2024-01-08", "PRP-01")
    assert len(found) == wrong
    assert all("push" not in one.sentence for one in found)


def test_a_vial_makes_one_dose() -> None:
    t = Scenario()
    infused(t, START)
    infused(t, "2024-01-09T09:00:00-05:00")
    first = prepared(t, "2024-01-08T08:00:00-05:00", lot="F1", serial="1")
    prepared(t, "2024-01-08T08:05:00-05:00", lot="F2", serial="1")
    again = prepared(t, "2024-01-09T08:00:00-05:00", lot="F1", serial="1")
    (one,) = broken(t, "2024-01-09", "PRP-04")
    assert (one.fact_ids, one.on.day, one.course) == ((first, again), 9, 1)
    assert "F1" not in one.sentence


def test_the_lot_is_recorded_with_the_infusion_or_with_its_preparation() -> None:
    t = Scenario()
    infused(t, START, lot="F1")
    infused(t, "2024-01-09T09:00:00-05:00")
    prepared(t, "2024-01-09T08:00:00-05:00", lot="F1")
    infused(t, "2024-01-10T09:00:00-05:00")
    assert [one.on.day for one in broken(t, "2024-01-10", "SAF-02")] == [10]


@pytest.mark.parametrize(("seen", "minutes"), [("14:40:00", 110), ("14:50:00", None), ("12:00:00", 0)])
def test_an_observation_lasts_two_hours_from_the_actual_end(seen: str, minutes: int | None) -> None:
    t = Scenario()
    infused(t, START, ended_at="2024-01-08T12:50:00-05:00")
    t.record(ObservationCompleted(), f"2024-01-08T{seen}-05:00")
    found = broken(t, "2024-01-08", "POST-01")
    assert [one.quantities[0].measured for one in found] == ([] if minutes is None else [minutes])


def test_after_a_stop_the_two_hours_run_from_the_stop() -> None:
    t = Scenario()
    given = infused(t, START)
    t.record(InfusionStopped(Reference(fact_id=given), "hives"), "2024-01-08T10:00:00-05:00")
    t.record(ObservationCompleted(Reference(fact_id=given)), "2024-01-08T11:59:00-05:00")
    (one,) = broken(t, "2024-01-08", "POST-01")
    assert one.sentence == "Observed for 1 h 59 min after the infusion was stopped; at least 2 h."


def test_an_observation_is_missing_from_the_day_after_it_could_end() -> None:
    t = Scenario()
    infused(t, START, ended_at="2024-01-08T22:30:00-05:00")
    assert broken(t, "2024-01-09", "POST-01") == []
    assert [one.deviation for one in broken(t, "2024-01-10", "POST-01")] == ["observation_missing"]


def test_the_longest_of_several_observations_counts() -> None:
    t = Scenario()
    infused(t, START, ended_at="2024-01-08T13:00:00-05:00")
    t.record(ObservationCompleted(), "2024-01-08T14:00:00-05:00")
    t.record(ObservationCompleted(), "2024-01-08T15:00:00-05:00")
    assert broken(t, "2024-01-08", "POST-01") == []


def test_premedication_is_missing_or_late() -> None:
    t = Scenario()
    infused(t, START)
    infused(t, "2024-01-09T09:00:00-05:00")
    t.record(PremedicationGiven("antihistamine"), "2024-01-09T09:20:00-05:00")
    infused(t, "2024-01-10T09:00:00-05:00")
    t.record(PremedicationGiven("corticosteroid"), "2024-01-10T08:20:00-05:00")
    assert [(one.deviation, one.on.day) for one in broken(t, "2024-01-10", "INF-03")] == [
        ("premedication_missing", 8),
        ("premedication_late", 9),
    ]
    late = broken(t, "2024-01-10", "INF-03")[1]
    assert late.sentence == (
        "Premedication (antihistamine) was given 20 min after the infusion began; before it required."
    )


def test_the_corticosteroid_is_asked_for_on_the_first_three_days_and_only_by_the_us_label() -> None:
    t = Scenario()
    t.course("2024-01-08", 5)
    assert [one.on.day for one in broken(t, "2024-01-12", "BAS-13")] == [8, 9, 10]
    assert broken(t, "2024-01-12", "BAS-13", profile="seed") == []


def test_premedication_dated_without_a_time_is_believed_on_the_day_of_the_infusion() -> None:
    t = Scenario()
    infused(t, START)
    t.record(PremedicationGiven("corticosteroid"), Day("2024-01-08"))
    assert broken(t, "2024-01-08", "INF-03", "BAS-13") == []


def test_one_infusion_told_by_two_systems_is_one_and_each_adds_what_it_knows() -> None:
    t = Scenario()
    first = infused(t, START, lot="F1")
    second = infused(t, "2024-01-08T14:00:00Z", ended_at="2024-01-08T12:50:00-05:00", route="iv push")
    prepared(t, "2024-01-08T08:00:00-05:00", infusion=Reference(fact_id=second), volume_ml=2)
    t.record(ObservationCompleted(Reference(fact_id=second)), "2024-01-08T14:40:00-05:00")
    found = broken(t, "2024-01-20", "INF-02", "POST-01", "PRP-01", "PRP-02", "PRP-03", "SAF-02", "DOS-06")
    assert [(one.rule, one.deviation) for one in found] == [
        ("INF-02", "duration"),
        ("POST-01", "observation_short"),
        ("PRP-01", "route"),
        ("PRP-03", "volume"),
    ]
    assert {one.fact_ids[0] for one in found} == {first}
    t.void_infusion(first, known="2024-01-21")
    assert {one.fact_ids[0] for one in broken(t, "2024-01-22", "INF-02", "PRP-03")} == {second}


def test_what_names_an_infusion_that_is_not_here_belongs_to_none() -> None:
    t = Scenario()
    infused(t, START)
    prepared(t, "2024-01-08T08:00:00-05:00", infusion=Reference(fact_id=t.fact_id(99)))
    assert [one.deviation for one in broken(t, "2024-01-08", "PRP-02")] == ["not_diluted"]


def test_an_instant_that_no_calendar_holds_is_as_good_as_none() -> None:
    t = Scenario()
    infused(t, START, ended_at="2024-02-30T12:00:00Z", diluted_at="yesterday")
    assert [one.rule for one in broken(t, "2024-01-08", "INF-02", "PRP-02", "PRP-05")] == ["PRP-02"]


def test_what_is_prepared_late_at_night_or_for_an_infusion_still_to_come_belongs_to_no_earlier_one() -> None:
    t = Scenario()
    infused(t, START)
    prepared(t, "2024-01-08T08:00:00-05:00")
    prepared(t, "2024-01-08T23:50:00-05:00", volume_ml=1)
    assert [(one.deviation, one.on.day) for one in broken(t, "2024-01-08", "PRP-03")] == [("volume", 8)]
    infused(t, "2024-01-09T07:00:00-05:00")
    assert [(one.deviation, one.on.day) for one in broken(t, "2024-01-09", "PRP-03")] == [("volume", 9)]
    prepared(t, "2024-01-10T06:00:00-05:00", volume_ml=1)
    assert [one.on.day for one in broken(t, "2024-01-10", "PRP-02", "PRP-03")] == [9]


def test_an_observation_that_ends_after_midnight_belongs_to_the_infusion_before_it() -> None:
    t = Scenario()
    infused(t, "2024-01-08T18:00:00-05:00", ended_at="2024-01-08T23:00:00-05:00")
    infused(t, "2024-01-09T09:00:00-05:00", ended_at="2024-01-09T13:00:00-05:00")
    t.record(ObservationCompleted(), "2024-01-09T01:30:00-05:00")
    assert [one.on.day for one in broken(t, "2024-01-10", "POST-01")] == [9]


def test_a_preparation_without_a_time_is_one_all_the_same() -> None:
    t = Scenario()
    infused(t, START)
    t.record(DosePrepared("dextrose-5"), Day("2024-01-08"))
    assert broken(t, "2024-01-08", "PRP-02", "PRP-05") == []


def test_a_dose_diluted_after_an_infusion_was_over_is_for_the_next_one() -> None:
    t = Scenario()
    infused(t, "2024-01-08T17:00:00-05:00", ended_at="2024-01-08T21:30:00-05:00")
    infused(t, "2024-01-09T08:00:00-05:00")
    prepared(t, "2024-01-08T23:30:00-05:00")
    assert [(one.rule, one.deviation, one.on.day) for one in broken(t, "2024-01-09", "PRP-02", "PRP-05")] == [
        ("PRP-02", "not_diluted", 8),
        ("PRP-05", "dilution_age", 9),
    ]


def test_premedication_of_another_kind_is_none_of_those_asked_for() -> None:
    t = Scenario()
    infused(t, START)
    t.record(PremedicationGiven("antihistamine"), "2024-01-08T08:00:00-05:00")
    assert [one.rule for one in broken(t, "2024-01-08", "INF-03", "BAS-13")] == ["BAS-13"]
    t = Scenario()
    infused(t, START)
    t.record(PremedicationGiven("proton-pump-inhibitor"), "2024-01-08T08:00:00-05:00")
    assert [one.deviation for one in broken(t, "2024-01-08", "INF-03")] == ["premedication_missing"]


@pytest.mark.parametrize(("lot", "serial"), [("F1", None), (None, "1"), (None, None)])
def test_a_vial_not_known_by_lot_and_serial_number_is_not_recognised(lot: str | None, serial: str | None) -> None:
    t = Scenario()
    infused(t, START)
    infused(t, "2024-01-09T09:00:00-05:00")
    for day in ("08", "09"):
        prepared(t, f"2024-01-{day}T08:00:00-05:00", lot=lot, serial=serial)
    assert broken(t, "2024-01-09", "PRP-04") == []


def test_what_only_the_second_record_of_an_infusion_says_is_known_of_it() -> None:
    t = Scenario()
    infused(t, START)
    infused(t, START, lot="F1", diluted_at="2024-01-08T08:00:00-05:00", completed=False)
    assert broken(t, "2024-01-08", "SAF-02", "PRP-02") == []
    infused(t, START, ended_at="2024-01-08T10:00:00-05:00")
    assert broken(t, "2024-01-08", "INF-02") == []


def test_a_preparation_without_a_time_belongs_to_the_last_infusion_of_its_date() -> None:
    t = Scenario()
    first = infused(t, START)
    infused(t, "2024-01-08T20:00:00-05:00")
    t.record(DosePrepared("dextrose-5"), Day("2024-01-08"))
    assert [one.fact_ids for one in broken(t, "2024-01-08", "PRP-02")] == [(first,)]
