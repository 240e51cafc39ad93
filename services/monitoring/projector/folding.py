"""A whole treatment at once, in silence: the rows that the projector would have stored, fact by fact, of its log."""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from services.monitoring.facts import Unreadable, micros, read_fact
from services.monitoring.projector.judging import judge, rewrite
from services.monitoring.projector.states import State, opened, row
from services.monitoring.rules.edition import Edition
from services.monitoring.store.bulk import Row
from services.monitoring.store.spans import SpanChanges

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class Folded:
    """Rows of `fact`, `roll_up_span` and `treatment`, their values in the order of the columns."""

    facts: list[Row] = field(default_factory=list)
    spans: list[Row] = field(default_factory=list)
    treatment: Row | None = None


def fold(editions: Mapping[str, Edition], items: Iterable[bytes]) -> Folded:
    """`items` are one treatment's, by version. It ends before a gap, and before a fact that can't be read or judged."""
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
            before = state or opened(fact)
            judged = judge(editions.get(before.protocol), before, fact, announce=False)
            rewrite(changes, before, judged, fact)
        except Exception:  # whatever the rules stumble over in one treatment must never stop the others
            _log.exception("The rules failed on a fact of type %s at position %d.", fact.type, fact.position)
            break
        state = judged.state
        folded.facts.append(
            (fact.treatment, fact.version, fact.fact_id, fact.position, micros(fact.recorded_at), value)
        )
    if state is not None:
        folded.spans = sorted(tuple(one.values()) for one in changes.inserts.values())
        folded.treatment = tuple(row(state).values())
    return folded
