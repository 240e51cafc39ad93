"""The explanation of one obligation as one paragraph that a clinician can read."""

from collections.abc import Iterator, Sequence

from services.monitoring.rules.answers import Slot
from services.monitoring.rules.edition import Grid, Once, Requirement, Rolling, component_names
from services.monitoring.rules.explaining.closing import Closing
from services.monitoring.rules.explaining.considered import Considered
from services.monitoring.rules.explaining.deciding import Circumstance
from services.monitoring.rules.explaining.origin import Ground, Trigger, Turn
from services.monitoring.rules.explaining.words import cadence, counted, day, first_lower, first_upper, listing

_NAMED = 3  # pieces of evidence that a paragraph tells of; the others are in the data


def paragraph(
    asked: Requirement,
    slot: Slot,
    ground: Ground,
    triggers: Sequence[Trigger],
    turns: Sequence[Turn],
    evidence: Sequence[Considered],
    around: Sequence[Circumstance],
    close: Closing,
    unmade: str,
) -> str:
    """How it stands, why it is owed, what was looked at, what decides, and what would close it."""
    return " ".join(
        (
            _stands(asked, slot),
            *([unmade] if unmade else _owed(asked, slot, ground, triggers)),
            *_moved(turns),
            *_discovered(slot),
            *_evidence(asked, evidence),
            *(one.why for one in around),
            *_close(close),
        )
    )


def _stands(asked: Requirement, slot: Slot) -> str:  # noqa: PLR0911 (one sentence per standing)
    what, due = f"{asked.title} ({asked.id})", day(slot.due_on)
    partly = ", partly done" if slot.partial else ""
    match slot.standing:
        case "overdue":
            return f"{what} was due on {due}, {counted(slot.days_overdue, 'day')} ago, and is overdue{partly}."
        case "due":
            return f"{what} is due on {due}{partly}; its window has been open since {day(slot.opens_on)}."
        case "upcoming":
            return f"{what} is due on {due}; its window opens on {day(slot.opens_on)}."
        case "done" if slot.completed_on:
            return f"{what} was due on {due} and is done: complete on {day(slot.completed_on)}."
        case "done_late" if slot.completed_on:
            late = counted((slot.completed_on - slot.due_on).days, "day")
            return f"{what} was due on {due} and was done late: complete on {day(slot.completed_on)}, {late} after."
        case "missed" if slot.closes_on:
            return f"{what} was due on {due} and was missed{partly}: its window closed on {day(slot.closes_on)}."
        case "withdrawn":
            return f"{what}, once due on {due}, is owed no more."
        case _:
            return f"{what}, due on {due}, is {slot.standing.replace('_', ' ')}."


def _owed(asked: Requirement, slot: Slot, ground: Ground, triggers: Sequence[Trigger]) -> Iterator[str]:
    episode = ground.episode
    last = day(max(course.last_on for course in episode.courses))
    match asked.timing:
        case Grid():
            until = f"until {day(episode.ends_on)}, counted from the last infusion on {last}"
            which = "this is the last one" if slot.slot is None else f"this is number {slot.slot}"
            yield f"It is owed {cadence(asked)} from the first infusion on {day(episode.anchor)} {until}; {which}."
        case Rolling():
            start = f"the first infusion on {day(episode.anchor)}" if ground.since is None else f"{day(ground.since)}"
            stays = ", and stays open until it is done" if slot.standing in {"due", "overdue", "upcoming"} else ""
            yield f"It is owed {cadence(asked)}, here counted from {start}{stays}."
        case Once():
            for one in triggers:
                told = first_lower(one.summary)
                yield f"It is owed {cadence(asked)}: {told}, of {day(one.occurred_on)} (version {one.version})."
    yield f"Source: {asked.citation}."


def _moved(turns: Sequence[Turn]) -> Iterator[str]:
    """The last move, where nothing came after it."""
    if len(turns) < 2 or turns[-1].change != "moved":
        return
    last, before = turns[-1], turns[-2]
    if before.due_on and last.due_on:
        fact = f"version {last.version} ({first_lower(last.summary)})"
        yield f"It was due on {day(before.due_on)} until {fact} moved it to {day(last.due_on)}."


def _discovered(slot: Slot) -> Iterator[str]:
    if slot.overdue_on_discovery:
        yield "It came to be known with this date only after it was due, so it was overdue on discovery."


def _evidence(asked: Requirement, pieces: Sequence[Considered]) -> Iterator[str]:
    """What counts; then, nearest first, what does not although a reader might expect it to."""
    for one in [one for one in pieces if one.verdict == "accepted"][:_NAMED]:
        yield f"{_what(asked, one)} of {day(one.occurred_on)} {_verb(asked, one, 'counts', 'count')}."
    others = [one for one in pieces if one.verdict == "rejected" and one.counts_for is None]
    for one in sorted(others, key=lambda one: one.days)[:_NAMED]:
        verb = _verb(asked, one, "does not count", "do not count")
        yield f"{_what(asked, one)} of {day(one.occurred_on)} {verb}: {one.why}."


def _what(asked: Requirement, one: Considered) -> str:
    if not one.components:
        return one.summary
    return asked.title if _whole(asked, one) else first_upper(listing(one.components))


def _verb(asked: Requirement, one: Considered, single: str, several: str) -> str:
    return several if len(one.components) > 1 and not _whole(asked, one) else single


def _whole(asked: Requirement, one: Considered) -> bool:
    return one.components == component_names(asked)


def _close(close: Closing) -> Iterator[str]:
    """Of what is closed for good its standing has said enough."""
    if close.how != "nothing":
        yield close.text
