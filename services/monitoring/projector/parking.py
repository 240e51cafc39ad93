"""Deliveries that can't be applied yet, by treatment: held back durably, and taken up as soon as they fit.

gap: an earlier version is missing. fork: the version is another fact here (a restored or forked log). failed: the
rules could not judge it (a defect of ours). A gap heals by itself; the others wait for an operator's `unpark`.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, cast

from sqlalchemy import Connection, bindparam, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from services.monitoring.facts import micros_of, read_item
from services.monitoring.store.tables import parked
from shared.contracts.v1.feed import FeedItem

Reason = Literal["gap", "fork", "failed"]
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Held:
    """One delivery that waits, with its bytes."""

    item: FeedItem
    value: bytes
    reason: Reason


class Parking:
    """What waits, as one transaction changes it. An alarm is a log line at ERROR and the count that /readyz shows."""

    def __init__(self, held: Mapping[str, Mapping[tuple[int, str], Held]]) -> None:
        self._held = {treatment: dict(rows) for treatment, rows in held.items()}
        self._changed: set[str] = set()

    def hold(self, item: FeedItem, value: bytes, reason: Reason) -> None:
        rows = self._held.setdefault(item.treatment, {})
        known = rows.get((item.version, item.fact_id))
        if known is not None and known.reason == reason:
            return
        rows[item.version, item.fact_id] = Held(item, value, reason)
        self._changed.add(item.treatment)
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
        reasons = {held.reason for held in self._held.get(treatment, {}).values()}
        return "fork" if "fork" in reasons else "failed" if "failed" in reasons else None

    def applied(self, item: FeedItem) -> Held | None:
        """Settles what was held at a version now applied, and answers the delivery held for the next one, if any."""
        rows = self._held.get(item.treatment)
        if not rows:
            return None
        for (version, fact_id), held in list(rows.items()):
            if version == item.version and fact_id == item.fact_id:
                self.release(held)
            elif version <= item.version and held.reason == "gap":
                self.hold(held.item, held.value, "fork")
        following = [held for (version, _), held in rows.items() if version == item.version + 1]
        return min(following, key=lambda held: held.item.position, default=None)

    def release(self, held: Held) -> None:
        del self._held[held.item.treatment][held.item.version, held.item.fact_id]
        self._changed.add(held.item.treatment)

    def forget(self, treatment: str) -> None:
        """Drops all that waits of one treatment: it is read anew from the feed."""
        self._held[treatment] = {}
        self._changed.add(treatment)

    def gaps(self) -> list[str]:
        """Treatments that wait for nothing but missing versions."""
        return sorted(name for name, rows in self._held.items() if rows and self.stands(name) is None)

    def write(self, connection: Connection, now: int) -> None:
        for name in sorted(self._changed):
            kept = self._held[name]
            there = connection.execute(
                select(parked.c.version, parked.c.fact_id).where(parked.c.treatment == name)
            ).all()
            gone = [{"t": name, "v": v, "f": f} for v, f in there if (v, f) not in kept]
            if gone:
                connection.execute(_DELETE, gone)
            for held in kept.values():
                _upsert(connection, held, now)


def load(connection: Connection) -> Parking:
    """All that waits; ordinarily nothing."""
    held: dict[str, dict[tuple[int, str], Held]] = {}
    for row in connection.execute(select(parked)):
        item = read_item(row.item)
        if isinstance(item, FeedItem):
            rows = held.setdefault(row.treatment, {})
            rows[row.version, row.fact_id] = Held(item, row.item, cast("Reason", row.reason))
    return Parking(held)


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
