"""Who is treated and where: zone, sex, cervix (R3, R24). Demographics hold for every `on` once they are known."""

from datetime import date
from typing import Literal

from msgspec import UNSET

from services.monitoring.rules.facts import Fact
from shared.contracts.v1 import facts as v1
from tests.monitoring.reference.calendar import when
from tests.monitoring.reference.statements import Thing, in_order
from tests.monitoring.reference.voids import Names


def said(facts: list[Fact], things: list[Thing]) -> list[Fact]:
    """The opening and every living statement on demographics, by log position."""
    openings = [fact for fact in facts if isinstance(fact.data, v1.TreatmentOpened)]
    living = [one.deciding for one in things if isinstance(one.deciding.data, v1.DemographicsCorrected)]
    return sorted([*openings, *living], key=lambda fact: fact.position)


def zone(told: list[Fact]) -> str:
    zones = [
        fact.data.zone
        for fact in told
        if isinstance(fact.data, v1.TreatmentOpened | v1.DemographicsCorrected) and fact.data.zone is not UNSET
    ]
    return str(zones[-1])


def site(told: list[Fact], things: list[Thing], clinic: str, on: date) -> str:
    """The last recorded one, also by a transfer back whose day has come."""
    back = [
        (one.deciding.position, one.deciding.data.site)
        for one in things
        if isinstance(one.deciding.data, v1.CareTransferredIn)
        and one.deciding.data.site is not None
        and when(one.deciding, clinic).first <= on
    ]
    stated = [
        (fact.position, str(fact.data.site))
        for fact in told
        if isinstance(fact.data, v1.TreatmentOpened | v1.DemographicsCorrected) and fact.data.site is not UNSET
    ]
    return max([*stated, *back])[1]


def sex(told: list[Fact], facts: list[Fact], things: list[Thing]) -> str:
    """The last statement; a vague one never overwrites a known sex unless it corrects the fact that said so."""
    names = Names(facts)
    standing, by = "unknown", None
    opening = next(fact for fact in told if isinstance(fact.data, v1.TreatmentOpened))
    about = [fact for one in things for fact in one.said if _corrects(fact, opening, names)]
    about = about if opening in about else [opening, *about]
    family = [fact for fact in in_order(about, names) if fact in told and _states_sex(fact)]
    last = family[-1:]  # R4: of what is said about the opening the last version decides
    for fact in told:
        if fact in family and fact not in last:
            continue
        assert isinstance(fact.data, v1.TreatmentOpened | v1.DemographicsCorrected)
        if fact.data.sex is UNSET:
            continue
        vague = fact.data.sex in {"unknown", "other"}
        if vague and standing in {"female", "male"} and not _corrects(fact, by, names):
            continue
        standing, by = str(fact.data.sex), fact
    return standing


def _states_sex(fact: Fact) -> bool:
    return getattr(fact.data, "sex", UNSET) is not UNSET


def _corrects(fact: Fact, other: Fact | None, names: Names) -> bool:
    """Whether a statement corrects another: both are, at the end of what they name, about one fact."""
    return other is not None and bool(_root(fact, names) & _root(other, names))


def _root(fact: Fact, names: Names) -> set[str]:
    found: set[str] = set()
    todo = [fact]
    while todo:
        one = todo.pop()
        if one.fact_id not in found:
            found.add(one.fact_id)
            todo += names.of(one.corrects)
    return found


def applicability(
    told: list[Fact], facts: list[Fact], things: list[Thing]
) -> Literal["applies", "unknown", "not_applicable"]:
    """Of what needs a cervix."""
    known = [
        fact.data.cervix
        for fact in told
        if isinstance(fact.data, v1.DemographicsCorrected) and fact.data.cervix is not UNSET
    ]
    if known and known[-1] != "unknown":
        return "applies" if known[-1] == "present" else "not_applicable"
    stated = sex(told, facts, things)
    return "applies" if stated == "female" else "not_applicable" if stated == "male" else "unknown"
