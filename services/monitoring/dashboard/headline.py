"""The first line is the answer: a sentence with the number in it, and the words of an empty list."""

from dataclasses import dataclass
from datetime import date

from services.monitoring.dashboard.asked import Asked
from services.monitoring.dashboard.lines import Lines, line
from services.monitoring.dashboard.tense import Tense, are
from services.monitoring.dashboard.words import count, full_day, number
from services.monitoring.rules.answers import RollUpStanding

_DOING: dict[RollUpStanding, str] = {
    "due": "due",
    "upcoming": "waiting for the next window",
    "declined": "declining monitoring",
    "suspended": "in care elsewhere",
    "waived": "waived",
    "complete": "complete",
    "ended": "past the end of monitoring",
    "cancelled": "ended by death",
    "not_applicable": "without this requirement",
}
STANDING_WORDS: dict[RollUpStanding, str] = {
    "overdue": "Overdue",
    "due": "Due",
    "upcoming": "Upcoming",
    "declined": "Declined",
    "waived": "Waived",
    "suspended": "Suspended",
    "complete": "Complete",
    "ended": "Ended",
    "cancelled": "Cancelled",
    "not_applicable": "Does not apply",
}


@dataclass(frozen=True, slots=True)
class Numbers:
    """Patients: all there are, overdue whatever the filters, due within a week, and those whose facts wait.

    `behind`: up to when everything recorded is counted, where that is too long ago.
    """

    of: int
    overdue: int
    due_soon: int
    waiting: int = 0
    behind: str = ""


@dataclass(frozen=True, slots=True)
class Empty:
    """`link` is what the way out says; empty = there is none."""

    title: str
    text: str
    link: str


def headline(asked: Asked, found: int, of: int, when: Tense, on: date, *, doubt: bool = False) -> str:
    """ "41 of 312 patients are overdue", "On 3 May 2026, 38 of 309 patients were overdue".

    In `doubt` a list without rows is empty only as far as we know.
    """
    many = f"{number(found) if found else 'None'} of {count(of, 'patient')}"
    said = f"{many} {are(when, found > 1)} {_what(asked)}{', as far as we know' if doubt and not found else ''}"
    return said if when == "now" else f"On {full_day(on)}, {said[:1].lower() + said[1:]}"


def filters_in_words(asked: Asked, lines: Lines) -> str:
    """ "Harbour, HPV screen, 30 days or more"; empty without filters."""
    said = [*asked.site, *(line(lines, requirement, requirement).short for requirement in asked.requirement)]
    if asked.standing != ("overdue",):
        said.append(" or ".join(STANDING_WORDS[standing].lower() for standing in asked.standing))
    if asked.min_days:
        said.append(f"{count(asked.min_days, 'day')} or more")
    if asked.due_before:
        said.append(f"due before {full_day(asked.due_before)}")
    return ", ".join(said)


def list_in_words(asked: Asked, lines: Lines) -> str:
    """What the list holds, for the paper: "all sites, overdue"."""
    said = filters_in_words(asked, lines)
    sites = "" if asked.site else "all sites"
    standing = "overdue" if asked.standing == ("overdue",) else ""
    return ", ".join(part for part in (sites, standing, said) if part)


def empty(asked: Asked, lines: Lines, numbers: Numbers, judged: str, when: Tense, *, opened: bool) -> Empty:
    """The words for a list without rows: no treatments, nothing overdue, or nothing that matches the filters.

    `judged` says when and with what; `opened`: something was recorded.
    """
    if asked.filtered:
        match = f"No {'overdue ' if asked.standing == ('overdue',) else ''}patient matches"
        many = f"{count(numbers.overdue, 'patient')} {are(when, numbers.overdue != 1)}"
        words = f"{filters_in_words(asked, lines)}. Without these filters {many} overdue."
        return Empty(match, words, "Clear filters")
    if numbers.waiting:
        title = f"Nobody {are(when, False)} overdue, as far as we know"
        whose = f"Facts of {count(numbers.waiting, 'patient')} wait for one that is missing"
        return Empty(title, f"{whose}, so results and findings may not be counted yet.", _soon(numbers, when))
    if numbers.behind:
        title = f"Nobody {are(when, False)} overdue, as far as we know"
        counted = f"Only what was recorded up to {numbers.behind} is counted so far"
        return Empty(title, f"{counted}, so results and findings may be missing.", _soon(numbers, when))
    if not numbers.of:
        so_far = "No infusion has been recorded so far." if opened else "Nothing has arrived here so far."
        return Empty("No treatments yet", f"The first recorded infusion opens one. {so_far}", "")
    return Empty(
        f"Nobody {are(when, False)} overdue", f"{count(numbers.of, 'patient')}, {judged}", _soon(numbers, when)
    )


def _soon(numbers: Numbers, when: Tense) -> str:
    soon = numbers.due_soon
    return f"{count(soon, 'patient')} {are(when, soon != 1)} due within 7 days" if soon else ""


def _what(asked: Asked) -> str:
    if asked.standing == ("overdue",):
        days = f" {count(asked.min_days, 'day')} or more" if asked.min_days else ""
        return f"overdue{days}"
    if set(asked.standing) == {"due", "upcoming"}:
        return f"due before {full_day(asked.due_before)}" if asked.due_before else "due or upcoming"
    return " or ".join(_DOING.get(standing, standing) for standing in asked.standing)
