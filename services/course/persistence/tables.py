"""The course database, one definition for SQLite and PostgreSQL; deploy/migrations/course builds it.

Instants are microseconds since 1970 UTC. `event` is the log: triggers refuse to update or delete it. `message` may
lose `received` (the bytes may name a patient and can be erased), and nothing else.
"""

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)

metadata = MetaData()
# SQLite counts rows only in an INTEGER PRIMARY KEY.
_number = BigInteger().with_variant(Integer, "sqlite")

event = Table(
    "event",
    metadata,
    # Assigned under the append lock, 1..n; never by a sequence, which is not gapless and shows late.
    Column("position", _number, primary_key=True, autoincrement=False),
    Column("treatment", Uuid, nullable=False),
    Column("version", Integer, nullable=False),
    Column("topic", Text, nullable=False),
    Column("state", LargeBinary, nullable=False),
    Column("fact_id", Uuid, nullable=False),
    Column("recorded_at", BigInteger, nullable=False),
    UniqueConstraint("treatment", "version", name="event_version"),
)

message = Table(
    "message",
    metadata,
    Column("sender", Text, nullable=False),
    Column("key", LargeBinary, nullable=False),
    Column("content_hash", LargeBinary, nullable=False),
    Column("received", LargeBinary),
    Column("position", BigInteger, nullable=False),  # the answer is what stands there in the log
    PrimaryKeyConstraint("key", "sender", name="message_key"),
    UniqueConstraint("position", name="message_position"),
)

# One row: an instant up to which readers were told that nothing more will be recorded. Whatever comes is later.
promise = Table(
    "promise",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("recorded_through", BigInteger, nullable=False),
)

conflict = Table(
    "conflict",
    metadata,
    Column("number", _number, primary_key=True),
    Column("conflict_id", Uuid, nullable=False),
    Column("sender", Text, nullable=False),
    Column("key", LargeBinary, nullable=False),
    Column("content_hash", LargeBinary, nullable=False),
    Column("received", LargeBinary),
    Column("received_at", BigInteger, nullable=False),
    UniqueConstraint("conflict_id", name="conflict_id"),
    UniqueConstraint("key", "sender", "content_hash", name="conflict_content"),
    sqlite_autoincrement=True,
)

quarantine = Table(
    "quarantine",
    metadata,
    Column("number", _number, primary_key=True),
    Column("quarantine_id", Uuid, nullable=False),
    Column("sender", Text, nullable=False),
    Column("key", LargeBinary, nullable=False),
    Column("content_hash", LargeBinary, nullable=False),
    Column("received", LargeBinary, nullable=False),
    Column("received_at", BigInteger, nullable=False),
    Column("reason", Text, nullable=False),
    Column("held", LargeBinary, nullable=False),  # the submission that a re-drive records
    Column("system", Text),
    Column("value", Text),
    Column("position", BigInteger),  # of the fact, once it is resolved
    UniqueConstraint("quarantine_id", name="quarantine_id"),
    UniqueConstraint("key", "sender", name="quarantine_key"),
    Index("quarantine_identifier", "system", "value"),
    sqlite_autoincrement=True,
)

# The directory: identity, outside the log.
treatment = Table(
    "treatment",
    metadata,
    Column("treatment", Uuid, primary_key=True),
    Column("label", Text),
)

identifier = Table(
    "identifier",
    metadata,
    Column("system", Text, nullable=False),
    Column("value", Text, nullable=False),
    Column("protocol", Text, nullable=False),
    Column("treatment", Uuid, nullable=False),
    PrimaryKeyConstraint("system", "value", "protocol", name="identifier_key"),
    Index("identifier_treatment", "treatment"),
)

# How far the log has been sent to Kafka: one row, written only by the relay that holds the lease.
relay = Table(
    "relay",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("epoch", BigInteger, nullable=False),  # raised by each taking of the lease
    Column("topic_id", Text, nullable=False),
    Column("position", BigInteger, nullable=False),  # of the last fact that Kafka has acknowledged
    Column("beat_at", BigInteger),
)
