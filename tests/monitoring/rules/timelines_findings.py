"""T9 of clinical.md §4: what a reaction, a suspicion and a confirmed condition ask for, once."""

from shared.contracts.v1 import conditions
from shared.contracts.v1 import facts as v1
from tests.scenario import CBC, LIVER, Scenario, treated
from tests.timeline import ABSENT, Cell, Timeline, line, slot


def t9_history() -> tuple[Scenario, dict[str, str]]:
    """The patient of T1, and the id of the fact behind each name."""
    t = treated("2024-01-08", name="T9")
    t.cbc("2025-03-07")
    told = {"petechiae": t.record(v1.ReactionReported(("petechiae",)), "2025-03-18T16:00:00-04:00")}
    t.lab("2025-03-19T08:00:00-04:00", *CBC, values={"platelets": 14})
    told["itp"] = t.record(conditions.ConditionConfirmed("itp"), "2025-03-19")
    told["jaundice"] = t.record(v1.ReactionReported(("jaundice",)), "2025-05-02")
    t.lab("2025-05-03", *LIVER[:2])
    t.lab("2025-05-04", LIVER[2], known="2025-05-07")
    told["hematoma"] = t.record(v1.ReactionReported(("hematoma",)), "2025-06-10")
    return t, told


def t9() -> Timeline:
    history, told = t9_history()
    bleeding = f"TRG-01.e1.for-{told['petechiae']}"
    therapy = f"TRG-02.e1.for-{told['itp']}"
    liver = f"TRG-04.e1.for-{told['jaundice']}"
    same_day = slot("due", "2025-06-10 (2025-06-10 … None)")
    return Timeline(
        "T9 tests that a reaction asks for",
        history,
        (
            Cell("2025-03-17", {"TRG-01": ABSENT, bleeding: ABSENT, "MON-01.e1.s14": slot("done")}),
            Cell(
                "2025-03-18",
                {bleeding: slot("due", "2025-03-18 (2025-03-18 … None)"), "TRG-01": line("due", "2025-03-18")},
            ),
            Cell(
                "2025-03-19",
                {bleeding: slot("overdue", days_overdue=1), "TRG-01": line("overdue", "2025-03-18"), "TRG-10": ABSENT},
                known="2025-03-19T07:00:00-04:00",
            ),
            Cell(
                "2025-03-19",
                {
                    bleeding: slot("done_late", completed_on="2025-03-19"),
                    "TRG-01": line("complete"),
                    "MON-01.e1.s14": slot("done", "2025-03-08 (2025-03-01 … 2025-03-31)", completed_on="2025-03-07"),
                    "MON-01.e1.s15": slot("upcoming", "2025-04-08 (2025-04-01 … 2025-04-30)"),
                    therapy: slot("due", "2025-03-22 (2025-03-19 … None)"),
                },
            ),
            Cell("2025-03-23", {therapy: slot("overdue"), "TRG-02": line("overdue", "2025-03-22")}),
            Cell(
                "2025-05-06",
                {liver: slot("overdue", partial=True, missing=["total bilirubin"], due_on="2025-05-05")},
                known="2025-05-06",
            ),
            Cell("2025-05-06", {liver: slot("done", completed_on="2025-05-04"), "TRG-04": line("complete")}),
            Cell(
                "2025-06-10",
                {
                    f"TRG-10.e1.for-{told['hematoma']}": same_day | {"missing": ["aPTT"]},
                    f"TRG-01.e1.for-{told['hematoma']}": same_day,
                    "TRG-10": line("due", "2025-06-10"),
                    "TRG-01": line("due", "2025-06-10"),
                },
            ),
        ),
    )
