"""R6–R9: infusions, treatment courses and monitoring episodes."""

import pytest

from shared.contracts.v1 import facts as v1
from shared.contracts.v1 import parts
from tests.scenario import Day, Scenario, named, treated


def courses(t: Scenario, on: str = "2030-01-01") -> list[tuple[int, int, str, str]]:
    """(number, infusions, first, last) of every course of every episode."""
    return [
        (course["course"], course["infusions"], course["first_on"], course["last_on"])
        for episode in t.at(on).episodes
        for course in episode.courses
    ]


def test_R6_equal_start_instants_are_one_infusion() -> None:
    t = Scenario()
    t.infusion("2024-05-15T10:00:00-04:00")
    t.infusion("2024-05-15T14:00:00+00:00")

    course = t.at("2024-06-01").episode.courses[0]
    assert (course["infusions"], course["total_mg"]) == (1, 12)


def test_R6_different_instants_on_one_day_are_two_infusions() -> None:
    t = Scenario()
    t.infusion("2024-05-15T10:00:00-04:00")
    t.infusion("2024-05-15T10:00:01-04:00")

    assert t.at("2024-06-01").episode.courses[0]["infusions"] == 2


@pytest.mark.parametrize("name", [f"patient {n}" for n in range(6)])
def test_R6_of_equal_starts_the_first_recorded_stands(name: str) -> None:
    t = Scenario(name=name)
    t.infusion("2024-05-15T10:00:00-04:00", mg=12)
    t.infusion("2024-05-15T10:00:00-04:00", mg=6)

    assert t.at("2024-06-01").episode.courses[0]["total_mg"] == 12


@pytest.mark.parametrize("voided", [0, 1])
def test_R6_voiding_one_of_equal_starts_leaves_the_other(voided: int) -> None:
    t = Scenario()
    doses = (12, 6)
    both = [t.infusion("2024-05-15T10:00:00-04:00", mg=mg) for mg in doses]
    t.void_infusion(both[voided])

    assert t.at("2024-06-01").episode.courses[0]["total_mg"] == doses[1 - voided]


def test_R6_two_date_only_records_of_one_date_count_once() -> None:
    t = Scenario()
    t.infusion(Day("2024-05-15"), known="2024-05-20")
    t.infusion(Day("2024-05-15"), known="2024-05-20")
    t.infusion(Day("2024-05-16"), known="2024-05-20")

    assert courses(t) == [(1, 2, "2024-05-15", "2024-05-16")]


def test_R7_a_dose_of_zero_is_no_exposure() -> None:
    t = treated()
    t.infusion("2025-05-20", mg=0)
    assert t.at("2025-06-01").episode.ends_on == "2028-05-19"

    t.infusion("2025-05-21", mg=0.5)
    assert t.at("2025-06-01").episode.ends_on == "2029-05-21"


def test_R7_nothing_but_a_dose_of_zero_makes_no_episode() -> None:
    t = Scenario()
    t.infusion("2024-05-15", mg=0)

    assert t.at("2024-06-01").episodes == []


def test_R7_a_started_and_stopped_infusion_is_exposure() -> None:
    t = treated()
    second = t.infusion("2025-05-20")
    t.record(v1.InfusionStopped(parts.Reference(fact_id=second), "reaction", given_mg=3), "2025-05-20")

    assert t.at("2025-06-01").episode.ends_on == "2029-05-20"


def test_R7_an_imprecise_infusion_counts_from_its_first_day_for_the_anchor_and_its_last_for_the_end() -> None:
    t = Scenario()
    t.infusion(Day("2024-02"), known="2024-03-01")

    episode = t.at("2024-03-01").episode
    assert (episode.anchor, episode.ends_on) == ("2024-02-01", "2028-02-29")


def test_R7_a_year_alone_counts_from_january_to_december() -> None:
    t = Scenario()
    t.infusion(Day("2024"), known="2024-12-31")

    episode = t.at("2024-12-31").episode
    assert (episode.anchor, episode.ends_on) == ("2024-01-01", "2028-12-31")


def test_R7_an_exact_date_is_its_own_first_and_last_day() -> None:
    t = Scenario()
    t.infusion(Day("2024-02-10"), known="2024-03-01")

    episode = t.at("2024-03-01").episode
    assert (episode.anchor, episode.ends_on) == ("2024-02-10", "2028-02-10")


def test_R7_an_imprecise_later_infusion_protects_to_its_last_possible_day() -> None:
    t = treated()
    t.infusion(Day("2025-05"), known="2025-06-01")

    assert t.at("2025-06-01").episode.ends_on == "2029-05-31"


def test_R7_imprecise_evidence_counts_by_its_first_possible_day() -> None:
    t = treated()
    t.cbc(Day("2024-07"), known="2024-07-31")

    view = t.at("2024-07-31")
    slot = view.slot("MON-01", 1)
    assert (slot.standing, slot.completed_on) == ("done_late", "2024-07-01")
    assert view.standing("MON-01", 2) == "overdue"


def test_R7_imprecise_infusions_take_no_part_in_same_day_checks() -> None:
    t = Scenario()
    t.infusion(Day("2024-05"), known="2024-06-01")
    t.infusion(Day("2024-05"), known="2024-06-01")

    assert t.at("2024-06-01").episode.courses[0]["infusions"] == 2


def test_R8_a_gap_of_fifteen_days_is_the_same_course_and_sixteen_a_new_one() -> None:
    t = Scenario()
    for day in ("2024-05-01", "2024-05-16", "2024-06-01"):
        t.infusion(day)

    assert courses(t) == [(1, 2, "2024-05-01", "2024-05-16"), (2, 1, "2024-06-01", "2024-06-01")]


def test_R8_the_gap_is_counted_from_the_infusion_before_not_from_the_courses_first() -> None:
    t = Scenario()
    for day in ("2024-05-01", "2024-05-12", "2024-05-23"):
        t.infusion(day)

    assert courses(t) == [(1, 3, "2024-05-01", "2024-05-23")]


def test_R8_courses_are_numbered_over_the_whole_treatment_and_never_restart() -> None:
    t = treated()
    t.course("2025-05-20", 3)
    t.course("2030-01-10", 3)

    assert courses(t, "2030-02-01") == [
        (1, 5, "2024-05-15", "2024-05-19"),
        (2, 3, "2025-05-20", "2025-05-22"),
        (3, 3, "2030-01-10", "2030-01-12"),
    ]
    assert [episode.episode for episode in t.at("2030-02-01").episodes] == [1, 2]


def test_R8_infusions_are_grouped_by_date_not_by_arrival() -> None:
    t = Scenario()
    for day in ("2025-05-21", "2024-05-16", "2025-05-20", "2024-05-15"):
        t.infusion(day)

    assert courses(t) == [(1, 2, "2024-05-15", "2024-05-16"), (2, 2, "2025-05-20", "2025-05-21")]


def test_R9_an_infusion_on_the_last_day_belongs_to_the_episode_and_a_day_later_opens_another() -> None:
    t = treated()
    t.infusion("2028-05-19")
    assert [(e.anchor, e.ends_on) for e in t.at("2028-06-01").episodes] == [("2024-05-15", "2032-05-19")]

    t = treated()
    t.infusion("2028-05-20")
    assert [(e.anchor, e.ends_on) for e in t.at("2028-06-01").episodes] == [
        ("2024-05-15", "2028-05-19"),
        ("2028-05-20", "2032-05-20"),
    ]


def test_R9_episodes_are_numbered_by_their_anchor_among_those_that_are_known() -> None:
    t = Scenario()
    t.infusion("2024-05-15", known="2024-05-15")
    t.infusion("2015-03-02", known="2024-06-01")

    assert [(e.episode, e.anchor) for e in t.at("2024-07-01", "2024-05-31").episodes] == [(1, "2024-05-15")]
    assert [(e.episode, e.anchor) for e in t.at("2024-07-01").episodes] == [(1, "2015-03-02"), (2, "2024-05-15")]


def test_R6_the_first_recorded_stands_also_when_an_older_version_of_it_comes_last() -> None:
    t = Scenario()
    t.infusion("2024-05-15T09:00-04:00", mg=12, business=("I-1", 2))
    t.infusion("2024-05-15T15:00+02:00", mg=6, business=("I-2", 1))
    t.infusion("2024-05-15T09:00-04:00", mg=3, business=("I-1", 1))

    assert t.at("2024-06-01").episode.courses[0]["total_mg"] == 12


def test_R9_when_an_episode_disappears_the_next_takes_its_number() -> None:
    t = Scenario()
    first = t.infusion("2015-03-02")
    t.infusion("2024-05-15")
    t.void_infusion(first, known="2024-07-01")

    assert t.at("2024-07-01", "2024-06-30").slot("MON-01", 1, episode=2).due_on == "2024-06-15"
    after = t.at("2024-07-01")
    assert after.slot("MON-01", 1, episode=1).due_on == "2024-06-15"
    assert [e.episode for e in after.episodes] == [1]


def test_R9_slots_of_a_renumbered_episode_are_withdrawn() -> None:
    t = Scenario()
    first = t.infusion("2015-03-02")
    t.infusion("2024-05-15")
    t.void_infusion(first, known="2024-07-01")

    assert t.at("2024-07-01").standing("MON-01", 1, episode=2) == "withdrawn"


def test_R9_when_all_infusions_are_voided_the_episode_disappears_and_a_reinstatement_brings_it_back() -> None:
    t = Scenario()
    void = t.void_infusion(t.infusion("2024-05-15"), known="2024-05-16")
    t.cbc("2024-06-10", known="2024-06-10")
    assert t.at("2024-06-16").episodes == []

    t.void(void, known="2024-06-12")
    assert t.at("2024-06-16").standing("MON-01", 1) == "done"


def test_grids_are_counted_from_the_anchor_with_the_months_end_clamped() -> None:
    t = treated("2024-01-31")

    due = [slot.due_on for slot in t.at("2024-03-01").slots("MON-01")]
    assert (due[0], due[1], due[2], due[12], due[47]) == (
        "2024-02-29",
        "2024-03-31",
        "2024-04-30",
        "2025-02-28",
        "2028-01-31",
    )
    assert len(due) == 48


def test_a_leap_days_end_is_48_calendar_months_later_and_clamps() -> None:
    assert treated("2024-02-29", days=1).at("2024-03-01").episode.ends_on == "2028-02-29"
    assert treated("2023-10-31", days=1).at("2024-03-01").episode.ends_on == "2027-10-31"


def test_R7_what_was_given_of_a_stopped_infusion_counts_from_the_day_it_was_stopped() -> None:
    t = Scenario()
    given = t.infusion("2024-05-15")
    t.record(
        v1.InfusionStopped(parts.Reference(fact_id=given), "reaction", given_mg=3), "2024-05-16", known="2024-05-16"
    )

    assert t.at("2024-05-15").episode.courses[0]["total_mg"] == 12
    assert t.at("2024-05-16").episode.courses[0]["total_mg"] == 3


def test_R7_an_infusion_stopped_without_an_amount_keeps_its_dose() -> None:
    t = Scenario()
    given = t.infusion("2024-05-15")
    t.record(v1.InfusionStopped(parts.Reference(fact_id=given), "reaction"), "2024-05-15")

    assert t.at("2024-05-16").episode.courses[0]["total_mg"] == 12


def test_R2_of_two_stops_of_one_infusion_the_last_whose_day_has_come_holds() -> None:
    t = Scenario()
    given = parts.Reference(fact_id=t.infusion("2024-05-15"))
    t.record(v1.InfusionStopped(given, "reaction", given_mg=0), "2024-05-15")
    t.record(v1.InfusionStopped(given, "weighed again", given_mg=3), "2024-05-20")
    t.record(v1.InfusionStopped(given, "told again"), "2024-05-21")

    assert t.at("2024-05-19").episodes == []
    assert [t.at(on).episode.courses[0]["total_mg"] for on in ("2024-05-20", "2024-05-21")] == [3, 3]


def test_R7_an_infusion_stopped_before_anything_was_given_is_no_exposure() -> None:
    t = treated()
    second = t.infusion("2025-05-20")
    t.record(v1.InfusionStopped(parts.Reference(fact_id=second), "reaction", given_mg=0), "2025-05-20")

    assert t.at("2025-06-01").episode.ends_on == "2028-05-19"


def test_R8_the_doses_of_a_course_add_up() -> None:
    t = Scenario()
    t.infusion("2024-05-15", mg=12)
    t.infusion("2024-05-16", mg=7.5)

    assert t.at("2024-06-01").episode.courses[0]["total_mg"] == 19.5


def test_R7_a_stop_may_name_its_infusion_by_the_senders_name() -> None:
    t = Scenario()
    t.infusion("2024-05-15", business=("I-1", 1))
    t.infusion("2024-05-16", business=("I-2", 1))
    t.record(v1.InfusionStopped(named("I-2"), "reaction", given_mg=2), "2024-05-16")

    assert t.at("2024-06-01").episode.courses[0]["total_mg"] == 14


def test_R7_a_stop_takes_out_only_the_infusion_that_bears_the_name() -> None:
    t = Scenario()
    t.infusion("2024-05-15", business=("INF-1", None))
    t.infusion("2024-05-16", business=("INF-2", None))
    t.record(v1.InfusionStopped(named("INF-2"), "hypotension", given_mg=0), "2024-05-16")

    assert t.at("2024-06-01").episode.courses[0]["last_on"] == "2024-05-15"


def test_R7_a_stop_finds_its_infusion_by_a_name_that_only_one_statement_about_it_bears() -> None:
    t = Scenario()
    t.infusion("2024-05-15")
    first = t.infusion("2024-05-16", business=("INF-2", None))
    t.infusion("2024-05-17", corrects=first)
    t.record(v1.InfusionStopped(named("INF-2"), "hypotension", given_mg=0), "2024-05-17")

    assert t.at("2024-06-01").episode.courses[0]["last_on"] == "2024-05-15"


def test_R2_of_two_stops_of_one_day_the_one_stated_last_holds_also_when_it_corrects_the_first() -> None:
    t = Scenario()
    given = t.infusion("2024-05-15")
    first = t.record(v1.InfusionStopped(parts.Reference(given), "fever", given_mg=3), "2024-05-15")
    t.record(v1.InfusionStopped(parts.Reference(given), "fever", given_mg=0), "2024-05-15")
    assert t.at("2024-06-01").episodes == []

    t.record(v1.InfusionStopped(parts.Reference(given), "fever", given_mg=4), "2024-05-15", corrects=first)
    assert t.at("2024-06-01").episode.courses[0]["total_mg"] == 4
