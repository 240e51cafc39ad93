"""A time axis in percent of its width: where a day stands, and the lines that carry its scale."""

from dataclasses import dataclass
from datetime import date, timedelta

from services.monitoring.dashboard.words import full_day, month_name

_NEAR_EDGE = 92  # percent: a label further right is written to the left of its line


@dataclass(frozen=True, slots=True)
class Tick:
    """A line of the scale; `label` may be empty, `left` writes it before the line."""

    x: str
    label: str
    left: bool = False


@dataclass(frozen=True, slots=True)
class Axis:
    """From `first` to `last`, both at the edges."""

    first: date
    last: date

    def at(self, day: date) -> float:
        """Percent of the width, cut at both edges."""
        share = (day - self.first).days / max((self.last - self.first).days, 1)
        return round(min(max(share, 0.0), 1.0) * 100, 2)

    def x(self, day: date) -> str:
        """As SVG writes it: "34.5%"."""
        return f"{self.at(day):g}%"

    def holds(self, day: date) -> bool:
        return self.first <= day <= self.last

    def years(self) -> tuple[Tick, ...]:
        """A line at each 1 January."""
        starts = (date(year, 1, 1) for year in range(self.first.year, self.last.year + 1))
        inside = (day for day in starts if self.holds(day))
        return tuple(Tick(self.x(day), str(day.year), self.at(day) > _NEAR_EDGE) for day in inside)

    def months(self) -> tuple[Tick, ...]:
        """A line at each first of a month, every second one named."""
        day = self.first.replace(day=1)
        found: list[Tick] = []
        while day <= self.last:
            if day >= self.first:
                name = "" if day.month % 2 == 0 else month_name(day)
                found.append(Tick(self.x(day), name, self.at(day) > _NEAR_EDGE))
            day = (day + timedelta(days=32)).replace(day=1)
        return tuple(found)


@dataclass(frozen=True, slots=True)
class Upright:
    """A labelled line through all lanes: today, or the end of monitoring."""

    x: str
    anchor: str  # of its label: start | middle | end
    label: str


def upright(axis: Axis, day: date, word: str) -> Upright | None:
    """None where the day is not on the axis."""
    if not axis.holds(day):
        return None
    at = axis.at(day)
    anchor = "start" if at < 8 else "end" if at > _NEAR_EDGE else "middle"
    return Upright(axis.x(day), anchor, f"{word} {full_day(day)}")
