"""What a new fact can change: the requirements, and the first date on which each may change."""

from services.monitoring.rules.affected import affected
from services.monitoring.rules.edition import Once
from shared.contracts.v1 import facts as v1
from tests.scenario import CBC, EDITION, LIVER, Scenario, named, treated

# What only a finding asks for is silent before there is one: none is recorded here.
ALL = {name for name, one in EDITION.requirements.items() if not isinstance(one.timing, Once)}


def touched(t: Scenario) -> dict[str, str | None]:
    """What the last fact told can change."""
    found = affected(EDITION, t.facts[:-1], t.facts[-1])
    return {requirement: str(day) if day else None for requirement, day in found.items()}


def test_a_result_touches_the_requirements_of_its_codes_from_its_date_on() -> None:
    t = treated()
    t.cbc("2024-06-10")
    assert touched(t) == {"MON-01": "2024-06-10"}

    t.lab("2024-06-11", *LIVER, "creatinine")
    assert touched(t) == {"MON-05": "2024-06-11", "MON-02": "2024-06-11"}


def test_a_result_that_satisfies_nothing_touches_nothing() -> None:
    t = treated()
    t.lab("2024-06-10", *CBC, status="preliminary")
    assert touched(t) == {}

    t.lab("2024-06-10", "58410-2")
    assert touched(t) == {}


def test_an_exam_and_a_form_touch_their_own_requirement() -> None:
    t = treated()
    t.exam("skin", "2025-05-01")
    assert touched(t) == {"MON-06": "2025-05-01"}
    t.form("2025-05-02")
    assert touched(t) == {"MON-10": "2025-05-02"}
    t.exam("mri", "2025-05-03")
    assert touched(t) == {}


def test_an_infusion_touches_everything_from_its_date_on() -> None:
    t = treated()
    t.infusion("2025-05-20")

    assert touched(t) == dict.fromkeys(ALL, "2025-05-20")


def test_a_void_touches_what_the_voided_fact_had_touched() -> None:
    t = treated()
    t.void(t.cbc("2024-06-10"), known="2024-09-01")

    assert touched(t) == {"MON-01": "2024-06-10"}


def test_a_cancelled_specimen_touches_every_requirement_of_its_results() -> None:
    t = treated()
    t.lab("2024-06-10", "creatinine", specimen="S-1")
    t.lab("2024-06-12", *LIVER, specimen="S-1")
    t.cancel(specimen="S-1", known="2024-06-14")

    assert touched(t) == {"MON-02": "2024-06-10", "MON-05": "2024-06-12"}


def test_a_result_of_a_cancelled_name_touches_nothing_when_it_arrives() -> None:
    t = treated()
    t.cancel(named("R-1"), known="2024-06-09")
    t.lab("2024-06-10", *CBC, business=("R-1", None))

    assert touched(t) == {}


def test_a_result_moved_by_a_correction_touches_from_the_earlier_of_both_dates() -> None:
    t = treated()
    cbc = t.cbc("2024-06-20")
    t.correct_lab(cbc, "2024-06-10", *CBC, known="2024-07-01")

    assert touched(t) == {"MON-01": "2024-06-10"}


def test_absence_touches_everything_refusal_and_waiver_what_they_name() -> None:
    t = treated()
    t.transfer_out("2024-06-10")
    assert touched(t) == dict.fromkeys(ALL, "2024-06-10")
    t.decline("2024-06-11", "MON-01")
    assert touched(t) == {"MON-01": "2024-06-11"}
    t.decline("2024-06-12")
    assert touched(t) == dict.fromkeys(ALL, "2024-06-12")
    t.waive("MON-04", "2024-06-13")
    assert touched(t) == {"MON-04": "2024-06-13"}
    t.waive("MON-05.e1.s1", "2024-06-14")
    assert touched(t) == {"MON-05": "2024-06-14"}


def test_a_death_touches_everything_and_a_second_one_from_the_earlier_date() -> None:
    t = treated()
    t.death("2024-08-20")
    assert touched(t) == dict.fromkeys(ALL, "2024-08-20")
    t.death("2024-07-20", known="2024-08-25")
    assert touched(t) == dict.fromkeys(ALL, "2024-07-20")


def test_sex_touches_the_hpv_screen_for_every_date_and_a_zone_everything() -> None:
    t = treated()
    t.demographics(sex="male", known="2024-06-01")
    assert touched(t) == {"MON-07": None}
    t.demographics(birth_date="1988-04-02", known="2024-06-02")
    assert touched(t) == {}
    t.demographics(zone="Asia/Tokyo", known="2024-06-03")
    assert touched(t) == dict.fromkeys(ALL, None)


def test_a_fact_known_already_changes_nothing_and_one_that_arrives_early_may_change_all() -> None:
    t = treated()
    t.cbc("2024-06-10")
    t.cbc("2024-07-10")

    assert affected(EDITION, t.facts, t.facts[-1]) == {}
    assert affected(EDITION, [*t.facts[:-2], t.facts[-1]], t.facts[-2]) == dict.fromkeys(EDITION.requirements)


def test_what_no_requirement_asks_for_touches_nothing() -> None:
    t = treated()
    for data in (v1.PregnancyEnded(), v1.VaccineAdministered("187"), v1.ReactionReported(("rash",))):
        t.record(data, "2024-06-10")
        assert touched(t) == {}


def test_a_second_exam_touches_from_its_own_date_not_from_the_first_ones() -> None:
    t = treated()
    t.exam("skin", "2025-05-01")
    t.exam("skin", "2026-05-01")
    assert touched(t) == {"MON-06": "2026-05-01"}
    t.form("2026-06-01")
    t.form("2026-07-01")
    assert touched(t) == {"MON-10": "2026-07-01"}


def test_a_corrected_site_touches_everything_and_a_sex_known_already_nothing() -> None:
    t = treated()
    t.demographics(site="neuro-2", known="2024-06-01")
    assert touched(t) == dict.fromkeys(ALL, None)
    t.demographics(sex="female", known="2024-06-02")
    assert touched(t) == {}


def test_a_zone_that_moves_results_to_another_date_touches_everything_for_every_date() -> None:
    t = treated()
    t.cbc("2024-06-10T23:00:00-04:00")
    t.demographics(zone="Asia/Tokyo", known="2024-06-12")

    assert touched(t) == dict.fromkeys(ALL, None)


def test_a_result_is_dated_by_the_zone_that_was_corrected_before_it() -> None:
    t = treated(zone="Asia/Tokyo")
    t.demographics(zone="America/New_York", known="2024-06-01")
    t.lab("2024-06-10T23:40-04:00", "creatinine")

    assert touched(t) == {"MON-02": "2024-06-10"}  # in Tokyo it is the 11th


def test_what_one_fact_touches_on_two_dates_is_named_from_the_earlier_one() -> None:
    t = treated()
    t.lab("2024-07-10", "creatinine", specimen="S-1")
    t.lab("2024-06-10", "creatinine", specimen="S-1")
    t.cancel(specimen="S-1", known="2024-08-01")

    assert touched(t) == {"MON-02": "2024-06-10"}


def test_a_finding_touches_what_it_asks_for_from_its_date_on_and_makes_an_infusion_touch_it_too() -> None:
    t = treated()
    t.record(v1.ReactionReported(("petechiae",)), "2024-06-10")
    assert touched(t) == {"TRG-01": "2024-06-10"}
    t.infusion("2025-05-20")
    assert touched(t) == dict.fromkeys({*ALL, "TRG-01"}, "2025-05-20")
    t.cbc("2025-05-21")
    assert touched(t) == dict.fromkeys(("MON-01", "TRG-01"), "2025-05-21")
