"""What was recorded and cannot be wholly true is kept and shown (R6, R16)."""

from services.monitoring.rules.believing import believe
from services.monitoring.rules.conflicts import conflicts
from tests.scenario import Day, Scenario, treated


def found(t: Scenario) -> list[tuple[str, str]]:
    return [(one.kind, one.fact_id) for one in conflicts(believe(t.facts))]


def test_R6_a_differing_dose_for_one_start_is_a_conflict_of_the_later_record() -> None:
    t = Scenario()
    t.infusion("2024-05-15T10:00:00-04:00", mg=12)
    later = t.infusion("2024-05-15T14:00:00+00:00", mg=6)

    assert found(t) == [("differing-dose", later)]


def test_R6_the_same_dose_twice_for_one_start_is_no_conflict() -> None:
    t = Scenario()
    t.infusion("2024-05-15T10:00:00-04:00")
    t.infusion("2024-05-15T10:00:00-04:00")

    assert found(t) == []


def test_R6_two_date_only_records_of_one_date_are_suspected_duplicates() -> None:
    t = Scenario()
    t.infusion(Day("2024-05-15"), known="2024-05-20")
    later = t.infusion(Day("2024-05-15"), known="2024-05-20")

    assert found(t) == [("suspected-duplicate", later)]


def test_R6_a_record_without_exposure_disagrees_with_nothing() -> None:
    t = Scenario()
    t.infusion("2024-05-15T10:00:00-04:00", mg=12)
    t.infusion("2024-05-15T10:00:00-04:00", mg=0)

    assert found(t) == []


def test_R16_what_is_dated_after_the_death_raises_a_conflict_and_what_is_of_its_day_does_not() -> None:
    t = treated()
    t.cbc("2024-06-20")
    t.exam("skin", "2024-06-20")
    t.death("2024-06-20", known="2024-06-20")
    lab = t.cbc("2024-06-21")
    exam = t.exam("skin", "2024-06-22")
    form = t.form("2024-06-23")
    infusion = t.infusion("2024-06-24")

    assert found(t) == sorted(("after-death", one) for one in (lab, exam, form, infusion))


def test_R16_without_a_death_nothing_is_after_it() -> None:
    t = treated()
    t.cbc("2024-06-21")

    assert found(t) == []
