"""Reads a protocol file into an edition: strictly, so that a slip of the pen is a sentence and not a silent default."""

import re
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct, structs

from services.monitoring.rules.acts import KINDS
from services.monitoring.rules.deviations.kinds import Check
from services.monitoring.rules.edition import Courses, Edition, Once, Requirement, Rolling
from services.monitoring.rules.holds.kinds import HoldRule
from services.monitoring.rules.infusion_rules import InfusionRules
from services.monitoring.rules.readiness.kinds import Prerequisite, Shown
from services.monitoring.rules.scenes import Scene
from services.monitoring.written import PROTOCOLS, CatalogueError, Written, read_written


class ExampleSpecimen(Struct, frozen=True, forbid_unknown_fields=True):
    on: date
    loinc: tuple[str, ...]


class ExampleExam(Struct, frozen=True, forbid_unknown_fields=True):
    on: date
    exam: str


class ExampleFact(Struct, frozen=True, forbid_unknown_fields=True):
    """Any other fact: its type and data as the course service takes them; `recorded` if later than it happened.

    `name` stands for its id in an expected obligation: `for-{name}`.
    """

    at: datetime
    type: str
    data: dict[str, Any] = {}
    name: str | None = None
    recorded: datetime | None = None


class Expectation(Struct, frozen=True, forbid_unknown_fields=True):
    """What one slot must say; the obligation is named without its treatment, the nth exam as `exam-n`."""

    obligation: str
    due: date
    standing: str
    opens: date | None = None
    closes: date | None = None
    missing: tuple[str, ...] | None = None


class Example(Struct, frozen=True, forbid_unknown_fields=True):
    """A worked example of a protocol file: a history, the day it is judged, and what the rules must say."""

    why: str
    infusions: tuple[date, ...]
    on: date
    expect: tuple[Expectation, ...]
    specimens: tuple[ExampleSpecimen, ...] = ()
    exams: tuple[ExampleExam, ...] = ()
    facts: tuple[ExampleFact, ...] = ()
    absent: tuple[str, ...] = ()


class ProtocolFile(
    Struct,
    frozen=True,
    forbid_unknown_fields=True,
    rename={"requirements": "requirement", "examples": "example", "checks": "check", "holds": "hold", "prerequisites": "prerequisite", "scenes": "scene"},
):
    edition: str
    title: str
    profiles: tuple[str, ...]
    default_profile: str
    courses: Courses
    requirements: tuple[Requirement, ...]
    examples: tuple[Example, ...] = ()
    checks: tuple[Check, ...] = ()
    holds: tuple[HoldRule, ...] = ()
    prerequisites: tuple[Prerequisite, ...] = ()
    scenes: tuple[Scene, ...] = ()


def load(protocol: str = "alemtuzumab-ms", profile: str | None = None, folder: Path = PROTOCOLS) -> Edition:
    """The edition of a protocol for one profile (None = the file's default). Raises CatalogueError."""
    file, written = _read(protocol, folder)
    chosen = file.default_profile if profile is None else profile
    if chosen not in file.profiles:
        raise CatalogueError(
            f"{written.name} has no profile of that name. "
            f"Set COURSEWATCH_PROFILE to one of: {', '.join(file.profiles)}."
        )
    return Edition(
        name=file.edition,
        protocol=protocol,
        title=file.title,
        profile=chosen,
        sha256=written.sha256,
        courses=file.courses,
        requirements={one.id: _whole(one, file) for one in file.requirements if chosen in one.profiles},
        infusions=InfusionRules(
            checks=tuple(one for one in file.checks if chosen in one.profiles),
            holds=tuple(one for one in file.holds if chosen in one.profiles),
            prerequisites=tuple(one for one in file.prerequisites if chosen in one.profiles),
        ),
    )


def examples(protocol: str = "alemtuzumab-ms", folder: Path = PROTOCOLS) -> tuple[Example, ...]:
    """The worked examples of a protocol file. Raises CatalogueError."""
    return _read(protocol, folder)[0].examples


def scenes(protocol: str = "alemtuzumab-ms", folder: Path = PROTOCOLS) -> tuple[Scene, ...]:
    """The worked examples of infusion days of a protocol. Raises CatalogueError."""
    return _read(protocol, folder)[0].scenes


def _read(protocol: str, folder: Path) -> tuple[ProtocolFile, Written]:
    written = read_written(protocol, folder)
    try:
        file = msgspec.convert(written.content, ProtocolFile)
    except msgspec.ValidationError as why:
        raise CatalogueError(_sentence(written, str(why))) from why
    _check(written, file)
    return file, written


def _whole(one: Requirement, file: ProtocolFile) -> Requirement:
    """With the components of the requirement that it shares them with."""
    if one.same_as is None:
        return one
    other = next(other for other in file.requirements if other.id == one.same_as)
    return structs.replace(one, components=other.components, insufficient=other.insufficient)


def _check(written: Written, file: ProtocolFile) -> None:
    seen: set[str] = set()
    sharing = {one.id for one in file.requirements if one.components}
    for place, one in enumerate(file.requirements):
        name = written.origin("requirement", place)
        if one.id in seen:
            raise CatalogueError(f"{name}: {one.id} is written twice. Keep one of them, or give one another id.")
        seen.add(one.id)
        if not one.components and one.same_as is None:
            raise CatalogueError(f"{name}, {one.id}: component is empty. Write at least one, with a name.")
        if one.same_as is not None and (one.components or one.same_as not in sharing):
            raise CatalogueError(
                f"{name}, {one.id}: same_as stands alone and names a requirement that writes its own components. "
                f"Write one of: {', '.join(sorted(sharing))}."
            )
        asks = one.timing.after if isinstance(one.timing, Once) else ()
        for word in (*asks, *(word for part in one.components for word in part.act)):
            if word.partition(":")[0] not in KINDS or ":" not in word:
                raise CatalogueError(
                    f"{name}, {one.id}: {word!r} is no word of a finding or an act. "
                    f"Write a kind and a slug, like sign:petechiae; kinds are: {', '.join(KINDS)}."
                )
        strange = sorted(set(one.profiles) - set(file.profiles))
        if strange:
            raise CatalogueError(
                f"{name}, {one.id}: {strange[0]!r} is no profile of this file. "
                f"Write some of: {', '.join(file.profiles)}."
            )
        names = {part.name for part in one.components}
        for part in one.components:
            if not (part.loinc or part.beside or part.exam or part.form or part.act):
                raise CatalogueError(
                    f"{name}, {one.id}, {part.name}: nothing can satisfy it. "
                    "Write one of: loinc, beside, exam, form, act."
                )
            if part.beside and part.beside.needs not in names:
                raise CatalogueError(
                    f"{name}, {one.id}, {part.name}: needs names no component here. "
                    f"Write one of: {', '.join(sorted(names))}."
                )
        if isinstance(one.timing, Rolling) and len(one.components) > 1:
            raise CatalogueError(f"{name}, {one.id}: a rolling requirement has one component. Remove the others.")

    _check_rules(written, "check", file.checks, file.profiles)
    _check_rules(written, "hold", file.holds, file.profiles)
    _check_rules(written, "prerequisite", file.prerequisites, file.profiles)
    _check_shared(written, file)


def _check_shared(written: Written, file: ProtocolFile) -> None:
    """What a prerequisite shares with a requirement is there in each of its profiles."""
    for place, one in enumerate(file.prerequisites):
        if not isinstance(one.need, Shown):
            continue
        name = f"{written.origin('prerequisite', place)}, {one.id}"
        known = [other.id for other in file.requirements if set(one.profiles) <= set(other.profiles)]
        if (one.need.same_as is None) == (not one.need.components):
            raise CatalogueError(f"{name}: nothing, or too much, says what is asked for. Write same_as or component.")
        if one.need.same_as is not None and one.need.same_as not in known:
            raise CatalogueError(f"{name}: same_as names no requirement of its profiles. Write one of: {', '.join(known)}.")


def _check_rules(written: Written, key: str, rules: Sequence[Check | HoldRule | Prerequisite], profiles: tuple[str, ...]) -> None:
    """A rule may be written twice only for profiles that differ."""
    seen: set[tuple[str, str]] = set()
    for place, one in enumerate(rules):
        name = f"{written.origin(key, place)}, {one.id}"
        strange = sorted(set(one.profiles) - set(profiles))
        if strange:
            raise CatalogueError(
                f"{name}: {strange[0]!r} is no profile of this file. Write some of: {', '.join(profiles)}."
            )
        twice = sorted({profile for profile in one.profiles if (one.id, profile) in seen})
        if twice:
            raise CatalogueError(f"{name}: written twice for {twice[0]}. Keep one, or change its profiles.")
        seen.update((one.id, profile) for profile in one.profiles)


_PLACE = re.compile(r" - at `\$(?P<path>.*)`$")
_STEP = re.compile(r"\.(?P<key>\w+)|\[(?P<index>\d+)\]")


def _sentence(written: Written, problem: str) -> str:
    """msgspec's message turned into the file, the place in the file's own words, and what to do."""
    found = _PLACE.search(problem)
    words = _PLACE.sub("", problem)
    steps = list(_STEP.finditer(found["path"])) if found else []
    content: object = written.content
    index_in_file = int(steps[1]["index"]) if len(steps) > 1 and steps[1]["index"] else None
    place = [written.origin(steps[0]["key"] or "", index_in_file) if steps else written.name]
    for step in steps:
        if step["key"]:
            content = content.get(step["key"]) if isinstance(content, dict) else None
            if not isinstance(content, list):
                place.append(step["key"])
        else:
            index = int(step["index"])
            content = content[index] if isinstance(content, list) and index < len(content) else None
            naming = content if isinstance(content, dict) else {}
            place.append(str(naming.get("id") or naming.get("name") or naming.get("why") or f"entry {index + 1}"))
    if unknown := re.match(r"Object contains unknown field `(.+)`", words):
        words = f"{unknown[1]} is not a key here. Remove it, or write it as rules/edition.py names it"
    elif absent := re.match(r"Object missing required field `(.+)`", words):
        words = f"{absent[1]} is missing. Write it"
    return f"{', '.join(place)}: {words}."
