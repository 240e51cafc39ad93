"""The worked examples of infusion days inside the protocol files hold."""

import re
from typing import Any

import msgspec
import pytest

from services.monitoring import catalogue
from services.monitoring.rules import assess
from services.monitoring.rules.deviations.find import deviations
from services.monitoring.rules.deviations.story import Story
from services.monitoring.rules.holds.find import holds
from services.monitoring.rules.readiness.judge import readiness
from services.monitoring.rules.record import Record
from services.monitoring.rules.scenes import Scene
from tests.monitoring.rules.telling_scenes import SCENES, told, wrong_deviations, wrong_holds, wrong_readiness


def plain(answer: object) -> Any:
    return msgspec.json.decode(msgspec.json.encode(answer))


def wrong(scene: Scene) -> list[str]:
    edition = catalogue.load("alemtuzumab-ms", scene.profile)
    known = [fact for fact in told(scene).facts if scene.known_at is None or fact.recorded_at <= scene.known_at]
    story = Story(Record(known), edition.courses, scene.on)
    rows = assess(edition, known, scene.on).roll_ups
    return [
        *wrong_deviations(scene, plain(deviations(edition.infusions, edition.requirements, story))),
        *wrong_holds(scene, plain(holds(edition.infusions.holds, story.record, rows, scene.on))),
        *wrong_readiness(
            scene, plain(readiness(edition.infusions, edition.requirements, story, rows, scene.planned_at))
        ),
    ]


@pytest.mark.parametrize("scene", SCENES, ids=lambda one: one.why)
def test_the_scene_of_the_protocol_holds(scene: Scene) -> None:
    assert wrong(scene) == []


def test_a_scene_whose_facts_did_not_happen_is_caught() -> None:
    expecting = [one for one in SCENES if one.deviations or one.holds]
    assert len(expecting) > 15
    for scene in expecting:
        assert wrong(msgspec.structs.replace(scene, facts=())), scene.why


def test_the_timelines_of_infusion_days_are_among_them() -> None:
    assert {found[0] for one in SCENES if (found := re.findall(r"^T\d+", one.why))} >= {"T8", "T9", "T10", "T12"}


@pytest.mark.parametrize("profile", ["seed", "us", "eu"])
def test_every_rule_in_force_says_whose_it_is_and_none_is_unconfirmed(profile: str) -> None:
    rules = catalogue.load("alemtuzumab-ms", profile).infusions
    for one in (*rules.checks, *rules.holds, *rules.prerequisites):
        assert one.citation
        assert one.basis != "unconfirmed"
