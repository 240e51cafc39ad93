"""The whole course of one patient as lanes on one time axis, wide (all of it) and narrow (twelve months)."""

from collections import defaultdict
from collections.abc import Container, Sequence
from dataclasses import dataclass
from datetime import date

from services.monitoring.dashboard.axis import Axis, Tick, Upright, upright
from services.monitoring.dashboard.happened import Events, edges, findings, infusions, year_around
from services.monitoring.dashboard.held_lane import HeldLane, held_lane
from services.monitoring.dashboard.lanes import Lane, lane, together
from services.monitoring.dashboard.lines import Line, Lines, line
from services.monitoring.dashboard.marks import Mark, slot_mark
from services.monitoring.dashboard.obligations import sum_up
from services.monitoring.dashboard.strip import tally
from services.monitoring.dashboard.words import first_upper
from services.monitoring.rules.answers import Assessment, Episode, RollUp, Slot, TimelineEntry
from services.monitoring.rules.holds.hold import Hold

_LABEL = 30.0  # percent that the labels of today and of the end need beside each other


@dataclass(frozen=True, slots=True)
class Scale:
    """What stands behind all lanes; `end_y` (px) keeps the two labels apart."""

    ticks: tuple[Tick, ...]
    today: Upright | None
    end: Upright | None
    end_y: int


@dataclass(frozen=True, slots=True)
class RequirementLane:
    line: Line
    sum: str
    tone: str
    wide: Lane
    narrow: Lane


@dataclass(frozen=True, slots=True)
class EventLane:
    name: str
    wide: Events
    narrow: Events


@dataclass(frozen=True, slots=True)
class HoldLane:
    sum: str
    tone: str
    wide: HeldLane
    narrow: HeldLane


@dataclass(frozen=True, slots=True)
class FindingsLane:
    """What findings asked for; `first` is the requirement whose row the name leads to."""

    first: str
    sum: str
    tone: str
    wide: Lane
    narrow: Lane


@dataclass(frozen=True, slots=True)
class Picture:
    """`legend` names every mark that the lanes use; `holds` and `after_findings` are None where there is none."""

    wide: Scale
    narrow: Scale
    events: tuple[EventLane, ...]
    holds: HoldLane | None
    lanes: tuple[RequirementLane, ...]
    after_findings: FindingsLane | None
    legend: tuple[Mark, ...]


def picture(
    assessment: Assessment,
    entries: Sequence[TimelineEntry],
    lines: Lines,
    today_word: str,
    holds: Sequence[Hold] = (),
    serious: Container[str] = (),
) -> Picture | None:
    """None before the first infusion: nothing is owed yet. `serious` are facts of serious reactions."""
    if not assessment.episodes:
        return None
    on, ends_on = assessment.on, max(episode.ends_on for episode in assessment.episodes)
    first = min(episode.anchor for episode in assessment.episodes)
    # A withdrawn slot may have been due after today's end of monitoring: it is drawn too.
    wide = edges(first, on, max([ends_on, *(slot.due_on for slot in assessment.slots)]))
    narrow = year_around(on)
    slots = _by_requirement(assessment.slots)
    rows = [row for row in assessment.roll_ups if row.standing != "not_applicable"]
    once = [row for row in rows if line(lines, row.requirement, row.title).once is not None]
    again = [row for row in rows if row not in once]
    return Picture(
        wide=_scale(wide, wide.years(), on, ends_on, today_word),
        narrow=_scale(narrow, narrow.months(), on, ends_on, today_word),
        events=_events(wide, narrow, assessment.episodes, entries, serious),
        holds=_holds(wide, narrow, holds, on),
        lanes=tuple(_lane(row, slots[row.requirement], lines, wide, narrow, ends_on) for row in again),
        after_findings=_after_findings(once, slots, lines, wide, narrow),
        legend=tuple(dict.fromkeys(slot_mark(slot) for row in rows for slot in slots[row.requirement])),
    )


def _scale(axis: Axis, ticks: tuple[Tick, ...], on: date, ends_on: date, today_word: str) -> Scale:
    close = axis.holds(ends_on) and abs(axis.at(on) - axis.at(ends_on)) < _LABEL
    end = upright(axis, ends_on, "Monitoring ends")
    return Scale(ticks, upright(axis, on, today_word), end, 26 if close else 14)


def _by_requirement(slots: Sequence[Slot]) -> defaultdict[str, list[Slot]]:
    found: defaultdict[str, list[Slot]] = defaultdict(list)
    for slot in sorted(slots, key=lambda slot: (slot.due_on, slot.obligation_id)):
        found[slot.requirement].append(slot)
    return found


def _events(
    wide: Axis,
    narrow: Axis,
    episodes: Sequence[Episode],
    entries: Sequence[TimelineEntry],
    serious: Container[str],
) -> tuple[EventLane, ...]:
    courses = [course for episode in episodes for course in episode.courses]
    lanes = [EventLane("Infusions", infusions(wide, courses, entries), infusions(narrow, courses, entries))]
    far, near = findings(wide, entries, serious), findings(narrow, entries, serious)
    if far and near:
        lanes.append(EventLane("Reactions, findings", far, near))
    return tuple(lanes)


def _holds(wide: Axis, narrow: Axis, holds: Sequence[Hold], on: date) -> HoldLane | None:
    far, near = held_lane(wide, holds, on), held_lane(narrow, holds, on)
    if far is None or near is None:
        return None
    held = any(one.stops for one in holds)
    return HoldLane("Infusions held" if held else "None in force", "missed" if held else "quiet", far, near)


def _after_findings(
    rows: Sequence[RollUp], slots: defaultdict[str, list[Slot]], lines: Lines, wide: Axis, narrow: Axis
) -> FindingsLane | None:
    owed = [(line(lines, row.requirement, row.title), row, slots[row.requirement]) for row in rows]
    if not owed:
        return None
    marks = [slot_mark(slot) for _, _, found in owed for slot in found]
    overdue = any(row.standing == "overdue" for row in rows)
    tone = "overdue" if overdue else "due" if any(row.standing == "due" for row in rows) else "quiet"
    worst = min(rows, key=lambda row: (row.standing != "overdue", row.standing != "due", row.requirement))
    return FindingsLane(
        worst.requirement, first_upper(tally(marks)), tone, together(wide, owed), together(narrow, owed)
    )


def _lane(row: RollUp, slots: list[Slot], lines: Lines, wide: Axis, narrow: Axis, ends_on: date) -> RequirementLane:
    known = line(lines, row.requirement, row.title)
    tone = {"overdue": "overdue", "declined": "missed", "due": "due"}.get(row.standing, "quiet")
    far, near = lane(wide, known, row, slots, ends_on), lane(narrow, known, row, slots, ends_on)
    return RequirementLane(known, sum_up(row, slots), tone, far, near)
