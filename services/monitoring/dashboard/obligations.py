"""The table of a patient's obligations: oldest overdue first, what is closed last."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from services.monitoring.dashboard.lines import Line, Lines, line
from services.monitoring.dashboard.marks import Sign, roll_up_sign
from services.monitoring.dashboard.words import NBSP, first_upper, full_day, listing, short_day, span
from services.monitoring.rules.answers import RollUp, RollUpStanding, Slot

_ORDER: tuple[RollUpStanding, ...] = (
    "overdue",
    "declined",
    "due",
    "upcoming",
    "suspended",
    "waived",
    "complete",
    "ended",
    "cancelled",
    "not_applicable",
)


@dataclass(frozen=True, slots=True)
class Obligation:
    """`since` and `days` are empty where nothing is late; `closes` is what closes it, or when it is next due."""

    line: Line
    row: RollUp
    sign: Sign
    since: str
    days: str
    window: str
    last: str
    closes: str
    remark: str


def obligations(rows: Iterable[RollUp], slots: Sequence[Slot], lines: Lines) -> tuple[Obligation, ...]:
    """One line per requirement that applies or may apply."""
    of: defaultdict[str, list[Slot]] = defaultdict(list)
    for slot in slots:
        of[slot.requirement].append(slot)
    shown = [row for row in rows if row.standing != "not_applicable"]
    shown.sort(key=lambda row: (_ORDER.index(row.standing), row.due_on or date.max, row.requirement))
    return tuple(_obligation(row, of[row.requirement], line(lines, row.requirement, row.title)) for row in shown)


def last_complete(slots: Iterable[Slot]) -> date | None:
    """The newest day on which one of them became complete."""
    return max((slot.completed_on for slot in slots if slot.completed_on), default=None)


def sum_up(row: RollUp, slots: Sequence[Slot]) -> str:
    """The roll-up in words: "Overdue 36 d, partly done", "Next due 6 Jun 2026"."""
    sign = roll_up_sign(row).word
    last = last_complete(slots)
    next_due = row.slot_due_on or row.due_on
    match row.standing:
        case "overdue" | "declined" if row.days_overdue:
            word, _, partly = sign.partition(",")
            return f"{word} {row.days_overdue}{NBSP}d{',' + partly if partly else ''}"
        case "due" if row.due_on:
            return f"{sign}: {full_day(row.due_on)}"
        case "upcoming" if next_due:
            return f"Next due {full_day(next_due)}"
        case "complete" | "ended" if last:
            return f"{sign}, last {full_day(last)}"
        case _:
            return sign


def _obligation(row: RollUp, slots: Sequence[Slot], known: Line) -> Obligation:
    last = last_complete(slots)
    late = row.days_overdue > 0 and row.due_on is not None
    return Obligation(
        line=known,
        row=row,
        sign=roll_up_sign(row),
        since=full_day(row.due_on) if late and row.due_on else "",
        days=f"{row.days_overdue}{NBSP}d" if late else "",
        window=_window(row),
        last="" if last is None else full_day(last),
        closes=_closes(row, known),
        remark="sex not recorded, so it counts as due" if row.applicability == "unknown" else "",
    )


def _window(row: RollUp) -> str:
    if row.standing not in {"overdue", "due", "upcoming", "declined"} or row.slot_opens_on is None:
        return ""
    if row.slot_opens_on > row.on:
        return f"opens {short_day(row.slot_opens_on, row.on)}"
    return "open until done" if row.slot_closes_on is None else span(row.slot_opens_on, row.slot_closes_on, row.on)


def _closes(row: RollUp, known: Line) -> str:
    next_due = row.slot_due_on or row.due_on
    if row.standing in {"overdue", "due", "declined"}:
        wanted = first_upper(listing(row.missing)) if row.missing else known.title
        return f"{wanted}. The rest is in" if row.partial else wanted
    if row.standing == "upcoming" and next_due:
        return f"Next due {full_day(next_due)}"
    return ""
