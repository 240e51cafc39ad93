"""The dates of one requirement step by step: each step says the operation, whose rule it is and what it gives."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.monitoring.dashboard.lines import Line
from services.monitoring.dashboard.marks import WORDS, slot_mark, word
from services.monitoring.dashboard.words import count, full_day, listing, long_day, short_day
from services.monitoring.rules.answers import Episode, RollUp, Slot

_TONES = {"overdue", "overdue_partly", "missed", "declined"}


@dataclass(frozen=True, slots=True)
class Step:
    """`tone` colours the result where it is bad; the last step is the answer (`total`)."""

    operation: str
    source: str
    result: str
    tone: str = ""
    total: bool = False


def steps(
    line: Line, row: RollUp, episode: Episode, slots: Sequence[Slot], letters: dict[str, str]
) -> tuple[Step, ...]:
    """`slots` are those in question, oldest first; `letters` names the evidence of each by obligation id."""
    found = [Step("First infusion of this episode", "the date of the recorded infusion", full_day(episode.anchor))]
    for slot in slots:
        found += _rolling(line, slot) if line.rolling else _grid(line, slot, first=slot is slots[0])
        found.append(_accepted(line, slot, letters.get(slot.obligation_id, "")))
    last = episode.courses[-1].last_on
    months = (episode.ends_on.year - last.year) * 12 + episode.ends_on.month - last.month
    still = "still owed" if row.on <= episode.ends_on else "no longer owed"
    ends = f"last infusion {full_day(last)} plus {months} months: {still}"
    found.append(Step(ends, line.rule, f"until {full_day(episode.ends_on)}"))
    return (*found, _total(row))


def _grid(line: Line, slot: Slot, *, first: bool) -> list[Step]:
    due = f"due {full_day(slot.due_on)}"
    if slot.close_out:
        last_test = Step("a last test where monitoring ends", line.cadence_rule, due)
    else:
        months = (slot.slot or 0) * line.months
        always = ", always from the first infusion" if first else ""
        last_test = Step(f"plus {count(months, 'month')}{always}", line.cadence_rule, due)
    opens = Step(f"{count(line.early, 'day')} before: window opens", "site policy", full_day(slot.opens_on))
    if slot.closes_on is None:
        return [last_test, opens]
    closes = Step("day before the next window: window closes", "site policy", full_day(slot.closes_on))
    return [last_test, opens, closes]


def _rolling(line: Line, slot: Slot) -> list[Step]:
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
