"""The random histories reach everything: a property that was never tried there is not proved."""

import random
from collections import Counter
from typing import get_args

import pytest

from services.monitoring.rules import assess
from services.monitoring.rules.answers import RollUpStanding, SlotStanding
from shared.contracts.v1.facts import FACTS
from tests.monitoring.properties.histories import histories, questions
from tests.scenario import EDITION

REASONS = ("death", "handed_over_overdue", "waiver")


@pytest.mark.slow
def test_every_fact_type_standing_and_reason_occurs_a_hundred_times() -> None:
    told = histories(240)
    counted: Counter[str] = Counter()
    for history in told:
        for on, known_at in questions(history, random.Random(history.treatment), 7):
            assessment = assess(EDITION, history.facts, on, known_at)
            counted.update(fact.type for fact in history.facts)
            counted.update(f"slot {slot.standing}" for slot in assessment.slots)
            counted.update(f"reason {slot.reason}" for slot in assessment.slots if slot.reason)
            counted.update(f"line {row.standing}" for row in assessment.roll_ups)
            counted.update(f"line {row.applicability}" for row in assessment.roll_ups)
            counted.update("overdue on discovery" for slot in assessment.slots if slot.overdue_on_discovery)
            counted.update("partial" for slot in assessment.slots if slot.partial)
            counted.update("close-out" for slot in assessment.slots if slot.close_out)
            counted.update("second episode" for episode in assessment.episodes if episode.episode == 2)

    wanted = {
        *FACTS,
        *(f"slot {standing}" for standing in get_args(SlotStanding)),
        *(f"line {standing}" for standing in get_args(RollUpStanding)),
        *(f"reason {reason}" for reason in REASONS),
        *("line unknown", "overdue on discovery", "partial", "close-out", "second episode"),
    }
    assert {name: counted[name] for name in sorted(wanted) if counted[name] < 100} == {}
    assert {name.removeprefix("reason ") for name in counted if name.startswith("reason ")} <= set(REASONS)
