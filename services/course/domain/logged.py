"""What the log keeps of a fact: everything that was said of it, and nothing that the log itself assigns."""

from typing import Generic, TypeVar

from msgspec import Struct

from services.course.domain.submission import Submission
from shared.contracts.v1.facts import FactData
from shared.contracts.v1.parts import BusinessId, Reference

Data = TypeVar("Data")


class LoggedFact(Struct, Generic[Data], frozen=True, kw_only=True, omit_defaults=True):
    """The JSON of one row of the log; `schema` is the version of its class, `data` the struct its type names.

    Treatment, version, position, fact id and recorded_at stand beside it in the row: they are assigned under the
    append lock, and a cipher can bind them.
    """

    sender: str
    source: str
    author: str
    data: Data
    schema: int = 1
    occurred_at: str | None = None
    occurred_on: str | None = None
    zone: str | None = None
    issued_at: str | None = None
    business_id: BusinessId | None = None
    corrects: Reference | None = None
    traceparent: str | None = None


def logged(submission: Submission) -> LoggedFact[FactData]:
    """The part of a submission that the log keeps."""
    return LoggedFact(
        sender=submission.sender,
        source=submission.source,
        author=submission.author,
        data=submission.data,
        occurred_at=submission.occurred_at,
        occurred_on=submission.occurred_on,
        zone=submission.zone,
        issued_at=submission.issued_at,
        business_id=submission.business_id,
        corrects=submission.corrects,
        traceparent=submission.traceparent,
    )
