"""The worked examples inside the protocol files hold: a changed number without a changed example is noticed."""

import pytest

from services.monitoring import catalogue
from services.monitoring.catalogue import Example
from services.monitoring.rules import assess
from shared.contracts.v1 import facts as v1
from tests.scenario import EDITION, Scenario

EXAMPLES = catalogue.examples("alemtuzumab-ms")


def history(example: Example) -> tuple[Scenario, list[str]]:
    """The example's facts and the ids of its exams, in their order."""
    t = Scenario()
    for day in example.infusions:
        t.infusion(f"{day}T12:00:00-05:00")
    for specimen in example.specimens:
        results = tuple(v1.Result(code, "final") for code in specimen.loinc)
        t.record(v1.LabResultRecorded(f"S-{specimen.on}", results), f"{specimen.on}T12:00:00-05:00")
    return t, [t.exam(one.exam, f"{one.on}T12:00:00-05:00") for one in example.exams]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.why)
def test_the_worked_example_of_the_protocol_holds(example: Example) -> None:
    t, exams = history(example)
    slots = {
        one.obligation_id.removeprefix(f"{t.treatment}."): one for one in assess(EDITION, t.facts, example.on).slots
    }

    for expected in example.expect:
        name = expected.obligation
        for number, exam in enumerate(exams, start=1):
            name = name.replace(f"exam-{number}", exam)
        found = slots[name]
        assert (found.due_on, found.standing) == (expected.due, expected.standing)
        assert expected.opens in {None, found.opens_on}
        assert expected.closes in {None, found.closes_on}
        assert expected.missing in {None, found.missing}
    assert not set(example.absent) & set(slots)


def test_there_are_examples() -> None:
    assert len(EXAMPLES) >= 5
