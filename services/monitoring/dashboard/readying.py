"""Whether the next planned infusion is ready: one line that says it, and what it rests on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from services.monitoring.dashboard.lines import whose
from services.monitoring.dashboard.words import count, first_lower, first_upper, in_days, listing, moment, weekday
from services.monitoring.rules.readiness.line import Line, LineStanding, Readiness, Verdict

_NAMED = 3  # of what is missing, in the one line
_WORDS: dict[LineStanding, str] = {
    "not_met": "Missing",
    "unknown": "Not known",
    "overridden": "Overridden",
    "met": "In order",
    "not_applicable": "Does not apply",
}
_VERDICTS: dict[Verdict, str] = {"no_go": "No-go", "go_with_warnings": "Go, with warnings", "go": "Go"}
_STOPS = {"BLOCK", "HOLD"}
_OPEN = {"not_met", "unknown"}


@dataclass(frozen=True, slots=True)
class ReadyLine:
    """`tone` colours what stops it red and what only warns amber."""

    title: str
    word: str
    tone: str
    sentence: str
    rule: str
    whose: str


@dataclass(frozen=True, slots=True)
class Ready:
    """`lines` are those to look at, `in_order` the others; `stopped`: no infusion as things are."""

    title: str
    answer: str
    stopped: bool
    day: str
    verdict: str
    lines: tuple[ReadyLine, ...]
    in_order: tuple[ReadyLine, ...]


def ready(found: Readiness, on: date, zone: str) -> Ready:
    """`on` is the date judged; the planned time is said in the clinic's zone."""
    plan = found.plan
    day = weekday(plan.on, on)
    at = f", {moment(datetime.fromisoformat(plan.at), zone).rpartition(', ')[2]}" if plan.at else ""
    which = f"course {plan.course}, infusion {plan.infusion}"
    shown = [line for line in found.lines if line.standing != "not_applicable"]
    shown = sorted(shown, key=_rank)
    return Ready(
        title=f"Planned infusion on {day}{at}: {which}",
        answer=_answer(found.verdict, shown),
        stopped=found.verdict == "no_go",
        day=day,
        verdict=_VERDICTS[found.verdict],
        lines=tuple(_line(line) for line in shown if _rank(line) < _QUIET),
        in_order=tuple(_line(line) for line in shown if _rank(line) >= _QUIET),
    )


_QUIET = 3


def _rank(line: Line) -> int:
    if line.standing in _OPEN:
        return 0 if line.severity in _STOPS else 2 if line.severity == "INFO" else 1
    return 2 if line.standing == "overridden" else _QUIET


def _answer(verdict: Verdict, lines: Sequence[Line]) -> str:
    word = _VERDICTS[verdict]
    stopping = [line for line in lines if _rank(line) == 0]
    warning = [line for line in lines if _rank(line) == 1]
    if stopping:
        return f"{word}. {first_upper(_named(stopping))}."
    if warning:
        return f"{word}. {first_upper(_named(warning))}."
    return f"{word}. Everything asked for is there."


def _named(lines: Sequence[Line]) -> str:
    titles = list(dict.fromkeys(first_lower(line.title) for line in lines))
    if len(titles) <= _NAMED:
        return f"not in order: {listing(titles)}"
    return f"{count(len(titles), 'thing')} not in order, among them {listing(titles[:_NAMED])}"


def _line(line: Line) -> ReadyLine:
    open_one = line.standing in _OPEN
    tone = ("missed" if line.severity in _STOPS else "doubtful" if line.severity != "INFO" else "") if open_one else ""
    return ReadyLine(
        title=line.title,
        word=_WORDS[line.standing],
        tone=tone,
        sentence=in_days(line.sentence),
        rule=line.rule or "",
        whose=whose(line.basis) if line.basis else "a recorded fact",
    )
