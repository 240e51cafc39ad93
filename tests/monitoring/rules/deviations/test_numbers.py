"""Each kind of deviation says its numbers twice: in one sentence, and measured against required with their unit."""

from collections.abc import Callable

import pytest

from services.monitoring.rules.deviations.found import Quantity
from shared.contracts.v1.courses import DosePrepared, ObservationCompleted, PremedicationGiven
from shared.contracts.v1.facts import InfusionStopped, VaccineAdministered
from shared.contracts.v1.parts import Reference
from tests.monitoring.rules.infusion_days import broken, infused
from tests.scenario import Day, Scenario, treated

START = "2024-01-08T09:00:00-05:00"
ON = "2024-01-20"
Told = Callable[[Scenario], object]


def infusions(*days: str) -> Told:
    return lambda t: [t.infusion(day) for day in days]


def diluted(at: str, **how: object) -> Told:
    made = DosePrepared(**{"diluent": "dextrose-5", **how})  # type: ignore[arg-type] # as the test writes it
    return lambda t: (infused(t, START), t.record(made, at))


def two_from_one_vial(t: Scenario) -> None:
    for day in ("08", "09"):
        infused(t, f"2024-01-{day}T09:00:00-05:00")
        t.record(DosePrepared("dextrose-5", lot="F1", serial="1"), f"2024-01-{day}T08:00:00-05:00")


CASES: dict[str, tuple[Told, str, str, list[Quantity]]] = {
    "dose": (
        lambda t: t.infusion("2024-01-08", 12.5),
        "DOS-01",
        "12.5 mg given; 12 mg required.",
        [Quantity("dose", 12.5, "exactly", 12, "mg")],
    ),
    "excess_course": (
        infusions("2024-01-08", "2024-01-09", "2024-01-10", "2024-01-11", "2024-01-12", "2024-01-13"),
        "DOS-02",
        "Course 1 is larger than it should be: 6/5 infusions, 72/60 mg.",
        [Quantity("infusions", 6, "exactly", 5, "1"), Quantity("total dose", 72, "exactly", 60, "mg")],
    ),
    "incomplete_course": (
        infusions("2024-01-08", "2024-01-09"),
        "DOS-02",
        "Course 1 is incomplete: 2/5 infusions, 24/60 mg; it may be continued through 2024-01-24.",
        [Quantity("infusions", 2, "exactly", 5, "1"), Quantity("total dose", 24, "exactly", 60, "mg")],
    ),
    "non_consecutive": (
        infusions("2024-01-08", "2024-01-10"),
        "DOS-08",
        "Infused on 2024-01-08 and next on 2024-01-10: 1 day left out; consecutive days required.",
        [Quantity("days apart", 2, "exactly", 1, "d")],
    ),
    "same_day": (
        infusions("2024-01-08T06:00:00-05:00", "2024-01-08T18:00:00-05:00"),
        "DOS-06",
        "2 infusions on 2024-01-08; at most 1 a day.",
        [Quantity("infusions on one day", 2, "at_most", 1, "1")],
    ),
    "interval": (
        infusions("2023-02-28", "2024-01-08"),
        "DOS-05",
        "Course 2 began on 2024-01-08; at the earliest on 2024-02-28, 12 months after the last infusion on 2023-02-28.",
        [Quantity("first infusion", "2024-01-08", "at_least", "2024-02-28", "date")],
    ),
    "late_course": (
        infusions("2022-11-30", "2024-01-08"),
        "DOS-09",
        "Course 2 began on 2024-01-08; expected by 2023-12-30, 13 months after the last infusion on 2022-11-30.",
        [Quantity("first infusion", "2024-01-08", "at_most", "2023-12-30", "date")],
    ),
    "course_not_begun": (
        infusions("2022-11-30"),
        "DOS-09",
        (
            "Course 2 has not begun; expected by 2023-12-30, 13 months after the last infusion on 2022-11-30, "
            "and no decision against it is recorded."
        ),
        [Quantity("first infusion", None, "at_most", "2023-12-30", "date")],
    ),
    "duration": (
        lambda t: infused(t, START, ended_at="2024-01-08T12:30:30-05:00"),
        "INF-02",
        "Infused over 3 h 30 min 30 s; at least 4 h.",
        [Quantity("duration", 210.5, "at_least", 240, "min")],
    ),
    "dilution_age": (
        diluted("2024-01-08T00:30:00-05:00"),
        "PRP-05",
        "Started 8 h 30 min after dilution; at most 8 h.",
        [Quantity("age of the dilution", 510, "at_most", 480, "min")],
    ),
    "finished_late": (
        lambda t: infused(t, START, diluted_at="2024-01-08T08:00:00-05:00", ended_at="2024-01-08T17:00:00-05:00"),
        "PRP-05",
        "Ended 9 h after dilution, having started in time; 8 h were exceeded.",
        [Quantity("age of the dilution", 540, "at_most", 480, "min")],
    ),
    "not_diluted": (lambda t: infused(t, START), "PRP-02", "No dilution is recorded.", []),
    "diluted_after_start": (
        diluted("2024-01-08T09:05:00-05:00"),
        "PRP-02",
        "Diluted 5 min after the infusion began; before it required.",
        [],
    ),
    "volume": (
        diluted("2024-01-08T08:00:00-05:00", volume_ml=1.25, bag_ml=100),
        "PRP-03",
        "Volume of the medicine: 1.25 mL; 1.2 mL required.",
        [Quantity("volume", 1.25, "exactly", 1.2, "mL")],
    ),
    "bag": (
        diluted("2024-01-08T08:00:00-05:00", volume_ml=1.2, bag_ml=250),
        "PRP-03",
        "Size of the bag: 250 mL; 100 mL required.",
        [Quantity("bag", 250, "exactly", 100, "mL")],
    ),
    "diluent": (
        diluted("2024-01-08T08:00:00-05:00", diluent="water"),
        "PRP-03",
        "Diluted in water; sodium-chloride-0-9 or dextrose-5 required.",
        [Quantity("diluent", "water", "one_of", "sodium-chloride-0-9 or dextrose-5", "slug")],
    ),
    "route": (
        lambda t: infused(t, START, route="bolus"),
        "PRP-01",
        "Another way of giving is recorded; intravenous infusion required.",
        [Quantity("route", None, "one_of", "intravenous infusion", "text")],
    ),
    "vial_reused": (
        two_from_one_vial,
        "PRP-04",
        "The vial of one lot and serial number made 2 doses; at most 1.",
        [Quantity("doses from one vial", 2, "at_most", 1, "1")],
    ),
    "no_lot": (lambda t: infused(t, START), "SAF-02", "The lot is not recorded.", []),
    "observation_missing": (
        lambda t: infused(t, START),
        "POST-01",
        "No observation after the infusion is recorded; at least 2 h.",
        [Quantity("observation", None, "at_least", 120, "min")],
    ),
    "observation_short": (
        lambda t: (
            infused(t, START, ended_at="2024-01-08T13:00:00-05:00"),
            t.record(ObservationCompleted(), "2024-01-08T14:00:00-05:00"),
        ),
        "POST-01",
        "Observed for 1 h after the infusion ended; at least 2 h.",
        [Quantity("observation", 60, "at_least", 120, "min")],
    ),
    "premedication_missing": (
        lambda t: infused(t, START),
        "INF-03",
        "No corticosteroid or antihistamine or antipyretic before the infusion is recorded.",
        [],
    ),
    "premedication_late": (
        lambda t: (infused(t, START), t.record(PremedicationGiven("antipyretic"), "2024-01-08T10:00:00-05:00")),
        "INF-03",
        "Premedication (antipyretic) was given 1 h after the infusion began; before it required.",
        [],
    ),
    "age": (
        lambda t: (t.demographics(known="2020-01-02", birth_date="2008-01-09"), infused(t, START)),
        "HLD-03",
        "Infused at the age of 15; at least 17 required, adults meant.",
        [Quantity("age", 15, "at_least", 17, "a")],
    ),
    "live_vaccine": (
        lambda t: (infused(t, START), t.record(VaccineAdministered("37"), "2024-01-09")),
        "HLD-13",
        "A live vaccine was given 1 day after the first infusion on 2024-01-08; none is given after it.",
        [Quantity("days after the first infusion", 1, "at_most", 0, "d")],
    ),
}


@pytest.mark.parametrize("deviation", CASES)
def test_it_says_its_numbers_and_which_facts_and_course_it_is_about(deviation: str) -> None:
    tell, rule, sentence, quantities = CASES[deviation]
    t = Scenario()
    tell(t)
    (one,) = [one for one in broken(t, ON, rule) if one.deviation == deviation]
    assert (one.sentence, list(one.quantities)) == (sentence, quantities)
    assert set(one.fact_ids) <= {fact.fact_id for fact in t.facts[1:]}
    assert one.fact_ids
    late = {"interval", "late_course", "course_not_begun"}
    assert one.course == (2 if deviation in late else None if deviation == "live_vaccine" else 1)


def test_a_vaccine_on_the_date_of_the_first_infusion_is_judged_by_the_hour_if_both_are_known() -> None:
    for vaccine, found in (("2024-01-08T08:00:00-05:00", 0), ("2024-01-08T10:00:00-05:00", 1), (Day("2024-01-08"), 0)):
        t = Scenario()
        infused(t, START)
        t.record(VaccineAdministered("03"), vaccine)
        assert len(broken(t, ON, "HLD-13")) == found
    t = Scenario()
    t.infusion(Day("2024-01-08"))
    t.record(VaccineAdministered("03"), "2024-01-08T10:00:00-05:00")
    assert broken(t, ON, "HLD-13") == []


def test_in_a_second_episode_a_live_vaccine_is_serious_again() -> None:
    t = Scenario()
    t.infusion("2018-01-08")
    t.infusion("2023-01-09")
    t.record(VaccineAdministered("03"), "2022-06-01", known="2024-01-01")
    t.record(VaccineAdministered("03"), "2023-06-01", known="2024-01-01")
    assert [one.severity for one in broken(t, ON, "HLD-13")] == ["WARN", "BLOCK"]


def test_after_a_death_nobody_waits_for_a_second_course() -> None:
    t = treated()
    t.death("2025-06-01")
    assert broken(t, "2025-07-30", "DOS-09") == []
    assert len(broken(t, "2025-07-30", "DOS-09", known="2025-05-30")) == 1


def test_an_observation_without_a_time_is_one_and_is_not_measured() -> None:
    t = Scenario()
    infused(t, START, ended_at="2024-01-08T13:00:00-05:00")
    t.record(ObservationCompleted(), Day("2024-01-08"))
    assert broken(t, ON, "POST-01") == []


def test_a_stop_without_a_time_leaves_the_end_open() -> None:
    t = Scenario()
    given = infused(t, START)
    t.record(InfusionStopped(Reference(fact_id=given), "hives", 3), Day("2024-01-08"))
    t.record(ObservationCompleted(Reference(fact_id=given)), "2024-01-08T09:30:00-05:00")
    assert broken(t, ON, "POST-01", "INF-02") == []


def test_of_an_end_and_a_later_stop_the_stop_is_the_end() -> None:
    t = Scenario()
    given = infused(t, START, ended_at="2024-01-08T13:00:00-05:00")
    t.record(InfusionStopped(Reference(fact_id=given), "late", 12), "2024-01-08T14:00:00-05:00")
    t.record(ObservationCompleted(), "2024-01-08T15:30:00-05:00")
    (one,) = broken(t, ON, "POST-01")
    assert one.quantities[0].measured == 90
