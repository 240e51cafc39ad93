"""What stands between a requirement and its slots: death, absence, refusal and waivers (R14–R16)."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from msgspec import Struct

from services.monitoring.rules.belief import Belief, Waiver

Interval = tuple[date, date | None]  # start inclusive, end exclusive


class Circumstances(Struct, frozen=True):
    """Of one requirement; holds for every `on`. `waivers` are those that may touch it."""

    death: date | None = None
    absences: tuple[Interval, ...] = ()
    refusals: tuple[Interval, ...] = ()
    waivers: tuple[Waiver, ...] = ()

    def dead(self, on: date) -> bool:
        return self.death is not None and self.death <= on

    def absent_since(self, on: date) -> date | None:
        return _covering(self.absences, on)

    def refused(self, on: date) -> bool:
        return _covering(self.refusals, on) is not None

    def waived(self, obligation_id: str, on: date) -> bool:
        """By a waiver of that obligation, or of the requirement (R15)."""
        return any(
            _in_force(one, on)
            for one in self.waivers
            if one.obligation_id is None or one.obligation_id == obligation_id
        )

    def cancelled(self, obligation_id: str, closes_on: date | None, on: date) -> bool:
        """By the death, unless its closing day came first or, where it has none, a waiver closed it (R15, R16)."""
        if self.death is None or on < self.death:
            return False
        if closes_on is not None:
            return closes_on >= self.death
        return not any(
            one.for_good and one.obligation_id == obligation_id and one.day < self.death for one in self.waivers
        )

    def waived_whole(self, on: date) -> bool:
        return any(_in_force(one, on) for one in self.waivers if one.obligation_id is None)


def circumstances(belief: Belief, requirement: str) -> Circumstances:
    mine = f"{belief.treatment}.{requirement}."
    return Circumstances(
        belief.death,
        _intervals((day, away) for day, away, _, _ in belief.transfers),
        _intervals(
            (one.day, one.declines)
            for one in belief.refusals
            if one.requirements is None or requirement in one.requirements
        ),
        tuple(
            one
            for one in belief.waivers
            if one.requirement == requirement or (one.obligation_id and one.obligation_id.startswith(mine))
        ),
    )


def _in_force(waiver: Waiver, on: date) -> bool:
    return waiver.day <= on and (waiver.until is None or on <= waiver.until)


def _intervals(events: Iterable[tuple[date, bool]]) -> tuple[Interval, ...]:
    """From starts and ends by date; a start and an end on one date cancel out (R14)."""
    by_day: defaultdict[date, set[bool]] = defaultdict(set)
    for day, starts in events:
        by_day[day].add(starts)
    found: list[Interval] = []
    since: date | None = None
    for day in sorted(by_day):
        if by_day[day] == {True} and since is None:
            since = day
        elif by_day[day] == {False} and since is not None:
            found.append((since, day))
            since = None
    return (*found, (since, None)) if since is not None else tuple(found)


def _covering(intervals: tuple[Interval, ...], on: date) -> date | None:
    for start, end in intervals:
        if start <= on and (end is None or on < end):
            return start
    return None
