"""Which edition of a protocol is in force from when on, and by which of them each treatment's roll-ups are made.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "edition",
        sa.Column("protocol", sa.Text(), nullable=False),
        sa.Column("activated_at", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("files", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("protocol", "activated_at"),
    )
    op.add_column("treatment", sa.Column("edition_at", sa.BigInteger(), nullable=False, server_default="0"))
    op.create_index("treatment_by_edition", "treatment", ["protocol", "edition_at"])


def downgrade() -> None:
    op.drop_index("treatment_by_edition", "treatment")
    op.drop_column("treatment", "edition_at")
    op.drop_table("edition")
