"""Protections and watches that run: until when, and on which days nothing was recorded to cover them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from services.monitoring.dashboard.lines import whose
from services.monitoring.dashboard.words import full_day, in_days, listing, span
from services.monitoring.rules.periods.period import Gap, PeriodView

_GAPS = 3  # that are named


@dataclass(frozen=True, slots=True)
class Running:
    """`covered` is None for a watch; `gap` names the days that are not covered."""

    title: str
    until: str
    covered: bool | None
    gap: str
    sentence: str
    rule: str
    whose: str


def running(periods: Iterable[PeriodView], on: date) -> tuple[Running, ...]:
    """One line per rule: of several infusions or courses the one that ends last. Protections before watches."""
    by_rule: dict[str, list[PeriodView]] = {}
    for one in periods:
        if one.standing == "running":
            by_rule.setdefault(one.rule, []).append(one)
    rows = [_row(max(found, key=_end), on) for found in by_rule.values()]
    return tuple(sorted(rows, key=lambda row: (row.covered is None, row.covered is True)))


def _end(one: PeriodView) -> date:
    return one.through_on or date.max


def _row(one: PeriodView, on: date) -> Running:
    return Running(
        title=one.title,
        until=_until(one),
        covered=one.covered,
        gap=_gaps(one.gaps, on),
        sentence=in_days(one.sentence),
        rule=one.rule,
        whose=whose(one.basis),
    )


def _until(one: PeriodView) -> str:
    if one.through_on is not None:
        return f"until {full_day(one.through_on)}"
    if one.at_least_through is not None:
        return f"at least until {full_day(one.at_least_through)}"
    return "without an end"


def _gaps(gaps: Sequence[Gap], on: date) -> str:
    said = [
        full_day(gap.from_on) if gap.from_on == gap.through_on else span(gap.from_on, gap.through_on, on)
        for gap in gaps[-_GAPS:]
    ]
    return ("latest " if len(gaps) > _GAPS else "") + listing(said) if said else ""
