"""R4: several statements about one result, and which of them holds."""

import pytest

from shared.contracts.v1 import facts as v1
from shared.contracts.v1 import parts
from tests.scenario import CBC, LIVER, Scenario, named, treated

NAMES = [f"patient {n}" for n in range(6)]


def cbc_version(t: Scenario, version: int | None, status: v1.ResultStatus, **how: object) -> str:
    return t.lab("2024-06-10", *CBC, status=status, specimen="S-1", business=("R-1", version), **how)  # type: ignore[arg-type]


def standing(t: Scenario, known: str | None = None) -> str:
    return t.at("2024-06-16", known).standing("MON-01", 1)


def test_R4_the_higher_source_version_corrects_the_lower_without_naming_it() -> None:
    t = treated()
    cbc_version(t, 1, "final")
    cbc_version(t, 2, "cancelled", known="2024-06-20")

    assert standing(t, "2024-06-19") == "done"
    assert standing(t) == "overdue"


def test_R4_an_older_version_delivered_late_never_wins() -> None:
    t = treated()
    cbc_version(t, 2, "cancelled")
    cbc_version(t, 1, "final")

    assert standing(t) == "overdue"


def test_R4_a_newer_version_delivered_first_wins_also_when_it_satisfies() -> None:
    t = treated()
    cbc_version(t, 3, "final")
    cbc_version(t, 2, "cancelled")

    assert standing(t) == "done"


def test_R4_source_versions_are_numbers_not_texts() -> None:
    t = treated()
    cbc_version(t, 10, "final")
    cbc_version(t, 9, "cancelled")

    assert standing(t) == "done"


def test_R4_where_every_statement_has_a_version_issue_times_decide_nothing() -> None:
    t = treated()
    cbc_version(t, 2, "cancelled", issued="2024-06-11")
    cbc_version(t, 1, "final", issued="2024-06-12")

    assert standing(t) == "overdue"


def test_R4_where_one_version_is_lacking_the_issue_times_decide() -> None:
    t = treated()
    cbc_version(t, 1, "cancelled", issued="2024-06-12")
    cbc_version(t, None, "final", issued="2024-06-11")

    assert standing(t) == "overdue"


def test_R4_where_issue_times_are_lacking_too_the_log_decides() -> None:
    t = treated()
    cbc_version(t, 2, "cancelled", issued="2024-06-12")
    cbc_version(t, None, "final")

    assert standing(t) == "done"


def test_R4_the_later_issued_statement_wins_also_when_it_was_delivered_first() -> None:
    t = treated()
    cbc = t.cbc("2024-06-10", issued="2024-06-10")
    t.cancel(cbc, issued="2024-06-13")
    t.correct_lab(cbc, "2024-06-10", *CBC, issued="2024-06-12")

    assert standing(t) == "overdue"


def test_R4_of_equals_in_all_else_the_later_in_the_log_wins() -> None:
    t = treated()
    cbc = t.cbc("2024-06-10")
    t.cancel(cbc)
    t.correct_lab(cbc, "2024-06-10", *CBC)

    assert standing(t) == "done"


@pytest.mark.parametrize("name", NAMES)
def test_R4_an_id_never_decides(name: str) -> None:
    t = treated(name=name)
    cbc = t.cbc("2024-06-10")
    t.correct_lab(cbc, "2024-06-10", *CBC, status="cancelled")
    t.correct_lab(cbc, "2024-06-10", *CBC)
    t.correct_lab(cbc, "2024-06-10", *CBC, status="entered-in-error")

    assert standing(t) == "overdue"


@pytest.mark.parametrize("name", NAMES)
def test_R4_what_names_a_fact_is_later_than_it_whatever_the_log_says(name: str) -> None:
    t = treated(name=name)
    t.correct_lab(named("R-1"), "2024-06-10", *CBC, status="cancelled")
    t.lab("2024-06-10", *CBC, business=("R-1", None))

    assert standing(t) == "overdue"


def test_R4_a_chain_that_arrives_backwards_is_read_forwards() -> None:
    t = treated()
    t.correct_lab(named("R-2"), "2024-06-10", *CBC, business=("R-3", None))
    t.correct_lab(named("R-1"), "2024-06-10", *CBC, status="cancelled", business=("R-2", None))
    t.lab("2024-06-10", *CBC, business=("R-1", None))

    assert standing(t) == "done"


def test_R4_a_correction_after_a_cancellation_satisfies_again() -> None:
    t = treated()
    cbc = t.cbc("2024-06-10")
    t.cancel(cbc, known="2024-06-12")
    t.correct_lab(cbc, "2024-06-10", *CBC, known="2024-06-14")

    assert standing(t, "2024-06-13") == "overdue"
    assert standing(t, "2024-06-14") == "done"


def test_R4_a_cancellation_of_the_original_after_its_correction_cancels_the_result() -> None:
    t = treated()
    cbc = t.cbc("2024-06-10")
    t.correct_lab(cbc, "2024-06-10", *CBC)
    t.cancel(cbc)

    assert standing(t) == "overdue"


def test_R4_a_cancellation_that_names_a_result_leaves_other_results_of_the_specimen() -> None:
    t = treated()
    cbc = t.lab("2024-06-10", *CBC, specimen="S-1")
    t.lab("2024-06-10", "creatinine", specimen="S-1")
    t.cancel(cbc)

    view = t.at("2024-06-16")
    assert (view.standing("MON-01", 1), view.standing("MON-02", 1)) == ("overdue", "done")


def test_R4_a_cancellation_that_names_a_specimen_acts_on_every_result_of_it() -> None:
    t = treated()
    t.lab("2024-06-10", *CBC, specimen="S-1")
    t.lab("2024-06-10", "creatinine", specimen="S-1")
    t.lab("2024-06-10", "TSH", *LIVER, specimen="S-2")
    t.cancel(specimen="S-1")

    view = t.at("2024-06-16")
    assert (view.standing("MON-01", 1), view.standing("MON-02", 1), view.standing("MON-05", 1)) == (
        "overdue",
        "overdue",
        "done",
    )


def test_R4_a_result_recorded_after_the_specimens_cancellation_stands() -> None:
    t = treated()
    t.lab("2024-06-10", *CBC, specimen="S-1")
    t.cancel(specimen="S-1")
    t.lab("2024-06-10", *CBC, specimen="S-1")

    assert standing(t) == "done"


def test_R4_a_correction_after_the_specimens_cancellation_satisfies_again() -> None:
    t = treated()
    cbc = t.lab("2024-06-10", *CBC, specimen="S-1")
    t.cancel(specimen="S-1")
    t.correct_lab(cbc, "2024-06-10", *CBC, specimen="S-1")

    assert standing(t) == "done"


def test_R4_a_cancellation_may_limit_itself_to_some_components() -> None:
    t = treated()
    liver = t.lab("2024-06-10", *LIVER)
    t.cancel(liver, only=("AST",))

    slot = t.at("2024-06-16").slot("MON-05", 1)
    assert (slot.standing, slot.partial, slot.missing) == ("overdue", True, ["AST"])


def test_R4_a_specimens_cancellation_may_limit_itself_to_some_components() -> None:
    t = treated()
    t.lab("2024-06-10", *LIVER, specimen="S-1")
    t.cancel(specimen="S-1", only=("ALT", "AST"))

    assert t.at("2024-06-16").slot("MON-05", 1).missing == ["ALT", "AST"]


def test_R4_a_cancellation_of_something_unknown_waits_for_it() -> None:
    t = treated()
    t.cancel(named("R-1"), known="2024-06-09")
    t.lab("2024-06-10", *CBC, business=("R-2", None))
    assert standing(t) == "done"

    t = treated()
    t.cancel(named("R-1"), known="2024-06-09")
    t.lab("2024-06-10", *CBC, business=("R-1", None))
    assert standing(t) == "overdue"


def test_R4_a_name_means_the_same_system_and_the_same_value() -> None:
    t = treated()
    t.lab("2024-06-10", *CBC, business=("R-1", 1))
    elsewhere = parts.Reference(business_id=parts.BusinessName("urn:another:lis", "R-1"))
    t.cancel(elsewhere)

    assert standing(t) == "done"


def test_R4_versions_order_a_cancellation_among_corrections() -> None:
    t = treated()
    cbc_version(t, 1, "final")
    t.cancel(named("R-1"), business=("R-1", 3))
    cbc_version(t, 2, "corrected")

    assert standing(t) == "overdue"


def test_R4_voiding_the_last_version_lets_the_one_before_decide() -> None:
    t = treated()
    cbc = t.cbc("2024-06-10")
    cancelled = t.cancel(cbc, known="2024-06-12")
    t.void(cancelled, known="2024-06-14")

    assert standing(t, "2024-06-13") == "overdue"
    assert standing(t, "2024-06-14") == "done"


def test_R4_a_correction_of_something_unknown_does_not_satisfy_until_that_arrives() -> None:
    t = treated()
    t.correct_lab(named("R-1"), "2024-06-10", *CBC, known="2024-06-11")
    t.lab("2024-06-10", "platelets", business=("R-1", None), known="2024-06-12")

    assert standing(t, "2024-06-11") == "overdue"
    assert standing(t, "2024-06-12") == "done"


def test_R4_an_infusion_that_corrects_something_unknown_is_no_infusion_yet() -> None:
    t = treated()
    t.infusion("2025-05-20", corrects=named("I-1"), known="2025-05-20")
    t.infusion("2025-05-21", business=("I-1", None), known="2025-05-22")

    assert t.at("2025-06-01", "2025-05-21").episode.ends_on == "2028-05-19"
    assert t.at("2025-06-01").episode.ends_on == "2029-05-20"


def test_R4_versions_rule_every_kind_of_fact() -> None:
    t = treated()
    t.exam("skin", "2025-05-10", business=("E-1", 2))
    t.exam("skin", "2025-05-01", business=("E-1", 1))
    t.infusion("2025-06-01", business=("I-1", 2))
    t.infusion("2025-06-03", business=("I-1", 1))

    view = t.at("2025-06-10")
    assert [slot.due_on for slot in view.slots("MON-06")] == ["2025-05-15", "2026-05-10"]
    assert view.episode.ends_on == "2029-06-01"


def test_R4_a_waiver_may_be_corrected_to_a_shorter_one() -> None:
    t = treated()
    waiver = t.waive("MON-01", "2024-06-01", until="2024-12-31")
    t.waive("MON-01", "2024-06-01", until="2024-06-20", corrects=waiver, known="2024-06-10")

    assert t.at("2024-06-20").roll_up("MON-01").standing == "waived"
    assert t.at("2024-06-21").roll_up("MON-01").standing == "overdue"


def test_R4_the_cancellation_of_a_specimen_leaves_what_a_correction_took_from_another_specimen() -> None:
    t = treated()
    result = t.lab("2024-06-10", *CBC, specimen="S-1")
    t.correct_lab(result, "2024-06-10", "platelets", specimen="S-2")
    t.cancel(specimen="S-1")

    assert t.at("2024-06-16").slot("MON-01", 1).missing == [name for name in CBC if name != "platelets"]
