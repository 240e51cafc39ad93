"""The worked timelines once more, posted and asked through the public doors: every cell, at both clocks."""

import json
from datetime import datetime
from typing import Any

import httpx
import pytest

from services.monitoring.rules.facts import Fact
from tests.end_to_end.layouts import River
from tests.monitoring.rules.timelines import all_timelines
from tests.scenario import Scenario
from tests.timeline import Cell, Timeline, disagreements
from tests.view import View


class Replay:
    """Several histories told to one river in the order in which they became known; its clock never runs back."""

    def __init__(self, river: River) -> None:
        self.river = river
        self.course = httpx.Client(base_url=river.course_url, timeout=30)
        self.monitoring = httpx.Client(base_url=river.monitoring_url, timeout=30)
        self.ids: dict[str, dict[str, str]] = {}
        self.now: datetime | None = None

    def __enter__(self) -> "Replay":
        return self

    def __exit__(self, *_: object) -> None:
        self.course.close()
        self.monitoring.close()

    def tell(self, told: list[Scenario]) -> None:
        everything = [(fact.recorded_at, history.name, fact) for history in told for fact in history.facts]
        histories = {history.name: history for history in told}
        for recorded_at, name, fact in sorted(everything, key=lambda one: (one[0], one[1])):
            if self.now is None or recorded_at > self.now:
                self.river.set_clock(recorded_at)
                self.now = recorded_at
            self._post(histories[name], fact)

    def _post(self, history: Scenario, fact: Fact) -> None:
        ids = self.ids.setdefault(history.name, {})
        if fact.version == 1:
            answer = self.course.post("/v1/treatments", json=history.opening())
            ids[history.treatment] = answer.json()["treatment"]
        else:
            treatment = ids[history.treatment]
            answer = self.course.post(f"/v1/treatments/{treatment}/events", json=history.body(fact, ids))
        assert answer.status_code == 201, answer.text
        assert answer.json()["version"] == fact.version
        ids[fact.fact_id] = answer.json()["fact_id"]

    def view(self, history: Scenario, cell: Cell) -> View:
        treatment = self.ids[history.name][history.treatment]
        asked = {"on": cell.on} | ({"known_at": cell.known} if cell.known else {})
        if cell.known is None:
            asked["min_version"] = str(len(history.facts))
        whole = self._get(f"/v1/treatments/{treatment}", asked)
        slots = self._get(f"/v1/treatments/{treatment}/obligations", asked)
        return View(whole["episodes"], self._in_our_ids(history, slots["obligations"]), whole["obligations"])

    def _in_our_ids(self, history: Scenario, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """What a fact asks for is named after it: by the id that this scenario gave it."""
        text = json.dumps(rows)
        for ours, theirs in self.ids[history.name].items():
            text = text.replace(theirs, ours)
        return list(json.loads(text))

    def listed(self, history: Scenario, cell: Cell) -> View:
        """The same lines from the worklist instead of from the treatment."""
        treatment = self.ids[history.name][history.treatment]
        asked = {"on": cell.on, "treatment": treatment, "limit": "500"} | (
            {"known_at": cell.known} if cell.known else {}
        )
        return View([], [], self._get("/v1/obligations", asked)["obligations"])

    def _get(self, path: str, asked: dict[str, str]) -> dict[str, Any]:
        """Each 503 has already waited two seconds for the projection to catch up."""
        for _ in range(30):
            answer = self.monitoring.get(path, params=asked)
            if answer.status_code != 503:
                break
        assert answer.status_code == 200, answer.text
        return dict(answer.json())


def lines_only(cell: Cell) -> Cell:
    lines = {name: expected for name, expected in cell.expect.items() if name.startswith("MON-") and "." not in name}
    return Cell(cell.on, lines, cell.known)


def wrong_cells(replay: Replay, timeline: Timeline) -> list[str]:
    wrong = []
    for cell in timeline.cells:
        wrong += disagreements(cell, replay.view(timeline.history, cell))
        wrong += disagreements(lines_only(cell), replay.listed(timeline.history, cell))
    return [f"{timeline.name} {line}" for line in wrong]


@pytest.mark.slow
def test_every_cell_of_every_worked_timeline_holds_through_the_public_doors(river: River) -> None:
    timelines = all_timelines()
    with Replay(river) as replay:
        replay.tell([timeline.history for timeline in timelines])
        wrong = [line for timeline in timelines for line in wrong_cells(replay, timeline)]

    assert wrong == []
