"""Rows of the worklist: one patient in one group, items by specimen, oldest first, what is missing beside them."""

from datetime import date

from services.monitoring.dashboard.lines import lines_of
from services.monitoring.dashboard.strip import strip
from services.monitoring.dashboard.worklist import groups, patients_by_requirement, tiers
from services.monitoring.rules.answers import RollUp
from tests.monitoring.api.people import people
from tests.scenario import EDITION, treated

LINES = lines_of([EDITION])


def rows(on: str, *standings: str) -> list[RollUp]:
    found = [row for one in people() for row in one.assess(on).roll_ups]
    return [row for row in found if row.standing in standings]


def test_a_patient_is_one_row_in_one_group_although_several_standings_are_asked_for() -> None:
    asked = rows("2025-03-01", "overdue", "due", "declined", "suspended", "cancelled", "waived", "upcoming")
    found = groups(asked, LINES, everything=True)
    patients = [row.treatment for group in found for row in group.rows]
    assert len(patients) == len(set(patients)) == len({row.treatment for row in asked})
    assert [group.total for group in found] == [len(group.rows) for group in found]
    assert found[0].name == "Call"


def test_the_oldest_stands_first_and_a_row_is_as_old_as_its_oldest_item() -> None:
    (call,) = groups(rows("2025-03-01", "overdue"), LINES, everything=True)
    assert [row.days for row in call.rows] == sorted((row.days for row in call.rows), reverse=True)
    oldest = call.rows[0]
    of_it = [row for row in rows("2025-03-01", "overdue") if row.treatment == oldest.treatment]
    assert oldest.days == max(row.days_overdue for row in of_it)
    assert oldest.due_on == min(row.due_on for row in of_it if row.due_on)


def test_one_draw_that_closes_several_items_is_one_line_and_a_partial_one_stands_apart() -> None:
    t = treated("2024-05-15", name="partial")
    t.lab("2024-06-14", "ALT", "AST")
    owed = [row for row in t.assess("2024-06-20").roll_ups if row.standing == "overdue"]
    ((row,),) = (group.rows for group in groups(owed, LINES, everything=True))
    blood, urine = row.draws
    assert [draw.specimen for draw in row.draws] == ["Blood", "Urine"]
    assert [[item.name for item in line.items] for line in blood.lines] == [["CBC", "creatinine"], ["Liver tests"]]
    assert blood.lines[1].items[0].lack == "total bilirubin missing"
    assert urine.lines[0].late == "5\u00a0d"
    assert row.since == "15\u00a0Jun"


def test_unknown_sex_is_said_beside_the_screening_it_may_not_need() -> None:
    t = treated("2024-05-15", name="unknown", sex="unknown")
    owed = [row for row in t.assess("2025-07-01").roll_ups if row.requirement == "MON-07"]
    ((row,),) = (group.rows for group in groups(owed, LINES, everything=True))
    assert row.draws[0].lines[0].items[0].lack == "sex not recorded, so it counts as due"


def test_a_long_group_shows_ten_rows_and_says_how_old_the_hidden_ones_are() -> None:
    cohort = [treated(f"2024-05-{10 + n}", name=f"n{n}") for n in range(14)]
    owed = [row for one in cohort for row in one.assess("2024-06-30").roll_ups if row.standing == "overdue"]
    (call,) = groups(owed, LINES, everything=False)
    assert (call.total, len(call.rows), call.hidden) == (14, 10, 4)
    assert call.hidden_range == "7 to 10\u00a0days overdue"
    (whole,) = groups(owed, LINES, everything=True)
    assert (len(whole.rows), whole.hidden) == (14, 0)


def test_a_list_of_eleven_is_not_cut_for_the_sake_of_one() -> None:
    cohort = [treated(f"2024-05-{10 + n}", name=f"n{n}") for n in range(11)]
    owed = [row for one in cohort for row in one.assess("2024-06-30").roll_ups if row.standing == "overdue"]
    (call,) = groups(owed, LINES, everything=False)
    assert (len(call.rows), call.hidden) == (11, 0)


def test_the_ranges_of_days_add_up_to_the_overdue_patients_and_each_begins_at_a_marked_row() -> None:
    overdue = rows("2025-03-01", "overdue")
    found = tiers(overdue)
    assert sum(tier.patients for tier in found) == len({row.treatment for row in overdue})
    (call,) = groups(overdue, LINES, everything=True)
    assert {row.tier for row in call.rows if row.tier} == {tier.days for tier in found if tier.patients}


def test_a_patient_counts_once_for_each_requirement() -> None:
    overdue = rows("2025-03-01", "overdue")
    counted = {requirement: patients for requirement, _, patients in patients_by_requirement(overdue, LINES)}
    assert counted == {
        name: len({row.treatment for row in overdue if row.requirement == name})
        for name in {row.requirement for row in overdue}
    }


def test_the_strip_is_the_worst_of_the_monthly_labs_newest_right() -> None:
    t = treated("2024-05-15", name="strip")
    for month in ("06", "07"):
        t.lab(f"2024-{month}-14", "platelets", "leukocytes", "hemoglobin", "neutrophils", "lymphocytes")
    t.lab("2024-06-14", "creatinine", "ALT", "AST", "total bilirubin", "urine RBC", "urine WBC", known="2024-08-01")
    found = strip(t.assess("2024-08-16").slots, LINES, date(2024, 8, 16))
    assert found is not None
    assert [mark.mark for mark in found.marks] == ["done", "missed", "overdue"]
    assert found.marks[-1].x == 149.5
    assert found.label == "Monthly labs, last 3 windows: 1 done, 1 missed, 1 overdue."


def test_no_strip_before_the_first_window_opens() -> None:
    t = treated("2024-05-15", name="new")
    assert strip(t.assess("2024-05-20").slots, LINES, date(2024, 5, 20)) is None
