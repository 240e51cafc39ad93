"""Roll-up spans as rectangles of the two clocks: which stay, which are closed, which are new.

A rectangle is never changed but for its known_to. Whatever the batches were, the rows are the same: they follow
from the facts one by one.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, and_, bindparam, delete, insert, select, update

from services.monitoring.rules.answers import Span
from services.monitoring.store.blocks import block
from services.monitoring.store.tables import FIRST_DAY, FOREVER, NO_DAY, roll_up_span

_ENCODER = msgspec.json.Encoder(order="sorted")


@dataclass(frozen=True, slots=True)
class OpenSpan:
    """A rectangle that is still believed: `on_from`, `on_to` as day ordinals, the rest as it stands in its row."""

    known_from: int
    on_from: int
    on_to: int
    content: tuple[Any, ...]  # site, zone, applicability, state, opens_on, due_on, closes_on, tail


@dataclass(slots=True)
class SpanChanges:
    """The rows of one transaction: rectangles to close at an instant, and rectangles to insert."""

    inserts: dict[tuple[str, str, int, int], dict[str, Any]] = field(default_factory=dict)
    closes: list[dict[str, Any]] = field(default_factory=list)
    drops: list[dict[str, Any]] = field(default_factory=list)

    def apply(
        self, name: tuple[str, str], held: Sequence[OpenSpan], cut: int, spans: Sequence[Span], known_at: int
    ) -> tuple[OpenSpan, ...]:
        """What is believed of (treatment, requirement) from `known_at` on; records the rows that get it there.

        `spans` speak for every `on` from the day `cut`; what is held before it stays true.
        """
        kept = [old for old in held if old.on_to <= cut]
        later = held[len(kept) :]
        wanted = [_open(span, known_at) for span in spans]
        if later and later[0].on_from < cut:
            wanted.insert(0, replace(later[0], known_from=known_at, on_to=cut))
        starts = [span.on_from for span in wanted]
        for old in later:
            place = bisect_right(starts, old.on_from) - 1
            if place >= 0 and old.on_to <= wanted[place].on_to and old.content == wanted[place].content:
                kept.append(old)
            else:
                self._close(*name, old, known_at)
        new = [piece for span in wanted for piece in _uncovered(span, kept)]
        for span in new:
            self.inserts[*name, span.known_from, span.on_from] = _row(*name, span)
        return tuple(sorted([*kept, *new], key=lambda span: span.on_from))

    def replace(
        self, name: tuple[str, str], held: Sequence[OpenSpan], spans: Sequence[Span], known_at: int
    ) -> tuple[OpenSpan, ...]:
        """As `apply`, but every rectangle ends there, also one that says the same: by it another edition is read."""
        for old in held:
            self._close(*name, old, known_at)
        new = tuple(_open(span, known_at) for span in spans)
        for span in new:
            self.inserts[*name, span.known_from, span.on_from] = _row(*name, span)
        return new

    def forget(self, treatment: str) -> None:
        """Lets go of what is not written yet of one treatment."""
        self.inserts = {key: row for key, row in self.inserts.items() if key[0] != treatment}
        self.closes = [row for row in self.closes if row["t"] != treatment]
        self.drops = [row for row in self.drops if row["t"] != treatment]

    def _close(self, treatment: str, requirement: str, old: OpenSpan, known_at: int) -> None:
        if old.known_from == known_at:  # it was believed for no time at all
            if self.inserts.pop((treatment, requirement, known_at, old.on_from), None) is None:
                self.drops.append({"t": treatment, "r": requirement, "f": known_at, "o": old.on_from})
            return
        known = block(old.known_from, known_at - 1)
        pending = self.inserts.get((treatment, requirement, old.known_from, old.on_from))
        if pending is not None:
            pending["known_to"] = known_at
            pending["block"] = known
            return
        key = {"t": treatment, "r": requirement, "f": old.known_from, "o": old.on_from}
        self.closes.append({**key, "known_at": known_at, "known_block": known})

    def write(self, connection: Connection) -> None:
        if self.closes:
            connection.execute(_CLOSE, self.closes)
        if self.drops:
            connection.execute(_DROP, self.drops)
        if self.inserts:
            connection.execute(insert(roll_up_span), list(self.inserts.values()))


def load_open(connection: Connection, treatment: str) -> dict[str, tuple[OpenSpan, ...]]:
    """What is believed now of one treatment, by requirement, each in the order of its dates."""
    query = (
        select(roll_up_span)
        .where(roll_up_span.c.treatment == treatment, roll_up_span.c.known_to == FOREVER)
        .order_by(roll_up_span.c.requirement, roll_up_span.c.on_from)
    )
    found: dict[str, list[OpenSpan]] = {}
    for row in connection.execute(query):
        content = tuple(getattr(row, name) for name in _CONTENT)
        found.setdefault(row.requirement, []).append(OpenSpan(row.known_from, row.on_from, row.on_to, content))
    return {requirement: tuple(spans) for requirement, spans in found.items()}


def to_span(row: Row[Any]) -> Span:
    """A row of roll_up_span as the rules read it."""
    return Span(
        requirement=row.requirement,
        on_from=date.fromordinal(row.on_from),
        on_to=None if row.on_to == NO_DAY else date.fromordinal(row.on_to),
        site=row.site,
        zone=row.zone,
        applicability=row.applicability,
        state=row.state,
        opens_on=_date(row.opens_on),
        due_on=_date(row.due_on),
        closes_on=_date(row.closes_on),
        tail=msgspec.json.decode(row.tail),
    )


_CONTENT = ("site", "zone", "applicability", "state", "opens_on", "due_on", "closes_on", "tail")
_ONE = and_(
    roll_up_span.c.treatment == bindparam("t"),
    roll_up_span.c.requirement == bindparam("r"),
    roll_up_span.c.known_from == bindparam("f"),
    roll_up_span.c.on_from == bindparam("o"),
)
_CLOSE = update(roll_up_span).where(_ONE).values(known_to=bindparam("known_at"), block=bindparam("known_block"))
_DROP = delete(roll_up_span).where(_ONE)


def _open(span: Span, known_from: int) -> OpenSpan:
    content = (
        span.site,
        span.zone,
        span.applicability,
        span.state,
        _ordinal(span.opens_on),
        _ordinal(span.due_on),
        _ordinal(span.closes_on),
        _ENCODER.encode(span.tail).decode(),
    )
    on_to = NO_DAY if span.on_to is None else span.on_to.toordinal()
    return OpenSpan(known_from, max(FIRST_DAY, span.on_from.toordinal()), on_to, content)


def _row(treatment: str, requirement: str, span: OpenSpan) -> dict[str, Any]:
    return {
        "treatment": treatment,
        "requirement": requirement,
        "known_from": span.known_from,
        "known_to": FOREVER,
        "on_from": span.on_from,
        "on_to": span.on_to,
        **dict(zip(_CONTENT, span.content, strict=True)),
        "block": 0 if span.on_to == NO_DAY else block(span.on_from, span.on_to - 1),
    }


def _uncovered(span: OpenSpan, kept: Sequence[OpenSpan]) -> list[OpenSpan]:
    """The parts of a wanted span for which no kept rectangle speaks."""
    pieces = []
    start = span.on_from
    for old in kept:
        if old.on_to <= start or old.on_from >= span.on_to:
            continue
        if start < old.on_from:
            pieces.append(replace(span, on_from=start, on_to=old.on_from))
        start = old.on_to
    if start < span.on_to:
        pieces.append(replace(span, on_from=start))
    return pieces


def _ordinal(day: date | None) -> int | None:
    return None if day is None else day.toordinal()


def _date(ordinal: int | None) -> date | None:
    return None if ordinal is None else date.fromordinal(ordinal)
