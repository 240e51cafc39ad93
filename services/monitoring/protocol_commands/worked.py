"""Runs the worked examples of a protocol: what the rules make of each history beside what the example says."""

from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache

from msgspec import Struct

from services.monitoring.catalogue import edition_of
from services.monitoring.mistakes import Mistake, did_you_mean
from services.monitoring.protocol_commands.history import TREATMENT, History, of_example, of_scene
from services.monitoring.protocol_file import Example, Expectation, ProtocolFile
from services.monitoring.rules.answers import RollUp, Slot
from services.monitoring.rules.assess import assess
from services.monitoring.rules.deviations.find import deviations
from services.monitoring.rules.deviations.found import Deviation
from services.monitoring.rules.deviations.story import Story
from services.monitoring.rules.edition import Edition
from services.monitoring.rules.holds.find import holds
from services.monitoring.rules.readiness.judge import readiness
from services.monitoring.rules.record import Record
from services.monitoring.rules.scenes import Scene, SceneDeviation
from services.monitoring.toml_lines import Path
from services.monitoring.written import Written

LOOKED_AT = frozenset(
    {"deviations", "no_deviations", "holds", "no_holds", "planned_at", "verdict", "earliest", "lines"}
)
"""What a scene can expect and is run here."""


class Worked(Struct, frozen=True):
    """How many examples were run, and every place at which the rules say otherwise."""

    run: int
    wrong: tuple[Mistake, ...]


def work(written: Written, file: ProtocolFile, protocol: str) -> Worked:
    """All examples, each under the profile that it names, or the default."""

    @cache
    def edition(profile: str | None) -> Edition:
        return edition_of(written, file, protocol, profile)

    wrong: list[Mistake] = []
    for number, one in enumerate(file.examples):
        wrong += _example(one, edition(None), ("example", number))
    for number, scene in enumerate(file.scenes):
        path: Path = ("scene", number)
        if scene.profile not in {None, *file.profiles}:
            said = f'"{scene.profile}" is no profile of this file. Write one of: {", ".join(file.profiles)}'
            wrong.append(((*path, "profile"), said))
        else:
            wrong += _scene(scene, edition(scene.profile), path)
    return Worked(len(file.examples) + len(file.scenes), tuple(wrong))


def _example(one: Example, edition: Edition, path: Path) -> Iterator[Mistake]:
    told = of_example(one, edition.protocol, path)
    yield from told.wrong
    found = assess(edition, told.facts, one.on).slots if not told.wrong else ()
    slots = {slot.obligation_id.removeprefix(f"{TREATMENT}."): slot for slot in found}
    if told.wrong:
        return
    for number, expected in enumerate(one.expect):
        yield from _slot(expected, slots, (*path, "expect", number))
    for number, name in enumerate(one.absent):
        if name in slots:
            said = f"{name} is there, due {slots[name].due_on}, though the example says that it is not"
            yield (*path, "absent", number), said


def _slot(expected: Expectation, slots: Mapping[str, Slot], path: Path) -> Iterator[Mistake]:
    found = slots.get(expected.obligation)
    if found is None:
        near = did_you_mean(expected.obligation, list(slots))
        yield path, "the rules make no such obligation. " + (f"Did you mean {near}?" if near else "")
        return
    pairs = {
        "opens": (expected.opens, found.opens_on),
        "due": (expected.due, found.due_on),
        "closes": (expected.closes, found.closes_on),
        "standing": (expected.standing, found.standing),
        "missing": (expected.missing, found.missing),
    }
    for key, (wanted, has) in pairs.items():
        if wanted is not None and wanted != has:
            yield (*path, key), _differs(has, wanted)


def _scene(scene: Scene, edition: Edition, path: Path) -> Iterator[Mistake]:
    told = of_scene(scene, edition.protocol, path)
    yield from told.wrong
    if told.wrong:
        return
    known = [one for one in told.facts if scene.known_at is None or one.recorded_at <= scene.known_at]
    story = Story(Record(known), edition.courses, scene.on)
    rows = assess(edition, known, scene.on).roll_ups
    if scene.deviations or scene.no_deviations:
        found = deviations(edition.infusions, edition.requirements, story)
        for number, wanted in enumerate(scene.deviations):
            yield from _deviation(wanted, found, (*path, "deviations", number))
        yield from _not_there(scene.no_deviations, {one.rule for one in found}, (*path, "no_deviations"))
    if scene.holds or scene.no_holds:
        yield from _holds(scene, edition, told, rows, path)
    if scene.lines or scene.verdict or scene.earliest:
        judged = readiness(edition.infusions, edition.requirements, story, rows, scene.planned_at)
        for key, expected, has in (
            ("verdict", scene.verdict, judged.verdict),
            ("earliest", scene.earliest, judged.earliest_next_course_on),
        ):
            if expected is not None and expected != has:
                yield (*path, key), _differs(has, expected)
        for number, line in enumerate(scene.lines):
            standings = [one.standing for one in judged.lines if one.rule == line.rule]
            if line.standing not in standings:
                said = " and ".join(standings) or "nothing of this rule"
                yield (*path, "lines", number), _differs(said, line.standing)


def _deviation(wanted: SceneDeviation, found: tuple[Deviation, ...], path: Path) -> Iterator[Mistake]:
    same = [one for one in found if (one.rule, one.deviation, one.on) == (wanted.rule, wanted.deviation, wanted.on)]
    if len(same) != 1:
        others = sorted({f"{one.deviation} on {one.on}" for one in found if one.rule == wanted.rule})
        said = f"the rules find {', '.join(others)}" if others else f"the rules find nothing of {wanted.rule}"
        yield path, f"{said}, where the example says {wanted.deviation} on {wanted.on}"
        return
    (one,) = same
    if one.provisional != wanted.provisional:
        yield (*path, "provisional"), _differs(_yes(one.provisional), _yes(wanted.provisional))
    if wanted.severity not in {None, one.severity}:
        yield (*path, "severity"), _differs(one.severity, wanted.severity)
    measured = [(each.measured, each.required) for each in one.quantities]
    if wanted.required is not None and (wanted.measured, wanted.required) not in measured:
        said = " and ".join(f"{has} of {asked}" for has, asked in measured) or "nothing measured"
        yield (*path, "required"), _differs(said, f"{wanted.measured} of {wanted.required}")


def _holds(scene: Scene, edition: Edition, told: History, rows: tuple[RollUp, ...], path: Path) -> Iterator[Mistake]:
    found = holds(edition.infusions.holds, Record(told.facts), rows, scene.on)
    for number, wanted in enumerate(scene.holds):
        here = (*path, "holds", number)
        same = [one for one in found if (one.rule, one.hold) == (wanted.rule, wanted.hold)]
        if len(same) != 1:
            others = sorted({f"{one.rule or 'no rule'}: {one.hold}" for one in found})
            said = f"the rules find {', '.join(others)}" if others else "the rules find no hold"
            yield here, f"{said}, where the example says {wanted.rule or 'no rule'}: {wanted.hold}"
            continue
        (one,) = same
        pairs: dict[str, tuple[object, object]] = {
            "standing": (wanted.standing, one.standing),
            "stops": (_yes(wanted.stops), _yes(one.stops)),
            "opened": (wanted.opened, one.opened_on),
            "closed": (_day(wanted.closed), _day(one.closed_on)),
            "severity": (wanted.severity or one.severity, one.severity),
        }
        for key, (expected, has) in pairs.items():
            if expected != has:
                yield (*here, key), _differs(has, expected)
    yield from _not_there(scene.no_holds, {one.rule for one in found}, (*path, "no_holds"))


def _not_there(rules: tuple[str, ...], found: set[str] | set[str | None], path: Path) -> Iterator[Mistake]:
    for number, rule in enumerate(rules):
        if rule in found:
            yield (*path, number), f"{rule} is found, though the example says that it is not"


def _differs(has: object, expected: object) -> str:
    return f"the rules say {_text(has)}, the example says {_text(expected)}"


def _text(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(str, value)) or "nothing"
    return "nothing" if value is None else str(value)


def _day(day: date | None) -> str:
    return "not yet" if day is None else str(day)


def _yes(said: bool) -> str:
    return "yes" if said else "no"
