"""The worked timelines, asked of the rules."""

import pytest

from tests.monitoring.rules.timelines import all_timelines
from tests.timeline import Timeline, disagreements


@pytest.mark.parametrize("timeline", all_timelines(), ids=str)
def test_every_cell_of_the_worked_timeline_holds(timeline: Timeline) -> None:
    wrong = [line for cell in timeline.cells for line in disagreements(cell, timeline.history.at(cell.on, cell.known))]

    assert wrong == []
