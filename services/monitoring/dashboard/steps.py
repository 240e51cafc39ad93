"""The dates of one requirement step by step: each step says the operation, whose rule it is and what it gives."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from services.monitoring.dashboard.lines import Line, whose
from services.monitoring.dashboard.marks import WORDS, slot_mark, word
from services.monitoring.dashboard.words import count, full_day, listing, long_day, short_day
from services.monitoring.rules.answers import Episode, RollUp, Slot
from services.monitoring.rules.edition import Basis, Grid, Once, Requirement, Rolling
from services.monitoring.rules.explaining.steps import Gives, derived, end_of
from services.monitoring.rules.explaining.steps import Step as Derived

_LAST = 2  # windows of a long run whose steps are shown beside those of its first
_TONES = {"overdue", "overdue_partly", "missed", "declined"}


@dataclass(frozen=True, slots=True)
class Step:
    """`tone` colours the result where it is bad; the last step is the answer (`total`)."""

    operation: str
    source: str
    result: str
    tone: str = ""
    total: bool = False


def steps(line: Line, row: RollUp, episode: Episode, run: Sequence[Slot], letters: dict[str, str]) -> tuple[Step, ...]:
    """`run` are the slots in question, oldest first; `letters` names the evidence of each by obligation id."""
    if line.asked is None:
        return (_total(row),)
    found = [Step("First infusion of this episode", "the date of the recorded infusion", full_day(episode.anchor))]
    between = run[1:-_LAST]
    for slot in (*run[:1], *run[max(1, len(run) - _LAST) :]):
        if between and slot is run[-_LAST]:
            found.append(Step(f"{count(len(between), 'window')} between", "the same steps", _all_of(between), "missed"))
        dates = {step.gives: step for step in reversed(derived(line.asked, episode, slot))}
        if isinstance(line.asked.timing, Grid) and slot is not run[0]:
            found.append(Step(f"{_months(dates['due'])}; window {_window(slot, row)}", "same rule", _due(slot)))
        else:
            found += _dates(line.asked, slot, dates)
        found.append(_accepted(line, slot, letters.get(slot.obligation_id, "")))
    return (*found, _until(line.asked, episode, row), _total(row))


Dates = dict[Gives, Derived]  # of one slot; where several steps lead to one date, the first of them


def _dates(asked: Requirement, slot: Slot, dates: Dates) -> list[Step]:
    """What led to the dates of one slot, in the words of a page."""
    match asked.timing:
        case Grid():
            return _grid(slot, dates)
        case Rolling():
            return _rolling(slot, dates)
        case Once():
            return _once(slot, dates)


def _grid(slot: Slot, dates: Dates) -> list[Step]:
    due, opens, closes = dates["due"], dates["opens"], dates["closes"]
    always = "" if slot.close_out else ", always from the first infusion"
    return [
        Step(f"{_months(due)}{always}", _whose(due), _due(slot)),
        Step(f"{_days_before(opens)}: window opens", _whose(opens), full_day(opens.result)),
        Step("day before the next window: window closes", _whose(closes), full_day(closes.result)),
    ]


def _rolling(slot: Slot, dates: Dates) -> list[Step]:
    due, opens = dates["due"], dates["opens"]
    start = "the last one done" if ".after-first" not in slot.obligation_id else "the first infusion"
    stays = f"{_days_before(opens)}: it opens, and stays open until done"
    return [
        Step(f"{_count_months(due)} after {start}", _whose(due), _due(slot)),
        Step(stays, _whose(opens), full_day(opens.result)),
    ]


def _once(slot: Slot, dates: Dates) -> list[Step]:
    since, due = dates["since"], dates["due"]
    wait = f"{count(due.inputs.days, 'day')} after it" if due.inputs.days else "the same day"
    return [
        Step("the finding that asks for it", "the date of the recorded finding", full_day(since.result)),
        Step(wait, _whose(due), _due(slot)),
    ]


def _until(asked: Requirement, episode: Episode, row: RollUp) -> Step:
    last, ends = end_of(asked, episode)
    still = "still owed" if row.on <= ends.result else "no longer owed"
    said = f"last infusion {full_day(last.result)} plus {ends.inputs.months} months: {still}"
    return Step(said, _whose(ends), f"until {full_day(ends.result)}")


def _whose(step: Derived) -> str:
    """Whose rule a step follows."""
    return "" if step.source in {"fact", "calculation"} else whose(cast("Basis", step.source))


def _months(due: Derived) -> str:
    return "a last test where monitoring ends" if due.operation == "take" else f"plus {_count_months(due)}"


def _count_months(step: Derived) -> str:
    return count(step.inputs.months or 0, "month")


def _days_before(step: Derived) -> str:
    return f"{count(-(step.inputs.days or 0), 'day')} before"


def _due(slot: Slot) -> str:
    return f"due {full_day(slot.due_on)}"


def _window(slot: Slot, row: RollUp) -> str:
    closes = "open" if slot.closes_on is None else short_day(slot.closes_on, row.on)
    return f"{short_day(slot.opens_on, row.on)} to {closes}"


def _all_of(slots: Sequence[Slot]) -> str:
    return listing(list(dict.fromkeys(word(slot_mark(slot)) for slot in slots)))


def _accepted(line: Line, slot: Slot, letters: str) -> Step:
    mark = slot_mark(slot)
    if slot.completed_on:
        said = f"complete on {full_day(slot.completed_on)}"
    elif slot.partial:
        present = [part for part in line.components if part not in slot.missing]
        said = f"accepted so far: {listing(present)}"
    else:
        said = "accepted: nothing"
    return Step(said, letters, WORDS[mark].lower(), word(mark).partition(",")[0] if mark in _TONES else "")


def _total(row: RollUp) -> Step:
    match row.standing:
        case "overdue" | "declined" if row.due_on and row.days_overdue:
            since = f"since {short_day(row.due_on, row.on)}, {count(row.days_overdue, 'day')}"
            return Step("Oldest unmet due date in the unbroken run up to today", "", since, "overdue", total=True)
        case "due" if row.due_on:
            return Step(
                "Not overdue before the day after it is due", "", f"due {long_day(row.due_on)}", "due", total=True
            )
        case _:
            return Step("On this day", "", row.standing.replace("_", " "), total=True)
