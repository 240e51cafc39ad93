"""Which recorded facts an obligation rests on, and which made, moved and unmade it."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Literal, NamedTuple

from msgspec import Struct

from services.monitoring.rules.answers import Episode, Slot
from services.monitoring.rules.belief import Belief
from services.monitoring.rules.chapter import Chapter
from services.monitoring.rules.edition import Edition, Grid, Once, Requirement, Rolling
from services.monitoring.rules.episodes import given_by
from services.monitoring.rules.evidence import findings
from services.monitoring.rules.explaining.steps import Grounds, derived, key_of
from services.monitoring.rules.facts import Fact
from services.monitoring.rules.history import Life
from services.monitoring.rules.once import triggers
from services.monitoring.rules.rolling import FIRST
from services.monitoring.rules.summary import summary
from shared.texts import write_instant

Role = Literal["first_infusion", "last_infusion", "last_done", "finding"]
Event = Literal["made", "moved", "withdrawn"]


class Trigger(Struct, frozen=True):
    """A fact that the dates start from."""

    role: Role
    fact_id: str
    version: int
    occurred_on: date
    recorded_at: str
    summary: str


class Turn(Struct, frozen=True):
    """What one fact did to the obligation: the due date that it had from then on, None when it was owed no more."""

    change: Event
    due_on: date | None
    fact_id: str
    version: int
    type: str
    recorded_at: str
    summary: str


class Ground(NamedTuple):
    """The belief by which an obligation is or last was owed: its episode and the facts that its dates start from."""

    episode: Episode
    grounds: Grounds
    since: date | None
    belief: Belief


def ground_of(chapter: Chapter, belief: Belief, periods: Sequence[Episode], slot: Slot, on: date) -> Ground | None:
    """None where that belief knows no such episode."""
    episode = next((one for one in periods if one.episode == slot.episode), None)
    if episode is None:
        return None
    given = [one for one, _ in given_by(belief.infusions, on) if episode.anchor <= one.first <= episode.ends_on]
    last_on = max(course.last_on for course in episode.courses)
    first = given[0].fact_id if given else None  # they come by date
    last = next((one.fact_id for one in given if one.last == last_on), None)
    since = _since(chapter.requirement, belief, episode, slot, on)
    return Ground(episode, Grounds(first, last, since), since[0] if since else None, belief)


def _since(asked: Requirement, belief: Belief, episode: Episode, slot: Slot, on: date) -> tuple[date, str] | None:
    """The day and the fact that a yearly or triggered obligation follows from."""
    key = key_of(slot.obligation_id)
    match asked.timing:
        case Grid():
            return None
        case Rolling():
            if key.startswith(FIRST):
                return None
            root = key.removesuffix(".w1" * key.count(".w1")).removeprefix("after-")
            shown = [one for one in findings(asked, belief) if one.root == root and one.satisfies and one.day <= on]
            days = sorted({one.day for one in shown})
            # One result may speak of several days: the one that gives this due date.
            fitting = [day for day in days if _gives(asked, episode, slot, (day, root))]
            return next(((day, root) for day in (*fitting, *days)), None)
        case Once() as once:
            root = key.removeprefix("for-")
            return next(((one.day, root) for one in triggers(once, belief) if one.root == root), None)


def _gives(asked: Requirement, episode: Episode, slot: Slot, since: tuple[date, str]) -> bool:
    steps = derived(asked, episode, slot, Grounds(since=since))
    return [step.result for step in steps if step.gives == "due"][-1:] == [slot.due_on]


def triggers_of(
    ground: Ground, asked: Requirement, facts: Mapping[str, Fact], edition: Edition, days: Mapping[str, date]
) -> tuple[Trigger, ...]:
    """`days` are those of infusions, by fact."""
    named: list[tuple[Role, str | None, date | None]] = []
    if not isinstance(asked.timing, Once):
        named += [
            ("first_infusion", ground.grounds.first_infusion, ground.episode.anchor),
            ("last_infusion", ground.grounds.last_infusion, days.get(ground.grounds.last_infusion or "")),
        ]
    if ground.grounds.since is not None:
        role: Role = "finding" if isinstance(asked.timing, Once) else "last_done"
        named.append((role, ground.grounds.since[1], ground.grounds.since[0]))
    return tuple(
        Trigger(
            role, fact_id, facts[fact_id].version, day, write_instant(facts[fact_id].recorded_at),
            summary(facts[fact_id].data, edition),
        )
        for role, fact_id, day in named
        if fact_id is not None and day is not None and fact_id in facts
    )  # fmt: skip


def turns_of(life: Sequence[Life], edition: Edition) -> tuple[Turn, ...]:
    """In the order of the log; a window that only closes on another day was not moved."""
    found: list[Turn] = []
    for past, window in life:
        due_on = window.due_on if window else None
        before = found[-1].due_on if found else None
        if due_on == before:
            continue
        change: Event = "withdrawn" if due_on is None else "made" if before is None else "moved"
        fact = past.fact
        when = write_instant(fact.recorded_at)
        found.append(Turn(change, due_on, fact.fact_id, fact.version, fact.type, when, summary(fact.data, edition)))
    return tuple(found)
