"""Which obligations exist on a date: grids (R10–R12), yearly items (R15, R21) and what findings ask for (R22)."""

from dataclasses import dataclass
from datetime import date, timedelta

from tests.monitoring.reference.calendar import DAY, When, add_months, when
from tests.monitoring.reference.circumstances import Circumstances
from tests.monitoring.reference.evidence import Shown, of_component
from tests.monitoring.reference.infusions import Episode
from tests.monitoring.reference.protocol import Requirement
from tests.monitoring.reference.statements import Thing


@dataclass
class Obligation:
    """`key` is its id less treatment and requirement. A yearly one may be done or waived for good."""

    requirement: str
    episode: int
    key: str
    opens: date
    due: date
    closes: date | None
    asked: When | None = None
    done_on: date | None = None
    waived_for_good: bool = False


def grid(requirement: Requirement, episode: Episode) -> list[Obligation]:
    step, early = requirement.months, timedelta(days=requirement.early)
    found = []
    number, due = 1, add_months(episode.anchor, step)
    while due <= episode.end:
        following = add_months(episode.anchor, (number + 1) * step)
        found.append(
            Obligation(requirement.id, episode.number, f"s{number}", due - early, due, following - early - DAY)
        )
        number, due = number + 1, following
    last = found[-1].due if found else episode.anchor
    if (episode.end - last).days >= requirement.close_out_from:
        opens = episode.end - early
        if found:
            found[-1].closes = opens - DAY
        closes = add_months(episode.end, step) - early - DAY
        found.append(Obligation(requirement.id, episode.number, "close-out", opens, episode.end, closes))
    return found


def yearly(
    requirement: Requirement,
    episode: Episode,
    following: Episode | None,
    everything: list[Shown],
    around: Circumstances,
    treatment: str,
) -> list[Obligation]:
    """One obligation at a time, each from the day on which the one before it was closed."""
    days: dict[date, Shown] = {}
    for exam in sorted(of_component(requirement, requirement.components[0], everything), key=lambda exam: exam.version):
        days.setdefault(exam.when.first, exam)
    before = [day for day in days if day <= episode.anchor]
    closes = following.anchor - DAY if following else None
    key = f"after-{days[max(before)].original}" if before else "after-first"
    due = max(episode.anchor, add_months(max(before, default=episode.anchor), requirement.months))
    since = episode.anchor
    found: list[Obligation] = []
    while True:
        done = min((day for day in days if day > since and (closes is None or day <= closes)), default=None)
        waived = None
        one = None
        if due <= episode.end:
            opens = due - timedelta(days=requirement.opens_before)
            one = Obligation(requirement.id, episode.number, key, opens, due, closes)
            found.append(one)
            waived = _waived_for_good(f"{treatment}.{requirement.id}.e{episode.number}.{key}", since, closes, around)
        if done is not None and (waived is None or done <= waived):  # with none open, the next is due a year after it
            if one is not None:
                one.done_on, one.closes = done, None
            since, key, due = done, f"after-{days[done].original}", add_months(done, requirement.months)
        elif one is not None and waived is not None:
            one.waived_for_good, one.closes, since = True, None, waived  # R15: the waiver closed it
            key, due = f"{key}.w1", add_months(due, requirement.months)
        else:
            return found


def _waived_for_good(obligation: str, since: date, closes: date | None, around: Circumstances) -> date | None:
    """The day on which a waiver without expiry closed it: not after its closing day, not from the death on."""
    days = [max(one.start, since) for one in around.waivers if one.obligation == obligation and one.until is None]
    days = [day for day in days if (closes is None or day <= closes) and (around.death is None or day < around.death)]
    return min(days, default=None)


def asked(
    requirement: Requirement,
    episodes: list[Episode],
    things: list[Thing],
    zone: str,
    on: date,
    around: Circumstances,
    treatment: str,
) -> list[Obligation]:
    """Every finding asks once, in the episode in which it falls; one before the first infusion asks for nothing.

    R15 and R16 do not speak of these: one that is waived by its id without expiry is closed, as a yearly one is, since
    neither has a closing day.
    """
    found = []
    for thing in things:
        if not thing.words & requirement.after:
            continue
        moment = when(thing.deciding, zone)
        inside = [one for one in episodes if one.anchor <= moment.first]
        if inside and moment.first <= on:
            due = moment.first + timedelta(days=requirement.due_days)
            key = f"for-{thing.original.fact_id}"
            one = Obligation(requirement.id, inside[-1].number, key, moment.first, due, None, moment)
            name = f"{treatment}.{requirement.id}.e{one.episode}.{key}"
            one.waived_for_good = _waived_for_good(name, moment.first, None, around) is not None
            found.append(one)
    return sorted(
        found, key=lambda one: (one.due, one.asked.instant.timestamp() if one.asked and one.asked.instant else 0)
    )
