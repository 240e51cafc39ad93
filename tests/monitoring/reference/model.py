"""The reference model: everything about one treatment at (on, known_at), straight from clinical.md's words.

It shares nothing with the engine but the shape of a fact, keeps nothing between questions, and works everything out
anew for every earlier moment of knowledge where the law asks what once was (withdrawn slots, R20).
"""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from services.monitoring.rules.facts import Fact
from tests.monitoring.reference import person
from tests.monitoring.reference.circumstances import Circumstances, circumstances
from tests.monitoring.reference.evidence import Shown, shown
from tests.monitoring.reference.infusions import Episode, episodes, exposures
from tests.monitoring.reference.obligations import Obligation, asked, grid, yearly
from tests.monitoring.reference.protocol import Protocol, Requirement
from tests.monitoring.reference.roll_up import Line, roll_up
from tests.monitoring.reference.standing import Filled, filled, parts, standing
from tests.monitoring.reference.statements import Thing, things
from tests.monitoring.reference.voids import Names


@dataclass(frozen=True)
class Judged:
    """One obligation as a reader sees it."""

    obligation_id: str
    requirement: str
    opens: date
    due: date
    closes: date | None
    standing: str
    reason: str | None
    completed_on: date | None
    missing: tuple[str, ...]
    partial: bool
    on_discovery: bool


@dataclass(frozen=True)
class Answer:
    sex: str
    zone: str
    site: str
    episodes: list[Episode]
    slots: dict[str, Judged]
    lines: dict[str, Line]


@dataclass(frozen=True)
class World:
    """What is believed of the world on a date."""

    treatment: str
    things: list[Thing]
    zone: str
    site: str
    sex: str
    cervix: str
    around: Circumstances
    everything: list[Shown]
    episodes: list[Episode]


def world(protocol: Protocol, facts: list[Fact], on: date) -> World:
    found = things(facts)
    told = person.said(facts, found)
    zone = person.zone(told)
    around = circumstances(found, zone, on, [one.id for one in protocol.requirements])
    given = exposures(found, Names(facts), zone, on)
    return World(
        facts[0].treatment,
        found,
        zone,
        person.site(told, found, zone, on),
        person.sex(told, facts, found),
        person.applicability(told, facts, found),
        around,
        shown(found, zone, on, around.death),
        episodes(given, protocol),
    )


def applicability(requirement: Requirement, now: World) -> str:
    return now.cervix if requirement.cervix else "applies"


def made(requirement: Requirement, now: World, on: date) -> list[Obligation]:
    """The obligations that exist, whether the requirement applies or not (R13)."""
    found: list[Obligation] = []
    if requirement.kind == "once":
        found = asked(requirement, now.episodes, now.things, now.zone, on, now.around, now.treatment)
    for episode, following in zip(now.episodes, [*now.episodes[1:], None], strict=False):
        if requirement.kind == "grid":
            found += grid(requirement, episode)
        if requirement.kind == "rolling":
            found += yearly(requirement, episode, following, now.everything, now.around, now.treatment)
    return found


def answer(protocol: Protocol, facts: list[Fact], on: date, known_at: datetime | None = None) -> Answer:
    known = sorted({f.fact_id: f for f in facts if known_at is None or f.recorded_at <= known_at}.values(), key=_place)
    if not known:
        return Answer("unknown", "", "", [], {}, {})
    now = world(protocol, known, on)
    past = [(fact, world(protocol, known[: count + 1], on)) for count, fact in enumerate(known)]
    slots: dict[str, Judged] = {}
    lines: dict[str, Line] = {}
    for requirement in protocol.requirements:
        applies = applicability(requirement, now)
        history = _history(requirement, applies, past, on)
        judged: list[tuple[Obligation, Judged]] = []
        seen = parts(requirement, now.everything)
        for one in made(requirement, now, on):
            full = filled(requirement, one, seen)
            if applies != "not_applicable" or full.completed_on is not None:  # listed only if evidence filled it
                judged.append((one, _judge(one, full, now, on, history)))
        slots |= {one.obligation_id: one for _, one in judged}
        if applies != "not_applicable":
            slots |= _withdrawn(requirement, history, slots)
        if line := roll_up(requirement, judged, now, applies, on):
            lines[requirement.id] = line
    return Answer(now.sex, now.zone, now.site, now.episodes, slots, lines)


def _place(fact: Fact) -> int:
    return fact.position


def _id(one: Obligation, now: World) -> str:
    return f"{now.treatment}.{one.requirement}.e{one.episode}.{one.key}"


History = list[tuple[Fact, dict[str, Obligation]]]


def _history(requirement: Requirement, applies: str, past: list[tuple[Fact, World]], on: date) -> History:
    """What existed after each fact; what applies now did not yet begin while it did not apply (R20)."""
    found: History = []
    for fact, then in past:
        silent = applies != "not_applicable" and applicability(requirement, then) == "not_applicable"
        existed = [] if silent else made(requirement, then, on)
        found.append((fact, {_id(one, then): one for one in existed}))
    return found


def _judge(one: Obligation, full: Filled, now: World, on: date, history: History) -> Judged:
    stands, reason = standing(one, full, now.around, now.treatment, on)
    name = _id(one, now)
    late = stands in {"overdue", "missed", "done_late"} and _began(name, one, history, now) > one.due
    return Judged(
        name,
        one.requirement,
        one.opens,
        one.due,
        one.closes,
        stands,
        reason,
        full.completed_on,
        full.missing,
        full.partial,
        late,
    )


def _began(name: str, one: Obligation, history: History, now: World) -> date:
    """R20: the clinic date on which it last began to exist with its present due date."""
    began = history[-1][0]
    for fact, then in reversed(history):
        if name not in then or then[name].due != one.due:
            break
        began = fact
    return began.recorded_at.astimezone(ZoneInfo(now.zone)).date()


def _withdrawn(requirement: Requirement, history: History, standing: dict[str, Judged]) -> dict[str, Judged]:
    """What some known fact once made and nothing makes any more, as it last was."""
    once: dict[str, Obligation] = {}
    for _, then in history:
        once |= then
    return {
        name: Judged(
            name,
            one.requirement,
            one.opens,
            one.due,
            one.closes,
            "withdrawn",
            None,
            None,
            requirement.names,
            False,
            False,
        )
        for name, one in once.items()
        if name not in standing
    }
