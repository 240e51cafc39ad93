"""How a check of infusions works, kind by kind."""

from collections.abc import Iterator
from typing import assert_never

from services.monitoring.rulebook.entry import Detail, RuleKind
from services.monitoring.rulebook.words import Glossary, counted, first_upper, listed
from services.monitoring.rules.deviations.kinds import (
    Age,
    ConsecutiveDays,
    CourseExpected,
    CourseSize,
    Diluted,
    DilutionAge,
    Dose,
    Duration,
    Interval,
    LiveVaccine,
    Look,
    LotRecorded,
    Observation,
    OneADay,
    Premedication,
    Preparation,
    Route,
    VialOnce,
)


def kind(look: Look) -> RuleKind:
    return "elapsed" if isinstance(look, Duration | DilutionAge | Observation) else "check"


def how(look: Look, glossary: Glossary) -> str:  # noqa: PLR0911, PLR0912 (one line per kind of check)
    """ "Each infusion gives 12 mg.", "At most one infusion on a day."."""
    match look:
        case Dose(mg=mg):
            return f"Each infusion gives {mg:g} mg."
        case CourseSize():
            return _size(look)
        case ConsecutiveDays():
            return "The infusions of a course are on consecutive days."
        case OneADay():
            return "At most one infusion on a day."
        case Interval(months=months):
            least = counted(months, "month")
            return f"At least {least} from the last infusion of any earlier course to the first of the next."
        case CourseExpected(course=course, by_months=months):
            by = f"by {counted(months, 'month')} after the course before it"
            return f"Course {course} begins {by}, unless it was decided against."
        case Duration(at_least_hours=hours):
            return f"At least {counted(hours, 'hour')} from start to end, pauses included; not judged where it stopped."
        case DilutionAge(at_most_hours=hours):
            return f"The infusion starts at most {counted(hours, 'hour')} after the dilution."
        case Observation(at_least_hours=hours):
            return f"Observed for at least {counted(hours, 'hour')} from the end of each infusion, or from its stop."
        case Diluted():
            return "A dilution is recorded before the infusion starts."
        case Preparation(volume_ml=volume, bag_ml=bag, diluents=diluents):
            what = listed([glossary.plain(slug) for slug in diluents], "or")
            return f"{volume:g} mL in a bag of {bag:g} mL: {what}; what was not recorded is not judged."
        case Route(allowed=allowed):
            return f"Given as {allowed[0]}."
        case VialOnce():
            return "A vial, known by lot and serial number, makes one dose."
        case LotRecorded():
            return "The lot of each infusion is recorded, with it or with its preparation."
        case Premedication(any_of=kinds, first_days=days):
            when = f"on the first {counted(days, 'day')} of a course" if days else "on each day of infusion"
            what = first_upper(listed([glossary.plain(one) for one in kinds], "or"))
            return f"{what} before the start, {when}."
        case Age(at_least=least, warned_below=below):
            return f"At least {least} years old on the day of the infusion; below {below} a warning."
        case LiveVaccine():
            return "No live vaccine after the first infusion; once monitoring has ended, a warning."
        case _:
            assert_never(look)


def details(look: Look) -> Iterator[Detail]:
    match look:
        case Route(allowed=allowed) if len(allowed) > 1:
            yield Detail("Also written as", ", ".join(allowed[1:]))
        case LiveVaccine(cvx=cvx, lesser=lesser):
            yield Detail("Live vaccines", f"CVX {', '.join(cvx)}")
            if lesser:
                yield Detail("A warning at any time", f"CVX {', '.join(lesser)}")
        case _:
            return


def _size(look: CourseSize) -> str:
    which = f"Each course from course {look.first} on" if look.last is None else f"Course {look.first}"
    if look.last is not None and look.last > look.first:
        which = f"Each of the courses {look.first} to {look.last}"
    size = f"{counted(look.infusions, 'infusion')}, {look.mg:g} mg in all"
    return f"{which} has {size}; a short one is settled {counted(look.settled_after_days, 'day')} after its last."
