"""The worked examples inside the protocol files hold: a changed number without a changed example is noticed."""

import functools

import msgspec
import pytest

from services.monitoring import catalogue
from services.monitoring.catalogue import Example
from services.monitoring.rules import assess
from shared.contracts.v1 import facts as v1
from tests.scenario import EDITION, Scenario

EXAMPLES = catalogue.examples("alemtuzumab-ms")


def history(example: Example) -> tuple[Scenario, dict[str, str]]:
    """The example's facts, and the id behind each name: exams are `exam-n`, others as they are named."""
    t = Scenario()
    for day in example.infusions:
        t.infusion(f"{day}T12:00:00-05:00")
    for specimen in example.specimens:
        results = tuple(v1.Result(code, "final") for code in specimen.loinc)
        t.record(v1.LabResultRecorded(f"S-{specimen.on}", results), f"{specimen.on}T12:00:00-05:00")
    names = {
        f"exam-{number}": t.exam(one.exam, f"{one.on}T12:00:00-05:00")
        for number, one in enumerate(example.exams, start=1)
    }
    for one in example.facts:
        data = msgspec.convert(one.data, v1.FACTS[one.type])
        fact_id = t.record(data, one.at.isoformat(), known=one.recorded.isoformat() if one.recorded else None)
        if one.name:
            names[f"for-{one.name}"] = f"for-{fact_id}"
    return t, names


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.why)
def test_the_worked_example_of_the_protocol_holds(example: Example) -> None:
    t, names = history(example)
    slots = {
        one.obligation_id.removeprefix(f"{t.treatment}."): one for one in assess(EDITION, t.facts, example.on).slots
    }

    def in_full(obligation: str) -> str:
        return functools.reduce(lambda said, name: said.replace(name, names[name]), names, obligation)

    for expected in example.expect:
        found = slots[in_full(expected.obligation)]
        assert (found.due_on, found.standing) == (expected.due, expected.standing)
        assert expected.opens in {None, found.opens_on}
        assert expected.closes in {None, found.closes_on}
        assert expected.missing in {None, found.missing}
    assert not set(map(in_full, example.absent)) & set(slots)


def test_there_are_examples() -> None:
    assert len(EXAMPLES) >= 5
