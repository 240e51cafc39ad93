"""One transaction's work: facts applied one by one in the log's order, the rows written together at the end."""

import logging
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, insert, literal, select
from sqlalchemy.dialects import postgresql, sqlite

from services.monitoring.editions import Editions
from services.monitoring.facts import EPOCH, Unreadable, micros, to_fact
from services.monitoring.projector.folding import spans_of_facts
from services.monitoring.projector.judging import judge, judge_dates, reopen, rewrite, switch
from services.monitoring.projector.parking import Parking
from services.monitoring.projector.states import State, States, day_in, opened, save
from services.monitoring.rules.facts import Fact
from services.monitoring.store.announcements import Draft, Numbering
from services.monitoring.store.spans import SpanChanges
from services.monitoring.store.tables import fact as fact_table
from services.monitoring.store.tables import roll_up_span, snapshot_outbox, treatment
from shared.contracts.v1.feed import FeedItem
from shared.telemetry import parse_traceparent, traceparent

_log = logging.getLogger(__name__)
_BEFORE = timedelta(microseconds=1)
_SILENT = 1.0  # seconds
_NOTHING = select(literal(1))


@dataclass(slots=True)
class Batch:
    """`announce=False` projects in silence (a rebuild); `publish` marks treatments whose snapshot Kafka must get.

    `in_order`: the facts come as the whole log has them, so every treatment's dates can be told up to each of them;
    else only those of the fact's own treatment. `horizon` is a day (ordinal) that no date of this batch comes after.
    """

    connection: Connection
    numbering: Numbering
    editions: Editions
    states: States
    parking: Parking
    announce: bool
    publish: bool
    in_order: bool
    horizon: int
    touched: dict[str, State] = field(default_factory=dict)
    new: set[str] = field(default_factory=set)
    facts: list[dict[str, Any]] = field(default_factory=list)
    spans: SpanChanges = field(default_factory=SpanChanges)
    drafts: list[Draft] = field(default_factory=list)
    told: Counter[str] = field(default_factory=Counter)
    _waiting: dict[str, dict[str, int]] | None = None  # zone -> treatment -> next_change_on
    _dated: dict[str, int] = field(default_factory=dict)  # zone -> the day its dates are announced through
    _spoke: float = field(default_factory=time.monotonic)

    def load(self, treatments: Iterable[str]) -> None:
        missing = [name for name in treatments if name not in self.touched]
        self.touched.update(self.states.load(self.connection, missing))

    def receive(self, item: FeedItem, value: bytes) -> None:
        """New, again, early or forked: every way in which a fact can arrive; what is logged names its trace."""
        outer = traceparent.set(_trace(item))
        try:
            self._receive(item, value)
            self._say_something()
        finally:
            traceparent.reset(outer)

    def _receive(self, item: FeedItem, value: bytes) -> None:
        state = self.touched.get(item.treatment)
        last = 0 if state is None else state.version
        stands = self.parking.stands(item.treatment)
        if item.version <= last:
            if state is not None and state.facts[item.version - 1].fact_id != item.fact_id:
                self.parking.hold(item, value, "fork")
        elif stands is not None:
            self.parking.hold(item, value, stands)
        elif item.version > last + 1:
            self.parking.hold(item, value, "gap")
        elif self._applied(item, value):
            following = self.parking.applied(item)
            if following is not None:
                self.parking.release(following)
                self.receive(following.item, following.value)

    def forget(self, name: str) -> None:
        """Takes one treatment out of the projection, to be read anew."""
        for table in (fact_table, roll_up_span, treatment):
            self.connection.execute(table.delete().where(table.c.treatment == name))
        self.parking.forget(name)
        self.touched.pop(name, None)

    def run_to(self, instant: datetime, known_at: datetime) -> None:
        """What the dates bring about up to each clinic's date at `instant`: all treatments, in date order."""
        due: list[str] = []
        for zone, waiting in self._by_zone().items():
            today = day_in(zone, instant).toordinal()
            if today > self._dated.get(zone, 0):
                self._dated[zone] = today
                due += [name for name, day in waiting.items() if day <= today]
        self._run_dates(due, instant, known_at)

    def _run_dates(self, names: Sequence[str], instant: datetime, known_at: datetime) -> None:
        self.load(names)
        drafts: list[Draft] = []
        for name in names:
            self._switch(name, micros(instant))
            state = self.touched[name]
            edition = self.editions.at(state.protocol, state.edition_at)
            drafts += judge_dates(edition, state, state.today(instant), micros(known_at))
            self._note(state)
            self._say_something()
        drafts.sort(key=_by_date)
        self.drafts += drafts

    def _run_own_dates(self, name: str, instant: datetime, known_at: datetime) -> None:
        state = self.touched.get(name)
        if state is not None and state.next_change_on <= state.today(instant).toordinal():
            self._run_dates([name], instant, known_at)

    def follow(self, names: Sequence[str], activated_at: int) -> set[str]:
        """Gives these treatments the edition that was activated; everything recorded before it is known here.

        Answers those that the rules fail on: they keep their rows, and hold nobody else up.
        """
        self.load(names)
        failed = set()
        for name in names:
            try:
                self._switch(name, activated_at)
            except Exception:  # whatever the rules stumble over in one treatment must never stop the others
                _log.exception("The rules failed on a treatment that was to follow an edition.")
                failed.add(name)
            self._say_something()
        return failed

    def _switch(self, name: str, through: int) -> None:
        """Every activation up to an instant that the treatment does not follow yet, one after the other."""
        state = self.touched.get(name)
        if state is None:
            return
        for activated_at in self.editions.between(state.protocol, state.edition_at, through):
            before = self.touched[name]
            if self.announce:
                instant = EPOCH + timedelta(microseconds=activated_at)
                edition = self.editions.at(before.protocol, before.edition_at)
                self.drafts += judge_dates(edition, before, before.today(instant), activated_at - 1)
            judged = switch(self.editions, before, activated_at, announce=self.announce)
            reopen(self.spans, before, judged)
            self.drafts += judged.drafts
            self.touched[name] = judged.state
            self._note(judged.state)

    def write(self) -> None:
        save(self.connection, self.touched.values(), self.new)
        if self.facts:
            self.connection.execute(insert(fact_table), self.facts)
        self.spans.write(self.connection)
        if self.announce:
            self.told = self.numbering.tell(self.connection, self.drafts)
        if self.publish:
            self._mark_snapshots()

    def _applied(self, item: FeedItem, value: bytes) -> bool:
        known = to_fact(item)
        if isinstance(known, Unreadable):  # read_item has let it pass: a defect of ours, not a delivery's fault
            raise TypeError(known.reason)
        if self.announce:
            until = known.recorded_at - _BEFORE
            if self.in_order:
                self.run_to(known.recorded_at, until)
            else:
                self._run_own_dates(item.treatment, known.recorded_at, until)
        try:
            changed = self._judged(known, _trace(item))
        except Exception:  # whatever the rules stumble over in one treatment must never stop the others
            _log.exception("The rules failed on a fact of type %s at position %d.", item.type, item.position)
            self.parking.hold(item, value, "failed")
            return False
        if item.treatment not in self.touched:
            self.new.add(item.treatment)
        self.touched[item.treatment] = changed
        self._note(changed)
        self.facts.append(
            {
                "treatment": item.treatment,
                "version": item.version,
                "fact_id": item.fact_id,
                "position": item.position,
                "recorded_at": micros(known.recorded_at),
                "item": value,
            }
        )
        return True

    def _say_something(self) -> None:
        """PostgreSQL ends a transaction that is silent for long: it can't tell one that thinks from one that died."""
        if time.monotonic() - self._spoke > _SILENT:
            self.connection.execute(_NOTHING)
            self._spoke = time.monotonic()

    def _judged(self, known: Fact, trace: str | None) -> State:
        self._switch(known.treatment, micros(known.recorded_at))
        before = self.touched.get(known.treatment) or opened(known, self.editions)
        edition = self.editions.at(before.protocol, before.edition_at)
        judged = judge(edition, before, known, announce=self.announce)
        if micros(known.recorded_at) < before.edition_at:
            self._anew(judged.state)
        else:
            rewrite(self.spans, before, judged, known)
        self.drafts += judged.drafts if trace is None else [replace(one, traceparent=trace) for one in judged.drafts]
        return judged.state

    def _anew(self, state: State) -> None:
        """A fact of before an activation that the treatment follows already: its rectangles are all made again.

        Only a clock that stands far behind, or a treatment that was set aside, brings one.
        """
        self.spans.forget(state.treatment)
        self.connection.execute(roll_up_span.delete().where(roll_up_span.c.treatment == state.treatment))
        state.spans = spans_of_facts(self.editions, self.spans, state)

    def _by_zone(self) -> dict[str, dict[str, int]]:
        if self._waiting is None:
            self._waiting = {}
            query = select(treatment.c.treatment, treatment.c.zone, treatment.c.next_change_on)
            for row in self.connection.execute(query.where(treatment.c.next_change_on <= self.horizon)):
                self._waiting.setdefault(row.zone, {})[row.treatment] = row.next_change_on
            for state in self.touched.values():
                self._note(state)
        return self._waiting

    def _note(self, state: State) -> None:
        """Keeps the calendar of this batch in step with a treatment it has changed."""
        if self._waiting is None:
            return
        for waiting in self._waiting.values():
            waiting.pop(state.treatment, None)
        if state.next_change_on <= self.horizon:
            self._waiting.setdefault(state.zone, {})[state.treatment] = state.next_change_on

    def _mark_snapshots(self) -> None:
        make = postgresql.insert if self.connection.dialect.name == "postgresql" else sqlite.insert
        judged_anew = {treatment for treatment, *_ in self.spans.inserts}
        changed = sorted(
            judged_anew | {row["treatment"] for row in self.facts} | {one.treatment for one in self.drafts}
        )
        if changed:
            mark = make(snapshot_outbox).on_conflict_do_update(
                index_elements=[snapshot_outbox.c.treatment], set_={"change": snapshot_outbox.c.change + 1}
            )
            self.connection.execute(mark, [{"treatment": name, "change": 1} for name in changed])


def _trace(item: FeedItem) -> str | None:
    return parse_traceparent(item.traceparent) if isinstance(item.traceparent, str) else None


def _by_date(draft: Draft) -> tuple[date, str, str, date, str]:
    return draft.effective_on, draft.treatment, draft.requirement, draft.due_on or date.max, draft.obligation_id
