"""The sources of snapshots, and the pin."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

NAME = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables; snapshots that are there have no source, and get none."""
    op.add_column("snapshot", sa.Column("files", sa.JSON(), nullable=True))
    op.create_table(
        "source",
        sa.Column("scope", NAME, nullable=False),
        sa.Column("digest", NAME, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("scope", "digest"),
    )
    op.create_table(
        "pin",
        sa.Column("scope", NAME, nullable=False),
        sa.Column("digest", NAME, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("by", NAME, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("scope"),
    )
