"""A small cohort in which every standing and every kind of correction occurs; told until the summer of 2025."""

from tests.scenario import Scenario, treated


def people() -> list[Scenario]:
    """Two sites, three zones; the last of them is never infused."""
    return [
        _steady(),
        _neglected(),
        _transferred(),
        _dead(),
        _declining(),
        _corrected(),
        _second_course(),
        _waived(),
        _in_the_east(),
        Scenario(name="nobody", opened="2024-06-01"),
    ]


def _steady() -> Scenario:
    t = treated("2024-05-15", name="steady")
    for day in ("2024-06-14", "2024-07-15", "2024-08-14", "2024-09-15", "2024-10-15"):
        t.cbc(day)
        t.lab(day, "creatinine", "TSH")
    return t


def _neglected() -> Scenario:
    t = treated("2024-05-15", name="neglected")
    t.lab("2024-06-10", "ALT", "AST")
    return t


def _transferred() -> Scenario:
    t = treated("2024-03-01", name="transferred")
    t.cbc("2024-04-01")
    t.transfer_out("2024-07-10")
    t.transfer_in("2025-01-20", site="south")
    return t


def _dead() -> Scenario:
    t = treated("2024-01-31", name="dead", sex="male", site="south")
    t.cbc("2024-02-28")
    t.death("2024-09-09")
    return t


def _declining() -> Scenario:
    t = treated("2024-04-10", name="declining", sex="male")
    t.decline("2024-06-20", "MON-01")
    t.resume("2024-11-20", "MON-01")
    return t


def _corrected() -> Scenario:
    t = treated("2024-05-15", name="corrected", sex="unknown", site="south")
    first = t.cbc("2024-06-12")
    t.cancel(first, only=("platelets",), known="2024-07-03")
    t.cbc("2024-06-13", known="2024-08-20")
    t.demographics(known="2024-09-01", sex="male", site="neuro-1")
    t.demographics(known="2024-10-01", zone="Asia/Tokyo")
    return t


def _second_course() -> Scenario:
    t = treated("2023-05-30", name="twice", site="south")
    t.exam("skin", "2023-05-01", known="2023-06-10")
    t.exam("hpv", "2024-02-02")
    t.course("2024-06-03", 3)
    t.void_infusion(t.infusion("2024-07-01"), known="2024-07-09")
    return t


def _waived() -> Scenario:
    t = treated("2024-05-15", name="waived")
    t.waive("MON-04", "2024-08-01", until="2025-02-01")
    t.waive("MON-01.e1.s3", "2024-08-10")
    return t


def _in_the_east() -> Scenario:
    t = treated("2024-05-15", name="east", zone="Pacific/Kiritimati", site="east")
    t.cbc("2024-06-12")
    t.form("2024-11-12")
    return t
