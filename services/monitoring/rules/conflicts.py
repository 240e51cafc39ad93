"""What was recorded and cannot be wholly true: kept, judged by the readings, and shown for somebody to settle."""

from collections.abc import Iterator
from itertools import chain

from services.monitoring.rules.answers import Conflict
from services.monitoring.rules.belief import Belief, Infusion
from services.monitoring.rules.episodes import start_of


def conflicts(belief: Belief) -> tuple[Conflict, ...]:
    """Infusions recorded twice for one start (R6), and what is dated after the death (R16)."""
    return (*_infusions(belief), *_after_death(belief))


def _infusions(belief: Belief) -> Iterator[Conflict]:
    first: dict[object, Infusion] = {}
    for one in sorted(belief.infusions, key=lambda infusion: infusion.version):
        if one.dose_mg <= 0 or (stands := first.setdefault(start_of(one), one)) is one:
            continue
        if one.dose_mg != stands.dose_mg:
            yield Conflict("differing-dose", one.fact_id, "another dose was recorded first for the same start")
        elif one.instant is None:
            yield Conflict("suspected-duplicate", one.fact_id, "recorded twice for one date, counted once")


def _after_death(belief: Belief) -> Iterator[Conflict]:
    if belief.death is None:
        return
    late = {one.fact_id for one in chain.from_iterable(belief.readings.values()) if one.day > belief.death}
    performed = chain(belief.exams.values(), belief.forms.values())
    late |= {one.root for one in chain.from_iterable(performed) if one.day > belief.death}
    late |= {one.fact_id for one in belief.infusions if one.first > belief.death}
    for fact_id in sorted(late):
        yield Conflict("after-death", fact_id, "dated after the recorded death")
