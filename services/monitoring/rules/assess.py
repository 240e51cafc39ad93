"""From the facts of one treatment to everything that holds of it at (on, known_at)."""

from collections.abc import Iterable
from datetime import date, datetime

from services.monitoring.rules.answers import Assessment
from services.monitoring.rules.edition import Edition
from services.monitoring.rules.facts import Fact
from services.monitoring.rules.treatment import Treatment


def assess(edition: Edition, facts: Iterable[Fact], on: date, known_at: datetime | None = None) -> Assessment:
    """Judge a treatment on a date by the facts recorded up to `known_at` (inclusive; None = all of them).

    Pure: neither the order of the facts nor their repetition matters. Without an episode there are no slots and no
    roll-ups; a requirement that does not apply has a roll-up that says so, one that only a finding asks for has none
    before there is one.
    """
    known = facts if known_at is None else [fact for fact in facts if fact.recorded_at <= known_at]
    return assess_treatment(Treatment(edition, known), on)


def assess_treatment(treatment: Treatment, on: date) -> Assessment:
    belief = treatment.belief
    periods = treatment.episodes(on)
    chapters = [treatment.chapter(name) for name in treatment.edition.requirements]
    return Assessment(
        treatment=belief.treatment,
        version=belief.version,
        protocol=belief.who.protocol,
        site=belief.site(on),
        zone=belief.who.zone,
        sex=belief.who.sex,
        on=on,
        episodes=periods,
        slots=tuple(slot for chapter in chapters for slot in chapter.slots(on)),
        roll_ups=tuple(chapter.roll_up(on) for chapter in chapters if chapter.exists(on)),
    )
