"""Facts about what the patient brings along: earlier treatments, other medicines, screenings, childbearing."""

from typing import Literal

from shared.contracts.v1.parts import Data, ImpreciseDay, Slug, Word


class PriorTreatmentRecorded(Data, frozen=True):
    """An earlier medicine for the same illness, begun at `occurred_at` or `occurred_on`."""

    product: Slug
    ended_on: ImpreciseDay | None = None
    outcome: Literal["inadequate-response", "intolerance", "completed", "other"] | None = None


class MedicationStarted(Data, frozen=True):
    """Another medicine beside the one that is monitored; `group` says what matters of it: `immunosuppressant`."""

    product: Word
    group: Slug | None = None


class MedicationStopped(MedicationStarted, frozen=True):
    pass


class ScreeningCompleted(Data, frozen=True):
    """A screening and what it showed; `not-needed` where the patient is documented to be at no risk."""

    screening: Slug
    result: Literal["negative", "positive", "indeterminate", "not-needed"]


class ChildbearingPotentialRecorded(Data, frozen=True):
    potential: Literal["yes", "no", "unknown"]
