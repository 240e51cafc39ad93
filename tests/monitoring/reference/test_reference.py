"""The engine against the reference model, on a few histories; `python -m tests.monitoring.reference` asks of thousands."""

from tests.monitoring.reference.__main__ import cases
from tests.monitoring.reference.comparing import differences, report, shrunk

SEED = 20240515


def disagreements(histories: int) -> list[str]:
    """Ends at the first."""
    for number in range(histories):
        for case in cases(SEED, number, 1):
            if differences(case):
                return [report(shrunk(case))]
    return []


def test_the_engine_and_the_reference_model_give_one_answer() -> None:
    assert disagreements(40) == []
