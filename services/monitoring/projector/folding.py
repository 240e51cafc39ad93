"""A whole treatment at once, in silence: the rows that the projector would have stored, fact by fact, of its log."""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from services.monitoring.editions import Editions
from services.monitoring.facts import Unreadable, micros, read_fact
from services.monitoring.projector.judging import judge, reopen, rewrite, switch
from services.monitoring.projector.states import State, opened, row
from services.monitoring.rules.edition import Edition
from services.monitoring.rules.facts import Fact
from services.monitoring.store.bulk import Row
from services.monitoring.store.spans import OpenSpan, SpanChanges

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class Folded:
    """Rows of `fact`, `roll_up_span` and `treatment`, their values in the order of the columns."""

    facts: list[Row] = field(default_factory=list)
    spans: list[Row] = field(default_factory=list)
    treatment: Row | None = None


def fold(editions: Mapping[str, Edition], items: Iterable[bytes], known_through: int = 0) -> Folded:
    """`items` are one treatment's, by version. It ends before a gap, and before a fact that can't be read or judged.

    All that was recorded up to `known_through` (microseconds) is in them: activations up to then are followed.
    """
    known = Editions.of(editions)
    folded = Folded()
    changes = SpanChanges()
    state: State | None = None
    for value in items:
        fact = read_fact(value)
        if isinstance(fact, Unreadable):
            break
        version = 0 if state is None else state.version
        if fact.version <= version:  # told twice
            continue
        if fact.version > version + 1:
            break
        try:
            after = _with_fact(known, changes, state, fact)
        except Exception:  # whatever the rules stumble over in one treatment must never stop the others
            _log.exception("The rules failed on a fact of type %s at position %d.", fact.type, fact.position)
            break
        state = after
        folded.facts.append(
            (fact.treatment, fact.version, fact.fact_id, fact.position, micros(fact.recorded_at), value)
        )
    if state is not None:
        state = _following(known, changes, state, known_through)
        folded.spans = sorted(tuple(one.values()) for one in changes.inserts.values())
        folded.treatment = tuple(row(state).values())
    return folded


def spans_of_facts(editions: Editions, changes: SpanChanges, state: State) -> dict[str, tuple[OpenSpan, ...]]:
    """The rectangles of a treatment's facts from the first to the last, by each edition in its time."""
    anew: State | None = None
    for fact in state.facts:
        anew = _with_fact(editions, changes, anew, fact)
    return {} if anew is None else _following(editions, changes, anew, state.edition_at).spans


def _with_fact(editions: Editions, changes: SpanChanges, state: State | None, fact: Fact) -> State:
    recorded_at = micros(fact.recorded_at)
    before = opened(fact, editions) if state is None else _following(editions, changes, state, recorded_at)
    judged = judge(editions.at(before.protocol, before.edition_at), before, fact, announce=False)
    rewrite(changes, before, judged, fact)
    return judged.state


def _following(editions: Editions, changes: SpanChanges, state: State, through: int) -> State:
    """Under the last edition that was activated by then."""
    for activated_at in editions.between(state.protocol, state.edition_at, through):
        judged = switch(editions, state, activated_at, announce=False)
        reopen(changes, state, judged)
        state = judged.state
    return state
