"""One treatment as the projector holds it: its facts, what is believed of it, how far its dates are announced."""

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, bindparam, insert, select, update

from services.monitoring.editions import BEGINNING, Editions
from services.monitoring.facts import micros
from services.monitoring.rules.calendar import local_day, zone_named
from services.monitoring.rules.facts import Fact
from services.monitoring.rules.growing import Growing
from services.monitoring.rules.treatment import Treatment
from services.monitoring.store.facts import load_facts
from services.monitoring.store.spans import OpenSpan, load_open
from services.monitoring.store.tables import NO_DAY, treatment
from shared.contracts.v1.facts import TreatmentOpened

_CHUNK = 500


@dataclass(slots=True)
class State:
    """Days are ordinals. `zone` is the one known now; `opened_zone` the one named at the opening."""

    treatment: str
    protocol: str
    site: str
    zone: str
    opened_zone: str
    announced_on: int
    next_change_on: int = NO_DAY
    facts: Growing[Fact] = field(default_factory=Growing)
    spans: dict[str, tuple[OpenSpan, ...]] = field(default_factory=dict)
    view: Treatment | None = None  # what the rules have worked out of these facts
    edition_at: int = BEGINNING  # the activation of the edition by which its spans are made

    @property
    def version(self) -> int:
        return len(self.facts)

    def copy(self) -> "State":
        """Of its own where it can change; facts and view never do."""
        return State(
            self.treatment,
            self.protocol,
            self.site,
            self.zone,
            self.opened_zone,
            self.announced_on,
            self.next_change_on,
            self.facts,
            self.spans.copy(),
            self.view,
            self.edition_at,
        )

    def today(self, instant: datetime) -> date:
        """The clinic's date at an instant."""
        return day_in(self.zone, instant)


def day_in(zone: str, instant: datetime) -> date:
    """The local date of an instant; a zone that the tables don't know is read as UTC, as the rules do."""
    return local_day(instant, zone_named(zone) or ZoneInfo("UTC"))


def opened(fact: Fact, editions: Editions) -> State:
    """A treatment before its first fact, which must open it, under the edition then in force."""
    if not isinstance(fact.data, TreatmentOpened):
        raise TypeError("the first fact of a treatment must open it")
    state = State(fact.treatment, fact.data.protocol, fact.data.site, fact.data.zone, fact.data.zone, 0)
    state.announced_on = state.today(fact.recorded_at).toordinal()
    state.edition_at = editions.since(state.protocol, micros(fact.recorded_at))
    return state


class States:
    """The treatments last touched, least recently used first; a row that moved elsewhere is read again."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._held: OrderedDict[str, State] = OrderedDict()

    def clear(self) -> None:
        self._held.clear()

    def load(self, connection: Connection, names: Iterable[str]) -> dict[str, State]:
        """Copies of those that are there, to work on; `keep` takes them back after the commit."""
        wanted = sorted(set(names))
        found: dict[str, State] = {}
        for start in range(0, len(wanted), _CHUNK):
            query = select(treatment).where(treatment.c.treatment.in_(wanted[start : start + _CHUNK]))
            for row in connection.execute(query).all():
                found[row.treatment] = self._state(connection, row)
        return found

    def keep(self, states: Iterable[State]) -> None:
        for state in states:
            self._held[state.treatment] = state
            self._held.move_to_end(state.treatment)
        while len(self._held) > self._size:
            self._held.popitem(last=False)

    def _state(self, connection: Connection, row: Any) -> State:
        held = self._held.get(row.treatment)
        if held is not None and (held.version, held.edition_at) == (row.version, row.edition_at):
            state = held.copy()
            state.announced_on, state.next_change_on = row.announced_on, row.next_change_on
            return state
        return State(
            treatment=row.treatment,
            protocol=row.protocol,
            site=row.site,
            zone=row.zone,
            opened_zone=row.opened_zone,
            announced_on=row.announced_on,
            next_change_on=row.next_change_on,
            edition_at=row.edition_at,
            facts=Growing(load_facts(connection, row.treatment)),
            spans=load_open(connection, row.treatment),
        )


def save(connection: Connection, states: Iterable[State], new: set[str]) -> None:
    """Writes the treatments' rows; `new` names those that have none yet."""
    rows = [row(state) for state in states]
    inserts = [row for row in rows if row["treatment"] in new]
    updates = [{f"_{name}": value for name, value in row.items()} for row in rows if row["treatment"] not in new]
    if inserts:
        connection.execute(insert(treatment), inserts)
    if updates:
        connection.execute(_UPDATE, updates)


_COLUMNS = ("version", "protocol", "site", "zone", "opened_zone", "announced_on", "next_change_on", "edition_at")
_UPDATE = (
    update(treatment)
    .where(treatment.c.treatment == bindparam("_treatment"))
    .values({name: bindparam(f"_{name}") for name in _COLUMNS})
)


def row(state: State) -> dict[str, Any]:
    """A treatment's row, its columns in the table's order."""
    return {"treatment": state.treatment, **{name: getattr(state, name) for name in _COLUMNS}}
