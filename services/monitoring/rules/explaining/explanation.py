"""Everything that explains one obligation on a date, as data and as one paragraph."""

from collections.abc import Sequence
from datetime import date

from msgspec import Struct

from services.monitoring.rules.answers import Slot
from services.monitoring.rules.calendar import local_day
from services.monitoring.rules.chapter import Chapter
from services.monitoring.rules.edition import Basis, Edition, Requirement
from services.monitoring.rules.explaining.closing import Closing, closing
from services.monitoring.rules.explaining.considered import Considered, Looking, considered
from services.monitoring.rules.explaining.deciding import Circumstance, circumstances_of
from services.monitoring.rules.explaining.origin import Ground, Role, Trigger, Turn, ground_of, triggers_of, turns_of
from services.monitoring.rules.explaining.paragraph import paragraph
from services.monitoring.rules.explaining.steps import Gives, Inputs, Operation, Source, Step, answer, derived
from services.monitoring.rules.explaining.words import cadence, day, first_lower, step_in_words
from services.monitoring.rules.facts import Fact
from services.monitoring.rules.grid import Window
from services.monitoring.rules.history import Life
from services.monitoring.rules.slot import withdrawn_slot
from services.monitoring.rules.statements import Statements, read_statements
from services.monitoring.rules.treatment import Treatment

_MADE: dict[Role, str] = {
    "first_infusion": "infusion",
    "last_infusion": "infusion",
    "last_done": "one",
    "finding": "finding",
}


class Rule(Struct, frozen=True):
    """`cadence_basis` is whose the rhythm is, `cadence` the rhythm in words."""

    id: str
    title: str
    severity: str
    edition: str
    basis: Basis
    cadence: str
    cadence_basis: Basis
    citation: str


class StepLine(Struct, frozen=True):
    """A step and its words."""

    gives: Gives
    operation: Operation
    inputs: Inputs
    source: Source
    result: date
    text: str


class Explanation(Struct, frozen=True):
    """`obligation` is the slot as it stands; `came_about` tells which facts made, moved and unmade it."""

    on: date
    rule: Rule
    obligation: Slot
    paragraph: str
    triggers: tuple[Trigger, ...]
    came_about: tuple[Turn, ...]
    steps: tuple[StepLine, ...]
    evidence: tuple[Considered, ...]
    circumstances: tuple[Circumstance, ...]
    to_close: Closing


def explain(treatment: Treatment, obligation_id: str, on: date) -> Explanation | None:
    """None where no fact known made such an obligation by `on`."""
    named = _named(treatment, obligation_id)
    if named is None:
        return None
    asked, episode, key = named
    chapter = treatment.chapter(asked.id)
    siblings = chapter.slots(on)
    life = chapter.history.life(asked, episode, key, on)
    slot = next((one for one in siblings if one.obligation_id == obligation_id), None) or _gone(
        chapter, obligation_id, life
    )
    if slot is None:
        return None
    ground = _ground(treatment, chapter, slot, life, on)
    if ground is None:
        return None
    statements = read_statements(treatment.facts)
    return _told(treatment, chapter, slot, siblings, ground, life, statements, on)


def _named(treatment: Treatment, obligation_id: str) -> tuple[Requirement, int, str] | None:
    parts = obligation_id.split(".", 3)
    if len(parts) < 4 or parts[0] != treatment.belief.treatment:
        return None
    _, name, episode, key = parts
    asked = treatment.edition.requirements.get(name)
    if asked is None or not episode.startswith("e") or not (episode[1:].isascii() and episode[1:].isdigit()):
        return None
    return asked, int(episode[1:]), key


def _gone(chapter: Chapter, obligation_id: str, life: Sequence[Life]) -> Slot | None:
    """What was owed once, and that no list shows because the requirement does not apply any more."""
    window = _last_window(life)
    if window is None:
        return None
    asked = chapter.requirement
    return withdrawn_slot(asked.id, obligation_id, chapter.applicability, window, chapter.components)


def _last_window(life: Sequence[Life]) -> Window | None:
    return next((one.window for one in reversed(life) if one.window is not None), None)


def _ground(treatment: Treatment, chapter: Chapter, slot: Slot, life: Sequence[Life], on: date) -> Ground | None:
    """By what is believed; of what is owed no more, by the last belief that made it."""
    if slot.standing != "withdrawn":
        return ground_of(chapter, treatment.belief, treatment.episodes(on), slot, on)
    past = next(one.past for one in reversed(life) if one.window is not None)
    return ground_of(chapter, past.belief, past.periods(on), slot, on)


def _told(
    treatment: Treatment,
    chapter: Chapter,
    slot: Slot,
    siblings: Sequence[Slot],
    ground: Ground,
    life: Sequence[Life],
    statements: Statements,
    on: date,
) -> Explanation:
    asked, edition = chapter.requirement, treatment.edition
    facts = {fact.fact_id: fact for fact in treatment.facts}
    steps = (*derived(asked, ground.episode, slot, ground.grounds), answer(slot))
    looking = Looking(edition, facts, statements, siblings)
    pieces = considered(chapter, slot, ground.episode.anchor, ground.since, on, looking)
    around = circumstances_of(chapter, slot, on, tuple(facts.values()), statements)
    triggers = triggers_of(ground, asked, facts, edition, {one.fact_id: one.last for one in ground.belief.infusions})
    turns = turns_of(life, edition)
    close = closing(slot, siblings, chapter.components, on)
    rule = _rule(asked, edition)
    unmade = _unmade(chapter, slot, triggers, turns, statements, facts)
    return Explanation(
        on=on,
        rule=rule,
        obligation=slot,
        paragraph=paragraph(asked, slot, ground, triggers, turns, pieces, around, close, unmade),
        triggers=triggers,
        came_about=turns,
        steps=tuple(_line(step, asked) for step in steps),
        evidence=pieces,
        circumstances=around,
        to_close=close,
    )


def _unmade(
    chapter: Chapter,
    slot: Slot,
    triggers: Sequence[Trigger],
    turns: Sequence[Turn],
    statements: Statements,
    facts: dict[str, Fact],
) -> str:
    """Why it is owed no more: what made it was voided, or another fact took it away."""
    if slot.standing != "withdrawn":
        return ""
    for one in reversed(triggers):
        if (by := statements.voided.get(one.fact_id)) is not None:
            what = _MADE[one.role]
            void = facts[by]
            recorded = local_day(void.recorded_at, chapter.background.who.clinic)
            return (
                f"The {what} of {day(one.occurred_on)} (version {one.version}) that made it was voided by "
                f"version {void.version}, recorded on {day(recorded)}."
            )
    last = next((one for one in reversed(turns) if one.change == "withdrawn"), None)
    return "" if last is None else f"Version {last.version} ({first_lower(last.summary)}) took it away."


def _rule(asked: Requirement, edition: Edition) -> Rule:
    return Rule(
        asked.id,
        asked.title,
        asked.severity,
        edition.name,
        asked.basis,
        cadence(asked),
        asked.cadence_basis or asked.basis,
        asked.citation,
    )


def _line(step: Step, asked: Requirement) -> StepLine:
    return StepLine(step.gives, step.operation, step.inputs, step.source, step.result, step_in_words(step, asked))
