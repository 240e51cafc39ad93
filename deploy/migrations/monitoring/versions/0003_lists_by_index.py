"""Indexes that answer lists: of what holds now, of what held on a day, of what was once known; and the clinics' zones.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

FOREVER = 2**62
NO_DAY = 4_000_000
JUDGED = ("state", "due_on", "treatment", "requirement", "opens_on", "closes_on", "site", "zone")
NOW = f"known_to = {FOREVER} AND on_to = {NO_DAY}"
ON = f"known_to = {FOREVER} AND on_to < {NO_DAY}"
KNOWN = f"known_to < {FOREVER}"


def upgrade() -> None:
    op.add_column("roll_up_span", sa.Column("block", sa.BigInteger(), nullable=False, server_default="0"))
    spans = sa.table("roll_up_span", sa.column("block"))
    op.execute(spans.update().values(block=_block("on_from", "on_to", 22)).where(sa.text(ON)))
    op.execute(spans.update().values(block=_block("known_from", "known_to", 58)).where(sa.text(KNOWN)))
    op.drop_index("roll_up_span_by_requirement", "roll_up_span")
    op.drop_index("roll_up_span_by_known", "roll_up_span")
    _index("roll_up_span_now", (*JUDGED, "known_from", "on_from", "known_to", "on_to"), NOW)
    _index("roll_up_span_on", ("block", "on_to", "on_from", "known_from", "known_to", *JUDGED), ON)
    _index("roll_up_span_known", ("block", "known_to", "known_from", "on_to", "on_from", *JUDGED), KNOWN)
    if op.get_bind().dialect.name == "postgresql":
        # What ends in neither clock is a small part of what ends not in one: how small, decides the plans of lists.
        op.execute("CREATE STATISTICS roll_up_span_ends (mcv) ON known_to, on_to FROM roll_up_span")
    op.create_index("treatment_by_zone", "treatment", ["zone"])
    op.create_index("treatment_by_opened_zone", "treatment", ["opened_zone"])


def _block(first: str, end: str, widest: int) -> sa.ColumnElement[int]:
    """The smallest block of 2**n numbers that holds a range whole (services/monitoring/store/blocks.py)."""
    whole = " ".join(
        f"WHEN {first} >> {n} = ({end} - 1) >> {n} THEN (({end} - 1) >> {n}) * {2 << n} + {1 << n}"
        for n in range(widest + 1)
    )
    return sa.literal_column(f"CASE {whole} ELSE 0 END")


def _index(name: str, columns: tuple[str, ...], where: str) -> None:
    op.create_index(name, "roll_up_span", list(columns), sqlite_where=sa.text(where), postgresql_where=sa.text(where))


def downgrade() -> None:
    op.drop_index("treatment_by_opened_zone", "treatment")
    op.drop_index("treatment_by_zone", "treatment")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP STATISTICS roll_up_span_ends")
    for name in ("roll_up_span_known", "roll_up_span_on", "roll_up_span_now"):
        op.drop_index(name, "roll_up_span")
    op.create_index("roll_up_span_by_known", "roll_up_span", ["known_to", "on_to"])
    op.create_index("roll_up_span_by_requirement", "roll_up_span", ["requirement", "known_to", "on_to"])
    op.drop_column("roll_up_span", "block")
