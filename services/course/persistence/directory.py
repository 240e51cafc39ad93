"""The directory: whose treatment is whose. Identity lives here, outside the log, where it can be erased."""

from collections.abc import Collection
from uuid import UUID

from msgspec import Struct
from sqlalchemy import Connection, insert, select, tuple_

from services.course.domain.submission import Identifier, Opening
from services.course.persistence.tables import identifier, treatment


class Named(Struct, frozen=True):
    """What the directory knows of one treatment."""

    label: str | None
    identifiers: tuple[Identifier, ...]


def enter(connection: Connection, opening: Opening, opened: UUID) -> None:
    """Enters a treatment that is being opened."""
    whose = opening.identifier
    connection.execute(insert(treatment), {"treatment": opened, "label": opening.label})
    connection.execute(
        insert(identifier),
        {"system": whose.system, "value": whose.value, "protocol": opening.protocol, "treatment": opened},
    )


def on_protocol(connection: Connection, whose: Identifier, protocol: str) -> UUID | None:
    """The treatment of an identifier on one protocol; there is at most one."""
    c = identifier.c
    found = select(c.treatment).where(c.system == whose.system, c.value == whose.value, c.protocol == protocol)
    return connection.execute(found).scalar()


def treatments_of(connection: Connection, wanted: Collection[Identifier]) -> dict[Identifier, list[UUID]]:
    """The treatments of each identifier, on whatever protocol, oldest first; unknown ones are left out."""
    c = identifier.c
    pairs = [(whose.system, whose.value) for whose in wanted]
    found: dict[Identifier, list[UUID]] = {}
    query = select(c.system, c.value, c.treatment).where(tuple_(c.system, c.value).in_(pairs)).order_by(c.treatment)
    for row in connection.execute(query) if pairs else ():
        found.setdefault(Identifier(row.system, row.value), []).append(row.treatment)
    return found


def named(connection: Connection, wanted: Collection[UUID]) -> dict[UUID, Named]:
    """Labels and identifiers of treatments; unknown ones are left out."""
    labels = select(treatment.c.treatment, treatment.c.label).where(treatment.c.treatment.in_(wanted))
    c = identifier.c
    whose = select(c.treatment, c.system, c.value).where(c.treatment.in_(wanted)).order_by(c.system, c.value).distinct()
    identifiers: dict[UUID, list[Identifier]] = {}
    for row in connection.execute(whose):
        identifiers.setdefault(row.treatment, []).append(Identifier(row.system, row.value))
    return {
        row.treatment: Named(row.label, tuple(identifiers.get(row.treatment, ()))) for row in connection.execute(labels)
    }


def label_of(connection: Connection, opened: UUID) -> str | None:
    return connection.execute(select(treatment.c.label).where(treatment.c.treatment == opened)).scalar()
