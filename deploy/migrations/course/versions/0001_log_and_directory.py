"""The log, its idempotency rows, conflicts, the quarantine and the directory."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "event",
        sa.Column("position", NUMBER, primary_key=True, autoincrement=False),
        sa.Column("treatment", sa.Uuid, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("topic", sa.Text, nullable=False),
        sa.Column("state", sa.LargeBinary, nullable=False),
        sa.Column("fact_id", sa.Uuid, nullable=False),
        sa.Column("recorded_at", sa.BigInteger, nullable=False),
        sa.UniqueConstraint("treatment", "version", name="event_version"),
    )
    op.create_table(
        "message",
        sa.Column("sender", sa.Text, nullable=False),
        sa.Column("key", sa.LargeBinary, nullable=False),
        sa.Column("content_hash", sa.LargeBinary, nullable=False),
        sa.Column("received", sa.LargeBinary),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("key", "sender", name="message_key"),
        sa.UniqueConstraint("position", name="message_position"),
    )
    op.create_table(
        "promise",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("recorded_through", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "conflict",
        sa.Column("number", NUMBER, primary_key=True),
        sa.Column("conflict_id", sa.Uuid, nullable=False),
        sa.Column("sender", sa.Text, nullable=False),
        sa.Column("key", sa.LargeBinary, nullable=False),
        sa.Column("content_hash", sa.LargeBinary, nullable=False),
        sa.Column("received", sa.LargeBinary),
        sa.Column("received_at", sa.BigInteger, nullable=False),
        sa.UniqueConstraint("conflict_id", name="conflict_id"),
        sa.UniqueConstraint("key", "sender", "content_hash", name="conflict_content"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "quarantine",
        sa.Column("number", NUMBER, primary_key=True),
        sa.Column("quarantine_id", sa.Uuid, nullable=False),
        sa.Column("sender", sa.Text, nullable=False),
        sa.Column("key", sa.LargeBinary, nullable=False),
        sa.Column("content_hash", sa.LargeBinary, nullable=False),
        sa.Column("received", sa.LargeBinary, nullable=False),
        sa.Column("received_at", sa.BigInteger, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("held", sa.LargeBinary, nullable=False),
        sa.Column("system", sa.Text),
        sa.Column("value", sa.Text),
        sa.Column("position", sa.BigInteger),
        sa.UniqueConstraint("quarantine_id", name="quarantine_id"),
        sa.UniqueConstraint("key", "sender", name="quarantine_key"),
        sqlite_autoincrement=True,
    )
    op.create_index("quarantine_identifier", "quarantine", ["system", "value"])
    op.create_table("treatment", sa.Column("treatment", sa.Uuid, primary_key=True), sa.Column("label", sa.Text))
    op.create_table(
        "identifier",
        sa.Column("system", sa.Text, nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.Column("protocol", sa.Text, nullable=False),
        sa.Column("treatment", sa.Uuid, nullable=False),
        sa.PrimaryKeyConstraint("system", "value", "protocol", name="identifier_key"),
    )
    op.create_index("identifier_treatment", "identifier", ["treatment"])
    for statement in SQLITE_GUARDS if op.get_bind().dialect.name == "sqlite" else POSTGRESQL_GUARDS:
        op.execute(sa.text(statement))


# Nothing is updated or deleted in the log. Of a message only the bytes may go: they may name a patient.
SQLITE_GUARDS = (
    """create trigger event_is_final before update on event
       begin select raise(abort, 'the log is append-only'); end""",
    """create trigger event_stays before delete on event
       begin select raise(abort, 'the log is append-only'); end""",
    """create trigger message_stays before delete on message
       begin select raise(abort, 'the log is append-only'); end""",
    """create trigger message_is_final before update on message
       when new.received is not null or new.sender is not old.sender or new.key is not old.key
         or new.content_hash is not old.content_hash or new.position is not old.position
       begin select raise(abort, 'the log is append-only'); end""",
)

POSTGRESQL_GUARDS = (
    """create function refuse_change() returns trigger language plpgsql as
       $$ begin raise exception 'the log is append-only'; end $$""",
    """create trigger event_is_final before update or delete or truncate on event
       for each statement execute function refuse_change()""",
    """create trigger message_stays before delete or truncate on message
       for each statement execute function refuse_change()""",
    """create trigger message_is_final before update on message for each row
       when (new.received is not null or (new.sender, new.key, new.content_hash, new.position)
             is distinct from (old.sender, old.key, old.content_hash, old.position))
       execute function refuse_change()""",
)
