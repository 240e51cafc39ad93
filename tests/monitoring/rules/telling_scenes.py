"""A protocol's scenes as histories, and what an answer (as it is written) says other than they expect."""

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from services.monitoring import catalogue
from services.monitoring.rules.scenes import Scene, SceneFact
from shared.contracts.v1.facts import FACTS
from tests.scenario import Day, Scenario

Row = dict[str, Any]
SCENES = catalogue.scenes("alemtuzumab-ms")


def told(scene: Scene, name: str = "T") -> Scenario:
    """The scene's facts as recorded facts."""
    t = Scenario(zone=scene.zone, sex=scene.sex, name=name)
    ids: dict[str, str] = {}
    if scene.birth_date:
        t.demographics(known=t.opened, birth_date=scene.birth_date)
    for fact in scene.facts:
        when = fact.at.isoformat() if fact.at else Day(fact.on) if fact.on else None
        known = fact.recorded.isoformat() if fact.recorded else None
        corrects = ids[fact.corrects] if fact.corrects else None
        fact_id = t.record(_data(fact, ids), when, known=known, corrects=corrects)
        ids[fact.name or fact_id] = fact_id
    return t


def wrong_deviations(scene: Scene, rows: Sequence[Row]) -> Iterator[str]:
    for wanted in scene.deviations:
        asked = (wanted.rule, wanted.deviation, str(wanted.on))
        found = [one for one in rows if (one["rule"], one["deviation"], one["on"]) == asked]
        if len(found) != 1:
            yield f"{asked}: {len(found)} found"
            continue
        (one,) = found
        numbers = [(each["measured"], each["required"]) for each in one["quantities"]]
        if one["provisional"] != wanted.provisional or wanted.severity not in {None, one["severity"]}:
            yield f"{asked}: {one['severity']}, provisional {one['provisional']}"
        if wanted.required is not None and (wanted.measured, wanted.required) not in numbers:
            yield f"{asked}: {numbers}"
    yield from (f"{one['rule']}: {one['sentence']}" for one in rows if one["rule"] in scene.no_deviations)


def wrong_holds(scene: Scene, rows: Sequence[Row]) -> Iterator[str]:
    for wanted in scene.holds:
        found = [one for one in rows if (one["rule"], one["hold"]) == (wanted.rule, wanted.hold)]
        closed = str(wanted.closed) if wanted.closed else None
        said = [(one["standing"], one["stops"], one["opened_on"], one["closed_on"]) for one in found]
        if said != [(wanted.standing, wanted.stops, str(wanted.opened), closed)]:
            yield f"{wanted.rule} {wanted.hold}: {said}"
        elif wanted.severity not in {None, found[0]["severity"]}:
            yield f"{wanted.rule} {wanted.hold}: {found[0]['severity']}"
    yield from (f"{one['rule']}: {one['sentence']}" for one in rows if one["rule"] in scene.no_holds)


def wrong_readiness(scene: Scene, found: Row) -> Iterator[str]:
    for wanted in scene.lines:
        lines = [(one["standing"], one["sentence"]) for one in found["lines"] if one["rule"] == wanted.rule]
        if wanted.standing not in {standing for standing, _ in lines}:
            yield f"{wanted.rule}: {lines}"
    if scene.verdict not in {None, found["verdict"]}:
        yield str(found["verdict"])
    if scene.earliest and str(scene.earliest) != found["earliest_next_course_on"]:
        yield str(found["earliest_next_course_on"])


def _data(fact: SceneFact, ids: dict[str, str]) -> Any:
    named = {"infusion": {"fact_id": ids[fact.infusion]}} if fact.infusion else {}
    return msgspec.convert(fact.data | named, FACTS[fact.type])
