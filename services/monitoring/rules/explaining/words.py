"""Dates, counts, rhythms and steps in the sentences of an explanation."""

from collections.abc import Sequence
from datetime import date

from services.monitoring.rules.edition import Grid, Once, Requirement, Rolling
from services.monitoring.rules.explaining.steps import Gives, Step

_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)

_PLAIN: dict[Gives, str] = {
    "anchor": "First infusion of this episode",
    "last_infusion": "Last infusion of this episode",
    "next_due": "The next one would be due",
    "answer": "It is due",
}


def day(on: date) -> str:
    """ "6 March 2024"."""
    return f"{on.day} {_MONTHS[on.month - 1]} {on.year}"


def counted(number: int, word: str) -> str:
    """ "1 day", "36 days"."""
    return f"{number} {word}{'' if number == 1 else 's'}"


def listing(words: Sequence[str]) -> str:
    """ "platelets, leukocytes and hemoglobin"."""
    return " and ".join((", ".join(words[:-1]), words[-1])) if len(words) > 1 else "".join(words)


def first_upper(text: str) -> str:
    """The first letter large, the rest as it is ("CBC" stays "CBC")."""
    return text[:1].upper() + text[1:]


def first_lower(text: str) -> str:
    """The first letter small where a sentence runs on; "CBC", "TSH" and "HPV screen" stay."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


def cadence(asked: Requirement) -> str:
    """ "every month", "12 months after the last one done", "within 3 days of the finding"."""
    match asked.timing:
        case Grid(every_months=1):
            return "every month"
        case Grid(every_months=months):
            return f"every {months} months"
        case Rolling(every_months=months):
            return f"{counted(months, 'month')} after the last one done"
        case Once(due_days=0):
            return "on the day of the finding"
        case Once(due_days=days):
            return f"within {counted(days, 'day')} of the finding"


def step_in_words(step: Step, asked: Requirement) -> str:
    """What was done, as a reader would say it; the result stands beside it."""
    given, once = step.inputs, isinstance(asked.timing, Once)
    match step.gives:
        case "due":
            return _due(step, asked)
        case "since":
            return "The finding that asks for it" if once else "The last one done"
        case "opens":
            before = f"{counted(-(given.days or 0), 'day')} before it is due: the window opens"
            return "From the finding on" if once else before
        case "closes":
            next_one = "window opens" if isinstance(asked.timing, Grid) else "episode begins"
            return f"The day before the next {next_one}: it closes"
        case "ends":
            return f"The last infusion plus {counted(given.months or 0, 'month')}: monitoring ends"
        case other:
            return _PLAIN[other]


def _due(step: Step, asked: Requirement) -> str:
    given = step.inputs
    match step.operation:
        case "take":
            return "A last one where monitoring ends"
        case "later_of":
            return "Not before the first infusion"
        case "add_days" if not given.days:
            return "On the day of the finding"
        case "add_days":
            return f"{counted(given.days or 0, 'day')} after the finding"
        case _ if isinstance(asked.timing, Grid):
            return f"The first infusion plus {counted(given.months or 0, 'month')}"
        case _:
            start = "" if given.from_ is None else f"{day(given.from_)} "
            return f"{start}plus {counted(given.months or 0, 'month')}"
