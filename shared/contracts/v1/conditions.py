"""Facts about illnesses, signs, and what is done about them: conditions, evaluations, therapies, holds, overrides.

`condition`, `finding`, `topics` and `hold` are slugs that a protocol names; one that no protocol knows is kept.
"""

from typing import Annotated

from msgspec import Meta

from shared.contracts.v1.parts import Data, Day, Slug, Text, Word


class ConditionSuspected(Data, frozen=True):
    """Somebody thinks of it: what hangs on the suspicion stands until it is confirmed, excluded or retracted."""

    condition: Slug
    signs: Annotated[tuple[Slug, ...], Meta(min_length=1)] | None = None


class ConditionConfirmed(Data, frozen=True):
    condition: Slug


class ConditionExcluded(Data, frozen=True):
    """Evaluated and not it; `cause` names what it was instead, where that was found."""

    condition: Slug
    cause: Slug | None = None


class ConditionResolved(Data, frozen=True):
    """It was there and is over: an infection healed, for example."""

    condition: Slug


class ConditionRetracted(Data, frozen=True):
    """The statement that `corrects` names was entered in error."""

    reason: Text


class FindingRecorded(Data, frozen=True):
    """A sign that is no reaction to an infusion: a suspicious MRI, for example."""

    finding: Slug
    outcome: Text | None = None


class EvaluationCompleted(Data, frozen=True):
    """The work-up of a suspected or confirmed condition is finished."""

    condition: Slug
    outcome: Text | None = None


class ReviewPerformed(Data, frozen=True):
    """The patient was asked or looked at for something: thyroid cancer symptoms, signs of a stroke."""

    topics: Annotated[tuple[Slug, ...], Meta(min_length=1)]
    outcome: Text | None = None


class TherapyStarted(Data, frozen=True):
    """Treatment of a condition, other than the treatment that is monitored."""

    condition: Slug
    product: Word | None = None


class TherapyCompleted(TherapyStarted, frozen=True):
    pass


class HoldPlaced(Data, frozen=True):
    """No further infusion until it is lifted; `hold` is the slug of the reason or the id of a rule."""

    hold: Word
    reason: Text


class HoldLifted(HoldPlaced, frozen=True):
    pass


class RuleOverridden(Data, frozen=True):
    """A prescriber goes on in spite of a rule, and says why; `until` is its last day."""

    rule: Word
    reason: Text
    until: Day | None = None
