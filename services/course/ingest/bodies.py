"""The bodies that the doors take, as they are on the wire (docs/contract.md §1.1–§1.3)."""

from typing import Annotated

from msgspec import Meta, Struct

from shared.contracts.v1.facts import Sex
from shared.contracts.v1.parts import Day, Id, Instant, Text, Word, Zone
from shared.posted_facts import FactBody


class IdentifierBody(Struct, frozen=True):
    """A patient's identifier in somebody's system."""

    system: Word
    value: Word


class OpeningBody(Struct, frozen=True):
    """`POST /v1/treatments`."""

    identifier: IdentifierBody
    zone: Zone
    protocol: Word = "alemtuzumab-ms"
    site: Word | None = None
    sex: Sex | None = None
    birth_date: Day | None = None
    label: Text | None = None


class LookupBody(Struct, frozen=True):
    """`POST /v1/treatments/lookup`."""

    identifier: IdentifierBody


class LabelsBody(Struct, frozen=True):
    """`POST /v1/treatments/labels`."""

    treatments: Annotated[list[Id], Meta(max_length=10_000)]


class ClockBody(Struct, frozen=True):
    """`PUT /v1/clock`."""

    now: Instant


class ItemBody(FactBody, frozen=True, kw_only=True):
    """One item of `POST /v1/events`: a fact that says whose it is."""

    treatment: Id | None = None
    identifier: IdentifierBody | None = None
