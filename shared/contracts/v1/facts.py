"""The facts of the course log as both services see them: one struct per fact type, and the record that carries it.

Reading ignores unknown fields, so the vocabulary can grow within v1; the course service's door refuses them.
Source of the vocabulary: docs/contract.md §1.4. Conditions and holds are in conditions.py, what surrounds a course of
infusions in courses.py.
"""

from typing import Annotated, Literal, get_args

from msgspec import UNSET, Meta, UnsetType, field

from shared.contracts.v1.conditions import (
    ConditionConfirmed,
    ConditionExcluded,
    ConditionResolved,
    ConditionRetracted,
    ConditionSuspected,
    EvaluationCompleted,
    FindingRecorded,
    HoldLifted,
    HoldPlaced,
    ReviewPerformed,
    RuleOverridden,
    TherapyCompleted,
    TherapyStarted,
)
from shared.contracts.v1.courses import (
    AttestationGiven,
    AuthorisationRecorded,
    CounsellingGiven,
    CourseForgone,
    CoursePlanned,
    DosePrepared,
    EnrolmentRecorded,
    ObservationCompleted,
    PremedicationGiven,
)
from shared.contracts.v1.history import (
    ChildbearingPotentialRecorded,
    MedicationStarted,
    MedicationStopped,
    PriorTreatmentRecorded,
    ScreeningCompleted,
)
from shared.contracts.v1.parts import (
    Amount,
    Data,
    Day,
    Instant,
    Reference,
    Slug,
    Text,
    Word,
    Zone,
)

Sex = Literal["female", "male", "other", "unknown"]
ResultStatus = Literal[
    "registered",
    "preliminary",
    "partial",
    "final",
    "amended",
    "corrected",
    "appended",
    "cancelled",
    "entered-in-error",
]
LOINC = "http://loinc.org"


class TreatmentOpened(Data, frozen=True):
    protocol: Word
    site: Word
    zone: Zone
    sex: Sex = field(default_factory=lambda: "unknown")
    birth_date: Day | None = None


class DemographicsCorrected(Data, frozen=True):
    """Any of these; acts by `known_at` alone, whatever `on` is."""

    sex: Sex | UnsetType = UNSET
    birth_date: Day | UnsetType = UNSET
    zone: Zone | UnsetType = UNSET
    site: Word | UnsetType = UNSET
    cervix: Literal["present", "absent", "unknown"] | UnsetType = UNSET


class InfusionAdministered(Data, frozen=True):
    dose_mg: Amount  # mg; 0 means no exposure
    ended_at: Instant | None = None
    completed: bool = True
    route: Word | None = None
    lot: Word | None = None
    diluted_at: Instant | None = None


class InfusionStopped(Data, frozen=True):
    infusion: Reference
    reason: Text
    given_mg: Amount | None = None  # mg


class InfusionVoided(Data, frozen=True):
    reason: Text


class LabResultCancelled(Data, frozen=True):
    reason: Text
    specimen_id: Word | None = None
    codes: Annotated[tuple[Word, ...], Meta(min_length=1)] | None = None


class ReactionRetracted(Data, frozen=True):
    reason: Text


class FactVoided(Data, frozen=True):
    """Voids any fact, also a void (which reinstates)."""

    reason: Text


class Result(Data, frozen=True):
    code: Word
    status: ResultStatus
    system: Word = field(default_factory=lambda: LOINC)  # a factory's default is always written (§1.6)
    value: float | int | Text | None = None
    unit: Word | None = None


class LabResultRecorded(Data, frozen=True):
    specimen_id: Word
    results: Annotated[tuple[Result, ...], Meta(min_length=1)]
    panel: Word | None = None


class LabResultCorrected(LabResultRecorded, frozen=True):
    """Replaces only the codes it names; its `occurred_at` moves only those."""


class ReactionReported(Data, frozen=True):
    signs: Annotated[tuple[Slug, ...], Meta(min_length=1)]
    severity: Literal["mild", "moderate", "severe"] | None = None
    action: Literal["none", "slowed", "paused", "stopped"] | None = None
    infusion: Reference | None = None


class ExamPerformed(Data, frozen=True):
    exam: Literal["skin", "hpv", "ecg", "mri"]
    outcome: Text | None = None


class ProphylaxisStarted(Data, frozen=True):
    kind: Literal["antiviral", "contraception"]
    product: Word | None = None


class ProphylaxisStopped(ProphylaxisStarted, frozen=True):
    pass


class VaccineAdministered(Data, frozen=True):
    cvx: Word


class PregnancyRecorded(Data, frozen=True):
    pass


class PregnancyEnded(Data, frozen=True):
    pass


class DeathRecorded(Data, frozen=True):
    pass


class MonitoringDeclined(Data, frozen=True):
    """Which requirements are refused; none named means all."""

    requirements: Annotated[tuple[Word, ...], Meta(min_length=1)] | None = None
    reason: Text | None = None


class MonitoringResumed(MonitoringDeclined, frozen=True):
    pass


class CareTransferredOut(Data, frozen=True):
    to: Text | None = None


class CareTransferredIn(Data, frozen=True, rename={"from_": "from"}):
    from_: Text | None = None
    site: Word | None = None


class RemsFormSubmitted(Data, frozen=True):
    form: Literal["patient-status", "baseline-lab", "infusion-checklist"]


class ObligationWaived(Data, frozen=True):
    """Exactly one of `obligation_id` (one slot) or `requirement` (all of it)."""

    reason: Text
    obligation_id: Word | None = None
    requirement: Word | None = None
    until: Day | None = None  # the waiver's last day


class ObligationAcknowledged(Data, frozen=True):
    note: Text | None = None
    obligation_id: Word | None = None
    requirement: Word | None = None
    until: Day | None = None


FactData = (
    TreatmentOpened
    | DemographicsCorrected
    | InfusionAdministered
    | InfusionStopped
    | InfusionVoided
    | LabResultRecorded
    | LabResultCorrected
    | LabResultCancelled
    | ReactionReported
    | ReactionRetracted
    | ExamPerformed
    | ProphylaxisStarted
    | ProphylaxisStopped
    | VaccineAdministered
    | PregnancyRecorded
    | PregnancyEnded
    | DeathRecorded
    | MonitoringDeclined
    | MonitoringResumed
    | CareTransferredOut
    | CareTransferredIn
    | RemsFormSubmitted
    | ObligationWaived
    | ObligationAcknowledged
    | ConditionSuspected
    | ConditionConfirmed
    | ConditionExcluded
    | ConditionResolved
    | ConditionRetracted
    | FindingRecorded
    | EvaluationCompleted
    | ReviewPerformed
    | TherapyStarted
    | TherapyCompleted
    | HoldPlaced
    | HoldLifted
    | RuleOverridden
    | CoursePlanned
    | CourseForgone
    | CounsellingGiven
    | AttestationGiven
    | EnrolmentRecorded
    | AuthorisationRecorded
    | PremedicationGiven
    | DosePrepared
    | ObservationCompleted
    | PriorTreatmentRecorded
    | MedicationStarted
    | MedicationStopped
    | ScreeningCompleted
    | ChildbearingPotentialRecorded
    | FactVoided
)

FACTS: dict[str, type[FactData]] = {kind.__name__: kind for kind in get_args(FactData)}

# Free text stays in the log and the feed; it is left out of Kafka (docs/contract.md §1.4).
FREE_TEXT = frozenset({"reason", "note", "outcome"})
