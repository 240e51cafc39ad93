"""R21: yearly items follow the last exam, not a grid. Episode: A 2024-05-15, E 2028-05-19."""

import pytest

from tests.scenario import Day, Scenario, treated

SKIN = "MON-06"


def yearly(t: Scenario, on: str, requirement: str = SKIN) -> list[tuple[str, str]]:
    """(due_on, standing) of every obligation, in due order."""
    return [(slot.due_on, slot.standing) for slot in t.at(on).slots(requirement)]


def test_R21_without_an_exam_the_first_is_due_a_year_after_the_anchor() -> None:
    slot = treated().at("2024-06-01").open(SKIN)

    assert (slot.due_on, slot.opens_on, slot.closes_on) == ("2025-05-15", "2025-04-15", None)
    assert slot.obligation_id.endswith("MON-06.e1.after-first")
    assert (slot.slot, slot.close_out) == (None, False)


@pytest.mark.parametrize(
    ("on", "standing"),
    [
        ("2025-04-14", "upcoming"),
        ("2025-04-15", "due"),
        ("2025-05-15", "due"),
        ("2025-05-16", "overdue"),
        ("2027-05-16", "overdue"),
    ],
)
def test_R21_it_opens_thirty_days_before_it_is_due_and_never_closes_by_itself(on: str, standing: str) -> None:
    assert yearly(treated(), on) == [("2025-05-15", standing)]


def test_R21_the_first_is_due_a_year_after_the_last_exam_before_the_anchor() -> None:
    t = Scenario()
    exam = t.exam("skin", "2024-02-01")
    t.infusion("2024-05-15")

    slot = t.at("2024-06-01").open(SKIN)
    assert slot.due_on == "2025-02-01"
    assert slot.obligation_id.endswith(f"MON-06.e1.after-{exam}")


def test_R21_of_several_exams_before_the_anchor_the_last_counts() -> None:
    t = Scenario()
    t.exam("skin", "2023-09-01")
    t.exam("skin", "2024-02-01")
    t.exam("skin", "2023-11-01")
    t.infusion("2024-05-15")

    assert yearly(t, "2024-06-01") == [("2025-02-01", "upcoming")]


def test_R21_an_exam_long_before_the_anchor_makes_the_first_due_at_the_anchor() -> None:
    t = Scenario()
    t.exam("skin", "2020-02-01")
    t.infusion("2024-05-15")

    assert yearly(t, "2024-05-15") == [("2024-05-15", "due")]
    assert yearly(t, "2024-05-16") == [("2024-05-15", "overdue")]


def test_R21_an_exam_on_the_day_of_the_anchor_is_the_baseline_not_the_first_yearly_one() -> None:
    t = treated()
    t.exam("skin", "2024-05-15")

    assert yearly(t, "2024-06-01") == [("2025-05-15", "upcoming")]


def test_R21_an_exam_after_the_anchor_closes_the_open_obligation_however_early() -> None:
    t = treated()
    t.exam("skin", "2024-05-16")

    assert yearly(t, "2024-06-01") == [("2025-05-15", "done"), ("2025-05-16", "upcoming")]


def test_R21_the_next_is_due_twelve_months_after_the_exam_early_or_late() -> None:
    t = treated()
    t.exam("skin", "2025-06-20")
    t.exam("skin", "2026-03-01")

    assert yearly(t, "2026-03-01") == [
        ("2025-05-15", "done_late"),
        ("2026-06-20", "done"),
        ("2027-03-01", "upcoming"),
    ]


def test_R21_an_exam_on_the_due_date_is_done() -> None:
    t = treated()
    t.exam("skin", "2025-05-15")

    assert yearly(t, "2025-05-15")[0] == ("2025-05-15", "done")


def test_R21_a_second_exam_on_one_date_closes_nothing_more() -> None:
    t = treated()
    first = t.exam("skin", "2025-05-01T09:00:00-04:00")
    t.exam("skin", "2025-05-01T15:00:00-04:00")

    view = t.at("2025-05-01")
    assert yearly(t, "2025-05-01") == [("2025-05-15", "done"), ("2026-05-01", "upcoming")]
    assert view.open(SKIN).obligation_id.endswith(f"after-{first}")


def test_R21_an_exam_recorded_late_takes_its_place_by_date() -> None:
    t = treated()
    t.exam("skin", "2026-03-01", known="2026-03-01")
    t.exam("skin", "2025-05-10", known="2026-04-01")

    assert t.at("2026-03-02", "2026-03-31").slots(SKIN)[0].standing == "done_late"
    assert yearly(t, "2026-04-01") == [("2025-05-15", "done"), ("2026-05-10", "done"), ("2027-03-01", "upcoming")]


def test_R21_the_id_names_the_exams_original_record_not_its_correction() -> None:
    t = treated()
    exam = t.exam("skin", "2025-05-01")
    t.exam("skin", "2025-05-03", corrects=exam)

    slot = t.at("2025-06-01").open(SKIN)
    assert slot.due_on == "2026-05-03"
    assert slot.obligation_id.endswith(f"after-{exam}")


def test_R21_a_leap_days_exam_is_due_again_on_the_last_of_february() -> None:
    t = Scenario()
    t.exam("skin", "2024-02-29")
    t.infusion("2024-05-15")

    assert yearly(t, "2024-06-01") == [("2025-02-28", "upcoming")]


def test_R21_skin_and_hpv_do_not_answer_for_each_other() -> None:
    t = treated()
    t.exam("skin", "2025-05-01")
    t.exam("mri", "2025-05-01")

    assert yearly(t, "2025-06-01", "MON-07") == [("2025-05-15", "overdue")]
    assert yearly(t, "2025-06-01") == [("2025-05-15", "done"), ("2026-05-01", "upcoming")]


def test_R21_due_by_the_end_and_not_done_it_stays_overdue_after_the_end() -> None:
    t = treated()
    t.exam("skin", "2027-05-19")

    assert yearly(t, "2030-01-01")[-1] == ("2028-05-19", "overdue")
    assert t.at("2030-01-01").roll_up(SKIN).standing == "overdue"


def test_R21_when_the_next_would_be_due_after_the_end_the_item_is_complete() -> None:
    t = treated()
    t.exam("skin", "2027-05-20")

    assert yearly(t, "2027-06-01") == [("2025-05-15", "done_late")]
    assert t.at("2027-06-01").roll_up(SKIN).standing == "complete"


def test_R21_done_after_the_end_it_is_complete() -> None:
    t = treated()
    t.exam("skin", "2027-05-19")
    t.exam("skin", "2029-01-10")

    assert yearly(t, "2029-02-01")[-1] == ("2028-05-19", "done_late")
    assert t.at("2029-02-01").roll_up(SKIN).standing == "complete"


def test_R21_a_second_course_brings_back_the_next_year() -> None:
    t = treated()
    t.exam("skin", "2027-05-20", known="2027-05-20")
    t.infusion("2025-05-20", known="2027-06-01")

    assert t.at("2027-06-02", "2027-05-31").roll_up(SKIN).standing == "complete"
    assert yearly(t, "2027-06-02")[-1] == ("2028-05-20", "upcoming")


def test_R21_left_undone_it_closes_the_day_before_the_next_episode_and_is_missed() -> None:
    t = treated()
    t.exam("skin", "2027-05-19")
    t.infusion("2029-01-10")

    assert [(s.due_on, s.standing) for s in t.at("2029-01-09").slots(SKIN, episode=1)][-1] == ("2028-05-19", "overdue")
    assert [(s.due_on, s.standing) for s in t.at("2029-01-10").slots(SKIN, episode=1)][-1] == ("2028-05-19", "missed")
    assert [s.due_on for s in t.at("2029-01-10").slots(SKIN, episode=2)] == ["2029-01-10"]


def test_R21_an_imprecise_exam_counts_from_its_first_possible_day() -> None:
    t = treated()
    t.exam("skin", Day("2025-05"), known="2025-05-20")

    assert yearly(t, "2025-05-20") == [("2025-05-15", "done"), ("2026-05-01", "upcoming")]


def test_R21_a_yearly_item_of_a_patient_away_is_suspended_and_comes_back() -> None:
    t = treated()
    t.transfer_out("2025-05-01")
    t.transfer_in("2025-06-01")

    assert [yearly(t, on)[0][1] for on in ("2025-04-30", "2025-05-01", "2025-05-31", "2025-06-01")] == [
        "due",
        "suspended",
        "suspended",
        "overdue",
    ]


def test_R21_a_yearly_item_refused_is_declined_while_it_is_open() -> None:
    t = treated()
    t.decline("2025-04-01")
    t.resume("2025-06-01")

    assert [yearly(t, on)[0][1] for on in ("2025-04-14", "2025-04-15", "2025-05-31", "2025-06-01")] == [
        "upcoming",
        "declined",
        "declined",
        "overdue",
    ]


def test_R21_an_exam_closes_nothing_where_the_next_would_be_due_after_the_end() -> None:
    t = treated(days=1)
    last = t.exam("skin", "2027-08-01")
    t.exam("skin", "2027-10-01")

    view = t.at("2027-10-02")
    assert view.episode.ends_on == "2028-05-15"
    assert view.find("MON-06", f"e1.after-{last}") is None
    assert view.roll_up("MON-06").standing == "complete"


def test_R21_the_id_names_the_original_record_though_its_correction_was_issued_before_it() -> None:
    t = treated()
    exam = t.exam("skin", "2025-05-01", issued="2025-05-06")
    t.exam("skin", "2025-05-03", issued="2025-05-04", corrects=exam)

    slot = t.at("2025-06-01").open(SKIN)
    assert slot.due_on == "2026-05-01"
    assert slot.obligation_id.endswith(f"after-{exam}")


def test_R21_the_id_names_the_test_though_a_cancellation_of_another_of_its_specimen_was_issued_before_it() -> None:
    t = treated()
    t.cancel(specimen="S-1", known="2025-05-01", issued="2025-05-01")
    test = t.lab("2025-05-01", "59263-4", specimen="S-1", issued="2025-05-02")

    assert t.at("2025-06-01").open("MON-07").obligation_id.endswith(f"after-{test}")


def test_R21_an_exam_on_the_first_day_of_the_next_episode_does_not_close_what_the_last_one_left_open() -> None:
    t = treated("2020-01-08", days=1)
    t.infusion("2025-01-08")
    t.exam("skin", "2025-01-08")
    [left] = t.at("2025-02-01").slots("MON-06", episode=1)
    assert (left.standing, left.closes_on) == ("missed", "2025-01-07")
