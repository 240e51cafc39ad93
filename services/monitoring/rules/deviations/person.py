"""Who is infused and what is given beside it: age, premedication, live vaccines."""

from collections.abc import Iterator
from datetime import date

from services.monitoring.rules.deviations.found import Found, Quantity, Severity
from services.monitoring.rules.deviations.kinds import Age, LiveVaccine, Premedication
from services.monitoring.rules.deviations.story import Given, Story
from services.monitoring.rules.durations import elapsed, in_words, years_old
from services.monitoring.rules.record import Said
from shared.contracts.v1.courses import PremedicationGiven
from shared.contracts.v1.facts import VaccineAdministered


def age(look: Age, story: Story) -> Iterator[Found]:
    """D-14. Without a date of birth nothing is judged."""
    born = story.record.belief.who.birth_date
    if born is None:
        return
    for one in story.infusions:
        years = years_old(born, one.first)
        if years < look.warned_below:
            yield Found(
                "age",
                one.first,
                (one.fact_id,),
                f"Infused at the age of {years}; at least {look.at_least} required, adults meant.",
                (Quantity("age", years, "at_least", look.at_least, "a"),),
                one.course,
                severity=None if years < look.at_least else "WARN",
            )


def premedication(look: Premedication, story: Story) -> Iterator[Found]:
    names = " or ".join(look.any_of)
    for one in story.timed():
        if look.first_days is not None and not _among_first(one, look.first_days, story):
            continue
        given = [said for said in story.premedication(one) if said.data.kind in look.any_of]
        if not given:
            sentence = f"No {names} before the infusion is recorded."
            yield Found("premedication_missing", one.first, (one.fact_id,), sentence, course=one.course)
        elif one.start is not None and not any(_ahead(said, one) for said in given):
            first = min(given, key=lambda said: (said.instant is None, said.instant or one.start))
            late = f"{in_words(elapsed(one.start, first.instant))} after" if first.instant else "after"
            sentence = f"Premedication ({first.data.kind}) was given {late} the infusion began; before it required."
            yield Found("premedication_late", one.first, (one.fact_id, first.fact_id), sentence, course=one.course)


def _among_first(one: Given, days: int, story: Story) -> bool:
    """Whether its date is one of the first so many infusion dates of its course."""
    dates = sorted({other.first for other in story.infusions if other.course == one.course})
    return one.first in dates[:days]


def _ahead(said: Said[PremedicationGiven], one: Given) -> bool:
    """Before the start; where a time is missing the date decides, and the same date is believed."""
    if said.instant is not None and one.start is not None:
        return said.instant <= one.start
    return said.first <= one.first


def live_vaccine(look: LiveVaccine, story: Story) -> Iterator[Found]:
    """D-18, D-19."""
    if not story.infusions:
        return
    begun = story.infusions[0]
    viral, lesser = set(map(_code, look.cvx)), set(map(_code, look.lesser))
    for said in story.record.of(VaccineAdministered, story.on):
        code = _code(said.data.cvx)
        if code not in viral | lesser or not _after(said, begun):
            continue
        ends_on = max((one.ends_on for one in story.episodes if one.anchor <= said.first), default=date.min)
        severity: Severity | None = "WARN" if code in lesser or said.first > ends_on else None
        days = (said.first - begun.first).days
        yield Found(
            "live_vaccine",
            said.first,
            (said.fact_id,),
            f"A live vaccine was given {days} day{'' if days == 1 else 's'} after the first infusion on {begun.first}; "
            "none is given after it.",
            (Quantity("days after the first infusion", days, "at_most", 0, "d"),),
            severity=severity,
        )


def _after(said: Said[VaccineAdministered], begun: Given) -> bool:
    if said.instant is not None and begun.start is not None:
        return said.instant > begun.start
    return said.first > begun.first


def _code(cvx: str) -> str:
    """CVX codes are written with and without a leading zero."""
    return cvx.strip().lstrip("0")
