"""One patient's page: the answer in a sentence, the facts, the whole course, what is owed and what was recorded."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from services.monitoring.dashboard.around import Around
from services.monitoring.dashboard.deviating import Broken, broken
from services.monitoring.dashboard.holding import Held, held
from services.monitoring.dashboard.lines import Lines, line
from services.monitoring.dashboard.obligations import Obligation, obligations
from services.monitoring.dashboard.picture import Picture, picture
from services.monitoring.dashboard.readying import Ready, ready
from services.monitoring.dashboard.record import Recorded, partly_corrected, recorded
from services.monitoring.dashboard.running import Running, running
from services.monitoring.dashboard.tense import Tense
from services.monitoring.dashboard.why import Why, why
from services.monitoring.dashboard.words import amount, count, first_lower, full_day, listing, moment, spelled
from services.monitoring.rules.answers import Assessment, RollUp, TimelineEntry
from services.monitoring.rules.facts import Fact
from shared.contracts.v1.conditions import ConditionConfirmed, ConditionSuspected
from shared.contracts.v1.facts import ReactionReported


@dataclass(frozen=True, slots=True)
class Said:
    """One of the facts under the headline."""

    name: str
    value: str
    more: str


@dataclass(frozen=True, slots=True)
class Patient:
    """`opened` is the requirement whose "Why?" is open."""

    headline: str
    subline: str
    facts: tuple[Said, ...]
    picture: Picture | None
    obligations: tuple[Obligation, ...]
    ready: Ready | None
    held: tuple[Held, ...]
    broken: tuple[Broken, ...]
    running: tuple[Running, ...]
    opened: str | None
    why: Why | None
    recorded: tuple[Recorded, ...]


def patient(
    judged: Assessment,
    facts: Sequence[Fact],
    entries: Sequence[TimelineEntry],
    lines: Lines,
    name: str,
    tense: Tense,
    opened: str | None,
    around: Around | None = None,
) -> Patient:
    """`name` is the label to show; `opened` a requirement id or None; `entries` tell of `facts`.

    `around` is what surrounds the infusions; without it nothing is said of it.
    """
    known = around or Around()
    illness = _diagnosing(facts, known.diagnoses)
    drawn = [entry for entry in entries if entry.fact_id not in illness]
    planned = ready(known.readiness, judged.on, judged.zone) if known.readiness else None
    overdue = [row for row in judged.roll_ups if row.standing == "overdue"]
    today_word = {"past": "Judged on", "now": "Today,", "ahead": "Judged on"}[tense]
    slots = [slot for slot in judged.slots if not judged.episodes or slot.episode == judged.episodes[-1].episode]
    row = next((row for row in judged.roll_ups if row.requirement == opened), None)
    return Patient(
        headline=headline(name, judged, overdue, tense),
        subline=subline(overdue, lines),
        facts=(*_facts(judged, entries), *_next(planned)),
        picture=picture(judged, drawn, lines, today_word, known.holds, _serious(facts)),
        obligations=obligations(judged.roll_ups, slots, lines),
        ready=planned,
        held=held(known.holds),
        broken=broken(known.deviations),
        running=running(known.periods, judged.on),
        opened=row.requirement if row else None,
        why=_why(judged, row, entries, lines) if row and judged.episodes else None,
        recorded=recorded(entries, judged.zone, partly_corrected(facts)),
    )


def headline(name: str, judged: Assessment, overdue: Sequence[RollUp], tense: Tense) -> str:
    """ "Patient 0042: 5 items overdue, the oldest 67 days"."""
    if not judged.episodes:
        said = "no infusion yet, so nothing is owed"
    elif overdue:
        oldest = max(row.days_overdue for row in overdue)
        said = f"{count(len(overdue), 'item')} overdue, the oldest {count(oldest, 'day')}"
        said = f"{count(len(overdue), 'item')} overdue for {count(oldest, 'day')}" if len(overdue) == 1 else said
    else:
        said = _nothing_overdue(judged.roll_ups)
    return f"{name}: {said}" if tense == "now" else f"On {full_day(judged.on)}, {name}: {said}"


def subline(overdue: Sequence[RollUp], lines: Lines) -> str:
    """ "One blood draw, one urine sample and one skin exam close all five."."""
    asked: list[str] = []
    for row in overdue:
        known = line(lines, row.requirement, row.title)
        match known.specimen:
            case "Blood":
                asked.append("one blood draw")
            case "Urine":
                asked.append("one urine sample")
            case "Visit":
                asked.append(f"one {first_lower(known.short)}")
    if not asked:
        return ""
    wanted = list(dict.fromkeys(asked))
    verb = "closes" if len(wanted) == 1 else "close"
    what = {1: "it", 2: "both"}.get(len(overdue), f"all {spelled(len(overdue))}")
    return f"{listing(wanted)} {verb} {what}.".replace("one", "One", 1)


def _nothing_overdue(rows: Sequence[RollUp]) -> str:
    shown = [row.standing for row in rows if row.standing != "not_applicable"]
    for standing, said in (
        ("cancelled", "monitoring ended by death"),
        ("suspended", "monitoring is suspended, care is elsewhere"),
        ("declined", "monitoring is declined, nothing else is overdue"),
        ("due", f"nothing overdue, {count(shown.count('due'), 'item')} due"),
    ):
        if standing in shown:
            return said
    return "nothing overdue"


def _facts(judged: Assessment, entries: Sequence[TimelineEntry]) -> tuple[Said, ...]:
    found = [Said("Site", judged.site, f"times are {judged.zone}")]
    if judged.episodes:
        courses = [course for episode in judged.episodes for course in episode.courses]
        given = sum(course.infusions for course in courses)
        total = amount(sum(course.total_mg for course in courses))
        ends_on = judged.episodes[-1].ends_on
        found += [
            Said("First infusion", full_day(courses[0].first_on), count(len(courses), "course")),
            Said("Infusions", count(given, "infusion"), f"{total} mg in all"),
            Said("Last infusion", full_day(courses[-1].last_on), f"course {courses[-1].course}"),
            Said("Monitoring ends", full_day(ends_on), _until(judged.on, ends_on)),
        ]
    if entries:
        newest = max(entries, key=lambda entry: entry.version)
        when = moment(datetime.fromisoformat(newest.recorded_at), judged.zone)
        found.append(Said("Last recorded", when, f"version {judged.version}"))
    return tuple(found)


def _next(planned: Ready | None) -> tuple[Said, ...]:
    return (Said("Next infusion", planned.day, first_lower(planned.verdict)),) if planned else ()


def _diagnosing(facts: Sequence[Fact], diagnoses: frozenset[str]) -> frozenset[str]:
    """Facts of the illness that the treatment is for: no finding in the course of it."""
    return frozenset(
        fact.fact_id
        for fact in facts
        if isinstance(fact.data, ConditionConfirmed | ConditionSuspected) and fact.data.condition in diagnoses
    )


def _serious(facts: Sequence[Fact]) -> frozenset[str]:
    """Facts of reactions that were severe, or for which the infusion was stopped."""
    return frozenset(
        fact.fact_id
        for fact in facts
        if isinstance(fact.data, ReactionReported) and (fact.data.severity == "severe" or fact.data.action == "stopped")
    )


def _until(on: date, ends_on: date) -> str:
    months = (ends_on.year - on.year) * 12 + ends_on.month - on.month - (ends_on.day < on.day)
    if ends_on < on:
        return "over"
    return f"in {count(months, 'month')}" if months else f"in {count((ends_on - on).days, 'day')}"


def _why(judged: Assessment, row: RollUp, entries: Sequence[TimelineEntry], lines: Lines) -> Why:
    episode = judged.episodes[-1]
    slots = [slot for slot in judged.slots if slot.requirement == row.requirement and slot.episode == episode.episode]
    slots.sort(key=lambda slot: (slot.due_on, slot.obligation_id))
    return why(line(lines, row.requirement, row.title), row, episode, slots, entries)
