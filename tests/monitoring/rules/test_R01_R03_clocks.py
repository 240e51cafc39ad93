"""R1–R3: the two clocks, and the date of a fact."""

from datetime import timedelta

import pytest

from shared.contracts.v1 import facts as v1
from tests.scenario import Day, Scenario, treated


def test_R1_a_fact_recorded_at_the_very_instant_known_counts_and_a_microsecond_earlier_does_not() -> None:
    t = treated()
    t.cbc("2024-06-10")
    recorded = t.facts[-1].recorded_at

    assert t.at("2024-06-10", recorded.isoformat()).standing("MON-01", 1) == "done"
    assert t.at("2024-06-10", (recorded - timedelta(microseconds=1)).isoformat()).standing("MON-01", 1) == "due"


def test_R1_without_known_at_all_that_was_ever_recorded_is_known() -> None:
    t = treated()
    t.cbc("2024-06-10", known="2031-01-01")

    assert t.at("2024-06-10").standing("MON-01", 1) == "done"


def test_R1_the_version_answered_is_the_highest_that_was_known() -> None:
    t = treated()
    before = t.facts[-1].recorded_at
    t.cbc("2024-06-10")

    assert t.assess("2024-06-10", before.isoformat()).version == 6
    assert t.assess("2024-06-10").version == 7


def test_R2_a_second_course_moves_the_end_only_from_its_own_date_on() -> None:
    t = treated()
    t.infusion("2025-05-20")

    assert t.at("2025-05-19").episode.ends_on == "2028-05-19"
    assert t.at("2025-05-20").episode.ends_on == "2029-05-20"


def test_R2_before_the_first_infusion_there_is_no_episode_nor_any_row() -> None:
    t = treated()

    day_before = t.at("2024-05-14")
    assert (day_before.episodes, day_before.all_slots, day_before.roll_ups) == ([], [], {})
    assert t.at("2024-05-15").episode.anchor == "2024-05-15"


def test_R2_a_specimen_counts_from_its_collection_date_on() -> None:
    t = treated()
    t.cbc("2024-06-20")

    assert t.at("2024-06-19").standing("MON-01", 1) == "overdue"
    assert t.at("2024-06-20").standing("MON-01", 1) == "done_late"


def test_R2_an_exam_counts_from_its_date_on() -> None:
    t = treated()
    t.exam("skin", "2025-05-01")

    assert t.at("2025-04-30").roll_up("MON-06").due_on == "2025-05-15"
    assert t.at("2025-05-01").roll_up("MON-06").due_on == "2026-05-01"


def test_R2_a_form_counts_from_its_date_on() -> None:
    t = treated()
    t.form("2024-11-20")

    assert t.at("2024-11-19").standing("MON-10", 1) == "overdue"
    assert t.at("2024-11-20").standing("MON-10", 1) == "done_late"


@pytest.mark.parametrize(
    ("tell", "standing"),
    [
        (lambda t: t.transfer_out("2024-06-20", known="2024-06-01"), "suspended"),
        (lambda t: t.decline("2024-06-20", known="2024-06-01"), "declined"),
        (lambda t: t.waive("MON-01", "2024-06-20", known="2024-06-01"), "waived"),
        (lambda t: t.death("2024-06-20", known="2024-06-01"), "cancelled"),
    ],
    ids=["transfer", "refusal", "waiver", "death"],
)
def test_R2_absence_refusal_waiver_and_death_count_from_their_own_date_on(tell, standing) -> None:  # type: ignore[no-untyped-def]
    t = treated()
    tell(t)

    assert t.at("2024-06-19").standing("MON-01", 1) == "overdue"
    assert t.at("2024-06-20").standing("MON-01", 1) == standing


def test_R2_a_void_needs_only_to_be_known_and_holds_for_every_earlier_date() -> None:
    t = treated()
    cbc = t.cbc("2024-06-10")
    t.void(cbc, when="2024-09-01", known="2024-09-01")

    assert t.at("2024-06-16", "2024-08-31").standing("MON-01", 1) == "done"
    assert t.at("2024-06-16", "2024-09-01").standing("MON-01", 1) == "overdue"


def test_R2_a_cancellation_needs_only_to_be_known() -> None:
    t = treated()
    cbc = t.cbc("2024-07-12", known="2024-07-13")
    t.cancel(cbc, when="2024-07-18", known="2024-07-18")

    assert t.at("2024-07-16", "2024-07-16").standing("MON-01", 2) == "done"
    assert t.at("2024-07-16", "2024-07-19").standing("MON-01", 2) == "overdue"


def test_R2_a_corrected_date_needs_only_to_be_known() -> None:
    t = treated()
    late = t.cbc("2024-06-20")
    t.record(t.facts[-1].data, "2024-06-12", corrects=late, known="2024-07-01")

    assert t.at("2024-06-16").standing("MON-01", 1) == "done"
    assert t.at("2024-06-16", "2024-06-30").standing("MON-01", 1) == "overdue"


def test_R2_a_correction_dated_after_on_leaves_the_slot_empty_on_that_date() -> None:
    t = treated()
    cbc = t.cbc("2024-06-12")
    t.record(t.facts[-1].data, "2024-06-20", corrects=cbc, known="2024-07-01")

    assert t.at("2024-06-16").standing("MON-01", 1) == "overdue"
    assert t.at("2024-06-20").standing("MON-01", 1) == "done_late"


def test_R2_demographics_hold_for_every_date_once_known() -> None:
    t = treated()
    t.demographics(sex="male", known="2026-01-01")

    assert t.at("2025-06-01").roll_up("MON-07").applicability == "not_applicable"
    assert t.at("2025-06-01", "2025-12-31").roll_up("MON-07").applicability == "applies"


def test_R2_a_date_after_what_is_known_is_a_forecast_without_further_facts() -> None:
    t = treated()
    t.cbc("2024-06-10", known="2024-06-10")
    t.cbc("2024-07-10", known="2024-07-10")

    assert t.at("2024-08-01", "2024-06-10").standing("MON-01", 2) == "overdue"
    assert t.at("2024-08-01").standing("MON-01", 2) == "done"


def test_R3_the_clinics_zone_decides_the_date_not_utc() -> None:
    t = treated()
    t.cbc("2024-06-16T03:40:00+00:00")

    slot = t.at("2024-06-16").slot("MON-01", 1)
    assert (slot.standing, slot.completed_on) == ("done", "2024-06-15")


def test_R3_the_zone_named_by_the_fact_wins_over_the_clinics() -> None:
    t = treated()
    t.cbc("2024-06-16T03:40:00+00:00", zone="Europe/Berlin")

    slot = t.at("2024-06-16").slot("MON-01", 1)
    assert (slot.standing, slot.completed_on) == ("done_late", "2024-06-16")


def test_R3_the_offset_only_fixes_the_instant() -> None:
    t = treated()
    t.cbc("2024-06-16T09:40:00+06:00")

    assert t.at("2024-06-16").slot("MON-01", 1).completed_on == "2024-06-15"


def test_R3_an_infusion_that_crosses_midnight_belongs_to_its_start_in_the_clinics_zone() -> None:
    t = Scenario()
    t.infusion("2024-05-15T23:30:00-04:00")

    assert t.at("2024-05-16").episode.anchor == "2024-05-15"


def test_R3_a_transfer_does_not_change_the_zone() -> None:
    t = treated()
    t.transfer_out("2024-06-01")
    t.transfer_in("2024-06-02", site="tokyo-1", zone="Asia/Tokyo")
    t.cbc("2024-06-16T03:40:00+00:00")

    view = t.assess("2024-06-16")
    assert (view.zone, view.site) == ("America/New_York", "tokyo-1")
    assert t.at("2024-06-16").slot("MON-01", 1).completed_on == "2024-06-15"


def test_R3_a_corrected_zone_applies_to_the_whole_treatment_once_known() -> None:
    t = Scenario()
    t.infusion("2024-05-15T20:00:00-04:00")
    t.cbc("2024-06-15T20:00:00-04:00")
    t.demographics(zone="Europe/Berlin", known="2024-07-01")

    before, after = t.at("2024-06-17", "2024-06-30"), t.at("2024-06-17")
    assert (before.episode.anchor, before.slot("MON-01", 1).completed_on) == ("2024-05-15", "2024-06-15")
    assert (after.episode.anchor, after.slot("MON-01", 1).completed_on) == ("2024-05-16", "2024-06-16")


def test_R3_a_date_without_a_time_is_taken_as_written() -> None:
    t = treated(zone="Pacific/Kiritimati")
    t.cbc(Day("2024-06-15"), known="2024-06-16")
    t.lab(Day("2024-06-15"), "creatinine", zone="Pacific/Pago_Pago", known="2024-06-16")

    view = t.at("2024-06-16")
    assert view.slot("MON-01", 1).completed_on == "2024-06-15"
    assert view.slot("MON-02", 1).completed_on == "2024-06-15"


def test_R3_the_newest_site_stands() -> None:
    t = treated()
    t.demographics(site="neuro-2", known="2024-07-01")

    assert t.assess("2024-07-01", "2024-06-30").site == "neuro-1"
    assert t.assess("2024-07-01").site == "neuro-2"
    assert isinstance(t.facts[-1].data, v1.DemographicsCorrected)


def test_R2_a_transfer_back_names_another_site_from_its_date_on() -> None:
    t = treated()
    t.transfer_out("2024-06-01")
    t.transfer_in("2024-07-01", site="neuro-2")

    assert [t.assess(on).site for on in ("2024-06-30", "2024-07-01")] == ["neuro-1", "neuro-2"]
    assert t.at("2024-07-01").roll_up("MON-01").site == "neuro-2"


def test_R3_of_sites_by_transfer_and_by_correction_the_last_recorded_stands() -> None:
    t = treated()
    t.transfer_out("2024-06-01")
    t.transfer_in("2024-07-01", site="neuro-2")
    t.demographics(site="neuro-3", known="2024-08-01")
    t.transfer_in("2024-09-01", site=None)

    assert t.assess("2024-09-02").site == "neuro-3"
