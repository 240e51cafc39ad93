"""Deliveries that can't be applied yet, by treatment: held back durably, and taken up as soon as they fit.

gap: an earlier version is missing. fork: the version is another fact here (a restored or forked log). failed: the
rules could not judge it (a defect of ours). A gap heals by itself; the others wait for an operator's `unpark`.
"""

import logging
from dataclasses import dataclass
from typing import Literal, cast

from sqlalchemy import Connection, bindparam, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from services.monitoring.facts import micros_of, read_item
from services.monitoring.store.tables import parked
from shared.contracts.v1.feed import FeedItem

Reason = Literal["gap", "fork", "failed"]
Key = tuple[int, str]
"""Version and fact id: of a forked log several facts may wait at one version."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Held:
    """One delivery that waits, with its bytes."""

    item: FeedItem
    value: bytes
    reason: Reason


class Parking:
    """What waits, as one transaction sees and changes it; of a treatment only the keys are read before they are needed.

    An alarm is a log line at ERROR and the count that /readyz shows.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._reasons: dict[str, set[Reason]] = {}
        for treatment, reason in connection.execute(select(parked.c.treatment, parked.c.reason).distinct()):
            self._reasons.setdefault(treatment, set()).add(reason)
        self._looked_into: dict[str, dict[Key, Reason]] = {}
        self._new: dict[str, dict[Key, Held]] = {}
        self._gone: dict[str, set[Key]] = {}

    def hold(self, item: FeedItem, value: bytes, reason: Reason) -> None:
        key, rows = (item.version, item.fact_id), self._rows(item.treatment)
        if rows.get(key) == reason:
            return
        rows[key] = reason
        self._new.setdefault(item.treatment, {})[key] = Held(item, value, reason)
        if reason == "gap":
            _log.info("A treatment waits for version(s) before %d; asking the feed.", item.version)
        else:
            _log.error(
                "ALARM A treatment is parked (%s) at version %d, position %d. Find out whether the course log was "
                "restored, then run `coursewatch monitoring unpark`.",
                reason,
                item.version,
                item.position,
            )

    def stands(self, treatment: str) -> Reason | None:
        """Why nothing more may be applied to a treatment; a mere gap does not stop the version that fills it."""
        rows = self._looked_into.get(treatment)
        reasons = self._reasons.get(treatment, ()) if rows is None else set(rows.values())
        return "fork" if "fork" in reasons else "failed" if "failed" in reasons else None

    def applied(self, item: FeedItem) -> Held | None:
        """Settles what was held at a version now applied, and answers the delivery held for the next one, if any."""
        rows = self._rows(item.treatment)
        for (version, fact_id), reason in list(rows.items()):
            if version == item.version and fact_id == item.fact_id:
                self._let_go(item.treatment, (version, fact_id))
            elif version <= item.version and reason == "gap":
                for held in self._held(item.treatment, (version, fact_id)):
                    self.hold(held.item, held.value, "fork")
        following = [held for key in rows if key[0] == item.version + 1 for held in self._held(item.treatment, key)]
        return min(following, key=lambda held: held.item.position, default=None)

    def release(self, held: Held) -> None:
        self._let_go(held.item.treatment, (held.item.version, held.item.fact_id))

    def forget(self, treatment: str) -> None:
        """Drops all that waits of one treatment: it is read anew from the feed."""
        for key in list(self._rows(treatment)):
            self._let_go(treatment, key)

    def gaps(self) -> list[str]:
        """Treatments that wait for nothing but missing versions."""
        unread = [name for name, reasons in self._reasons.items() if name not in self._looked_into and reasons]
        wait = [*unread, *(name for name, rows in self._looked_into.items() if rows)]
        return sorted(name for name in wait if self.stands(name) is None)

    def write(self, now: int) -> None:
        gone = [{"t": name, "v": v, "f": f} for name in sorted(self._gone) for v, f in sorted(self._gone[name])]
        if gone:
            self._connection.execute(_DELETE, gone)
        for name in sorted(self._new):
            for held in self._new[name].values():
                _upsert(self._connection, held, now)

    def _rows(self, treatment: str) -> dict[Key, Reason]:
        """What waits of one treatment, and why."""
        rows = self._looked_into.get(treatment)
        if rows is None:
            rows = {}
            if treatment in self._reasons:
                query = select(parked.c.version, parked.c.fact_id, parked.c.reason)
                found = self._connection.execute(query.where(parked.c.treatment == treatment))
                rows = {(row.version, row.fact_id): cast("Reason", row.reason) for row in found}
            self._looked_into[treatment] = rows
        return rows

    def _held(self, treatment: str, key: Key) -> list[Held]:
        """The one that waits there, if this version of ours can read it."""
        if (held := self._new.get(treatment, {}).get(key)) is not None:
            return [held]
        version, fact_id = key
        there = (parked.c.treatment == treatment) & (parked.c.version == version) & (parked.c.fact_id == fact_id)
        row = self._connection.execute(select(parked.c.item, parked.c.reason).where(there)).one()
        item = read_item(row.item)
        return [Held(item, row.item, cast("Reason", row.reason))] if isinstance(item, FeedItem) else []

    def _let_go(self, treatment: str, key: Key) -> None:
        del self._rows(treatment)[key]
        self._new.get(treatment, {}).pop(key, None)
        self._gone.setdefault(treatment, set()).add(key)


_DELETE = delete(parked).where(
    parked.c.treatment == bindparam("t"), parked.c.version == bindparam("v"), parked.c.fact_id == bindparam("f")
)


def _upsert(connection: Connection, held: Held, now: int) -> None:
    make = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    row = make(parked).values(
        treatment=held.item.treatment,
        version=held.item.version,
        fact_id=held.item.fact_id,
        reason=held.reason,
        recorded_at=micros_of(held.item.recorded_at),
        since=now,
        item=held.value,
    )
    key = [parked.c.treatment, parked.c.version, parked.c.fact_id]
    connection.execute(row.on_conflict_do_update(index_elements=key, set_={"reason": held.reason}))
