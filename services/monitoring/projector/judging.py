"""What one fact, or one day, means for one treatment: new spans and announcements. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from services.monitoring.editions import Editions
from services.monitoring.facts import EPOCH, micros
from services.monitoring.projector.states import State
from services.monitoring.projector.telling import crossing, differing, next_day
from services.monitoring.rules.answers import Assessment, Slot, Span
from services.monitoring.rules.assess import assess_treatment
from services.monitoring.rules.changes import Change, changes, transitions
from services.monitoring.rules.edition import Edition
from services.monitoring.rules.facts import Fact
from services.monitoring.rules.spans import spans_of
from services.monitoring.rules.treatment import Treatment
from services.monitoring.store.announcements import Draft
from services.monitoring.store.spans import SpanChanges
from services.monitoring.store.tables import FIRST_DAY, NO_DAY
from shared.contracts.v1.announcements import SlotRange


@dataclass(slots=True)
class Judged:
    """The treatment with the fact, the spans of what it touches, and what is to be told.

    `spans` by requirement: the first `on` that may change (None = all), and the spans from there on.
    """

    state: State
    spans: dict[str, tuple[date | None, tuple[Span, ...]]] = field(default_factory=dict)
    drafts: list[Draft] = field(default_factory=list)


def judge(edition: Edition | None, before: State, fact: Fact, *, announce: bool) -> Judged:
    """Without an edition (a protocol nobody wrote) the facts are kept and nothing is owed."""
    state = before.copy()
    state.facts = before.facts.with_one(fact)
    if edition is None:
        return Judged(state)
    then = view(edition, before)
    now = state.view = then.with_fact(fact)
    on = _describe(state, now, fact)
    # In the protocol's order: what one fact says is told in the same order on every machine.
    touched = {name: now.touched[name] for name in edition.requirements if name in now.touched}
    judged = Judged(state, {name: (day, spans_of(now, name, day)) for name, day in touched.items()})
    if announce and touched:
        pairs = [differing(then.chapter(name), now.chapter(name), on, first) for name, first in touched.items()]
        told = changes(
            _assessed(then, on, [slot for before_it, _ in pairs for slot in before_it]),
            _assessed(now, on, [slot for _, after_it in pairs for slot in after_it]),
        )
        judged.drafts = _drafts(edition, now, told, micros(fact.recorded_at), fact.fact_id)
        # Until the old zone's day the dates were told, or had nothing to tell; from there on the difference speaks.
        # Recorded on a day whose dates were told already: the days since then are looked at once more.
        told_through = max(before.announced_on, before.today(fact.recorded_at).toordinal())
        state.announced_on = min(told_through, on.toordinal())
        state.next_change_on = min(state.next_change_on, next_day(now, touched, on))
    return judged


def rewrite(changes: SpanChanges, before: State, judged: Judged, fact: Fact) -> None:
    """The rectangles that a judged fact closes and opens; the state holds what is believed from then on."""
    known_at = micros(fact.recorded_at)
    for requirement, (first, spans) in judged.spans.items():
        held = before.spans.get(requirement, ())
        cut = FIRST_DAY if first is None else first.toordinal()
        judged.state.spans[requirement] = changes.apply((fact.treatment, requirement), held, cut, spans, known_at)


def switch(editions: Editions, before: State, activated_at: int, *, announce: bool) -> Judged:
    """The treatment under the edition that was activated, and what that makes of it; all of its dates are judged anew.

    The dates up to then must have been told: the difference speaks of the clinic's day of the activation.
    """
    old = editions.at(before.protocol, before.edition_at)
    edition = editions.at(before.protocol, activated_at)
    state = before.copy()
    state.edition_at, state.view = activated_at, None
    if edition is None:
        return Judged(state)
    now = view(edition, state)
    judged = Judged(state, {name: (None, spans_of(now, name)) for name in edition.requirements})
    judged.spans |= {name: (None, ()) for name in before.spans if name not in edition.requirements}
    on = before.today(EPOCH + timedelta(microseconds=activated_at))
    if announce:
        then = assess_treatment(view(old, before), on) if old is not None else None
        judged.drafts = _drafts(edition, now, changes(then, assess_treatment(now, on)), activated_at, None)
    state.announced_on = max(before.announced_on, on.toordinal())
    state.next_change_on = next_day(now, edition.requirements, date.fromordinal(state.announced_on))
    return judged


def reopen(changes: SpanChanges, before: State, judged: Judged) -> None:
    """The rectangles that a switch closes and opens: all of them."""
    known_at = judged.state.edition_at
    for requirement, (_, spans) in judged.spans.items():
        name = (before.treatment, requirement)
        judged.state.spans[requirement] = changes.replace(name, before.spans.get(requirement, ()), spans, known_at)


def judge_dates(edition: Edition | None, state: State, through: date, known_at: int) -> list[Draft]:
    """What the dates bring about until `through`; moves the state's announced_on and next_change_on."""
    since = date.fromordinal(state.announced_on)
    if edition is None or through <= since:
        # A zone moved west, or a protocol that is no longer written: nothing to tell before the next day.
        state.next_change_on = NO_DAY if edition is None else state.announced_on + 1
        return []
    now = state.view = view(edition, state)
    slots = crossing(now, since, through)
    state.announced_on = through.toordinal()
    state.next_change_on = next_day(now, edition.requirements, through)
    return _drafts(edition, now, transitions(slots, since, through), known_at, None)


def view(edition: Edition, state: State) -> Treatment:
    """The treatment as the rules see it; kept, so that the next fact finds what this one worked out."""
    if state.view is None or len(state.view.facts) != len(state.facts):
        state.view = Treatment(edition, state.facts)
    return state.view


def _describe(state: State, now: Treatment, fact: Fact) -> date:
    """Takes over zone and site; answers the clinic's date of the recording."""
    state.zone = now.belief.who.zone
    on = state.today(fact.recorded_at)
    state.site = now.belief.site(on)
    return on


def _assessed(treatment: Treatment, on: date, slots: Sequence[Slot]) -> Assessment:
    """As much of an assessment as `changes` reads."""
    who = treatment.belief.who
    version = treatment.belief.version
    periods = treatment.episodes(on)
    return Assessment(
        treatment.belief.treatment, version, who.protocol, "", who.zone, who.sex, on, periods, tuple(slots), ()
    )


def _drafts(
    edition: Edition, treatment: Treatment, found: Iterable[Change], known_at: int, caused_by: str | None
) -> list[Draft]:
    return [
        Draft(
            kind=change.kind,
            effective_on=change.effective_on,
            obligation_id=change.obligation_id,
            treatment=treatment.belief.treatment,
            requirement=change.requirement,
            site=treatment.belief.site(change.effective_on),
            due_on=change.due_on,
            standing="withdrawn" if change.kind == "withdrawn" else change.standing,
            caused_by=caused_by,
            known_at=known_at,
            edition=edition.name,
            slots=None
            if change.slots_from is None or change.slots_to is None
            else SlotRange(change.slots_from, change.slots_to),
        )
        for change in found
    ]
