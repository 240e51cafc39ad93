"""The rows of the worklist: one patient is one row in one group, items by specimen, oldest first."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from services.monitoring.dashboard.lines import Lines, Specimen, line
from services.monitoring.dashboard.words import NBSP, count, first_lower, listing, short_day
from services.monitoring.rules.answers import RollUp, RollUpStanding

ROWS = 10  # of a group, before "Show more"


@dataclass(frozen=True, slots=True)
class Item:
    """`lack` says in amber what is missing or doubtful; empty = nothing of it was received."""

    requirement: str
    name: str
    lack: str


@dataclass(frozen=True, slots=True)
class Aged:
    """Items of the same age share a line unless one has a remark; `late` is "36 d" or a date."""

    late: str
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Draw:
    """What one specimen or visit closes."""

    specimen: Specimen
    lines: tuple[Aged, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """`days` is the oldest item's; `since` is its due date; `tier` marks the first row of a range of days."""

    treatment: str
    site: str
    days: int
    due_on: date | None
    since: str
    draws: tuple[Draw, ...]
    tier: int | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """`rows` are those shown; `hidden` says of the others how many and how old ("1 to 10 days overdue")."""

    name: str
    say: str
    total: int
    rows: tuple[Row, ...]
    hidden: int = 0
    hidden_range: str = ""


@dataclass(frozen=True, slots=True)
class Tier:
    """A range of days overdue and who acts on it; `width` is that of its bar in percent of the longest."""

    days: int
    name: str
    who: str
    patients: int
    width: int


# First days of each escalation step and who acts; the last day is the day before the next one (clinical.md §2.3, 21).
TIERS: tuple[tuple[int, str, str], ...] = (
    (30, "30 days or more", "safety lead"),
    (14, "14 to 29 days", "hold and letter"),
    (7, "7 to 13 days", "prescriber"),
    (1, "1 to 6 days", "nurse"),
)
_GROUPS: dict[RollUpStanding, tuple[str, str]] = {
    "declined": ("Declined", "The patient refused this monitoring. It stays open"),
    "overdue": ("Call", "Overdue, oldest first"),
    "due": ("Due", "The window is open, the due date has not passed"),
    "upcoming": ("Upcoming", "The window is not open yet"),
    "suspended": ("Elsewhere", "Care was transferred out, nobody here is asked"),
    "waived": ("Waived", "A prescriber waived it"),
    "cancelled": ("Cancelled", "Ended by death"),
    "complete": ("Complete", "Nothing more will be due"),
    "ended": ("Ended", "Monitoring is over"),
    "not_applicable": ("Does not apply", "Not owed by this patient"),
}
_ORDER: tuple[RollUpStanding, ...] = ("overdue", *(standing for standing in _GROUPS if standing != "overdue"))


def groups(rows: Iterable[RollUp], lines: Lines, *, everything: bool) -> tuple[Group, ...]:
    """Groups that are not empty, in order of what is done next; a patient is in the first that any row puts it in."""
    by_patient: defaultdict[str, list[RollUp]] = defaultdict(list)
    for row in rows:
        by_patient[row.treatment].append(row)
    grouped: defaultdict[RollUpStanding, list[Row]] = defaultdict(list)
    for treatment, owed in by_patient.items():
        standing = min((row.standing for row in owed), key=_ORDER.index)
        grouped[standing].append(_row(treatment, owed, lines))
    return tuple(_group(standing, grouped[standing], everything) for standing in _ORDER if standing in grouped)


def tiers(rows: Iterable[RollUp]) -> tuple[Tier, ...]:
    """Overdue patients by the days of their oldest item."""
    oldest: dict[str, int] = {}
    for row in rows:
        if row.standing == "overdue":
            oldest[row.treatment] = max(oldest.get(row.treatment, 0), row.days_overdue)
    counted = [sum(tier_of(days) == first for days in oldest.values()) for first, _, _ in TIERS]
    longest = max([*counted, 1])
    return tuple(
        Tier(first, name, who, patients, round(100 * patients / longest))
        for (first, name, who), patients in zip(TIERS, counted, strict=True)
    )


def tier_of(days: int) -> int:
    """The first day of the range that holds `days`; 0 = not overdue."""
    return next((first for first, _, _ in TIERS if days >= first), 0)


def patients_by_requirement(rows: Iterable[RollUp], lines: Lines) -> tuple[tuple[str, str, int], ...]:
    """Requirement, name and overdue patients, most first."""
    found: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for row in rows:
        found[row.requirement, line(lines, row.requirement, row.title).title].add(row.treatment)
    counted = [(requirement, title, len(patients)) for (requirement, title), patients in found.items()]
    return tuple(sorted(counted, key=lambda entry: (-entry[2], entry[0])))


def _group(standing: RollUpStanding, rows: list[Row], everything: bool) -> Group:
    rows.sort(key=lambda row: (-row.days, row.due_on or date.max, row.treatment))
    if standing == "overdue":
        rows = _with_tiers(rows)
    name, say = _GROUPS[standing]
    shown = tuple(rows if everything or len(rows) <= ROWS + 1 else rows[:ROWS])
    hidden = rows[len(shown) :]
    days = sorted({row.days for row in hidden})
    past = f"{_days(days)} overdue" if days and days[-1] else ""
    return Group(name, say, len(rows), shown, len(hidden), past)


def _days(days: Sequence[int]) -> str:
    return count(days[0], "day") if len(days) == 1 else f"{days[0]} to {count(days[-1], 'day')}"


def _with_tiers(rows: Sequence[Row]) -> list[Row]:
    marked: list[Row] = []
    last = 0
    for row in rows:
        tier = tier_of(row.days)
        marked.append(replace(row, tier=tier) if tier != last else row)
        last = tier
    return marked


def _row(treatment: str, owed: Sequence[RollUp], lines: Lines) -> Row:
    oldest = min(owed, key=lambda row: row.due_on or date.max)
    since = "" if oldest.due_on is None else short_day(oldest.due_on, oldest.on)
    days = max(row.days_overdue for row in owed)
    return Row(treatment, oldest.site, days, oldest.due_on, since, _draws(owed, lines))


def _draws(owed: Sequence[RollUp], lines: Lines) -> tuple[Draw, ...]:
    by_specimen: defaultdict[Specimen, list[RollUp]] = defaultdict(list)
    for row in sorted(owed, key=lambda row: (row.due_on or date.max, row.requirement)):
        by_specimen[line(lines, row.requirement, row.title).specimen].append(row)
    return tuple(Draw(specimen, _aged(rows, lines)) for specimen, rows in by_specimen.items())


def _aged(rows: Sequence[RollUp], lines: Lines) -> tuple[Aged, ...]:
    found: list[Aged] = []
    for row in rows:
        item = Item(row.requirement, line(lines, row.requirement, row.title).short, remark(row))
        late = _late(row)
        last = found[-1] if found else None
        if last and last.late == late and not item.lack and not last.items[-1].lack:
            follower = Item(item.requirement, first_lower(item.name), "")
            found[-1] = Aged(late, (*last.items, follower))
        else:
            found.append(Aged(late, (item,)))
    return tuple(found)


def _late(row: RollUp) -> str:
    if row.days_overdue:
        return f"{row.days_overdue}{NBSP}d"
    return "" if row.due_on is None else short_day(row.due_on, row.on)


def remark(row: RollUp) -> str:
    """What a nurse must know beside the name: missing parts, unknown sex, an entry that came late."""
    said: list[str] = []
    if row.partial and row.missing:
        said.append(f"{listing(row.missing)} missing")
    if row.applicability == "unknown":
        said.append("sex not recorded, so it counts as due")
    if row.overdue_on_discovery:
        said.append("overdue on discovery: entered late")
    return "; ".join(said)
