"""T5–T7 of clinical.md §4: partial panels, cancelled and corrected results, voided and late infusions."""

from tests.monitoring.rules.timelines_grid import t4_history
from tests.scenario import CBC, LIVER, Scenario, treated
from tests.timeline import Cell, Timeline, episode, slot, slots


def t5() -> Timeline:
    history = t4_history("T5")
    history.lab("2024-06-10", "ALT", "creatinine", specimen="S-20")
    history.lab("2024-06-10", "AST", status="cancelled", specimen="S-20")
    history.lab("2024-06-10", "5794-3", "20454-5", specimen="U-20")
    history.lab("2024-06-10", *CBC[:3], specimen="S-21")
    history.lab("2024-06-18", "AST", specimen="S-30")
    history.cbc("2024-06-18")
    history.lab("2024-06-18", "urine RBC", "urine WBC", specimen="U-30")
    history.lab("2024-06-20", "total bilirubin", specimen="S-40")
    some_liver, urine, some_cbc = ["AST", "total bilirubin"], ["urine RBC", "urine WBC"], ["neutrophils", "lymphocytes"]

    def cell(on: str, scr: str, lft: dict[str, object], ua: dict[str, object], cbc: dict[str, object]) -> Cell:
        return Cell(
            on,
            {
                "MON-02.e1.s1": slot(scr, completed_on="2024-06-10"),
                "MON-05.e1.s1": lft,
                "MON-03.e1.s1": ua,
                "MON-01.e1.s1": cbc,
            },
        )

    return Timeline(
        "T5 partial panels",
        history,
        (
            cell(
                "2024-06-11",
                "done",
                slot("due", partial=True, missing=some_liver),
                slot("due", partial=False, missing=urine),
                slot("due", partial=True, missing=some_cbc),
            ),
            cell(
                "2024-06-16",
                "done",
                slot("overdue", partial=True, missing=some_liver),
                slot("overdue", partial=False, missing=urine),
                slot("overdue", partial=True, missing=some_cbc),
            ),
            cell(
                "2024-06-18",
                "done",
                slot("overdue", partial=True, missing=[LIVER[2]]),
                slot("done_late", completed_on="2024-06-18"),
                slot("done_late", completed_on="2024-06-18"),
            ),
            cell(
                "2024-06-20",
                "done",
                slot("done_late", completed_on="2024-06-20", missing=[]),
                slot("done_late"),
                slot("done_late"),
            ),
        ),
    )


def t6() -> Timeline:
    history = t4_history("T6")
    first = history.cbc("2024-07-12", specimen="S-1", known="2024-07-13")
    history.cancel(first, known="2024-07-18T09:00:00-04:00")
    second = history.cbc("2024-07-22", specimen="S-2", known="2024-07-23", values={"platelets": 145})
    history.correct_lab(second, "2024-07-22", "platelets", specimen="S-2", values={"platelets": 45}, known="2024-07-25")
    late = slot("done_late", completed_on="2024-07-22")
    return Timeline(
        "T6 cancelled and corrected",
        history,
        (
            Cell("2024-07-16", {"MON-01.e1.s2": slot("done", completed_on="2024-07-12")}, known="2024-07-16"),
            Cell("2024-07-16", {"MON-01.e1.s2": slot("overdue", completed_on=None)}, known="2024-07-19"),
            Cell("2024-07-19", {"MON-01.e1.s2": slot("overdue")}, known="2024-07-19"),
            Cell("2024-07-22", {"MON-01.e1.s2": slot("overdue")}, known="2024-07-22"),
            Cell("2024-07-22", {"MON-01.e1.s2": late}, known="2024-07-23"),
            Cell("2024-07-25", {"MON-01.e1.s2": late}, known="2024-07-25"),
            Cell("2024-07-16", {"MON-01.e1.s2": slot("done")}, known="2024-07-18T12:59:59+00:00"),
            Cell("2024-07-16", {"MON-01.e1.s2": slot("overdue")}, known="2024-07-18T13:00:00+00:00"),
        ),
    )


def t7() -> Timeline:
    history = Scenario(name="T7")
    history.infusion("2024-05-14", known="2024-05-14")
    first = history.infusion("2024-05-13", known="2024-05-15")
    history.course("2024-05-15", 3)
    history.cbc("2024-06-06", known="2024-06-06")
    history.void_infusion(first, known="2024-07-01")
    return Timeline(
        "T7 (a) out of order and (c) void of the first infusion",
        history,
        (
            Cell(
                "2024-05-14",
                {"episode": episode("2024-05-14", "2028-05-14"), "MON-01.e1.s1": slot(due_on="2024-06-14")},
                known="2024-05-14",
            ),
            Cell(
                "2024-05-15",
                {"episode": episode("2024-05-13", "2028-05-15"), "MON-01.e1.s1": slot(due_on="2024-06-13")},
                known="2024-05-15",
            ),
            Cell(
                "2024-05-17",
                {"episode": episode("2024-05-13", "2028-05-17"), "slots MON-01": slots(48, "2028-05-13")},
                known="2024-05-17",
            ),
            Cell(
                "2024-06-20",
                {"MON-01.e1.s1": slot("done", "2024-06-13 (2024-06-06 … 2024-07-05)", completed_on="2024-06-06")},
                known="2024-06-30",
            ),
            Cell(
                "2024-06-20",
                {
                    "episode": episode("2024-05-14", "2028-05-17"),
                    "slots MON-01": slots(48, "2028-05-14"),
                    "MON-01.e1.s1": slot("overdue", "2024-06-14 (2024-06-07 … 2024-07-06)", completed_on=None),
                    "MON-01.e1.s2": slot(due_on="2024-07-14"),
                },
                known="2024-07-01",
            ),
        ),
    )


def t7_wrong_patient() -> Timeline:
    history = treated("2024-05-13", name="T7 wrong patient")
    wrong = history.infusion("2025-05-19", known="2025-05-19T15:00:00-04:00")
    history.void_infusion(wrong, known="2025-05-21T10:00:00-04:00")
    before = {
        "episode": episode("2024-05-13", "2029-05-19"),
        "slots MON-01": slots(60, "2029-05-13"),
        "MON-01.e1.s49": slot("upcoming"),
        "MON-01.e1.s60": slot("upcoming"),
    }
    after = {
        "episode": episode("2024-05-13", "2028-05-17"),
        "slots MON-01": slots(48, "2028-05-13"),
        "MON-01.e1.s48": slot("upcoming"),
        "MON-01.e1.s49": slot("withdrawn"),
        "MON-01.e1.s60": slot("withdrawn"),
    }
    return Timeline(
        "T7 (b) wrong patient",
        history,
        (
            Cell("2025-05-20", before, known="2025-05-20"),
            Cell("2025-05-22", after, known="2025-05-22"),
            Cell("2025-05-20", after, known="2025-05-22"),
            Cell("2025-05-22", before, known="2025-05-20"),
            Cell("2029-06-20", {"MON-01.e1.s49": slot("withdrawn"), "MON-01.e1.s60": slot("withdrawn")}),
        ),
    )
