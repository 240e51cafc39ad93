"""T1–T4 of clinical.md §4: the grid, month ends, a second course, early and late and missed."""

from tests.scenario import Scenario, treated
from tests.timeline import ABSENT, Cell, Timeline, episode, line, slot, slots

TWO_COURSES = {"first": "2023-03-06", "days": 5}


def t1() -> Timeline:
    return Timeline(
        "T1 plain single course",
        treated("2024-01-08", name="T1"),
        (
            Cell(
                "2024-01-31",
                {
                    "episode": episode("2024-01-08", "2028-01-12"),
                    "slots MON-01": slots(48, "2028-01-08"),
                    "slots MON-02": slots(48, "2028-01-08"),
                    "slots MON-03": slots(48, "2028-01-08"),
                    "slots MON-05": slots(48, "2028-01-08"),
                    "slots MON-04": slots(16, "2028-01-08"),
                    "slots MON-10": slots(8, "2028-01-08"),
                    "MON-01.e1.s1": slot("upcoming", "2024-02-08 (2024-02-01 … 2024-02-29)"),
                    "MON-01.e1.s2": slot("upcoming", "2024-03-08 (2024-03-01 … 2024-03-31)"),
                    "MON-01.e1.s48": slot("upcoming", "2028-01-08 (2028-01-01 … 2028-01-31)"),
                    "MON-01.e1.s49": ABSENT,
                    "MON-01.e1.close-out": ABSENT,
                    "MON-04.e1.s1": slot("upcoming", "2024-04-08 (2024-03-25 … 2024-06-23)"),
                    "MON-04.e1.s2": slot(due_on="2024-07-08"),
                    "MON-04.e1.s16": slot(due_on="2028-01-08"),
                    "MON-10.e1.s1": slot(due_on="2024-07-08"),
                    "MON-10.e1.s2": slot(due_on="2025-01-08"),
                    "MON-10.e1.s8": slot(due_on="2028-01-08"),
                },
            ),
            Cell("2024-02-01", {"MON-01.e1.s1": slot("due")}),
            Cell("2024-02-08", {"MON-01.e1.s1": slot("due")}),
            Cell("2024-02-09", {"MON-01.e1.s1": slot("overdue", days_overdue=1)}),
            Cell("2024-02-29", {"MON-01.e1.s1": slot("overdue", days_overdue=21)}),
            Cell(
                "2024-03-01",
                {
                    "MON-01.e1.s1": slot("missed"),
                    "MON-01.e1.s2": slot("due"),
                    "MON-01": line("overdue", "2024-02-08"),
                },
            ),
        ),
    )


def t1_late_evening() -> Timeline:
    history = treated("2024-01-08", name="T1 late evening")
    history.cbc("2024-02-08T23:40:00-05:00")
    done = {"MON-01.e1.s1": slot("done", completed_on="2024-02-08")}
    return Timeline("T1 a CBC late on the due date", history, (Cell("2024-02-08", done), Cell("2024-02-09", done)))


def t1_course_day() -> Timeline:
    history = treated("2024-01-08", name="T1 course day")
    history.cbc("2024-01-10", known="2024-01-12")
    return Timeline(
        "T1 a CBC on course day 3 fills no slot",
        history,
        (
            Cell("2024-02-01", {"MON-01.e1.s1": slot("due", completed_on=None), "MON-01": line("due", "2024-02-08")}),
            Cell("2024-02-09", {"MON-01.e1.s1": slot("overdue")}),
        ),
    )


def t2() -> Timeline:
    history = treated("2024-01-31", name="T2")
    history.cbc("2024-03-23")
    return Timeline(
        "T2 month-end and leap year",
        history,
        (
            Cell(
                "2024-03-24",
                {
                    "episode": episode("2024-01-31", "2028-02-04"),
                    "slots MON-01": slots(48, "2028-01-31"),
                    "MON-01.e1.s1": slot("done_late", "2024-02-29 (2024-02-22 … 2024-03-23)"),
                    "MON-01.e1.s2": slot("due", "2024-03-31 (2024-03-24 … 2024-04-22)"),
                    "MON-01.e1.s3": slot("upcoming", "2024-04-30 (2024-04-23 … 2024-05-23)"),
                    "MON-01.e1.s4": slot(due_on="2024-05-31"),
                    "MON-01.e1.s13": slot(due_on="2025-02-28"),
                    "MON-01.e1.s25": slot(due_on="2026-02-28"),
                    "MON-01.e1.s37": slot(due_on="2027-02-28"),
                    "MON-01.e1.s48": slot("upcoming", "2028-01-31 (2028-01-24 … 2028-02-21)"),
                    "MON-01.e1.s49": ABSENT,
                    "MON-04.e1.s1": slot(due_on="2024-04-30"),
                    "MON-04.e1.s2": slot(due_on="2024-07-31"),
                    "MON-04.e1.s3": slot(due_on="2024-10-31"),
                    "MON-04.e1.s4": slot(due_on="2025-01-31"),
                    "MON-04.e1.s16": slot(due_on="2028-01-31"),
                },
            ),
        ),
    )


def t3() -> Timeline:
    history = treated(**TWO_COURSES, name="T3")
    history.course("2024-03-11", 3, known="2027-06-10")
    return Timeline(
        "T3 second course, first recorded on 2027-06-10",
        history,
        (
            Cell(
                "2027-06-10",
                {
                    "episode": episode("2023-03-06", "2027-03-10"),
                    "slots MON-01": slots(48, "2027-03-06"),
                    "slots MON-04": slots(16, "2027-03-06"),
                    "MON-01.e1.s49": ABSENT,
                    "MON-01": line("ended"),
                    "MON-02": line("ended"),
                    "MON-03": line("ended"),
                    "MON-04": line("ended"),
                    "MON-05": line("ended"),
                },
                known="2027-06-09",
            ),
            Cell(
                "2027-06-10",
                {
                    "episode": episode("2023-03-06", "2028-03-13"),
                    "slots MON-01": slots(60, "2028-03-06"),
                    "slots MON-04": slots(20, "2028-03-06"),
                    "MON-01.e1.close-out": ABSENT,
                    "MON-01.e1.s1": slot(due_on="2023-04-06", overdue_on_discovery=False),
                    "MON-01.e1.s48": slot(due_on="2027-03-06", overdue_on_discovery=False),
                    "MON-01.e1.s49": slot("missed", due_on="2027-04-06", overdue_on_discovery=True),
                    "MON-01.e1.s50": slot("missed", due_on="2027-05-06", overdue_on_discovery=True),
                    "MON-01.e1.s51": slot("overdue", "2027-06-06 (2027-05-30 … 2027-06-28)", overdue_on_discovery=True),
                    "MON-01.e1.s52": slot("upcoming", overdue_on_discovery=False),
                    "MON-01": line("overdue"),
                },
            ),
            Cell("2024-03-10", {"episode": episode("2023-03-06", "2027-03-10")}),
            Cell("2024-03-11", {"episode": episode("2023-03-06", "2028-03-11")}),
            Cell("2024-03-13", {"episode": episode("2023-03-06", "2028-03-13")}),
        ),
    )


def t3_close_out() -> Timeline:
    history = treated(**TWO_COURSES, name="T3 close-out")
    history.course("2024-03-27", 3)
    return Timeline(
        "T3 close-out variant",
        history,
        (
            Cell(
                "2024-03-29",
                {
                    "episode": episode("2023-03-06", "2028-03-29"),
                    "MON-01.e1.s60": slot(due_on="2028-03-06", closes_on="2028-03-21"),
                    "MON-01.e1.close-out": slot("upcoming", due_on="2028-03-29", opens_on="2028-03-22", slot=None),
                    "MON-04.e1.close-out": ABSENT,
                },
            ),
        ),
    )


def t4_history(name: str) -> Scenario:
    return treated("2024-05-15", name=name)


def t4() -> Timeline:
    history = t4_history("T4")
    for day in ("2024-06-10", "2024-07-20", "2024-09-09", "2024-09-30"):
        history.cbc(day)
    history.cbc("2024-08-30", known="2024-11-02")
    return Timeline(
        "T4 early, late, missed; no re-anchoring",
        history,
        (
            Cell(
                "2024-06-07",
                {
                    "episode": episode("2024-05-15", "2028-05-19"),
                    "MON-01.e1.s1": slot("upcoming", "2024-06-15 (2024-06-08 … 2024-07-07)"),
                    "MON-01.e1.s2": slot("upcoming", "2024-07-15 (2024-07-08 … 2024-08-07)"),
                    "MON-01.e1.s3": slot("upcoming", "2024-08-15 (2024-08-08 … 2024-09-07)"),
                    "MON-01.e1.s4": slot("upcoming", "2024-09-15 (2024-09-08 … 2024-10-07)"),
                    "MON-01.e1.s5": slot("upcoming", "2024-10-15 (2024-10-08 … 2024-11-07)"),
                },
            ),
            Cell(
                "2024-06-10",
                {
                    "MON-01.e1.s1": slot("done", completed_on="2024-06-10"),
                    "MON-01.e1.s2": slot("upcoming"),
                    "MON-01": line("upcoming", "2024-07-15"),
                },
            ),
            Cell(
                "2024-07-16", {"MON-01.e1.s2": slot("overdue"), "MON-01": line("overdue", "2024-07-15", days_overdue=1)}
            ),
            Cell(
                "2024-07-20",
                {
                    "MON-01.e1.s2": slot("done_late", completed_on="2024-07-20"),
                    "MON-01.e1.s3": slot("upcoming", due_on="2024-08-15"),
                    "MON-01": line("upcoming", "2024-08-15"),
                },
            ),
            Cell("2024-08-20", {"MON-01.e1.s3": slot("overdue")}, known="2024-11-01"),
            Cell(
                "2024-09-08",
                {
                    "MON-01.e1.s3": slot("missed"),
                    "MON-01.e1.s4": slot("due"),
                    "MON-01": line("overdue", "2024-08-15", days_overdue=24),
                },
                known="2024-11-01",
            ),
            Cell(
                "2024-09-09",
                {
                    "MON-01.e1.s3": slot("missed"),
                    "MON-01.e1.s4": slot("done", completed_on="2024-09-09"),
                    "MON-01": line("upcoming", "2024-10-15"),
                },
                known="2024-09-09",
            ),
            Cell(
                "2024-09-30",
                {
                    "MON-01.e1.s4": slot("done", completed_on="2024-09-09"),
                    "MON-01.e1.s5": slot("upcoming"),
                    "MON-01": line("upcoming", "2024-10-15"),
                },
                known="2024-11-01",
            ),
            Cell("2024-10-08", {"MON-01.e1.s5": slot("due"), "MON-01": line("due", "2024-10-15")}, known="2024-11-01"),
            Cell("2024-10-16", {"MON-01.e1.s5": slot("overdue")}, known="2024-11-01"),
            Cell("2024-11-02", {"MON-01.e1.s3": slot("missed")}, known="2024-11-01"),
            Cell("2024-11-02", {"MON-01.e1.s3": slot("done_late", completed_on="2024-08-30")}, known="2024-11-02"),
            Cell("2024-09-08", {"MON-01.e1.s3": slot("done_late"), "MON-01": line("due", "2024-09-15")}),
        ),
    )
