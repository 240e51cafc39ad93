"""What differs between two beliefs about one treatment on one day: slot by slot, line by line, and by which fact."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Literal, NamedTuple

from msgspec import Struct, structs

from services.monitoring.rules.answers import Applicability, Episode, RollUp, Slot, SlotStanding
from services.monitoring.rules.changes import SATISFIED, renumbered
from services.monitoring.rules.facts import Fact
from services.monitoring.rules.treatment import Treatment

Kind = Literal["opened", "withdrawn", "moved", "satisfied", "reopened", "changed"]


class SlotState(Struct, frozen=True):
    """One slot less its evidence."""

    episode: int
    opens_on: date
    due_on: date
    closes_on: date | None
    standing: SlotStanding
    days_overdue: int
    completed_on: date | None
    partial: bool
    missing: tuple[str, ...]
    applicability: Applicability
    overdue_on_discovery: bool
    reason: str | None


class SlotChange(Struct, frozen=True):
    """One slot that is not what it was; None = not listed. `changed` is all that the other kinds do not say."""

    obligation_id: str
    requirement: str
    kinds: tuple[Kind, ...]
    before: SlotState | None
    after: SlotState | None


class LineChange(Struct, frozen=True):
    """The roll-up of one requirement that is not what it was; None = the requirement has none."""

    requirement: str
    title: str
    before: RollUp | None
    after: RollUp | None


class Look(NamedTuple):
    """What is compared: everything that is answered of a treatment on one day."""

    episodes: tuple[Episode, ...]
    slots: dict[str, Slot]
    lines: dict[str, RollUp]


class Difference(NamedTuple):
    slots: tuple[SlotChange, ...]
    lines: tuple[LineChange, ...]


class Caused(NamedTuple):
    """What one fact changed when it came to what was known before it."""

    fact: Fact
    difference: Difference


NOTHING = Look((), {}, {})


def look(treatment: Treatment, on: date, only: Iterable[str] | None = None, known: Look = NOTHING) -> Look:
    """On a day; with `only` some requirements are looked at anew and the others taken from what is `known`."""
    names = set(treatment.edition.requirements if only is None else only)
    slots = {key: slot for key, slot in known.slots.items() if slot.requirement not in names}
    lines = {name: line for name, line in known.lines.items() if name not in names}
    for name in names:
        chapter = treatment.chapter(name)
        slots.update((slot.obligation_id, slot) for slot in chapter.slots(on))
        if chapter.exists(on):
            lines[name] = chapter.roll_up(on)
    return Look(treatment.episodes(on), slots, lines)


def difference(before: Look, after: Look) -> Difference:
    """Slots by requirement and due date, lines by requirement."""
    gone_over = renumbered(before.episodes, after.episodes)
    old, new = before.slots, after.slots
    # What was not looked at anew is the same object.
    keys = [key for key in {**old, **new} if old.get(key) is not new.get(key)]
    shown = {key: new[key] if key in new else old[key] for key in keys}
    slots: list[SlotChange] = []
    for key, slot in sorted(shown.items(), key=lambda one: (one[1].requirement, one[1].due_on, one[0])):
        was, now = _state(old.get(key)), _state(new.get(key))
        if was != now:
            kinds = tuple(_kinds(was, now, renumbered=slot.episode in gone_over))
            slots.append(SlotChange(key, slot.requirement, kinds, was, now))
    lines: list[LineChange] = []
    for name in sorted({**before.lines, **after.lines}):
        line, other = before.lines.get(name), after.lines.get(name)
        if line != other:
            title = (after.lines if name in after.lines else before.lines)[name].title
            lines.append(LineChange(name, title, line, other))
    return Difference(tuple(slots), tuple(lines))


def caused(treatment: Treatment, facts: Iterable[Fact], on: date) -> Iterator[Caused]:
    """Each of some later facts with what it changed; they come in the order of the log."""
    before = look(treatment, on)
    for fact in facts:
        treatment = treatment.with_fact(fact)
        after = look(treatment, on, treatment.touched, before)
        yield Caused(fact, difference(before, after))
        before = after


def causes(found: Sequence[Caused]) -> dict[str, tuple[str, ...]]:
    """Obligation or requirement -> the facts that changed it, in the order of the log."""
    named: dict[str, dict[str, None]] = {}
    for one in found:
        for slot in one.difference.slots:
            named.setdefault(slot.obligation_id, {})[one.fact.fact_id] = None
        for line in one.difference.lines:
            named.setdefault(line.requirement, {})[one.fact.fact_id] = None
    return {key: tuple(facts) for key, facts in named.items()}


def _state(slot: Slot | None) -> SlotState | None:
    if slot is None:
        return None
    said = structs.asdict(slot)
    return SlotState(**{name: said[name] for name in SlotState.__struct_fields__})


def _kinds(was: SlotState | None, now: SlotState | None, *, renumbered: bool) -> Iterator[Kind]:
    if renumbered:
        if _exists(was):
            yield "withdrawn"
        if _exists(now):
            yield "opened"
        return
    if was is None or now is None or not _exists(was) or not _exists(now):
        yield "opened" if _exists(now) else "withdrawn" if _exists(was) or was is None else "changed"
        if now is not None and now.standing in SATISFIED:
            yield "satisfied"
        return
    if (was.opens_on, was.due_on, was.closes_on) != (now.opens_on, now.due_on, now.closes_on):
        yield "moved"
    if was.standing not in SATISFIED and now.standing in SATISFIED:
        yield "satisfied"
    elif was.standing in SATISFIED and now.standing not in SATISFIED:
        yield "reopened"
    elif structs.replace(was, opens_on=now.opens_on, due_on=now.due_on, closes_on=now.closes_on) != now:
        yield "changed"


def _exists(state: SlotState | None) -> bool:
    return state is not None and state.standing != "withdrawn"
