"""The last fact seen of the log, and the alarm that the log no longer has it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, cast

from sqlalchemy import Connection, delete, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from services.monitoring.store.tables import fact, witness
from shared.contracts.v1.feed import FeedItem

Alarm = Literal["behind", "fork"]


@dataclass(frozen=True, slots=True)
class Seen:
    """`position` and `fact_id` of the last fact; with an `alarm`, the log's end then and when (microseconds)."""

    position: int
    fact_id: str
    alarm: Alarm | None = None
    head: int | None = None
    since: int | None = None

    @property
    def sentence(self) -> str | None:
        """What is wrong, for the operator; None while nothing is."""
        match self.alarm:
            case None:
                return None
            case "behind":
                return (
                    f"the course log ends at position {self.head}, and position {self.position} was seen: an older "
                    "log was restored, or COURSEWATCH_COURSE_URL names another one (docs/runbooks/fork.md)"
                )
            case "fork":
                return (
                    f"at position {self.position} the course log has another fact than the one that was seen: an "
                    "older log was restored and went on (docs/runbooks/fork.md)"
                )


def seen(connection: Connection) -> Seen | None:
    """None before the first fact."""
    row = connection.execute(select(witness)).first()
    return (
        None if row is None else Seen(row.position, row.fact_id, cast("Alarm | None", row.alarm), row.head, row.since)
    )


def note(connection: Connection, items: Iterable[FeedItem]) -> None:
    """Moves to the last of these facts, if it is later than the one noted and there is no alarm."""
    last = max(items, key=lambda item: item.position, default=None)
    if last is None:
        return
    make = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    row = {"position": last.position, "fact_id": last.fact_id}
    connection.execute(
        make(witness)
        .values(only=1, **row)
        .on_conflict_do_update(
            index_elements=[witness.c.only],
            set_=row,
            where=(witness.c.position < last.position) & witness.c.alarm.is_(None),
        )
    )


def raise_alarm(connection: Connection, alarm: Alarm | None, head: int, now: int) -> None:
    """Keeps an alarm, or takes it back (None)."""
    said = {"alarm": alarm, "head": head if alarm else None, "since": now if alarm else None}
    connection.execute(update(witness).values(said))


def start_anew(connection: Connection) -> None:
    """Takes the facts that are now projected for the log: after a rebuild, which has read all of it."""
    connection.execute(delete(witness))
    last = select(func.max(fact.c.position)).scalar_subquery()
    row = connection.execute(select(fact.c.position, fact.c.fact_id).where(fact.c.position == last)).first()
    if row is not None:
        connection.execute(insert(witness).values(only=1, position=row.position, fact_id=row.fact_id))
