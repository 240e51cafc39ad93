"""In what the parts of a protocol do not agree with each other, though each has its shape."""

from collections.abc import Iterator, Sequence
from difflib import get_close_matches

from services.monitoring.agreeing_on_infusions import disagreements_on_infusions
from services.monitoring.mistakes import Mistake, did_you_mean, shown
from services.monitoring.protocol_file import ProtocolFile
from services.monitoring.rules.acts import KINDS
from services.monitoring.rules.deviations.kinds import Check
from services.monitoring.rules.edition import Component, Grid, Once, Requirement, Rolling
from services.monitoring.rules.holds.kinds import HoldRule
from services.monitoring.rules.periods.kinds import Period
from services.monitoring.rules.readiness.kinds import Prerequisite, Shown
from services.monitoring.toml_lines import Path

_SHORTEST_MONTH = 28


def disagreements(file: ProtocolFile) -> Iterator[Mistake]:
    """All of them, with the place to mend."""
    yield from _head(file)
    yield from _requirements(file)
    rules: tuple[tuple[str, Sequence[Check | HoldRule | Prerequisite | Period]], ...] = (
        ("check", file.checks),
        ("hold", file.holds),
        ("prerequisite", file.prerequisites),
        ("period", file.periods),
    )
    for key, written in rules:
        yield from _once_a_profile(key, written, file.profiles)
    yield from _shared(file)
    yield from _lengths(file)
    yield from disagreements_on_infusions(file)


def _head(file: ProtocolFile) -> Iterator[Mistake]:
    name, sign, dated = file.edition.partition("@")
    if not (name and sign and dated):
        yield ("edition",), f'{shown(file.edition)} is no name of an edition. Write "protocol@date"'
    if file.default_profile not in file.profiles:
        said = f"{shown(file.default_profile)} is no profile of this file"
        yield ("default_profile",), f"{said}. Write one of: {', '.join(file.profiles)}"
    yield from _at_least(1, file.courses.episode_months, ("courses", "episode_months"))
    yield from _at_least(0, file.courses.gap_days, ("courses", "gap_days"))


def _requirements(file: ProtocolFile) -> Iterator[Mistake]:
    seen: set[str] = set()
    sharing = [one.id for one in file.requirements if one.components]
    for number, one in enumerate(file.requirements):
        path: Path = ("requirement", number)
        if one.id in seen:
            yield (*path, "id"), f"{one.id} is written twice. Keep one of them, or give one another id"
        seen.add(one.id)
        if one.same_as is None and not one.components:
            yield path, "component is empty. Write at least one, with a name"
        if one.same_as is not None and one.components:
            yield (*path, "same_as"), "stands alone. Remove it, or the components"
        elif one.same_as is not None and one.same_as not in sharing:
            yield (
                (*path, "same_as"),
                f"{shown(one.same_as)} names no requirement that writes its own components. "
                + _one_of(one.same_as, sharing),
            )
        yield from _profiles(one.profiles, file.profiles, path)
        yield from _timing(one, (*path, "timing"))
        yield from _components(one.components, (*path, "component"))
        if isinstance(one.timing, Rolling) and len(one.components) > 1:
            yield (*path, "component"), "a rolling requirement has one component. Remove the others"


def _timing(one: Requirement, path: Path) -> Iterator[Mistake]:
    match one.timing:
        case Grid(every_months=months, early_days=early, close_out_from_days=close_out):
            yield from _at_least(1, months, (*path, "every_months"))
            yield from _at_least(0, early, (*path, "early_days"))
            yield from _at_least(1, close_out, (*path, "close_out_from_days"))
            if months >= 1 and early >= months * _SHORTEST_MONTH:
                most = months * _SHORTEST_MONTH - 1
                yield (*path, "early_days"), f"{early} reaches before the slot before it. Write {most} or less"
        case Rolling(every_months=months, opens_before_days=before):
            yield from _at_least(1, months, (*path, "every_months"))
            yield from _at_least(0, before, (*path, "opens_before_days"))
        case Once(after=after, due_days=days, values=values):
            yield from _at_least(0, days, (*path, "due_days"))
            for number, value in enumerate(values):
                if (value.below is None) == (value.at_least is None):
                    yield (*path, "values", number), "a value is one or the other. Write below or at_least"
            if not after and not values:
                yield (*path, "after"), "nothing is named that asks for it. Write at least one, like sign:petechiae"
            yield from _acts(after, (*path, "after"))


def _components(parts: Sequence[Component], path: Path) -> Iterator[Mistake]:
    names = [part.name for part in parts]
    for number, part in enumerate(parts):
        here = (*path, number)
        if not (part.loinc or part.beside or part.exam or part.form or part.act):
            yield here, "nothing can satisfy it. Write one of: loinc, beside, exam, form, act"
        if part.beside and part.beside.needs not in names:
            yield (
                (*here, "beside", "needs"),
                f"{shown(part.beside.needs)} names no component here. {_one_of(part.beside.needs, sorted(names))}",
            )
        if names.index(part.name) < number:
            yield (*here, "name"), f"{part.name} is the name of two components. Give one another name"
        yield from _acts(part.act, (*here, "act"))


def _acts(words: Sequence[str], path: Path) -> Iterator[Mistake]:
    for number, word in enumerate(words):
        kind, sign, slug = word.partition(":")
        if kind in KINDS and slug:
            continue
        meant = did_you_mean(kind, list(KINDS)) if sign else None
        instead = f"Did you mean {meant}:{slug}? " if meant else ""
        known = f"Write a kind and a slug, like sign:petechiae; kinds are: {', '.join(KINDS)}"
        yield (*path, number), f"{shown(word)} is no word of a finding or an act. {instead}{known}"


def _shared(file: ProtocolFile) -> Iterator[Mistake]:
    """What a prerequisite shares with a requirement is there in each of its profiles."""
    for number, one in enumerate(file.prerequisites):
        if not isinstance(one.need, Shown):
            continue
        path: Path = ("prerequisite", number, "need")
        known = [other.id for other in file.requirements if set(one.profiles) <= set(other.profiles)]
        if (one.need.same_as is None) == (not one.need.components):
            yield path, "nothing, or too much, says what is asked for. Write same_as or component"
        elif one.need.same_as is not None and one.need.same_as not in known:
            said = f"{shown(one.need.same_as)} names no requirement of its profiles"
            yield (*path, "same_as"), f"{said}. {_one_of(one.need.same_as, known)}"
        else:
            yield from _components(one.need.components, (*path, "component"))


def _lengths(file: ProtocolFile) -> Iterator[Mistake]:
    """A period lasts one length, or has no end."""
    for number, one in enumerate(file.periods):
        if sum(length is not None for length in (one.lasts.days, one.lasts.months, one.lasts.hours)) > 1:
            yield ("period", number, "lasts"), "it lasts one length. Write one of: days, months, hours"


def _once_a_profile(
    key: str, rules: Sequence[Check | HoldRule | Prerequisite | Period], profiles: Sequence[str]
) -> Iterator[Mistake]:
    """A rule may be written twice only for profiles that differ."""
    seen: set[tuple[str, str]] = set()
    for number, one in enumerate(rules):
        yield from _profiles(one.profiles, profiles, (key, number))
        twice = sorted({profile for profile in one.profiles if (one.id, profile) in seen})
        if twice:
            yield (key, number, "id"), f"{one.id} is written twice for {twice[0]}. Keep one, or change its profiles"
        seen.update((one.id, profile) for profile in one.profiles)


def _profiles(named: Sequence[str], known: Sequence[str], path: Path) -> Iterator[Mistake]:
    for number, one in enumerate(named):
        if one not in known:
            yield (*path, "profiles", number), f"{shown(one)} is no profile of this file. {_one_of(one, list(known))}"


def _at_least(least: int, written: int, path: Path) -> Iterator[Mistake]:
    if written < least:
        yield path, f"{written} is too small. Write {least} or more"


def _one_of(word: str, known: Sequence[str]) -> str:
    meant = did_you_mean(word, list(known))
    near = get_close_matches(word, known, 12, 0.3) if len(known) > 12 else known
    some = "Write one of" if len(near) == len(known) else "Some of those that are"
    return (f"Did you mean {meant}? " if meant else "") + f"{some}: {', '.join(near)}"
