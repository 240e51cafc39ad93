"""The last fact seen of the log, and the alarm that the log no longer has it."""

from dataclasses import asdict, dataclass
from typing import Literal, cast

from sqlalchemy import Connection, delete, insert, select

from services.monitoring.store.tables import fact, witness

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


def note(connection: Connection, last: Seen) -> None:
    """Writes down the last fact seen, with its alarm if there is one."""
    connection.execute(delete(witness))
    connection.execute(insert(witness), {"only": 1} | asdict(last))


def last_projected(connection: Connection) -> Seen | None:
    """The projected fact of the highest position."""
    query = select(fact.c.position, fact.c.fact_id).order_by(fact.c.position.desc()).limit(1)
    row = connection.execute(query).first()
    return None if row is None else Seen(row.position, row.fact_id)


def start_anew(connection: Connection) -> None:
    """Takes the facts that are now projected for the log: after a rebuild, which has read all of it."""
    connection.execute(delete(witness))
    last = last_projected(connection)
    if last is not None:
        note(connection, last)
