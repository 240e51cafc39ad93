"""What satisfies a slot: components, codes, result statuses and dates (clinical.md §2.3, traps 4–10)."""

import pytest

from tests.scenario import CBC, CODES, LIVER, URINE, Day, treated

SATISFIES = ("final", "amended", "corrected", "appended")
DOES_NOT = ("registered", "preliminary", "partial", "cancelled", "entered-in-error")


@pytest.mark.parametrize("status", SATISFIES)
def test_a_final_amended_corrected_or_appended_result_satisfies(status) -> None:  # type: ignore[no-untyped-def]
    t = treated()
    t.lab("2024-06-10", "creatinine", status=status)

    assert t.at("2024-06-16").standing("MON-02", 1) == "done"


@pytest.mark.parametrize("status", DOES_NOT)
def test_a_result_that_is_not_final_or_was_cancelled_does_not(status) -> None:  # type: ignore[no-untyped-def]
    t = treated()
    t.lab("2024-06-10", "creatinine", status=status)

    slot = t.at("2024-06-16").slot("MON-02", 1)
    assert (slot.standing, slot.partial) == ("overdue", False)
    assert all(not evidence["counts"] for evidence in slot.evidence)


@pytest.mark.parametrize(
    ("requirement", "components"),
    [
        ("MON-01", CBC),
        ("MON-02", ("creatinine",)),
        ("MON-03", URINE),
        ("MON-04", ("TSH",)),
        ("MON-05", LIVER),
    ],
)
def test_every_component_is_needed_and_all_of_them_are_enough(requirement: str, components: tuple[str, ...]) -> None:
    collected = "2024-08-10" if requirement == "MON-04" else "2024-06-10"
    t = treated()
    t.lab(collected, *components)
    assert t.at(collected).standing(requirement, 1) == "done"

    for left_out in components:
        t = treated()
        present = [name for name in components if name != left_out]
        if present:
            t.lab(collected, *present)
        slot = t.at(collected).slot(requirement, 1)
        assert (slot.standing, len(slot.missing), slot.partial) == ("due", 1, bool(present))


@pytest.mark.parametrize(
    ("requirement", "with_code"),
    [
        ("MON-01", {"platelets": "26515-7"}),
        ("MON-01", {"leukocytes": "26464-8"}),
        ("MON-01", {"hemoglobin": "59260-0"}),
        ("MON-01", {"neutrophils": "26499-4"}),
        ("MON-01", {"lymphocytes": "26474-7"}),
        ("MON-01", {"neutrophils": "753-4", "lymphocytes": "732-8"}),
        ("MON-01", {"neutrophils": "770-8", "lymphocytes": "736-9"}),
        ("MON-02", {"creatinine": "14682-9"}),
        ("MON-03", {"urine RBC": "798-9", "urine WBC": "51487-7"}),
        ("MON-03", {"urine RBC": "30391-7", "urine WBC": "30405-5"}),
        ("MON-05", {"ALT": "1743-4", "AST": "30239-8"}),
        ("MON-05", {"ALT": "1744-2", "total bilirubin": "14631-6"}),
    ],
)
def test_other_codes_of_the_same_component_count(requirement: str, with_code: dict[str, str]) -> None:
    groups = {"MON-01": CBC, "MON-02": ("creatinine",), "MON-03": URINE, "MON-05": LIVER}
    t = treated()
    t.lab("2024-06-10", *[with_code.get(name, name) for name in groups[requirement]])

    assert t.at("2024-06-16").standing(requirement, 1) == "done"


@pytest.mark.parametrize(
    ("requirement", "codes"),
    [
        ("MON-01", ("58410-2",)),
        ("MON-01", ("57021-8",)),
        ("MON-02", ("33914-3",)),
        ("MON-03", ("5794-3", "20454-5")),
        ("MON-03", ("24356-8",)),
        ("MON-05", ("1968-7",)),
    ],
)
def test_a_bare_panel_code_or_a_look_alike_does_not_satisfy(requirement: str, codes: tuple[str, ...]) -> None:
    t = treated()
    t.lab("2024-06-10", *codes)

    slot = t.at("2024-06-16").slot(requirement, 1)
    assert (slot.standing, slot.partial) == ("overdue", False)


def test_free_t4_alone_is_no_thyroid_function_test() -> None:
    t = treated()
    t.lab("2024-08-10", "3024-7")

    assert t.at("2024-08-16").standing("MON-04", 1) == "overdue"


def test_percentages_count_only_with_a_white_cell_count() -> None:
    t = treated()
    t.lab("2024-06-10", "platelets", "hemoglobin", "770-8", "736-9")

    slot = t.at("2024-06-16").slot("MON-01", 1)
    assert slot.standing == "overdue"
    assert "leukocytes" in slot.missing


def test_components_may_come_from_different_specimens_and_complete_on_the_last_of_their_first_dates() -> None:
    t = treated()
    t.lab("2024-06-10", "ALT")
    t.lab("2024-06-12", "ALT", "AST")
    t.lab("2024-06-14", "total bilirubin")
    t.lab("2024-06-20", *LIVER)

    slot = t.at("2024-06-20").slot("MON-05", 1)
    assert (slot.standing, slot.completed_on, slot.missing) == ("done", "2024-06-14", [])


def test_components_of_two_windows_do_not_add_up() -> None:
    t = treated()
    t.lab("2024-07-07", "ALT", "AST")
    t.lab("2024-07-08", "total bilirubin")

    view = t.at("2024-07-08")
    assert view.slot("MON-05", 1).missing == ["total bilirubin"]
    assert view.slot("MON-05", 2).missing == ["ALT", "AST"]


def test_missing_components_are_named_in_the_protocols_order() -> None:
    t = treated()
    t.lab("2024-06-10", "leukocytes", "neutrophils")

    assert t.at("2024-06-16").slot("MON-01", 1).missing == ["platelets", "hemoglobin", "lymphocytes"]


def test_a_slot_without_any_evidence_lists_everything_as_missing_and_is_not_partial() -> None:
    slot = treated().at("2024-06-16").slot("MON-01", 1)

    assert (slot.missing, slot.partial, slot.evidence) == (list(CBC), False, [])


def test_a_code_of_another_system_is_not_the_same_code() -> None:
    from shared.contracts.v1 import facts as v1

    t = treated()
    local = v1.Result(CODES["creatinine"], "final", system="urn:local:codes")
    t.record(v1.LabResultRecorded("S-1", (local,)), "2024-06-10")

    assert t.at("2024-06-16").standing("MON-02", 1) == "overdue"


def test_a_result_without_value_or_unit_satisfies_the_schedule() -> None:
    t = treated()
    t.lab("2024-06-10", "creatinine")

    assert t.at("2024-06-10").standing("MON-02", 1) == "done"


def test_collection_decides_not_recording() -> None:
    t = treated()
    t.lab("2024-06-15", "creatinine", known="2024-09-01")

    assert t.at("2024-09-01").standing("MON-02", 1) == "done"


def test_a_slot_says_what_counted_and_why_the_rest_did_not() -> None:
    t = treated()
    counted = t.lab("2024-06-10", "ALT", specimen="S-20")
    cancelled = t.lab("2024-06-10", "AST", specimen="S-20")
    t.cancel(cancelled)

    evidence = {row["fact_id"]: row for row in t.at("2024-06-16").slot("MON-05", 1).evidence}
    assert (evidence[counted]["counts"], evidence[counted]["components"], evidence[counted]["specimen_id"]) == (
        True,
        ["ALT"],
        "S-20",
    )
    assert (evidence[cancelled]["counts"], evidence[cancelled]["components"]) == (False, ["AST"])
    assert evidence[counted]["why"] == "final, inside the window"
    assert evidence[cancelled]["why"] == "cancelled by the laboratory"


@pytest.mark.parametrize(
    ("status", "why"),
    [
        ("cancelled", "cancelled by the laboratory"),
        ("entered-in-error", "entered in error"),
        ("preliminary", "preliminary, not final yet"),
        ("registered", "registered, not final yet"),
    ],
)
def test_a_status_that_does_not_count_is_said_in_words(status, why) -> None:  # type: ignore[no-untyped-def]
    t = treated()
    t.lab("2024-06-10", "creatinine", status=status)

    assert [row["why"] for row in t.at("2024-06-16").slot("MON-02", 1).evidence] == [why]


def test_a_form_satisfies_only_the_status_form_slot() -> None:
    t = treated()
    t.form("2024-11-10", form="baseline-lab")
    assert t.at("2024-11-16").standing("MON-10", 1) == "overdue"

    t.form("2024-11-12")
    assert t.at("2024-11-16").slot("MON-10", 1).completed_on == "2024-11-12"


def test_a_date_only_specimen_counts_on_its_date() -> None:
    t = treated()
    t.lab(Day("2024-06-15"), "creatinine", known="2024-06-16")

    assert t.at("2024-06-16").slot("MON-02", 1).completed_on == "2024-06-15"


def test_a_laboratorys_hpv_test_or_cytology_is_an_hpv_screen_too() -> None:
    for code in ("59263-4", "10524-7"):
        t = treated()
        t.lab("2025-05-01", code)

        assert t.at("2025-05-02").roll_up("MON-07").due_on == "2026-05-01"


def test_evidence_says_what_it_is_and_why_it_does_not_count() -> None:
    t = treated()
    t.lab("2024-06-05", "creatinine", specimen="early")
    t.lab("2024-06-10", "creatinine", status="preliminary", specimen="draft")
    t.lab("2024-06-10", "33914-3", specimen="egfr")
    t.lab("2024-06-11", "creatinine", specimen="first")
    t.lab("2024-06-12", "creatinine", specimen="again")

    evidence = {row["specimen_id"]: row for row in t.at("2024-06-16").slot("MON-02", 1).evidence}
    assert {name: row["counts"] for name, row in evidence.items()} == {
        "early": False,
        "draft": False,
        "egfr": False,
        "first": True,
        "again": False,
    }
    assert "outside the window by 3 days" in evidence["early"]["why"]
    assert "not final" in evidence["draft"]["why"]
    assert "2024-06-11" in evidence["again"]["why"]


def test_percentages_count_from_the_day_on_which_the_white_cell_count_is_there_too() -> None:
    t = treated()
    t.lab("2024-06-10", "platelets", "hemoglobin", "770-8", "736-9", specimen="S-1")
    assert t.at("2024-06-11").slot("MON-01", 1).missing == ["leukocytes", "neutrophils", "lymphocytes"]

    t.lab("2024-06-12", "leukocytes", specimen="S-1")
    assert t.at("2024-06-12").slot("MON-01", 1).completed_on == "2024-06-12"


def test_percentages_do_not_count_with_the_white_cells_of_another_specimen_or_of_a_draft() -> None:
    t = treated()
    t.lab("2024-06-10", "platelets", "hemoglobin", "770-8", "736-9", specimen="S-1")
    t.lab("2024-06-10", "leukocytes", specimen="S-2")
    t.lab("2024-06-10", "leukocytes", specimen="S-1", status="preliminary")

    slot = t.at("2024-06-12").slot("MON-01", 1)
    assert slot.missing == ["neutrophils", "lymphocytes"]
    why = {name: row["why"] for row in slot.evidence for name in row["components"] if not row["counts"]}
    assert why["neutrophils"] == why["lymphocytes"] == "a percentage counts only with leukocytes of the same specimen"


def test_percentages_count_from_the_first_white_cell_count_of_their_specimen() -> None:
    t = treated()
    t.lab("2024-06-10", "platelets", "hemoglobin", "770-8", "736-9", specimen="S-1")
    t.lab("2024-06-12", "leukocytes", specimen="S-1")
    t.lab("2024-06-14", "leukocytes", specimen="S-1")

    assert t.at("2024-06-14").slot("MON-01", 1).completed_on == "2024-06-12"


def test_what_was_collected_from_the_anchor_to_the_first_window_is_listed_and_nothing_before() -> None:
    t = treated()
    for day in ("2024-05-14", "2024-05-15", "2024-06-07", "2024-06-08"):
        t.lab(day, "creatinine", specimen=day)

    evidence = {row["specimen_id"]: row["why"] for row in t.at("2024-06-10").slot("MON-02", 1).evidence}
    assert evidence == {
        "2024-05-15": "outside the window by 24 days",
        "2024-06-07": "outside the window by 1 day",
        "2024-06-08": "final, inside the window",
    }


def test_what_never_satisfies_says_so_before_the_first_window_too() -> None:
    t = treated()
    t.lab("2024-06-05", "33914-3", specimen="early")
    t.lab("2024-06-10", "33914-3", specimen="inside")

    evidence = {row["specimen_id"]: row for row in t.at("2024-06-10").slot("MON-02", 1).evidence}
    assert evidence["early"]["why"] == evidence["inside"]["why"]
    assert not evidence["early"]["counts"]


def test_a_panel_code_beside_its_components_in_one_message_is_said_to_be_not_enough_and_they_count() -> None:
    t = treated()
    t.lab("2024-06-10", "58410-2", *CBC)

    slot = t.at("2024-06-16").slot("MON-01", 1)
    assert slot.standing == "done"
    assert [(one["counts"], one["components"]) for one in slot.evidence] == [(False, []), (True, sorted(CBC))]


def test_the_first_slot_of_a_second_episode_explains_no_specimen_from_before_that_episode() -> None:
    t = treated("2020-01-31", days=1)
    t.cbc("2023-05-01")
    t.infusion("2025-03-01")
    t.cbc("2025-03-10")

    slot = t.at("2025-04-02").slot("MON-01", 1, episode=2)
    assert [one["occurred_on"] for one in slot.evidence] == ["2025-03-10"]
