"""What a finding asks for, once: due so many days after it, met only by evidence from then on (R22)."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from services.monitoring.rules.answers import Episode
from services.monitoring.rules.belief import Belief, Event, Reading
from services.monitoring.rules.calendar import local_day
from services.monitoring.rules.edition import Once, Threshold
from services.monitoring.rules.evidence import SATISFYING, Finding
from services.monitoring.rules.grid import Window


class Asked(NamedTuple):
    """One obligation and the instant from which evidence counts (None: from the start of the day it opens)."""

    window: Window
    since: datetime | None


def triggers(timing: Once, belief: Belief) -> list[Event]:
    """The facts that open an obligation, each once, in the order of their dates."""
    found: dict[str, Event] = {}
    for word in timing.after:
        for event in belief.acts.get(word, ()):
            found.setdefault(event.root, event)
    for one in timing.values:
        for code in one.loinc:
            for reading in belief.readings.get(code, ()):
                if shows(one, reading):
                    day = local_day(reading.recorded_at, belief.who.clinic)
                    event = Event(day, reading.version, reading.root, reading.recorded_at)
                    found[reading.root] = min(event, found.get(reading.root, event), key=_moment)
    return sorted(found.values(), key=_moment)


def shows(threshold: Threshold, reading: Reading) -> bool:
    """What is not final, not a number, or in a unit that can't be read shows nothing (D-26)."""
    value = reading.value
    if reading.cancelled or reading.status not in SATISFYING or reading.unit not in threshold.units:
        return False
    if isinstance(value, str) or value is None:
        return False
    return value < threshold.below if threshold.below is not None else value >= (threshold.at_least or 0)


def asked(timing: Once, events: Iterable[Event], periods: Sequence[Episode], on: date) -> list[Asked]:
    """The obligations that exist on `on`; a finding before the first infusion asks for nothing yet.

    Nothing closes one but its evidence: another episode begins, and the suspicion is still there.
    """
    found: list[Asked] = []
    for event in events:
        place = next((n for n in reversed(range(len(periods))) if periods[n].anchor <= event.day), None)
        if event.day > on or place is None:
            continue
        due_on = event.day + timedelta(days=timing.due_days)
        key = f"for-{event.root}"
        found.append(Asked(Window(periods[place].episode, key, None, event.day, due_on, None), event.at))
    return found


def counting(one: Asked, shown: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings as they count for this obligation: none of before what asked for it.

    Where either time is only a date, evidence of the same date counts; where both are instants, these decide, although
    the later one may have the earlier date in a zone further west.
    """
    return tuple(
        found._replace(satisfies=False, verdict="taken before the finding that asks for it")
        if found.satisfies and _earlier(found, one)
        else found
        for found in shown
        if found.day >= one.window.opens_on or not _earlier(found, one)
    )


def looked_at_from(one: Asked) -> date:
    """No evidence of an earlier date can count: two zones differ by 26 hours at most."""
    return one.window.opens_on - timedelta(days=2)


def _earlier(found: Finding, one: Asked) -> bool:
    if one.since is None or found.at is None:
        return found.day < one.window.opens_on
    return found.at < one.since


def _moment(event: Event) -> tuple[date, float, int]:
    return event.day, event.at.timestamp() if event.at else 0.0, event.version
