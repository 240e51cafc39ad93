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
from services.monitoring.rules.scenes import Scene, SceneFact
from shared.contracts.v1.facts import FACTS
from tests.scenario import Day, Scenario

SCENES = catalogue.scenes("alemtuzumab-ms")


def told(scene: Scene) -> Scenario:
    """The scene's facts as recorded facts."""
    t = Scenario(zone=scene.zone, sex=scene.sex)
    ids: dict[str, str] = {}
    if scene.birth_date:
        t.demographics(known=t.opened, birth_date=scene.birth_date)
    for fact in scene.facts:
        when = fact.at.isoformat() if fact.at else Day(fact.on) if fact.on else None
        known = fact.recorded.isoformat() if fact.recorded else None
        corrects = ids[fact.corrects] if fact.corrects else None
        fact_id = t.record(data_of(fact, ids), when, known=known, corrects=corrects)
        ids[fact.name or fact_id] = fact_id
    return t


def data_of(fact: SceneFact, ids: dict[str, str]) -> Any:
    named = {"infusion": {"fact_id": ids[fact.infusion]}} if fact.infusion else {}
    return msgspec.convert(fact.data | named, FACTS[fact.type])


def story(scene: Scene) -> Story:
    edition = catalogue.load("alemtuzumab-ms", scene.profile)
    known = [fact for fact in told(scene).facts if scene.known_at is None or fact.recorded_at <= scene.known_at]
    return Story(Record(known), edition.courses, scene.on)


@pytest.mark.parametrize(
    "scene", [one for one in SCENES if one.deviations or one.no_deviations], ids=lambda one: one.why
)
def test_the_deviations_of_a_scene_are_found(scene: Scene) -> None:
    edition = catalogue.load("alemtuzumab-ms", scene.profile)
    found = deviations(edition.infusions, edition.requirements, story(scene))
    for wanted in scene.deviations:
        (one,) = [
            one for one in found if (one.rule, one.deviation, one.on) == (wanted.rule, wanted.deviation, wanted.on)
        ]
        assert one.provisional == wanted.provisional
        assert wanted.severity in {None, one.severity}
        if wanted.required is not None:
            assert (wanted.measured, wanted.required) in [(each.measured, each.required) for each in one.quantities]
    assert not {one.rule for one in found} & set(scene.no_deviations)


HOLDING = [one for one in SCENES if one.holds or one.no_holds]


@pytest.mark.parametrize("scene", HOLDING, ids=lambda one: one.why)
def test_the_holds_of_a_scene_are_there(scene: Scene) -> None:
    edition = catalogue.load("alemtuzumab-ms", scene.profile)
    facts = told(scene).facts
    found = holds(edition.infusions.holds, Record(facts), assess(edition, facts, scene.on).roll_ups, scene.on)
    for wanted in scene.holds:
        (one,) = [one for one in found if (one.rule, one.hold) == (wanted.rule, wanted.hold)]
        assert (one.standing, one.stops) == (wanted.standing, wanted.stops)
        assert (one.opened_on, one.closed_on) == (wanted.opened, wanted.closed)
        assert wanted.severity in {None, one.severity}
        assert one.sentence.endswith(".")
    assert not {one.rule for one in found} & set(scene.no_holds)


PLANNING = [one for one in SCENES if one.lines or one.verdict]


@pytest.mark.parametrize("scene", PLANNING, ids=lambda one: one.why)
def test_the_readiness_of_a_scene_is_judged(scene: Scene) -> None:
    edition = catalogue.load("alemtuzumab-ms", scene.profile)
    roll_ups = assess(edition, told(scene).facts, scene.on).roll_ups
    found = readiness(edition.infusions, edition.requirements, story(scene), roll_ups, scene.planned_at)
    for wanted in scene.lines:
        lines = [one for one in found.lines if one.rule == wanted.rule]
        assert wanted.standing in {one.standing for one in lines}, lines
    assert scene.verdict in {None, found.verdict}
    assert scene.earliest in {None, found.earliest_next_course_on}
    assert all(one.sentence.endswith(".") for one in found.lines)


def test_the_timelines_of_infusion_days_are_among_them() -> None:
    assert {found[0] for one in SCENES if (found := re.findall(r"^T\d+", one.why))} >= {"T8", "T12"}


def test_every_check_is_in_a_profile_and_says_whose_rule_it_is() -> None:
    for profile in ("seed", "us", "eu"):
        for check in catalogue.load("alemtuzumab-ms", profile).infusions.checks:
            assert check.citation
            assert check.basis != "unconfirmed"
