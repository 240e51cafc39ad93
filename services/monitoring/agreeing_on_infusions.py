"""In what the rules about infusions say nothing, too little, or what contradicts itself."""

from collections.abc import Iterator, Sequence

from msgspec import Struct, structs

from services.monitoring.mistakes import Mistake, did_you_mean, shown
from services.monitoring.protocol_file import ProtocolFile
from services.monitoring.rules.deviations.kinds import Age, CourseSize
from services.monitoring.rules.holds.kinds import HoldRule, Illness, Opening, Unmonitored
from services.monitoring.toml_lines import Path

_MAY_BE_ZERO = frozenset({"settled_after_days", "within_days", "vaccine_weeks", "warn_from_day"})


def disagreements_on_infusions(file: ProtocolFile) -> Iterator[Mistake]:
    for number, check in enumerate(file.checks):
        path: Path = ("check", number, "look")
        yield from _said(check.look, path)
        if isinstance(check.look, CourseSize) and check.look.last is not None and check.look.last < check.look.first:
            yield (*path, "last"), f"{check.look.last} is before first. Write {check.look.first} or more"
        if isinstance(check.look, Age) and check.look.warned_below < check.look.at_least:
            yield (*path, "warned_below"), f"it is below at_least. Write {check.look.at_least} or more"
    for number, hold in enumerate(file.holds):
        yield from _hold(hold, ("hold", number), file)
    for number, one in enumerate(file.prerequisites):
        yield from _said(one.need, ("prerequisite", number, "need"))
        if one.through_course is not None and one.through_course < one.from_course:
            said = f"{one.through_course} is before from_course. Write {one.from_course} or more"
            yield ("prerequisite", number, "through_course"), said


def _hold(hold: HoldRule, path: Path, file: ProtocolFile) -> Iterator[Mistake]:
    if not hold.opens:
        yield (*path, "opens"), "nothing opens it. Write at least one, with its kind"
    for number, opening in enumerate(hold.opens):
        yield from _opening(opening, hold, (*path, "opens", number), file)


def _opening(opening: Opening, hold: HoldRule, path: Path, file: ProtocolFile) -> Iterator[Mistake]:
    yield from _said(opening, path)
    if isinstance(opening, Illness):
        for number, cause in enumerate(opening.causes):
            yield from _said(cause, (*path, "causes", number))
    if isinstance(opening, Unmonitored):
        if opening.hold_from_day < opening.warn_from_day:
            yield (*path, "hold_from_day"), f"it is before warn_from_day. Write {opening.warn_from_day} or more"
        known = [one.id for one in file.requirements if set(hold.profiles) <= set(one.profiles)]
        for number, name in enumerate(opening.requirements):
            if name not in known:
                said = f"{shown(name)} is no requirement of its profiles. {_instead(name, known)}"
                yield (*path, "requirements", number), said


def _said(part: Struct, path: Path) -> Iterator[Mistake]:
    """Lists that must name something do, and amounts are amounts."""
    for field in structs.fields(part):
        value = getattr(part, field.name)
        if field.required and value == ():
            yield (*path, field.encode_name), "it is empty. Write at least one"
        elif isinstance(value, int | float) and not isinstance(value, bool):
            if field.name in _MAY_BE_ZERO and value < 0:
                yield (*path, field.encode_name), f"{value:g} is too small. Write 0 or more"
            elif field.name not in _MAY_BE_ZERO and value <= 0:
                yield (*path, field.encode_name), f"{value:g} is too small. Write more than 0"


def _instead(word: str, known: Sequence[str]) -> str:
    meant = did_you_mean(word, list(known))
    return f"Did you mean {meant}?" if meant else f"Write one of: {', '.join(known)}"
