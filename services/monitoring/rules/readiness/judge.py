"""Go, no-go or go with warnings for one planned infusion: every prerequisite, hold and spacing rule, one line each."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from services.monitoring.rules.answers import RollUp
from services.monitoring.rules.deviations.found import Severity
from services.monitoring.rules.deviations.kinds import Check, Interval
from services.monitoring.rules.deviations.story import Story
from services.monitoring.rules.edition import Requirement
from services.monitoring.rules.holds.find import holds, in_force
from services.monitoring.rules.holds.hold import Hold
from services.monitoring.rules.holds.kinds import HoldRule
from services.monitoring.rules.infusion_rules import InfusionRules
from services.monitoring.rules.overrides import overrides
from services.monitoring.rules.readiness.asked import Asked
from services.monitoring.rules.readiness.kinds import Prerequisite
from services.monitoring.rules.readiness.line import Line, Proof, Readiness, Said, Verdict
from services.monitoring.rules.readiness.needs import met
from services.monitoring.rules.readiness.plan import plan
from services.monitoring.rules.readiness.spacing import ahead, earliest
from shared.contracts.v1.courses import CourseForgone, CoursePlanned

_STOPS: frozenset[Severity] = frozenset({"BLOCK", "HOLD"})
_WARNS: frozenset[Severity] = frozenset({"WARN", "TASK"})
_OPEN = frozenset({"not_met", "unknown"})


def readiness(
    rules: InfusionRules,
    requirements: Mapping[str, Requirement],
    story: Story,
    roll_ups: Sequence[RollUp],
    planned_at: datetime | None = None,
) -> Readiness:
    """Judged with what is known on the story's date; `planned_at`: the instant of the infusion, if it is asked for."""
    asked = Asked(story, plan(story, planned_at), requirements)
    lines = [
        *_facts_that_forbid(asked),
        *(_line(rule, met(rule, asked), asked, overridable=rule.overridable) for rule in rules.prerequisites),
        *_spacing(rules.checks, asked),
        *_holds(rules.holds, asked, roll_ups),
    ]
    interval = next((check.look for check in rules.checks if isinstance(check.look, Interval)), None)
    return Readiness(
        asked.plan.view(),
        verdict(lines),
        earliest(interval, asked) if interval else None,
        tuple(sorted(lines, key=lambda one: (one.rule or "", one.severity))),
    )


def verdict(lines: Sequence[Line]) -> Verdict:
    """What is not known stops as much as what is not met; an override lets go on, and warns."""
    if any(one.severity in _STOPS and one.standing in _OPEN for one in lines):
        return "no_go"
    warned = any(one.severity in _WARNS and one.standing in _OPEN for one in lines)
    overridden = any(one.severity != "INFO" and one.standing == "overridden" for one in lines)
    return "go_with_warnings" if warned or overridden else "go"


def _facts_that_forbid(asked: Asked) -> Iterator[Line]:
    death = asked.story.record.belief.death
    if death is not None and death <= asked.on:
        yield Line(None, "Death", "BLOCK", None, None, "not_met", f"A death is recorded on {death}.", ())
    forgone = asked.story.record.of(CourseForgone, asked.on)
    planned = asked.story.record.of(CoursePlanned, asked.on)
    if forgone and all((one.first, one.version) < (forgone[-1].first, forgone[-1].version) for one in planned):
        last = forgone[-1]
        proof = Proof(last.fact_id, last.first, "decision", False, "no plan since")
        sentence = f"It was decided on {last.first} to give no further course."
        yield Line(None, "Decision against a further course", "WARN", None, None, "not_met", sentence, (proof,))


def _spacing(checks: Sequence[Check], asked: Asked) -> Iterator[Line]:
    for check in checks:
        if (said := ahead(check, asked)) is not None:
            yield _line(check, said, asked, overridable=True)


def _holds(rules: Sequence[HoldRule], asked: Asked, roll_ups: Sequence[RollUp]) -> Iterator[Line]:
    standing = [one for one in holds(rules, asked.story.record, roll_ups, asked.on) if in_force(one)]
    held = {one.rule for one in standing}
    for rule in rules:
        if rule.id not in held:
            yield _line(rule, Said("met", "Nothing of it is in force."), asked, overridable=True)
    for hold in standing:
        yield _hold_line(hold, asked)


def _hold_line(hold: Hold, asked: Asked) -> Line:
    opened = tuple(
        Proof(one, asked.story.record.day(one), hold.hold, False, "opened the hold") for one in hold.opened_by
    )
    line = Line(hold.rule, hold.title, hold.severity, hold.basis, hold.citation, "not_met", hold.sentence, opened)
    return _overridden(line, hold.rule or hold.hold, asked)


def _line(rule: Prerequisite | Check | HoldRule, said: Said, asked: Asked, *, overridable: bool) -> Line:
    line = Line(
        rule.id,
        rule.title,
        said.severity or rule.severity,
        rule.basis,
        rule.citation,
        said.standing,
        said.sentence,
        said.evidence,
    )
    return _overridden(line, rule.id, asked) if overridable else line


def _overridden(line: Line, rule: str, asked: Asked) -> Line:
    """An override or a waiver of that rule that is in force on the day of the infusion."""
    found = overrides(asked.story.record, rule, asked.on, asked.plan.on)
    if line.standing not in _OPEN or not found:
        return line
    last = found[-1]
    proof = Proof(last.fact_id, last.first, "override", True, "in force on the day")
    return Line(
        line.rule,
        line.title,
        line.severity,
        line.basis,
        line.citation,
        "overridden",
        f"{line.sentence.removesuffix('.')}; overridden on {last.first}.",
        (*line.evidence, proof),
    )
