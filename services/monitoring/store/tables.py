"""The monitoring database: what is derived from the log (treatment, fact, roll_up_span), and records of its own.

Instants are microseconds since 1970 UTC, dates are day ordinals (`date.toordinal()`), open ends are the sentinels
below; every range is half-open. One definition for SQLite and PostgreSQL; deploy/migrations/monitoring builds it.
"""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    and_,
    literal_column,
)

FOREVER: Final = 2**62
"""The open end of known_to, in microseconds."""
NO_DAY: Final = 4_000_000
"""The open end of on_to: beyond date.max (3,652,059)."""
FIRST_DAY: Final = 1
"""date.min: where the first span of a requirement begins."""

metadata = MetaData()
# Sorted by its bytes in both stores, whatever the database's locale.
_site = Text().with_variant(Text(collation="C"), "postgresql")

# --- derived from the log: a rebuild writes them anew ---

treatment = Table(
    "treatment",
    metadata,
    Column("treatment", Text, primary_key=True),
    Column("version", Integer, nullable=False),  # the highest one projected
    Column("protocol", Text, nullable=False),
    Column("site", Text, nullable=False),
    Column("zone", Text, nullable=False),
    # The zone named at opening: ends the day of a known_at that is only a date (clinical.md R1).
    Column("opened_zone", Text, nullable=False),
    # Date announcements are made up to and including this day; the next day on which there is one to make.
    Column("announced_on", Integer, nullable=False),
    Column("next_change_on", Integer, nullable=False, default=NO_DAY),
    # The activation of the edition by which its roll-ups are made; 0 = the one in force from the beginning.
    Column("edition_at", BigInteger, nullable=False, default=0),
    Index("treatment_by_next_change", "next_change_on"),
    Index("treatment_by_edition", "protocol", "edition_at"),
    Index("treatment_by_zone", "zone"),
    Index("treatment_by_opened_zone", "opened_zone"),
)

fact = Table(
    "fact",
    metadata,
    Column("treatment", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("fact_id", Text, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("recorded_at", BigInteger, nullable=False),
    Column("item", LargeBinary, nullable=False),  # the feed item as it was delivered
    PrimaryKeyConstraint("treatment", "version"),
)

roll_up_span = Table(
    "roll_up_span",
    metadata,
    Column("treatment", Text, nullable=False),
    Column("requirement", Text, nullable=False),
    Column("known_from", BigInteger, nullable=False),
    Column("known_to", BigInteger, nullable=False),
    Column("on_from", Integer, nullable=False),
    Column("on_to", Integer, nullable=False),
    Column("site", _site, nullable=False),
    Column("zone", Text, nullable=False),
    Column("applicability", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("opens_on", Integer),
    Column("due_on", Integer),
    Column("closes_on", Integer),
    Column("tail", Text, nullable=False),  # canonical JSON; only rules/spans reads its meaning
    # store/blocks.py: of its known microseconds, of its days where it is still believed, 0 where those don't end either
    Column("block", BigInteger, nullable=False),
    PrimaryKeyConstraint("treatment", "requirement", "known_from", "on_from"),
)

# Every row is in one of the three: a question reads the range of each that may answer it, and nothing but the index.
_c = roll_up_span.c
_judged = (_c.state, _c.due_on, _c.treatment, _c.requirement, _c.opens_on, _c.closes_on, _c.site, _c.zone)
# Written out, because a store uses a partial index only where the question says the same in the same words.
BELIEVED: Final = _c.known_to == literal_column(str(FOREVER))
REFUTED: Final = _c.known_to < literal_column(str(FOREVER))
UNBOUNDED: Final = _c.on_to == literal_column(str(NO_DAY))
BOUNDED: Final = _c.on_to < literal_column(str(NO_DAY))


def _partial(name: str, columns: Sequence[Column[Any]], where: ColumnElement[bool]) -> Index:
    return Index(name, *columns, sqlite_where=where, postgresql_where=where)


_partial("roll_up_span_now", (*_judged, _c.known_from, _c.on_from, _c.known_to, _c.on_to), and_(BELIEVED, UNBOUNDED))
_partial(
    "roll_up_span_on", (_c.block, _c.on_to, _c.on_from, _c.known_from, _c.known_to, *_judged), and_(BELIEVED, BOUNDED)
)
_partial("roll_up_span_known", (_c.block, _c.known_to, _c.known_from, _c.on_to, _c.on_from, *_judged), REFUTED)

# A delivery that could not be applied yet. A treatment with a row here is parked; all others go on.
parked = Table(
    "parked",
    metadata,
    Column("treatment", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("fact_id", Text, nullable=False),
    Column("reason", Text, nullable=False),  # gap | fork | failed: see projector/parking.py
    Column("recorded_at", BigInteger, nullable=False),
    Column("since", BigInteger, nullable=False),
    Column("item", LargeBinary, nullable=False),
    PrimaryKeyConstraint("treatment", "version", "fact_id"),
)

checkpoint = Table(
    "checkpoint",
    metadata,
    Column("source", Text, nullable=False),  # feed | the topic
    Column("partition", Integer, nullable=False),
    Column("position", BigInteger, nullable=False),  # the next one to read (Kafka) or the last one read (feed)
    Column("known_through", BigInteger, nullable=False),
    PrimaryKeyConstraint("source", "partition"),
)

# The last fact seen of the log while the log was known to be the same: by it a restored older log is noticed.
witness = Table(
    "witness",
    metadata,
    Column("only", Integer, primary_key=True, autoincrement=False),  # always 1
    Column("position", BigInteger, nullable=False),
    Column("fact_id", Text, nullable=False),
    Column("alarm", Text),  # behind | fork: see witness.py
    Column("head", BigInteger),  # where the log ended when the alarm was raised
    Column("since", BigInteger),
)

# Who reads the log, and when it last showed that it lives (the machine's time, whatever the clock).
worker = Table(
    "worker",
    metadata,
    Column("name", Text, primary_key=True),
    Column("beat_at", BigInteger, nullable=False),
    Column("ailing", Text),  # what keeps it from working, in words
)

# --- records of their own: backed up, not rebuilt ---

# The editions of protocols that were activated. Rows are appended, never changed: a rebuild reads them.
edition = Table(
    "edition",
    metadata,
    Column("protocol", Text, nullable=False),
    Column("activated_at", BigInteger, nullable=False),  # 0 = from the beginning
    Column("name", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("files", Text, nullable=False),  # JSON: the whole text by file name
    Column("reason", Text, nullable=False),
    Column("author", Text, nullable=False),
    PrimaryKeyConstraint("protocol", "activated_at"),
)

stream = Table(
    "stream",
    metadata,
    Column("only", Integer, primary_key=True, autoincrement=False),  # always 1: the row that is locked to number
    Column("name", Text, nullable=False),
    Column("head", BigInteger, nullable=False),  # n of the last announcement
    Column("generation", Integer, nullable=False),  # rises when a rebuild replaces the projection
)

announcement = Table(
    "announcement",
    metadata,
    Column("stream", Text, nullable=False),
    Column("n", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("effective_on", Integer, nullable=False),
    Column("obligation_id", Text, nullable=False),
    Column("treatment", Text, nullable=False),
    Column("requirement", Text, nullable=False),
    Column("site", Text, nullable=False),
    Column("caused_by", Text),
    Column("known_at", BigInteger, nullable=False),
    # Obligation, kind and what caused it (the fact, or the day): told once, whatever is replayed.
    Column("once", Text, nullable=False),
    Column("payload", Text, nullable=False),  # JSON of shared.contracts.v1.announcements.Announcement
    PrimaryKeyConstraint("stream", "n"),
    UniqueConstraint("stream", "once"),
)

dead_letter = Table(
    "dead_letter",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("source", Text, nullable=False),
    Column("partition", Integer, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("key", LargeBinary),
    Column("value", LargeBinary, nullable=False),  # the bytes as they came
    Column("reason", Text, nullable=False),
    Column("received_at", BigInteger, nullable=False),
    Column("resolved_at", BigInteger),
    UniqueConstraint("source", "partition", "position"),
    sqlite_autoincrement=True,
)

# What is still to be published on Kafka. Announcements are their own outbox: a cursor says how far they were sent.
published = Table(
    "published",
    metadata,
    Column("stream", Text, primary_key=True),
    Column("n", BigInteger, nullable=False),
)

snapshot_outbox = Table(
    "snapshot_outbox",
    metadata,
    Column("treatment", Text, primary_key=True),
    Column("change", BigInteger, nullable=False),  # rises with each change: deleted only if unchanged since it was sent
)
