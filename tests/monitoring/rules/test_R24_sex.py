"""R24: sex and cervix, and whether HPV screening applies."""

import pytest

from tests.scenario import Scenario, treated


def applies(t: Scenario, on: str = "2025-06-01", known: str | None = None) -> str:
    return str(t.at(on, known).roll_up("MON-07").applicability)


@pytest.mark.parametrize(
    ("sex", "applicability"),
    [("female", "applies"), ("male", "not_applicable"), ("unknown", "unknown"), ("other", "unknown")],
)
def test_R24_sex_decides_whether_hpv_screening_applies(sex: str, applicability: str) -> None:
    assert applies(treated(sex=sex)) == applicability


def test_R24_unknown_counts_as_due_not_as_not_applicable() -> None:
    row = treated(sex="unknown").at("2025-06-01").roll_up("MON-07")

    assert (row.standing, row.due_on, row.applicability) == ("overdue", "2025-05-15", "unknown")


def test_R24_the_other_items_apply_to_everybody() -> None:
    view = treated(sex="male").at("2025-06-01")

    assert {row.applicability for row in view.roll_ups.values() if row.requirement != "MON-07"} == {"applies"}


def test_R24_the_last_statement_wins_for_every_date() -> None:
    t = treated(sex="unknown")
    t.demographics(sex="male", known="2025-02-01")
    t.demographics(sex="female", known="2025-03-01")

    assert [applies(t, "2024-06-01", known) for known in ("2025-01-31", "2025-02-01", "2025-03-01")] == [
        "unknown",
        "not_applicable",
        "applies",
    ]


@pytest.mark.parametrize("vague", ["unknown", "other"])
def test_R24_a_vague_statement_never_overwrites_a_known_one(vague: str) -> None:
    t = treated(sex="male")
    t.demographics(sex=vague, known="2025-02-01")

    assert applies(t) == "not_applicable"


@pytest.mark.parametrize("vague", ["unknown", "other"])
def test_R24_a_vague_statement_that_corrects_the_known_one_stands(vague: str) -> None:
    t = treated(sex="unknown")
    wrong = t.demographics(sex="male", known="2025-02-01")
    t.demographics(sex=vague, known="2025-03-01", corrects=wrong)

    assert applies(t) == "unknown"


def test_R24_the_sex_of_the_opening_can_be_corrected_to_unknown_by_naming_it() -> None:
    t = treated(sex="male")
    t.demographics(sex="unknown", known="2025-02-01", corrects=t.facts[0].fact_id)

    assert applies(t) == "unknown"


@pytest.mark.parametrize("vague", ["unknown", "other"])
@pytest.mark.parametrize("named", [0, 1])
def test_R24_a_corrected_opening_can_be_corrected_to_unknown_again(vague: str, named: int) -> None:
    """`named`: the place of the opening, or of its first correction."""
    t = Scenario(sex="female")
    t.demographics(sex="male", known="2024-01-02", corrects=t.facts[0].fact_id)
    t.course("2024-05-15")
    t.demographics(sex=vague, known="2025-03-01", corrects=t.facts[named].fact_id)

    assert applies(t, known="2025-02-28") == "not_applicable"
    assert applies(t) == "unknown"


def test_R24_a_correction_of_the_opening_keeps_what_else_an_earlier_one_said() -> None:
    t = treated(sex="female")
    t.demographics(sex="male", site="neuro-2", known="2025-02-01", corrects=t.facts[0].fact_id)
    t.demographics(sex="unknown", known="2025-03-01", corrects=t.facts[0].fact_id)

    assert applies(t) == "unknown"
    assert t.assess("2025-06-01").site == "neuro-2"


def test_R24_voiding_a_statement_lets_the_one_before_stand() -> None:
    t = treated()
    t.void(t.demographics(sex="male", known="2025-02-01"), known="2025-03-01")

    assert (applies(t, known="2025-02-28"), applies(t)) == ("not_applicable", "applies")


def test_R24_a_statement_about_something_else_leaves_the_sex() -> None:
    t = treated()
    t.demographics(site="neuro-2", known="2025-02-01")

    assert applies(t) == "applies"
    assert t.assess("2025-06-01").sex == "female"


@pytest.mark.parametrize(
    ("sex", "cervix", "applicability"),
    [
        ("male", "present", "applies"),
        ("unknown", "present", "applies"),
        ("female", "absent", "not_applicable"),
        ("unknown", "absent", "not_applicable"),
        ("female", "unknown", "applies"),
        ("male", "unknown", "not_applicable"),
        ("unknown", "unknown", "unknown"),
    ],
)
def test_R24_a_known_cervix_decides_instead_of_sex(sex: str, cervix: str, applicability: str) -> None:
    t = treated(sex=sex)
    t.demographics(cervix=cervix, known="2025-02-01")

    assert applies(t) == applicability
    assert applies(t, known="2025-01-31") == applies(treated(sex=sex))


def test_R24_a_requirement_that_does_not_apply_lists_no_slots_unless_evidence_filled_one() -> None:
    t = treated()
    t.exam("hpv", "2025-05-01")
    assert [slot.standing for slot in t.at("2025-06-01").slots("MON-07")] == ["done", "upcoming"]
    t.demographics(sex="male", known="2025-05-20")

    assert [slot.standing for slot in t.at("2025-06-01").slots("MON-07")] == ["done"]
    assert treated(sex="male").at("2025-06-01").slots("MON-07") == []


def test_R24_one_vague_statement_follows_another() -> None:
    t = treated(sex="unknown")
    t.demographics(sex="other", known="2025-02-01")

    assert t.assess("2025-06-01").sex == "other"


def test_R24_what_does_not_apply_lists_nothing_that_was_withdrawn_either() -> None:
    t = Scenario(sex="male")
    t.void(t.infusion("2024-01-08"))
    t.infusion("2024-02-08")
    assert t.at("2024-03-01").all_slots
    assert [one for one in t.at("2024-03-01").all_slots if one.requirement == "MON-07"] == []


def test_R24_a_correction_of_a_correction_of_the_opening_carries_the_whole_content() -> None:
    t = treated(sex="other")
    wrong = t.demographics(sex="male", known="2025-02-01", corrects=t.facts[0].fact_id)
    t.demographics(site="neuro-2", known="2025-03-01", corrects=wrong)

    assert (applies(t, known="2025-02-28"), applies(t)) == ("not_applicable", "unknown")
    assert t.assess("2025-06-01").site == "neuro-2"
