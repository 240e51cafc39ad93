"""Reads a protocol file into an edition: strictly, so that a slip of the pen is a sentence and not a silent default."""

import hashlib
import re
import tomllib
from datetime import date
from pathlib import Path

import msgspec
from msgspec import Struct

from services.monitoring.rules.edition import Courses, Edition, Requirement, Rolling

PROTOCOLS = Path(__file__).parent / "protocols"


class CatalogueError(Exception):
    """A protocol file can't be used; the message says which file and place, and what to write."""


class ExampleSpecimen(Struct, frozen=True, forbid_unknown_fields=True):
    on: date
    loinc: tuple[str, ...]


class ExampleExam(Struct, frozen=True, forbid_unknown_fields=True):
    on: date
    exam: str


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
    absent: tuple[str, ...] = ()


class ProtocolFile(
    Struct, frozen=True, forbid_unknown_fields=True, rename={"requirements": "requirement", "examples": "example"}
):
    edition: str
    title: str
    profiles: tuple[str, ...]
    default_profile: str
    courses: Courses
    requirements: tuple[Requirement, ...]
    examples: tuple[Example, ...] = ()


def load(protocol: str = "alemtuzumab-ms", profile: str | None = None, folder: Path = PROTOCOLS) -> Edition:
    """The edition of a protocol for one profile (None = the file's default). Raises CatalogueError."""
    file, written = _read(protocol, folder)
    chosen = file.default_profile if profile is None else profile
    if chosen not in file.profiles:
        raise CatalogueError(
            f"{protocol}.toml has no profile of that name. "
            f"Set COURSEWATCH_PROFILE to one of: {', '.join(file.profiles)}."
        )
    return Edition(
        name=file.edition,
        protocol=protocol,
        title=file.title,
        profile=chosen,
        sha256=hashlib.sha256(written).hexdigest(),
        courses=file.courses,
        requirements={one.id: one for one in file.requirements if chosen in one.profiles},
    )


def examples(protocol: str = "alemtuzumab-ms", folder: Path = PROTOCOLS) -> tuple[Example, ...]:
    """The worked examples of a protocol file. Raises CatalogueError."""
    return _read(protocol, folder)[0].examples


def _read(protocol: str, folder: Path) -> tuple[ProtocolFile, bytes]:
    path = folder / f"{protocol}.toml"
    try:
        written = path.read_bytes()
    except OSError as why:
        known = ", ".join(sorted(one.stem for one in folder.glob("*.toml"))) or "none"
        raise CatalogueError(f"There is no protocol file {path.name}. Known protocols: {known}.") from why
    try:
        content = tomllib.loads(written.decode())
        file = msgspec.convert(content, ProtocolFile)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as why:
        raise CatalogueError(f"{path.name} can't be read as TOML: {why}.") from why
    except msgspec.ValidationError as why:
        raise CatalogueError(_sentence(path.name, content, str(why))) from why
    _check(path.name, file)
    return file, written


def _check(name: str, file: ProtocolFile) -> None:
    seen: set[str] = set()
    for one in file.requirements:
        if one.id in seen:
            raise CatalogueError(f"{name}: {one.id} is written twice. Keep one of them, or give one another id.")
        seen.add(one.id)
        if not one.components:
            raise CatalogueError(f"{name}, {one.id}: component is empty. Write at least one, with a name.")
        strange = sorted(set(one.profiles) - set(file.profiles))
        if strange:
            raise CatalogueError(
                f"{name}, {one.id}: {strange[0]!r} is no profile of this file. "
                f"Write some of: {', '.join(file.profiles)}."
            )
        names = {part.name for part in one.components}
        for part in one.components:
            if not (part.loinc or part.beside or part.exam or part.form):
                raise CatalogueError(
                    f"{name}, {one.id}, {part.name}: nothing can satisfy it. Write one of: loinc, beside, exam, form."
                )
            if part.beside and part.beside.needs not in names:
                raise CatalogueError(
                    f"{name}, {one.id}, {part.name}: needs names no component here. "
                    f"Write one of: {', '.join(sorted(names))}."
                )
        if isinstance(one.timing, Rolling) and len(one.components) > 1:
            raise CatalogueError(f"{name}, {one.id}: a rolling requirement has one component. Remove the others.")


_PLACE = re.compile(r" - at `\$(?P<path>.*)`$")
_STEP = re.compile(r"\.(?P<key>\w+)|\[(?P<index>\d+)\]")


def _sentence(name: str, content: object, problem: str) -> str:
    """msgspec's message turned into the file, the place in the file's own words, and what to do."""
    found = _PLACE.search(problem)
    words = _PLACE.sub("", problem)
    place = [name]
    for step in _STEP.finditer(found["path"]) if found else ():
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
