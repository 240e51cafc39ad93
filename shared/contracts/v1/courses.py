"""Facts about what surrounds a course of infusions: the plan, consent to it, preparation and observation."""

from typing import Annotated, Literal

from msgspec import Meta

from shared.contracts.v1.parts import Amount, Count, Data, Day, Instant, Reference, Slug, Text, Word


class CoursePlanned(Data, frozen=True):
    """A course is meant to begin on `first_on`, and its first infusion at `starts_at` if that is settled."""

    first_on: Day
    starts_at: Instant | None = None
    infusions: Count | None = None


class CourseForgone(Data, frozen=True):
    """It was decided to give no further course."""

    reason: Text


class CounsellingGiven(Data, frozen=True):
    topics: Annotated[tuple[Slug, ...], Meta(min_length=1)]


class AttestationGiven(Data, frozen=True):
    """Somebody vouches for `subject`: no active infection today, equipment for emergencies. `until` is its last day."""

    subject: Slug
    until: Day | None = None


class EnrolmentRecorded(Data, frozen=True):
    """The patient, prescriber, site or pharmacy takes part in a programme that the medicine is bound to."""

    programme: Slug
    role: Literal["patient", "prescriber", "site", "pharmacy"]
    until: Day | None = None


class AuthorisationRecorded(Data, frozen=True):
    """The programme allows this patient's next course."""

    programme: Slug
    until: Day | None = None


class PremedicationGiven(Data, frozen=True):
    kind: Slug  # corticosteroid, antihistamine, antipyretic, …
    product: Word | None = None
    dose_mg: Amount | None = None  # mg
    infusion: Reference | None = None


class DosePrepared(Data, frozen=True):
    """A dose was diluted at `occurred_at`."""

    diluent: Slug
    bag_ml: Amount | None = None  # mL
    volume_ml: Amount | None = None  # mL of the undiluted medicine
    lot: Word | None = None
    serial: Word | None = None  # of the vial
    infusion: Reference | None = None


class ObservationCompleted(Data, frozen=True):
    """The observation after an infusion ended at `occurred_at`."""

    infusion: Reference | None = None
