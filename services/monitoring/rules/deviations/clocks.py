"""What is measured on the clock of an infusion day: its duration, the age of the dilution, the observation after it.

All of it is elapsed time between instants; where one of them is only a date, nothing is judged.
"""

from collections.abc import Iterator
from datetime import date, timedelta

from services.monitoring.rules.calendar import local_day
from services.monitoring.rules.deviations.found import Found, Quantity
from services.monitoring.rules.deviations.kinds import DilutionAge, Duration, Observation
from services.monitoring.rules.deviations.story import Given, Story
from services.monitoring.rules.durations import elapsed, in_words, later, minutes


def duration(look: Duration, story: Story) -> Iterator[Found]:
    least = timedelta(hours=look.at_least_hours)
    for one in story.timed():
        if one.start is None or one.end is None or one.stopped:
            continue
        length = elapsed(one.start, one.end)
        if length < least:
            said = (
                f"Infused over {in_words(length)}"
                if length >= timedelta(0)
                else f"Recorded to have ended {in_words(length)} before it began"
            )
            yield Found(
                "duration",
                one.first,
                (one.fact_id,),
                f"{said}; at least {in_words(least)}.",
                (Quantity("duration", minutes(length), "at_least", minutes(least), "min"),),
                one.course,
            )


def dilution_age(look: DilutionAge, story: Story) -> Iterator[Found]:
    """D-12: to start in time is required, to end in time is not."""
    most = timedelta(hours=look.at_most_hours)
    for one in story.timed():
        diluted, facts = story.diluted_at(one)
        if diluted is None or one.start is None:
            continue
        concerned = (one.fact_id, *facts)
        age = elapsed(diluted, one.start)
        if age > most:
            sentence = f"Started {in_words(age)} after dilution; at most {in_words(most)}."
            numbers = (Quantity("age of the dilution", minutes(age), "at_most", minutes(most), "min"),)
            yield Found("dilution_age", one.first, concerned, sentence, numbers, one.course)
        elif one.end is not None and (age := elapsed(diluted, one.end)) > most:
            sentence = f"Ended {in_words(age)} after dilution, having started in time; {in_words(most)} were exceeded."
            numbers = (Quantity("age of the dilution", minutes(age), "at_most", minutes(most), "min"),)
            yield Found("finished_late", one.first, concerned, sentence, numbers, one.course, severity="INFO")


def observation(look: Observation, story: Story) -> Iterator[Found]:
    least = timedelta(hours=look.at_least_hours)
    for one in story.timed():
        seen = story.observations(one)
        if not seen:
            if story.on > _over_on(one, least, story):
                sentence = f"No observation after the infusion is recorded; at least {in_words(least)}."
                numbers = (Quantity("observation", None, "at_least", minutes(least), "min"),)
                yield Found("observation_missing", one.first, (one.fact_id,), sentence, numbers, one.course)
            continue
        ends = [(last.instant, last.fact_id) for last in seen if last.instant is not None]
        if one.end is None or not ends:
            continue
        ended_at, fact_id = max(ends)
        length = max(elapsed(one.end, ended_at), timedelta(0))
        if length < least:
            sentence = f"Observed for {in_words(length)} after the infusion {_over(one)}; at least {in_words(least)}."
            numbers = (Quantity("observation", minutes(length), "at_least", minutes(least), "min"),)
            yield Found("observation_short", one.first, (one.fact_id, fact_id), sentence, numbers, one.course)


def _over(one: Given) -> str:
    return "was stopped" if one.stopped else "ended"


def _over_on(one: Given, least: timedelta, story: Story) -> date:
    """The local date on which the observation could end at the earliest."""
    return one.first if one.end is None else local_day(later(one.end, least), story.record.belief.who.clinic)
