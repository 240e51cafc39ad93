"""How the dates of an obligation are worked out: each step says what was done to what, by whose rule, and what it gave.

A step is data, so that it can be done again; pages and answers put it into words.
"""

from datetime import date, timedelta
from typing import Literal, NamedTuple

from msgspec import Struct

from services.monitoring.rules.answers import Episode, Slot
from services.monitoring.rules.calendar import add_months, day_after
from services.monitoring.rules.edition import Basis, Grid, Once, Requirement, Rolling
from services.monitoring.rules.rolling import FIRST

Gives = Literal["anchor", "last_infusion", "since", "due", "opens", "next_due", "closes", "ends", "answer"]
Operation = Literal["recorded", "add_months", "add_days", "later_of", "take"]
Source = Basis | Literal["fact", "calculation"]


class Inputs(Struct, frozen=True, omit_defaults=True, rename={"from_": "from"}):
    """What a step works on: a date, what is added to it or what it is compared with, the fact that it is read from."""

    from_: date | None = None
    months: int | None = None
    days: int | None = None
    other: date | None = None
    fact_id: str | None = None


class Step(Struct, frozen=True):
    """`gives` names the result, `source` is whose rule it is; the last step takes the due date: the answer."""

    gives: Gives
    operation: Operation
    inputs: Inputs
    source: Source
    result: date


class Grounds(NamedTuple):
    """The recorded facts that the dates start from; `since` is the day and the fact that one follows from, if any."""

    first_infusion: str | None = None
    last_infusion: str | None = None
    since: tuple[date, str] | None = None


NOTHING = Grounds()


def derived(asked: Requirement, episode: Episode, slot: Slot, grounds: Grounds = NOTHING) -> tuple[Step, ...]:
    """The steps to one obligation's dates, less the answer: from the anchor to the due date, its window and the end.

    Without `grounds` the steps are the same and name no facts.
    """
    anchor = Step("anchor", "recorded", Inputs(fact_id=grounds.first_infusion), "fact", episode.anchor)
    cadence = asked.cadence_basis or asked.basis
    match asked.timing:
        case Grid() as grid:
            dates = _on_grid(grid, cadence, episode, slot)
        case Rolling() as rolling:
            dates = _rolling(rolling, cadence, episode, slot, grounds)
        case Once() as once:
            return _once(once, cadence, slot, grounds)
    return (anchor, *dates, *end_of(asked, episode, grounds))


def end_of(asked: Requirement, episode: Episode, grounds: Grounds = NOTHING) -> tuple[Step, Step]:
    """The last infusion, and the end of monitoring that follows from it."""
    last = max(course.last_on for course in episode.courses)
    months = (episode.ends_on.year - last.year) * 12 + episode.ends_on.month - last.month
    recorded = Step("last_infusion", "recorded", Inputs(fact_id=grounds.last_infusion), "fact", last)
    return recorded, _months(last, months, "ends", asked.basis)


def answer(slot: Slot) -> Step:
    """The last step of all: the date that the obligation is due."""
    return Step("answer", "take", Inputs(from_=slot.due_on), "calculation", slot.due_on)


def done_again(step: Step) -> date:
    """What a step gives when it is done again; what was recorded or taken is as it was."""
    given, start = step.inputs, step.inputs.from_
    match step.operation:
        case "add_months" if start is not None:
            return add_months(start, given.months or 0)
        case "add_days" if start is not None:
            return start + timedelta(days=given.days or 0)
        case "later_of" if start is not None and given.other is not None:
            return max(start, given.other)
        case "take" if start is not None:
            return start
        case _:
            return step.result


def _months(start: date, months: int, gives: Gives, source: Source) -> Step:
    return Step(gives, "add_months", Inputs(from_=start, months=months), source, add_months(start, months))


def _days(start: date, days: int, gives: Gives, source: Source) -> Step:
    return Step(gives, "add_days", Inputs(from_=start, days=days), source, start + timedelta(days=days))


def _on_grid(grid: Grid, cadence: Basis, episode: Episode, slot: Slot) -> tuple[Step, ...]:
    """Always counted from the anchor; a close-out is due where monitoring ends (R11)."""
    if slot.slot is None:
        due = Step("due", "take", Inputs(from_=episode.ends_on), cadence, episode.ends_on)
        following = _months(episode.ends_on, grid.every_months, "next_due", cadence)
    else:
        due = _months(episode.anchor, slot.slot * grid.every_months, "due", cadence)
        following = _months(episode.anchor, (slot.slot + 1) * grid.every_months, "next_due", cadence)
        if following.result > episode.ends_on and (episode.ends_on - due.result).days >= grid.close_out_from_days:
            following = Step("next_due", "take", Inputs(from_=episode.ends_on), cadence, episode.ends_on)
    opens = _days(due.result, -grid.early_days, "opens", "policy")
    closes = _days(following.result, -grid.early_days - 1, "closes", "policy")
    return (due, opens, following, closes)


def _rolling(rolling: Rolling, cadence: Basis, episode: Episode, slot: Slot, grounds: Grounds) -> tuple[Step, ...]:
    """Counted from the last one done, or from the anchor; never due before the anchor (R21)."""
    key = key_of(slot.obligation_id)
    waived = key.count(".w1")
    found: list[Step] = []
    start = episode.anchor
    if not key.startswith(FIRST):
        day, fact_id = grounds.since or (None, None)
        inputs = Inputs(from_=day, months=rolling.every_months)
        if day is None:
            return (Step("due", "add_months", inputs, cadence, slot.due_on), *_around(rolling, slot))
        found.append(Step("since", "recorded", Inputs(fact_id=fact_id), "fact", day))
        start = day
    due = _months(start, rolling.every_months, "due", cadence)
    found.append(due)
    if due.result < episode.anchor:
        inputs = Inputs(from_=due.result, other=episode.anchor)
        found.append(Step("due", "later_of", inputs, cadence, episode.anchor))
    for _ in range(waived):
        found.append(_months(found[-1].result, rolling.every_months, "due", cadence))
    return (*found, *_around(rolling, slot))


def _around(rolling: Rolling, slot: Slot) -> tuple[Step, ...]:
    return (_days(slot.due_on, -rolling.opens_before_days, "opens", "policy"), *_closes(slot))


def _closes(slot: Slot) -> tuple[Step, ...]:
    """What stays open until it is done closes the day before the next episode begins (R21)."""
    return () if slot.closes_on is None else (_days(day_after(slot.closes_on), -1, "closes", "policy"),)


def _once(once: Once, cadence: Basis, slot: Slot, grounds: Grounds) -> tuple[Step, ...]:
    day, fact_id = grounds.since or (slot.opens_on, None)
    since = Step("since", "recorded", Inputs(fact_id=fact_id), "fact", day)
    opens = Step("opens", "take", Inputs(from_=day), cadence, day)
    return (since, _days(day, once.due_days, "due", cadence), opens, *_closes(slot))


def key_of(obligation_id: str) -> str:
    """What follows the episode in an obligation's id."""
    return obligation_id.split(".", 3)[3]
