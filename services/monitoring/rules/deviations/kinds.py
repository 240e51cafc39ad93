"""Kinds of checks as a protocol writes them: each a shape of data; the engine knows kinds and no medicine."""

from msgspec import Struct

from services.monitoring.rules.deviations.found import Severity
from services.monitoring.rules.edition import Basis


class Kind(Struct, frozen=True, eq=False, forbid_unknown_fields=True, tag_field="kind"):
    """What is looked at."""


class Dose(Kind, frozen=True, eq=False, tag="dose"):
    """Each infusion gives so much."""

    mg: float


class CourseSize(Kind, frozen=True, eq=False, tag="course-size"):
    """So many infusions and so much in all, of the courses numbered from `first` through `last` (None = all later)."""

    first: int
    infusions: int
    mg: float
    settled_after_days: int  # so many days after its last infusion a short course stays short (R8)
    last: int | None = None


class ConsecutiveDays(Kind, frozen=True, eq=False, tag="consecutive-days"):
    """The infusions of a course are on consecutive local dates."""


class OneADay(Kind, frozen=True, eq=False, tag="one-a-day"):
    """At most one infusion on a local date."""


class Interval(Kind, frozen=True, eq=False, tag="interval"):
    """So many whole months between the last infusion of any earlier course and the first of the next."""

    months: int


class CourseExpected(Kind, frozen=True, eq=False, tag="course-expected"):
    """A course begins by so many months after the one before it, unless it was decided to give no further one."""

    course: int
    by_months: int


class Duration(Kind, frozen=True, eq=False, tag="duration"):
    """From the start of an infusion to its end, pauses included; one that was stopped is not judged."""

    at_least_hours: float


class DilutionAge(Kind, frozen=True, eq=False, tag="dilution-age"):
    """From the dilution to the start of the infusion; an infusion that goes on longer is told as INFO."""

    at_most_hours: float


class Diluted(Kind, frozen=True, eq=False, tag="diluted"):
    """A dilution is recorded before the start."""


class Preparation(Kind, frozen=True, eq=False, tag="preparation"):
    """How a dose is prepared; what was not recorded is not judged."""

    volume_ml: float
    bag_ml: float
    diluents: tuple[str, ...]


class Route(Kind, frozen=True, eq=False, tag="route"):
    """The ways of giving that are allowed, as senders write them; the first of them is named."""

    allowed: tuple[str, ...]


class VialOnce(Kind, frozen=True, eq=False, tag="vial-once"):
    """A vial, known by lot and serial number, makes one dose."""


class LotRecorded(Kind, frozen=True, eq=False, tag="lot-recorded"):
    """The lot of each infusion is recorded, with it or with its preparation."""


class Observation(Kind, frozen=True, eq=False, tag="observation"):
    """So long from the end of the infusion, or from its stop, to the end of the observation."""

    at_least_hours: float


class Premedication(Kind, frozen=True, eq=False, tag="premedication"):
    """At least one of these is given before the start; `first_days`: only on so many first days of a course."""

    any_of: tuple[str, ...]
    first_days: int | None = None


class Age(Kind, frozen=True, eq=False, tag="age"):
    """Full years on the local date of the infusion; from `at_least` to below `warned_below` it is a warning."""

    at_least: int
    warned_below: int


class LiveVaccine(Kind, frozen=True, eq=False, tag="live-vaccine"):
    """CVX codes of live vaccines that are not given after the first infusion: a warning once the episode has ended.

    The `lesser` ones are always a warning.
    """

    cvx: tuple[str, ...]
    lesser: tuple[str, ...] = ()


Look = (
    Dose
    | CourseSize
    | ConsecutiveDays
    | OneADay
    | Interval
    | CourseExpected
    | Duration
    | DilutionAge
    | Diluted
    | Preparation
    | Route
    | VialOnce
    | LotRecorded
    | Observation
    | Premedication
    | Age
    | LiveVaccine
)


class Check(Struct, frozen=True, eq=False, forbid_unknown_fields=True):
    """One rule about infusions that a protocol checks afterwards. Empty profiles = off until a site names one."""

    id: str
    title: str
    severity: Severity
    basis: Basis
    citation: str
    profiles: tuple[str, ...]
    look: Look
