"""The lane of holds: an outlined bar from the day one opened to the day it ended, or to today."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from services.monitoring.dashboard.axis import Axis
from services.monitoring.dashboard.holding import stops
from services.monitoring.dashboard.words import count, full_day, long_day
from services.monitoring.rules.holds.find import in_force
from services.monitoring.rules.holds.hold import Hold

_FIRST, _ROW = 8, 11  # px: the first bar, and from one row of bars to the next
_LEAST = 0.6  # percent: a hold of a day is seen too


@dataclass(frozen=True, slots=True)
class Bar:
    """`y` in px; `now` is in force."""

    x: str
    width: str
    y: int
    now: bool
    title: str


@dataclass(frozen=True, slots=True)
class HeldLane:
    """`height` in px: bars that overlap stand below each other."""

    label: str
    bars: tuple[Bar, ...]
    height: int
    nothing: str


def held_lane(axis: Axis, holds: Iterable[Hold], on: date) -> HeldLane | None:
    """None where no infusion was ever held; several holds of one rule and the same days are one bar."""
    spans: dict[tuple[str, date, date, bool], str] = {}
    for one in sorted((hold for hold in holds if stops(hold)), key=lambda hold: (hold.opened_on, hold.title)):
        spans.setdefault((one.title, one.opened_on, one.closed_on or on, in_force(one)), one.title)
    if not spans:
        return None
    bars: list[Bar] = []
    ends: list[date] = []  # of each row of bars
    for title, first, last, now in spans:
        if last < axis.first or first > axis.last:
            continue
        row = next((n for n, end in enumerate(ends) if end < first), len(ends))
        ends[row : row + 1] = [last]
        x, width = axis.at(first), max(axis.at(last) - axis.at(first), _LEAST)
        words = f"{title}: {full_day(first)} to {'today' if now else full_day(last)}"
        bars.append(Bar(f"{x:g}%", f"{width:.2f}%", _FIRST + row * _ROW, now, words))
    height = 26 + max(len(ends) - 1, 0) * _ROW
    return HeldLane(_label(list(spans)), tuple(bars), height, "" if bars else "None in this view")


def _label(spans: Sequence[tuple[str, date, date, bool]]) -> str:
    said = [
        f"{title} from {long_day(first)} {'on' if now else f'to {long_day(last)}'}" for title, first, last, now in spans
    ]
    return f"{count(len(said), 'hold')}: {'; '.join(said)}."
