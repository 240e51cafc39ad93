"""Periods that infusions begin: watches and protections, by timelines T1, T7, T8 and T12 of clinical.md §4."""

from datetime import date

from services.monitoring import catalogue
from services.monitoring.rules.deviations.story import Story
from services.monitoring.rules.periods.find import periods
from services.monitoring.rules.periods.period import PeriodView
from services.monitoring.rules.record import Record
from shared.contracts.v1 import facts as v1
from shared.contracts.v1 import history
from tests.scenario import Day, Scenario, treated

EDITIONS = {profile: catalogue.load("alemtuzumab-ms", profile) for profile in ("seed", "us", "eu")}


def of(t: Scenario, rule: str, on: str, profile: str = "seed", known: str | None = None) -> list[PeriodView]:
    edition, until = EDITIONS[profile], t.known_at(known)
    facts = [fact for fact in t.facts if until is None or fact.recorded_at <= until]
    story = Story(Record(facts), edition.courses, date.fromisoformat(on))
    return [one for one in periods(edition.infusions.periods, story) if one.rule == rule]


def ends(t: Scenario, rule: str, on: str, profile: str = "seed", known: str | None = None) -> list[str]:
    return [str(one.through_on) for one in of(t, rule, on, profile, known)]


def antiviral(t: Scenario, when: str, *, stopped: bool = False) -> str:
    kind = v1.ProphylaxisStopped if stopped else v1.ProphylaxisStarted
    return t.record(kind("antiviral"), when)


def gaps(t: Scenario, on: str) -> list[tuple[str, str]]:
    [one] = of(t, "PRX-01", on)
    return [(str(gap.from_on), str(gap.through_on)) for gap in one.gaps]


def test_T1_a_plain_course_has_its_watches_and_protections() -> None:
    t = treated("2024-01-08")
    assert ends(t, "POST-03", "2024-02-01")[-1] == "2024-01-15"
    assert len(ends(t, "POST-03", "2024-02-01")) == 5
    assert ends(t, "PRX-01", "2024-02-01") == ["2024-03-12"]
    assert ends(t, "PRX-02", "2024-02-01") == ["2024-05-12"]


def test_T7_what_a_voided_infusion_extended_falls_back_and_history_keeps_it() -> None:
    t = treated("2024-05-13")
    wrong = t.infusion("2025-05-19", known="2025-05-19T15:00:00-04:00")
    t.void_infusion(wrong, known="2025-05-21T10:00:00-04:00")
    assert ends(t, "PRX-01", "2025-05-22", known="2025-05-20") == ["2024-07-17", "2025-07-19"]
    assert ends(t, "POST-03", "2025-05-22", known="2025-05-20")[-1] == "2025-05-22"
    assert ends(t, "PRX-01", "2025-05-22") == ["2024-07-17"]


def test_T8_protections_after_a_leap_day() -> None:
    t = Scenario()
    for day in ("2024-02-26", "2024-02-27", "2024-02-29"):
        t.infusion(day)
    assert ends(t, "POST-03", "2024-03-10")[-1] == "2024-03-03"
    assert ends(t, "PRX-01", "2024-03-10") == ["2024-04-29"]
    assert ends(t, "PRX-02", "2024-03-10") == ["2024-06-29"]


def test_T12_a_protection_rolls_forward_where_the_day_does_not_exist() -> None:
    t = Scenario()
    t.infusion("2024-10-31")
    assert ends(t, "PRX-02", "2024-11-10") == ["2025-03-01"]


def test_D16_the_stroke_watch_runs_through_the_third_local_date() -> None:
    t = Scenario()
    t.infusion("2024-01-08T23:30:00-05:00")
    [on_the_day] = of(t, "POST-03", "2024-01-11")
    [after] = of(t, "POST-03", "2024-01-12")
    assert (on_the_day.standing, after.standing) == ("running", "over")


def test_late_reactions_are_awaited_for_48_hours_from_the_end_by_the_clock_of_the_instant() -> None:
    t = Scenario()
    t.record(v1.InfusionAdministered(12, ended_at="2024-03-09T14:00:00-05:00"), "2024-03-09T10:00:00-05:00")
    [watch] = of(t, "POST-02", "2024-03-09")
    assert watch.through_at is not None
    assert watch.through_at.isoformat() == "2024-03-11T19:00:00+00:00"  # 15:00 on the wall: the clocks went forward
    assert str(watch.through_on) == "2024-03-11"


def test_PRX_01_is_covered_from_a_start_on_the_first_day_and_not_from_one_on_the_second() -> None:
    for day, expected in (("2024-01-08", []), ("2024-01-09", [("2024-01-08", "2024-01-08")])):
        t = treated("2024-01-08")
        antiviral(t, day)
        assert gaps(t, "2024-02-01") == expected


def test_a_protection_stopped_too_early_is_open_from_the_day_of_the_stop() -> None:
    t = treated("2024-01-08")
    antiviral(t, "2024-01-08")
    antiviral(t, "2024-03-01", stopped=True)
    assert gaps(t, "2024-02-29") == []
    assert gaps(t, "2024-03-05") == [("2024-03-01", "2024-03-05")]
    antiviral(t, "2024-03-07")
    assert gaps(t, "2024-04-01") == [("2024-03-01", "2024-03-06")]


def test_a_protection_stopped_on_the_day_after_its_last_is_whole() -> None:
    t = treated("2024-01-08")
    antiviral(t, "2024-01-07")
    antiviral(t, "2024-03-13", stopped=True)
    [whole] = of(t, "PRX-01", "2024-06-01")
    assert (whole.covered, whole.standing) == (True, "over")


def test_D11_in_the_us_profile_the_antiviral_goes_on_until_cd4_has_recovered() -> None:
    def cd4(value: float, when: str, unit: str | None = "/uL") -> None:
        result = v1.Result("24467-3", "final", value=value, unit=unit)
        t.record(v1.LabResultRecorded(f"CD4-{when}", (result,)), when)

    t = treated("2024-01-08")
    cd4(900, "2024-01-05")
    cd4(150, "2024-03-20")
    [waiting] = of(t, "PRX-01", "2024-04-01", "us")
    assert (waiting.through_on, str(waiting.at_least_through), waiting.standing) == (None, "2024-03-12", "running")
    cd4(250, "2024-04-10", unit="cells")
    assert ends(t, "PRX-01", "2024-05-01", "us") == ["None"]
    cd4(210, "2024-05-02")
    assert ends(t, "PRX-01", "2024-05-03", "us") == ["2024-05-02"]
    assert ends(t, "PRX-01", "2024-05-01", "us") == ["None"]
    assert ends(t, "PRX-01", "2024-05-03", "seed") == ["2024-03-12"]


def test_D11_cd4_that_recovered_early_does_not_shorten_the_two_months_and_a_cancelled_one_shows_nothing() -> None:
    t = treated("2024-01-08")
    result = v1.Result("24467-3", "final", value=300, unit="/uL")
    early = t.record(v1.LabResultRecorded("CD4", (result,)), "2024-02-01")
    assert ends(t, "PRX-01", "2024-02-02", "us") == ["2024-03-12"]
    t.cancel(early, known="2024-02-05")
    assert ends(t, "PRX-01", "2024-02-06", "us") == ["None"]


def test_contraception_is_asked_of_whom_it_may_concern() -> None:
    assert ends(treated("2024-01-08", sex="male"), "PRX-02", "2024-02-01") == []
    assert ends(treated("2024-01-08", sex="unknown"), "PRX-02", "2024-02-01") == ["2024-05-12"]
    t = treated("2024-01-08")
    t.record(history.ChildbearingPotentialRecorded("no"), "2024-01-09")
    assert ends(t, "PRX-02", "2024-02-01") == []


def test_D29_an_imprecise_infusion_is_protected_to_its_last_possible_day() -> None:
    t = Scenario()
    t.infusion(Day("2024-01"), known="2024-03-01")
    assert ends(t, "PRX-01", "2024-03-01") == ["2024-03-31"]


def test_no_end_is_given_for_food_that_may_carry_listeria() -> None:
    [food] = of(treated("2024-01-08"), "PRX-03", "2030-01-01")
    assert (food.through_on, food.standing, food.sentence) == (None, "running", "From 2024-01-08 on.")
