"""What is found of a scenario: its deviations, holds and readiness, asked as a test reads best."""

from datetime import date, datetime

from services.monitoring import catalogue
from services.monitoring.rules import assess
from services.monitoring.rules.deviations.find import deviations
from services.monitoring.rules.deviations.found import Deviation
from services.monitoring.rules.deviations.story import Story
from services.monitoring.rules.edition import Edition
from services.monitoring.rules.holds.find import holds
from services.monitoring.rules.holds.hold import Hold
from services.monitoring.rules.readiness.judge import readiness
from services.monitoring.rules.readiness.line import Line, Readiness
from services.monitoring.rules.record import Record
from shared.contracts.v1.facts import InfusionAdministered
from tests.scenario import EDITION, Scenario


def _story(t: Scenario, on: str, known: str | None, edition: Edition) -> Story:
    known_at = t.known_at(known)
    facts = [fact for fact in t.facts if known_at is None or fact.recorded_at <= known_at]
    return Story(Record(facts), edition.courses, date.fromisoformat(on))


def broken(t: Scenario, on: str, *rules: str | None, known: str | None = None, profile: str = "us") -> list[Deviation]:
    """The deviations of these rules."""
    edition = catalogue.load("alemtuzumab-ms", profile) if profile != "us" else EDITION
    story = _story(t, on, known, edition)
    found = deviations(edition.infusions, edition.requirements, story)
    return [one for one in found if one.rule in rules]


def held(t: Scenario, on: str, *rules: str, known: str | None = None, profile: str = "us") -> list[Hold]:
    """The holds of these rules; none named = all that somebody placed."""
    edition = catalogue.load("alemtuzumab-ms", profile) if profile != "us" else EDITION
    story = _story(t, on, known, edition)
    rows = assess(edition, story.record.facts.values(), story.on).roll_ups
    found = holds(edition.infusions.holds, story.record, rows, story.on)
    return [one for one in found if (one.rule in rules if rules else one.rule is None)]


def ready(t: Scenario, on: str, at: str | None = None, *, known: str | None = None, profile: str = "us") -> Readiness:
    edition = catalogue.load("alemtuzumab-ms", profile) if profile != "us" else EDITION
    story = _story(t, on, known, edition)
    rows = assess(edition, story.record.facts.values(), story.on).roll_ups
    planned_at = datetime.fromisoformat(at) if at else None
    return readiness(edition.infusions, edition.requirements, story, rows, planned_at)


def line(found: Readiness, rule: str) -> Line:
    """The one line of a rule."""
    (one,) = [one for one in found.lines if one.rule == rule]
    return one


def infused(t: Scenario, start: str, mg: float = 12, **more: object) -> str:
    """An infusion with what is said of it."""
    return t.record(InfusionAdministered(dose_mg=mg, **more), start)  # type: ignore[arg-type] # as the test writes it
