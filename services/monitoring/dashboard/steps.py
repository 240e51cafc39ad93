"""The dates of one requirement step by step: each step says the operation, whose rule it is and what it gives."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.monitoring.dashboard.lines import Line
from services.monitoring.dashboard.marks import WORDS, slot_mark, word
from services.monitoring.dashboard.words import count, full_day, listing, long_day, short_day
from services.monitoring.rules.answers import Episode, RollUp, Slot

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
    found = [Step("First infusion of this episode", "the date of the recorded infusion", full_day(episode.anchor))]
    between = run[1:-_LAST]
    for slot in (*run[:1], *run[max(1, len(run) - _LAST) :]):
        if between and slot is run[-_LAST]:
            found.append(Step(f"{count(len(between), 'window')} between", "the same steps", _all_of(between), "missed"))
        if line.rolling:
            found += _rolling(line, slot)
        elif slot is run[0]:
            found += _grid(line, slot)
        else:
            found.append(Step(f"{_months(line, slot)}; window {_window(slot, row)}", "same rule", _due(slot)))
        found.append(_accepted(line, slot, letters.get(slot.obligation_id, "")))
    last = episode.courses[-1].last_on
    months = (episode.ends_on.year - last.year) * 12 + episode.ends_on.month - last.month
    still = "still owed" if row.on <= episode.ends_on else "no longer owed"
    ends = f"last infusion {full_day(last)} plus {months} months: {still}"
    found.append(Step(ends, line.rule, f"until {full_day(episode.ends_on)}"))
    return (*found, _total(row))


def _grid(line: Line, slot: Slot) -> list[Step]:
    always = "" if slot.close_out else ", always from the first infusion"
    due = Step(f"{_months(line, slot)}{always}", line.cadence_rule, _due(slot))
    opens = Step(f"{count(line.early, 'day')} before: window opens", "site policy", full_day(slot.opens_on))
    if slot.closes_on is None:
        return [due, opens]
    closes = Step("day before the next window: window closes", "site policy", full_day(slot.closes_on))
    return [due, opens, closes]


def _months(line: Line, slot: Slot) -> str:
    if slot.close_out or slot.slot is None:
        return "a last test where monitoring ends"
    return f"plus {count(slot.slot * line.months, 'month')}"


def _due(slot: Slot) -> str:
    return f"due {full_day(slot.due_on)}"


def _window(slot: Slot, row: RollUp) -> str:
    closes = "open" if slot.closes_on is None else short_day(slot.closes_on, row.on)
    return f"{short_day(slot.opens_on, row.on)} to {closes}"


def _all_of(slots: Sequence[Slot]) -> str:
    return listing(list(dict.fromkeys(word(slot_mark(slot)) for slot in slots)))


def _rolling(line: Line, slot: Slot) -> list[Step]:
    if line.once is not None:
        asked = Step("the finding that asks for it", "the date of the recorded finding", full_day(slot.opens_on))
        wait = f"{count(line.once, 'day')} after it" if line.once else "the same day"
        return [asked, Step(wait, line.cadence_rule, f"due {full_day(slot.due_on)}")]
    start = "the last one done" if ".after-first" not in slot.obligation_id else "the first infusion"
    return [
        Step(f"{count(line.months, 'month')} after {start}", line.rule, f"due {full_day(slot.due_on)}"),
        Step(
            f"{count(line.early, 'day')} before: it opens, and stays open until done",
            "site policy",
            full_day(slot.opens_on),
        ),
    ]


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
