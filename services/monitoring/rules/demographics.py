"""Who is treated where, from every statement about it that is known: it holds for every `on` (R2, R3, R24)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal
from zoneinfo import ZoneInfo

import msgspec
from msgspec import UNSET

from services.monitoring.rules.answers import Applicability
from services.monitoring.rules.calendar import zone_named
from services.monitoring.rules.edition import Requirement
from services.monitoring.rules.facts import Fact
from services.monitoring.rules.naming import name_in, name_of
from services.monitoring.rules.statements import Thing
from shared.contracts.v1.facts import DemographicsCorrected, Sex, TreatmentOpened

Cervix = Literal["present", "absent", "unknown"]
UTC = ZoneInfo("UTC")


@dataclass(frozen=True, slots=True)
class Demographics:
    """`sites` are (log position, site): a transfer back can name another later."""

    protocol: str
    zone: str
    sex: Sex
    cervix: Cervix
    sites: tuple[tuple[int, str], ...]
    birth_date: date | None = None

    @property
    def clinic(self) -> ZoneInfo:
        return zone_named(self.zone) or UTC


def demographics(things: Iterable[Thing], openings: Iterable[Fact]) -> Demographics:
    """The last statement wins field by field; a voided opening still says where and on what protocol."""
    protocol, zone = "", "UTC"
    sites: list[tuple[int, str]] = []
    for fact in openings:
        if isinstance(fact.data, TreatmentOpened):
            protocol, zone = fact.data.protocol, fact.data.zone
            sites.append((fact.position, fact.data.site))
    sex: Sex = "unknown"
    cervix: Cervix = "unknown"
    born: str | None = None
    for fact in _statements(things):
        said = fact.data
        if isinstance(said, TreatmentOpened):
            sex = _known_or(said.sex, sex)
            born = said.birth_date or born
        elif isinstance(said, DemographicsCorrected):
            sex = _known_or(said.sex, sex) if said.sex is not UNSET else sex
            cervix = said.cervix if said.cervix is not UNSET else cervix
            born = said.birth_date if said.birth_date is not UNSET else born
            zone = said.zone if said.zone is not UNSET else zone
            if said.site is not UNSET:
                sites.append((fact.position, said.site))
    return Demographics(protocol, zone, sex, cervix, tuple(sites), _real(born))


def applicability(requirement: Requirement, who: Demographics) -> Applicability:
    """R24: a known cervix decides instead of sex; an unknown sex never drops a requirement."""
    match requirement.applies_to:
        case "everyone":
            return "applies"
        case "cervix" if who.cervix != "unknown":
            return "applies" if who.cervix == "present" else "not_applicable"
        case "cervix" if who.sex == "female":
            return "applies"
        case "cervix" if who.sex == "male":
            return "not_applicable"
        case "cervix":
            return "unknown"


def _real(day: str | None) -> date | None:
    """A day of the calendar; what is none says nothing."""
    try:
        return date.fromisoformat(day) if day else None
    except ValueError:
        return None


def _known_or(said: Sex, before: Sex) -> Sex:
    return said if said in {"female", "male"} or before not in {"female", "male"} else before


def _statements(things: Iterable[Thing]) -> list[Fact]:
    """What still stands: a correction replaces the statement it names; of an opening only the fields it states."""
    standing: list[Fact] = []
    for thing in things:
        opening = next((fact for fact in thing.living if isinstance(fact.data, TreatmentOpened)), None)
        said = [fact for fact in thing.living if isinstance(fact.data, DemographicsCorrected)]
        if opening is not None:
            standing.extend(_restated([opening, *_last_of_each(thing)]))
        elif said:
            standing.append(said[-1])
    return sorted(standing, key=lambda fact: fact.position)


def _last_of_each(thing: Thing) -> list[Fact]:
    """Of corrections of an opening that correct each other only the last: it carries the whole content (R5)."""
    threads: list[list[Fact]] = []
    for fact in thing.statements:
        if isinstance(fact.data, DemographicsCorrected):
            joined = [one for one in threads if any(_of_one(fact, other) for other in one)]
            rest = [one for one in threads if one not in joined]
            threads = [*rest, [*(other for one in joined for other in one), fact]]
    standing = [[fact for fact in thing.living if fact in one] for one in threads]
    last = [one[-1] for one in standing if one]
    return [fact for fact in thing.living if fact in last]


def _of_one(one: Fact, other: Fact) -> bool:
    """Whether one names the other or has its name."""
    return _names(one, other) or _names(other, one) or (name_of(one) is not None and name_of(one) == name_of(other))


def _names(one: Fact, other: Fact) -> bool:
    reference = one.corrects
    if reference is None:
        return False
    return reference.fact_id == other.fact_id or (
        name_in(reference) is not None and name_in(reference) == name_of(other)
    )


def _restated(versions: list[Fact]) -> Iterator[Fact]:
    """An opening and its corrections: each field as stated last, and so an earlier sex by none of them."""
    stated = [fact for fact in versions if getattr(fact.data, "sex", UNSET) is not UNSET]
    for fact in versions:
        if fact is stated[-1] or fact not in stated:
            yield fact
        elif isinstance(fact.data, DemographicsCorrected):
            yield replace(fact, data=msgspec.structs.replace(fact.data, sex=UNSET))
