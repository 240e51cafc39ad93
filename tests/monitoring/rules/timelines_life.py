"""T10 and T11 of clinical.md §4: transfer, refusal, death, yearly items, unknown sex."""

from tests.scenario import Scenario, treated
from tests.timeline import Cell, Timeline, episode, line, slot, slots


def t10() -> Timeline:
    history = treated("2024-01-08", name="T10")
    for month in range(2, 13):
        history.cbc(f"2024-{month:02}-08")
    history.transfer_out("2025-01-20")
    history.transfer_in("2025-06-01")
    history.cbc("2025-03-06", known="2025-06-02")
    history.decline("2025-09-01")
    history.resume("2025-12-01")
    history.death("2026-02-03", known="2026-02-10")
    due_on = {20: "2025-09-08", 21: "2025-10-08", 22: "2025-11-08"}
    declined = {f"MON-01.e1.s{n}": slot("declined", due_on=day) for n, day in due_on.items()}
    return Timeline(
        "T10 transfer, external result, opt-out, death",
        history,
        (
            Cell(
                "2025-01-19",
                {
                    "MON-01.e1.s11": slot("done"),
                    "MON-01.e1.s12": slot("overdue", "2025-01-08 (2025-01-01 … 2025-01-31)"),
                    "MON-01": line("overdue", "2025-01-08"),
                },
            ),
            Cell(
                "2025-01-20",
                {
                    "MON-01.e1.s11": slot("done"),
                    "MON-01.e1.s12": slot("suspended"),
                    "MON-01.e1.s13": slot("suspended"),
                    "MON-01.e1.s48": slot("suspended"),
                    "MON-01": line("suspended"),
                },
            ),
            Cell("2025-05-31", {"MON-01.e1.s12": slot("suspended"), "MON-01.e1.s16": slot("suspended")}),
            Cell(
                "2025-06-01",
                {
                    "episode": episode("2024-01-08", "2028-01-12"),
                    "MON-01.e1.s12": slot("missed", reason="handed_over_overdue"),
                    "MON-01.e1.s13": slot("not_monitored_here"),
                    "MON-01.e1.s14": slot("not_monitored_here"),
                    "MON-01.e1.s15": slot("not_monitored_here"),
                    "MON-01.e1.s16": slot("not_monitored_here"),
                    "MON-01.e1.s17": slot("due", "2025-06-08 (2025-06-01 … 2025-06-30)"),
                },
                known="2025-06-01",
            ),
            Cell("2025-06-02", {"MON-01.e1.s14": slot("done", completed_on="2025-03-06")}, known="2025-06-02"),
            Cell("2025-06-02", {"MON-01.e1.s14": slot("not_monitored_here")}, known="2025-06-01"),
            Cell(
                "2025-11-30",
                declined | {"MON-01.e1.s23": slot("upcoming"), "MON-01": line("declined")},
            ),
            Cell(
                "2025-12-01",
                declined | {"MON-01.e1.s23": slot("due", due_on="2025-12-08", opens_on="2025-12-01")},
            ),
            Cell("2025-09-01", {"MON-01.e1.s20": slot("declined", "2025-09-08 (2025-09-01 … 2025-09-30)")}),
            Cell("2025-11-08", {"MON-01.e1.s22": slot("declined", "2025-11-08 (2025-11-01 … 2025-11-30)")}),
            Cell(
                "2026-02-09",
                {"MON-01.e1.s25": slot("overdue", due_on="2026-02-08", opens_on="2026-02-01")},
                known="2026-02-09",
            ),
            Cell(
                "2026-02-09",
                {
                    "MON-01.e1.s24": slot("missed"),
                    "MON-01.e1.s25": slot("cancelled", reason="death"),
                    "MON-01.e1.s26": slot("cancelled", reason="death"),
                    "MON-01.e1.s48": slot("cancelled", reason="death"),
                    "MON-01": line("cancelled"),
                },
                known="2026-02-10",
            ),
        ),
    )


def t11_skin() -> Timeline:
    history = Scenario(name="T11 skin")
    history.exam("skin", "2023-12-15")
    history.course("2024-01-08")
    for day in ("2025-01-20", "2026-01-15", "2027-01-10", "2028-01-05"):
        history.exam("skin", day)

    def cell(on: str, standing: str, due_on: str) -> Cell:
        return Cell(on, {"MON-06": line(standing, due_on)})

    return Timeline(
        "T11 yearly skin examination",
        history,
        (
            cell("2024-11-14", "upcoming", "2024-12-15"),
            cell("2024-11-15", "due", "2024-12-15"),
            cell("2025-01-19", "overdue", "2024-12-15"),
            cell("2025-01-20", "upcoming", "2026-01-20"),
            cell("2026-01-15", "upcoming", "2027-01-15"),
            cell("2027-01-10", "upcoming", "2028-01-10"),
            cell("2028-01-04", "due", "2028-01-10"),
            Cell("2028-01-05", {"MON-06": line("complete"), "slots MON-06": slots(4, "2028-01-10")}),
        ),
    )


def t11_hpv() -> tuple[Timeline, ...]:
    def history(name: str) -> Scenario:
        return treated("2024-01-08", sex="unknown", name=f"T11 HPV {name}")

    unknown = Cell("2025-01-09", {"MON-07": line("overdue", "2025-01-08", applicability="unknown")}, known="2025-01-31")
    male, female = history("male"), history("female")
    male.demographics(sex="male", known="2025-02-01")
    female.demographics(sex="female", known="2025-02-01")
    female.exam("hpv", "2025-03-01")
    earlier = Scenario(name="T11 HPV on file")
    earlier.exam("hpv", "2023-06-10")
    earlier.course("2024-01-08")
    return (
        Timeline(
            "T11 HPV, sex recorded male",
            male,
            (
                unknown,
                Cell("2025-02-01", {"MON-07": line("overdue", applicability="unknown")}, known="2025-01-31"),
                Cell("2025-02-01", {"slots MON-07": slots(0)}, known="2025-02-01"),
            ),
        ),
        Timeline(
            "T11 HPV, sex recorded female",
            female,
            (
                unknown,
                Cell(
                    "2025-02-01", {"MON-07": line("overdue", "2025-01-08", applicability="applies")}, known="2025-02-01"
                ),
                Cell("2025-03-01", {"MON-07": line("upcoming", "2026-03-01")}),
            ),
        ),
        Timeline(
            "T11 HPV, a screen on file",
            earlier,
            (Cell("2024-01-12", {"MON-07": line("upcoming", "2024-06-10")}),),
        ),
    )
