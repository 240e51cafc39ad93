"""The periods of a treatment on a date: one per infusion or course, in the order of the rules."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta

from msgspec import Struct

from services.monitoring.rules.calendar import local_day
from services.monitoring.rules.deviations.story import Given, Story
from services.monitoring.rules.durations import later, months_after
from services.monitoring.rules.evidence import SATISFYING
from services.monitoring.rules.periods.coverage import gaps, stretches
from services.monitoring.rules.periods.kinds import Covered, Length, Period, UntilValue
from services.monitoring.rules.periods.period import Gap, PeriodView
from shared.contracts.v1.facts import LabResultRecorded
from shared.contracts.v1.history import ChildbearingPotentialRecorded


class _End(Struct, frozen=True):
    """`day` None = not known yet: at least through `least`."""

    day: date | None
    least: date | None = None
    at: datetime | None = None
    because: str = ""


def periods(rules: Sequence[Period], story: Story) -> tuple[PeriodView, ...]:
    """Those that had begun by the story's date; an infusion known only to the month counts from its first day (R7)."""
    return tuple(
        _period(rule, given, story) for rule in rules if _applies(rule, story) for given in _begun(rule, story)
    )


def _begun(rule: Period, story: Story) -> Iterator[Sequence[Given]]:
    if rule.each == "infusion":
        yield from ([one] for one in story.infusions)
        return
    for course in story.courses:
        yield story.of_course(course)


def _applies(rule: Period, story: Story) -> bool:
    """What is unknown never drops it (D-30)."""
    if rule.applies_to == "everyone":
        return True
    said = [one for one in story.record.of(ChildbearingPotentialRecorded, story.on) if one.data.potential != "unknown"]
    return said[-1].data.potential == "yes" if said else story.record.belief.who.sex != "male"


def _period(rule: Period, given: Sequence[Given], story: Story) -> PeriodView:
    first = min(one.first for one in given)
    end = _end(rule, given, story)
    through = min(end.day, story.on) if end.day else story.on
    open_gaps: tuple[Gap, ...] = ()
    covered = None
    if isinstance(rule.asks, Covered):
        open_gaps = tuple(gaps(stretches(story.record, rule.asks.prophylaxis, story.on), first, through))
        covered = not open_gaps
    running = end.day is None or story.on <= end.day
    return PeriodView(
        rule=rule.id,
        title=rule.title,
        severity=rule.severity,
        basis=rule.basis,
        citation=rule.citation,
        kind="covered" if isinstance(rule.asks, Covered) else "watch",
        course=given[0].course,
        fact_ids=tuple(one.fact_id for one in given),
        from_on=first,
        through_on=end.day,
        at_least_through=end.least,
        through_at=end.at,
        standing="running" if running else "over",
        covered=covered,
        gaps=open_gaps,
        sentence=_sentence(first, end, open_gaps, covered=covered),
    )


def _end(rule: Period, given: Sequence[Given], story: Story) -> _End:
    last = max(one.last for one in given)
    day, at = _lasting(rule.lasts, last, given[-1], story)
    if day is None:
        return _End(None)
    until = rule.asks.until if isinstance(rule.asks, Covered) else None
    if until is None:
        return _End(day, None, at)
    reached = _reached(until, last, story)
    if reached is None:
        return _End(None, day, because=f", and until {until.name} of at least {until.at_least:g} is recorded")
    return _End(max(day, reached), None, because=f"; {until.name} of at least {until.at_least:g} on {reached}")


def _lasting(lasts: Length, last: date, infusion: Given, story: Story) -> tuple[date | None, datetime | None]:
    if lasts.months is not None:
        return months_after(last, lasts.months), None
    if lasts.days is not None:
        return last + timedelta(days=lasts.days), None
    if lasts.hours is None:
        return None, None
    ended = infusion.end or infusion.start
    if ended is None:  # without a time the day after the hours are over is safe
        return last + timedelta(days=-(-lasts.hours // 24)), None
    at = later(ended, timedelta(hours=lasts.hours))
    return local_day(at, story.record.belief.who.clinic), at


def _reached(until: UntilValue, last: date, story: Story) -> date | None:
    """The first day since the last infusion on which a final result shows enough; an unreadable unit shows nothing."""
    days = [
        one.first
        for one in story.record.of(LabResultRecorded, story.on)
        if one.first >= last
        for result in one.data.results
        if result.code in until.loinc
        and result.status in SATISFYING
        and result.unit in until.units
        and isinstance(result.value, int | float)
        and result.value >= until.at_least
        and not _cancelled(one.fact_id, result.code, story)
    ]
    return min(days, default=None)


def _cancelled(root: str, code: str, story: Story) -> bool:
    """By the laboratory, result or specimen (R4), as the belief has it."""
    return any(one.root == root and one.cancelled for one in story.record.belief.readings.get(code, ()))


def _sentence(first: date, end: _End, open_gaps: Sequence[Gap], *, covered: bool | None) -> str:
    through = end.day or end.least
    said = f"From {first}" + (f" {'at least ' if end.day is None else ''}through {through}" if through else " on")
    said += end.because
    if covered is None:
        return f"{said}."
    if covered:
        return f"{said}: covered so far."
    return f"{said}: not covered {', '.join(_days(gap) for gap in open_gaps)}."


def _days(gap: Gap) -> str:
    return f"on {gap.from_on}" if gap.from_on == gap.through_on else f"from {gap.from_on} through {gap.through_on}"
