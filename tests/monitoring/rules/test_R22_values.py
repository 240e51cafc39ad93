"""R22 and D-21: a value as a finding, where a site switched one on; it dates from its recording."""

import shutil
from datetime import date

import pytest

from services.monitoring import catalogue
from services.monitoring.rules import assess
from services.monitoring.rules.edition import Edition
from services.monitoring.rules.spans import answer, spans
from services.monitoring.rules.treatment import Treatment
from services.monitoring.written import PROTOCOLS
from shared.contracts.v1 import facts as v1
from tests.scenario import Scenario, named, treated


@pytest.fixture(scope="module")
def edition(tmp_path_factory: pytest.TempPathFactory) -> Edition:
    """The protocol as a site writes it that has switched the examples on."""
    folder = tmp_path_factory.mktemp("protocols") / "site"
    shutil.copytree(PROTOCOLS / "alemtuzumab-ms", folder)
    policy = folder / "policy.toml"
    policy.write_text(policy.read_text().replace("profiles = []", 'profiles = ["us"]'))
    return catalogue.load("site", folder=folder.parent)


def platelets(
    t: Scenario, value: float, when: str, unit: str | None = "10*3/uL", status: v1.ResultStatus = "final", **how: object
) -> str:
    result = v1.Result("777-3", status, value=value, unit=unit)
    return t.record(v1.LabResultRecorded(f"S-{when}-{value}", (result,)), when, **how)  # type: ignore[arg-type]


def asked(edition: Edition, t: Scenario, on: str, known: str | None = None) -> list[tuple[str, str, str]]:
    found = assess(edition, t.facts, date.fromisoformat(on), t.known_at(known))
    return [(str(one.opens_on), str(one.due_on), one.standing) for one in found.slots if one.requirement == "POL-01"]


def test_T6_a_corrected_value_opens_the_task_on_the_date_it_became_known(edition: Edition) -> None:
    t = treated()
    first = platelets(t, 145, "2024-07-22", known="2024-07-23")
    assert asked(edition, t, "2024-07-24") == []
    correction = v1.LabResultCorrected("S-2", (v1.Result("777-3", "corrected", value=45, unit="10*3/uL"),))
    t.record(correction, "2024-07-22", known="2024-07-25T15:00:00-04:00", corrects=first)
    assert asked(edition, t, "2024-07-25") == [("2024-07-25", "2024-07-25", "due")]
    assert asked(edition, t, "2024-07-25", known="2024-07-24") == []
    t.cbc("2024-07-25T14:59:00-04:00", known="2024-07-25T18:00:00-04:00")
    assert asked(edition, t, "2024-07-25")[0][2] == "due"
    t.cbc("2024-07-25T15:30:00-04:00", known="2024-07-25T19:00:00-04:00")
    assert asked(edition, t, "2024-07-25")[0][2] == "done"


def test_a_value_corrected_back_withdraws_what_it_asked_for(edition: Edition) -> None:
    t = treated()
    first = platelets(t, 45, "2024-07-22")
    t.record(
        v1.LabResultCorrected("S-2", (v1.Result("777-3", "corrected", value=145, unit="10*3/uL"),)),
        "2024-07-22",
        known="2024-07-24",
        corrects=first,
    )
    assert asked(edition, t, "2024-07-25") == [("2024-07-22", "2024-07-22", "withdrawn")]


@pytest.mark.parametrize(
    ("value", "unit", "status", "opens"),
    [
        (99.9, "10*3/uL", "final", True),
        (100, "10*3/uL", "final", False),
        (45, "10*9/L", "final", True),
        (45, "bushel", "final", False),
        (45, None, "final", False),
        (45, "10*3/uL", "preliminary", False),
    ],
)
def test_D26_only_a_final_number_in_a_unit_that_can_be_read_shows_something(
    edition: Edition, value: float, unit: str | None, status: v1.ResultStatus, opens: bool
) -> None:
    t = treated()
    platelets(t, value, "2024-07-22", unit, status)
    assert bool(asked(edition, t, "2024-07-23")) == opens


def test_a_value_that_was_cancelled_asks_for_nothing(edition: Edition) -> None:
    t = treated()
    first = platelets(t, 45, "2024-07-22")
    t.cancel(first, known="2024-07-24")
    assert asked(edition, t, "2024-07-25") == [("2024-07-22", "2024-07-22", "withdrawn")]


def test_a_treatment_grown_value_by_value_and_its_spans_are_the_one_read_at_once(edition: Edition) -> None:
    t = treated()
    for day, value in (("2024-06-10", 150), ("2024-06-20", 80), ("2024-07-05", 40), ("2024-07-20", 160)):
        platelets(t, value, day, business=(f"R-{day}", 1))
    t.cbc("2024-06-21")
    t.cancel(named("R-2024-06-20"), known="2024-08-01")
    grown = Treatment(edition)
    for place, fact in enumerate(t.facts, start=1):
        grown = grown.with_fact(fact)
        whole = Treatment(edition, t.facts[:place])
        for day in (date(2024, 6, 20), date(2024, 7, 6), date(2024, 9, 1)):
            assert grown.chapter("POL-01").slots(day) == whole.chapter("POL-01").slots(day)
            if whole.chapter("POL-01").exists(day):
                (span,) = [
                    one
                    for one in spans(edition, t.facts[:place], "POL-01")
                    if one.on_from <= day and (one.on_to is None or day < one.on_to)
                ]
                assert answer(edition, span, t.treatment, day) == whole.chapter("POL-01").roll_up(day)


def test_D34_a_screen_whose_result_is_not_there_by_day_60_is_asked_for(edition: Edition) -> None:
    t = treated("2024-01-08")
    t.exam("hpv", "2025-01-05")
    found = assess(edition, t.facts, date(2025, 3, 7))
    [slot] = [one for one in found.slots if one.requirement == "POL-03"]
    assert (str(slot.due_on), slot.standing) == ("2025-03-06", "overdue")
    t.lab("2025-01-05", "59263-4", known="2025-03-08")
    found = assess(edition, t.facts, date(2025, 3, 8))
    assert [one.standing for one in found.slots if one.requirement == "POL-03"] == ["done"]
