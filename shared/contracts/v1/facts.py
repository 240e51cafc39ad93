"""The facts of the course log as both services see them: one struct per fact type, and the record that carries it.

Texts are kept as the sender wrote them: instants are RFC 3339 with an offset, dates are `YYYY-MM-DD`, and an
imprecise date may be `YYYY-MM` or `YYYY`. Reading ignores unknown fields, so the vocabulary can grow within v1;
the course service's door refuses them. Source of the vocabulary: docs/contract.md §1.4.
"""

from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType, field

Text = Annotated[str, Meta(max_length=4096)]
Word = Annotated[str, Meta(min_length=1, max_length=4096)]
Instant = Annotated[str, Meta(max_length=64, extra_json_schema={"format": "date-time"})]
Day = Annotated[str, Meta(pattern=r"^\d{4}-\d{2}-\d{2}$", extra_json_schema={"format": "date"})]
ImpreciseDay = Annotated[
    str, Meta(pattern=r"^\d{4}(-\d{2}(-\d{2})?)?$", extra_json_schema={"format": "imprecise-date"})
]
Zone = Annotated[
    str,
    Meta(min_length=1, max_length=64, description="IANA time zone", extra_json_schema={"format": "iana-time-zone"}),
]
Id = Annotated[str, Meta(max_length=36, extra_json_schema={"format": "uuid"})]
Count = Annotated[int, Meta(ge=0)]
Amount = Annotated[float, Meta(ge=0)] | Annotated[int, Meta(ge=0)]

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


class BusinessId(Struct, frozen=True, omit_defaults=True):
    """The sender's own name for a thing; the same name with a higher version corrects the lower ones."""

    system: Word
    value: Word
    version: Count | None = None


class BusinessName(Struct, frozen=True):
    """A business id named without a version, as `corrects` does."""

    system: Word
    value: Word


class Reference(Struct, frozen=True, omit_defaults=True):
    """What a fact corrects: exactly one of a fact id or a business name, of the same treatment."""

    fact_id: Id | None = None
    business_id: BusinessName | None = None


class _Data(Struct, frozen=True, omit_defaults=True):
    """Common ground of all fact data: immutable, and written without what was not said."""


class TreatmentOpened(_Data, frozen=True):
    protocol: Word
    site: Word
    zone: Zone
    sex: Sex = field(default_factory=lambda: "unknown")
    birth_date: Day | None = None


class DemographicsCorrected(_Data, frozen=True):
    """Any of these; acts by `known_at` alone, whatever `on` is."""

    sex: Sex | UnsetType = UNSET
    birth_date: Day | UnsetType = UNSET
    zone: Zone | UnsetType = UNSET
    site: Word | UnsetType = UNSET
    cervix: Literal["present", "absent", "unknown"] | UnsetType = UNSET


class InfusionAdministered(_Data, frozen=True):
    dose_mg: Amount  # mg; 0 means no exposure
    ended_at: Instant | None = None
    completed: bool = True
    route: Word | None = None
    lot: Word | None = None
    diluted_at: Instant | None = None


class InfusionStopped(_Data, frozen=True):
    infusion: Reference
    reason: Text
    given_mg: Amount | None = None  # mg


class InfusionVoided(_Data, frozen=True):
    reason: Text


class LabResultCancelled(_Data, frozen=True):
    reason: Text
    specimen_id: Word | None = None
    codes: Annotated[tuple[Word, ...], Meta(min_length=1)] | None = None


class ReactionRetracted(_Data, frozen=True):
    reason: Text


class FactVoided(_Data, frozen=True):
    """Voids any fact, also a void (which reinstates)."""

    reason: Text


class Result(_Data, frozen=True):
    code: Word
    status: ResultStatus
    system: Word = field(default_factory=lambda: LOINC)  # a factory's default is always written (§1.6)
    value: float | int | Text | None = None
    unit: Word | None = None


class LabResultRecorded(_Data, frozen=True):
    specimen_id: Word
    results: Annotated[tuple[Result, ...], Meta(min_length=1)]
    panel: Word | None = None


class LabResultCorrected(LabResultRecorded, frozen=True):
    """Replaces only the codes it names; its `occurred_at` moves only those."""


Slug = Annotated[str, Meta(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=64)]


class ReactionReported(_Data, frozen=True):
    signs: Annotated[tuple[Slug, ...], Meta(min_length=1)]
    severity: Literal["mild", "moderate", "severe"] | None = None
    action: Literal["none", "slowed", "paused", "stopped"] | None = None
    infusion: Reference | None = None


class ExamPerformed(_Data, frozen=True):
    exam: Literal["skin", "hpv", "ecg", "mri"]
    outcome: Text | None = None


class ProphylaxisStarted(_Data, frozen=True):
    kind: Literal["antiviral", "contraception"]
    product: Word | None = None


class ProphylaxisStopped(ProphylaxisStarted, frozen=True):
    pass


class VaccineAdministered(_Data, frozen=True):
    cvx: Word


class PregnancyRecorded(_Data, frozen=True):
    pass


class PregnancyEnded(_Data, frozen=True):
    pass


class DeathRecorded(_Data, frozen=True):
    pass


class MonitoringDeclined(_Data, frozen=True):
    """Which requirements are refused; none named means all."""

    requirements: Annotated[tuple[Word, ...], Meta(min_length=1)] | None = None
    reason: Text | None = None


class MonitoringResumed(MonitoringDeclined, frozen=True):
    pass


class CareTransferredOut(_Data, frozen=True):
    to: Text | None = None


class CareTransferredIn(_Data, frozen=True, rename={"from_": "from"}):
    from_: Text | None = None
    site: Word | None = None


class RemsFormSubmitted(_Data, frozen=True):
    form: Literal["patient-status", "baseline-lab", "infusion-checklist"]


class ObligationWaived(_Data, frozen=True):
    """Exactly one of `obligation_id` (one slot) or `requirement` (all of it)."""

    reason: Text
    obligation_id: Word | None = None
    requirement: Word | None = None
    until: Day | None = None  # the waiver's last day


class ObligationAcknowledged(_Data, frozen=True):
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
    | FactVoided
)

FACTS: dict[str, type[FactData]] = {
    kind.__name__: kind
    for kind in (
        TreatmentOpened,
        DemographicsCorrected,
        InfusionAdministered,
        InfusionStopped,
        InfusionVoided,
        LabResultRecorded,
        LabResultCorrected,
        LabResultCancelled,
        ReactionReported,
        ReactionRetracted,
        ExamPerformed,
        ProphylaxisStarted,
        ProphylaxisStopped,
        VaccineAdministered,
        PregnancyRecorded,
        PregnancyEnded,
        DeathRecorded,
        MonitoringDeclined,
        MonitoringResumed,
        CareTransferredOut,
        CareTransferredIn,
        RemsFormSubmitted,
        ObligationWaived,
        ObligationAcknowledged,
        FactVoided,
    )
}

# Free text stays in the log and the feed; it is left out of Kafka (docs/contract.md §1.4).
FREE_TEXT = frozenset({"reason", "note", "outcome"})
