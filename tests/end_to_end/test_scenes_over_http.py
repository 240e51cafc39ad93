"""Timelines T8 and T12 once more, posted and asked through the public doors: deviations, holds and readiness."""

from typing import Any

import pytest

from services.monitoring.rules.scenes import Scene
from tests.end_to_end.layouts import River
from tests.end_to_end.test_timelines_over_http import Replay
from tests.monitoring.rules.telling_scenes import SCENES, told, wrong_deviations, wrong_holds, wrong_readiness
from tests.scenario import Scenario

HERE = {f"scene-{number}": one for number, one in enumerate(SCENES) if one.why.startswith(("T8: ", "T12: "))}


def asked(replay: Replay, history: Scenario, scene: Scene, what: str, **more: str) -> dict[str, Any]:
    treatment = replay.ids[history.name][history.treatment]
    query = {"on": str(scene.on), "min_version": str(len(history.facts)), **more}
    return replay._get(f"/v1/treatments/{treatment}/{what}", query)


@pytest.mark.slow
def test_every_scene_of_both_timelines_holds_through_the_public_doors(river: River) -> None:
    histories = {name: told(scene, name) for name, scene in HERE.items()}
    with Replay(river) as replay:
        replay.tell(list(histories.values()))
        wrong = []
        for name, scene in HERE.items():
            history = histories[name]
            planned = {"planned_at": scene.planned_at.isoformat()} if scene.planned_at else {}
            wrong += [
                *wrong_deviations(scene, asked(replay, history, scene, "deviations")["deviations"]),
                *wrong_holds(scene, asked(replay, history, scene, "holds")["holds"]),
                *wrong_readiness(scene, asked(replay, history, scene, "readiness", **planned)),
            ]

    assert wrong == []
