"""What waits for an operator: another log, parked treatments, dead letters. Opaque ids and reasons, nothing more."""

from typing import Final

from msgspec import Struct
from sqlalchemy import Connection, func, select

from services.monitoring.facts import utc_text
from services.monitoring.store.tables import dead_letter, parked
from services.monitoring.store.witness import seen

MOST: Final = 100  # of each kind are listed, the oldest first


class ParkedTreatment(Struct, frozen=True):
    """A treatment whose facts wait since an instant, from `version` on; `reason` is gap, fork or failed."""

    treatment: str
    reason: str
    version: int
    since: str


class DeadLetter(Struct, frozen=True):
    """A delivery that could not be read: where it stood in its source, when it came, and why."""

    id: int
    source: str
    partition: int
    position: int
    received_at: str
    reason: str


class SetAside(Struct, frozen=True):
    """`log`: what is wrong with the course log, None = nothing. The numbers count all, the lists hold MOST."""

    log: str | None
    parked_treatments: int
    unread_letters: int
    parked: list[ParkedTreatment]
    dead_letters: list[DeadLetter]


def set_aside(connection: Connection) -> SetAside:
    """As it stands in one snapshot."""
    last = seen(connection)
    c = parked.c
    waiting = (
        select(c.treatment, c.reason, func.min(c.version).label("version"), func.min(c.since).label("since"))
        .group_by(c.treatment, c.reason)
        .order_by(func.min(c.since), c.treatment)
    )
    unread = select(dead_letter).where(dead_letter.c.resolved_at.is_(None)).order_by(dead_letter.c.id)
    count = select(func.count()).select_from
    return SetAside(
        log=last.sentence if last else None,
        parked_treatments=connection.execute(select(func.count(c.treatment.distinct()))).scalar_one(),
        unread_letters=connection.execute(count(unread.subquery())).scalar_one(),
        parked=[
            ParkedTreatment(row.treatment, row.reason, row.version, utc_text(row.since))
            for row in connection.execute(waiting.limit(MOST))
        ],
        dead_letters=[
            DeadLetter(row.id, row.source, row.partition, row.position, utc_text(row.received_at), row.reason)
            for row in connection.execute(unread.limit(MOST))
        ],
    )
