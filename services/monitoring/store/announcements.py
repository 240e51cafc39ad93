"""Announcements as they are stored: numbered under one lock in commit order, each told once whatever is replayed."""

import secrets
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import msgspec
from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from services.monitoring.facts import utc_text
from services.monitoring.store.tables import announcement, stream
from shared.contracts.v1.announcements import Announcement, Kind, SlotRange

KEPT = timedelta(days=30)
KEPT_NUMBER = 1_000_000
_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Draft:
    """An announcement before it has its number; `known_at` in microseconds."""

    kind: Kind
    effective_on: date
    obligation_id: str
    treatment: str
    requirement: str
    site: str
    due_on: date | None
    standing: str | None
    caused_by: str | None
    known_at: int
    edition: str
    slots: SlotRange | None = None
    traceparent: str | None = None

    @property
    def once(self) -> str:
        """Obligation, kind and cause: a fact's own id, or the date (docs/contract.md §3.6)."""
        return f"{self.obligation_id} {self.kind} {self.caused_by or self.effective_on.isoformat()}"


@dataclass(slots=True)
class Numbering:
    """The stream's row, locked until the transaction ends: who holds it is the only one that writes a projection."""

    name: str
    head: int
    generation: int

    def tell(self, connection: Connection, drafts: Sequence[Draft]) -> Counter[str]:
        """Stores those that were never told, in the order given; answers how many of each kind that were."""
        known = _told(connection, self.name, [draft.once for draft in drafts])
        rows = []
        for draft in drafts:
            if draft.once in known:
                continue
            known.add(draft.once)
            self.head += 1
            rows.append(row(self.name, self.head, draft))
        if rows:
            connection.execute(insert(announcement), rows)
            connection.execute(update(stream).values(head=self.head))
        return Counter(str(row["kind"]) for row in rows)

    def forget_old(self, connection: Connection, now: int) -> None:
        """Lets go of what is older than 30 days, but never of the newest million."""
        connection.execute(
            delete(announcement).where(
                announcement.c.stream == self.name,
                announcement.c.n <= self.head - KEPT_NUMBER,
                announcement.c.known_at < now - KEPT // timedelta(microseconds=1),
            )
        )


def lock_stream(connection: Connection) -> Numbering:
    """The first statement of every transaction that projects: writers follow one another, numbers have no gap."""
    row = connection.execute(select(stream).with_for_update()).one()
    return Numbering(str(row.name), int(row.head), int(row.generation))


def new_stream_name() -> str:
    return f"k{secrets.token_hex(4)}"


def start_stream(connection: Connection) -> None:
    """Names the stream when the database is new; a new name tells clients that numbers begin anew."""
    new = {"only": 1, "name": new_stream_name(), "head": 0, "generation": 1}
    make = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    connection.execute(make(stream).values(new).on_conflict_do_nothing())


def _told(connection: Connection, name: str, keys: Sequence[str]) -> set[str]:
    found: set[str] = set()
    for start in range(0, len(keys), _CHUNK):
        query = select(announcement.c.once).where(
            announcement.c.stream == name, announcement.c.once.in_(keys[start : start + _CHUNK])
        )
        found.update(connection.execute(query).scalars())
    return found


def row(name: str, n: int, draft: Draft) -> dict[str, object]:
    """An announcement as it is stored, with its number."""
    told = Announcement(
        announcement_id=f"{name}-{n}",
        kind=draft.kind,
        effective_on=draft.effective_on.isoformat(),
        obligation_id=draft.obligation_id,
        treatment=draft.treatment,
        requirement=draft.requirement,
        site=draft.site,
        due_on=None if draft.due_on is None else draft.due_on.isoformat(),
        standing=draft.standing,
        caused_by=draft.caused_by,
        known_at=utc_text(draft.known_at),
        edition=draft.edition,
        slots=msgspec.UNSET if draft.slots is None else draft.slots,
        traceparent=draft.traceparent or msgspec.UNSET,
    )
    return {
        "stream": name,
        "n": n,
        "kind": draft.kind,
        "effective_on": draft.effective_on.toordinal(),
        "obligation_id": draft.obligation_id,
        "treatment": draft.treatment,
        "requirement": draft.requirement,
        "site": draft.site,
        "caused_by": draft.caused_by,
        "known_at": draft.known_at,
        "once": draft.once,
        "payload": msgspec.json.encode(told).decode(),
    }
