"""What a sender asks of the ledger: to open a treatment, or to record one fact."""

from uuid import UUID

from msgspec import Struct

from shared.contracts.v1.facts import FactData, Sex, TreatmentOpened
from shared.contracts.v1.parts import BusinessId, Reference


class Identifier(Struct, frozen=True):
    """A patient's identifier in somebody's system; it lives in the directory alone, never in the log."""

    system: str
    value: str


class Submission(Struct, frozen=True, kw_only=True):
    """One fact as a door read it: typed, and beside it the bytes as they were received.

    Exactly one of `treatment` and `identifier` is set (bulk items may name the patient), and exactly one of
    `occurred_at` and `occurred_on`. Texts are as the sender wrote them. `key` is the sender's own idempotency key
    (`Idempotency-Key` or `message_id`); None lets domain.keys choose one.
    """

    sender: str
    received: bytes
    data: FactData
    source: str
    author: str
    treatment: UUID | None = None
    identifier: Identifier | None = None
    key: str | None = None
    occurred_at: str | None = None
    occurred_on: str | None = None
    zone: str | None = None
    issued_at: str | None = None
    business_id: BusinessId | None = None
    corrects: Reference | None = None
    traceparent: str | None = None

    @property
    def type(self) -> str:
        return type(self.data).__name__


class Opening(Struct, frozen=True, kw_only=True):
    """A treatment to open. None means that the sender did not say; only what was said can differ later."""

    sender: str
    identifier: Identifier
    zone: str
    protocol: str = "alemtuzumab-ms"
    site: str | None = None
    sex: Sex | None = None
    birth_date: str | None = None
    label: str | None = None
    traceparent: str | None = None

    def fact(self) -> TreatmentOpened:
        """What the log keeps of the opening: everything but the identity."""
        return TreatmentOpened(
            protocol=self.protocol,
            site=self.site or "default",
            zone=self.zone,
            sex=self.sex or "unknown",
            birth_date=self.birth_date,
        )

    def differs(self, opened: TreatmentOpened, label: str | None) -> tuple[str, ...]:
        """Names of the fields that were said now and disagree with the opening that stands."""
        said = {"site": self.site, "zone": self.zone, "sex": self.sex, "birth_date": self.birth_date}
        differing = [name for name, value in said.items() if value is not None and value != getattr(opened, name)]
        if self.label is not None and self.label != label:
            differing.append("label")
        return tuple(differing)
