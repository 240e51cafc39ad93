"""Kinds of prerequisites as a protocol writes them: what must be there before an infusion begins."""

from typing import Literal

from msgspec import Struct

from services.monitoring.rules.deviations.found import Severity
from services.monitoring.rules.edition import Basis, Component, Insufficient, Part


class Kind(Struct, frozen=True, eq=False, forbid_unknown_fields=True, tag_field="kind"):
    """What is asked for."""


class Shown(Kind, frozen=True, eq=False, tag="shown", rename={"components": "component"}):
    """Results, exams or forms: the components of the requirement `same_as`, or its own.

    `within_days`: not earlier than so many days before the first infusion of the course.
    """

    same_as: str | None = None
    components: tuple[Component, ...] = ()
    insufficient: tuple[Insufficient, ...] = ()
    within_days: int | None = None


class Screening(Kind, frozen=True, eq=False, tag="screening"):
    """The last screening under any of the names has an accepted result.

    A positive one is accepted as well once one of the conditions was treated to the end, excluded or resolved; another
    one once a vaccine was given so many weeks before.
    """

    screenings: tuple[str, ...]
    accept: tuple[Literal["negative", "positive", "indeterminate", "not-needed"], ...]
    treated: tuple[str, ...] = ()
    vaccines: tuple[str, ...] = ()  # CVX
    vaccine_weeks: int = 0


class Attested(Kind, frozen=True, eq=False, tag="attested"):
    """Somebody vouches for one of these subjects, and for this day; `same_day`: on the day of the infusion itself."""

    subjects: tuple[str, ...]
    same_day: bool = False


class Premedicated(Kind, frozen=True, eq=False, tag="premedicated"):
    """One of these is given on the day, before the start; `first_days`: only on the first infusions of a course."""

    any_of: tuple[str, ...]
    first_days: int | None = None


class Protected(Kind, frozen=True, eq=False, tag="protected"):
    """A prophylaxis has been started and not stopped; counselling about one of the topics may stand for it.

    An open pregnancy contradicts where `contradicted_by_pregnancy`.
    """

    prophylaxis: Literal["antiviral", "contraception"]
    topics: tuple[str, ...] = ()
    contradicted_by_pregnancy: bool = False


class Counselled(Kind, frozen=True, eq=False, tag="counselled"):
    """The patient was told about all of these since the course before."""

    topics: tuple[str, ...]


class Enrolled(Kind, frozen=True, eq=False, tag="enrolled"):
    """These roles take part in a programme, and it allows this course."""

    programme: str
    roles: tuple[Literal["patient", "prescriber", "site", "pharmacy"], ...]
    authorised: bool


class Known(Kind, frozen=True, eq=False, tag="known"):
    """The record says who is treated: the date of birth, one of these illnesses, and earlier treatments."""

    conditions: tuple[str, ...]


class Diagnosed(Kind, frozen=True, eq=False, tag="diagnosed"):
    """One of the illnesses is confirmed, and none of the others that the medicine is not for."""

    conditions: tuple[str, ...]
    not_for: tuple[str, ...]


class Without(Kind, frozen=True, eq=False, tag="without"):
    """None of these illnesses is confirmed."""

    conditions: tuple[str, ...]


class TriedBefore(Kind, frozen=True, eq=False, tag="tried-before"):
    """So many other medicines were tried before; those of `not_counting` are none."""

    at_least: int
    not_counting: tuple[str, ...] = ()


class YoungerThan(Kind, frozen=True, eq=False, tag="younger-than"):
    """Not yet of this age."""

    years: int


class Unvaccinated(Kind, frozen=True, eq=False, tag="unvaccinated"):
    """No vaccine in so many weeks before the first infusion of the course."""

    weeks: int


Need = (
    Shown
    | Screening
    | Attested
    | Premedicated
    | Protected
    | Counselled
    | Enrolled
    | Known
    | Diagnosed
    | Without
    | TriedBefore
    | YoungerThan
    | Unvaccinated
)


class Prerequisite(Struct, frozen=True, eq=False, forbid_unknown_fields=True, rename={"parts": "part"}):
    """One rule asked before an infusion, or before the first of a course; `through_course` None = of all later ones.

    `deviation`: its absence before the first infusion of a course stays a deviation (R23). `overridable` false: no
    override and no waiver helps (D-35).
    """

    id: str
    title: str
    severity: Severity
    basis: Basis
    citation: str
    profiles: tuple[str, ...]
    need: Need
    from_course: int = 1
    through_course: int | None = None
    applies_to: Literal["everyone", "childbearing"] = "everyone"
    overridable: bool = True
    deviation: bool = False
    parts: tuple[Part, ...] = ()
