"""All tables of the first version."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

NAME = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables; jobs of PostgreSQL have their own schema, which PgQueuer makes."""
    content()
    workflows()
    effects()
    records()
    audit()
    if op.get_bind().dialect.name == "sqlite":
        jobs()


def content() -> None:
    """Documents and the snapshots that were live."""
    op.create_table(
        "document",
        sa.Column("scope", NAME, nullable=False),
        sa.Column("digest", NAME, nullable=False),
        sa.Column("kind", NAME, nullable=False),
        sa.Column("name", NAME, nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("scope", "digest"),
    )
    op.create_table(
        "snapshot",
        sa.Column("scope", NAME, nullable=False),
        sa.Column("digest", NAME, nullable=False),
        sa.Column("documents", sa.JSON(), nullable=False),
        sa.Column("git_commit", NAME, nullable=True),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("scope", "digest"),
    )


def workflows() -> None:
    """Instances and their history."""
    op.create_table(
        "instance",
        sa.Column("scope", NAME, nullable=False),
        sa.Column("id", NAME, nullable=False),
        sa.Column("workflow", NAME, nullable=False),
        sa.Column("key", NAME, nullable=False),
        sa.Column("definition", NAME, nullable=False),
        sa.Column("states", sa.JSON(), nullable=False),
        sa.Column("entries", sa.JSON(), nullable=False),
        sa.Column("entered", sa.BigInteger(), nullable=False),
        sa.Column("finished", sa.JSON(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("closed", sa.Boolean(), nullable=False),
        sa.Column("started_by", NAME, nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("moved_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("scope", "id"),
    )
    op.create_index("instance_key", "instance", ["scope", "workflow", "key"])
    op.create_index(
        "instance_open",
        "instance",
        ["scope", "started_at"],
        sqlite_where=sa.text("closed = 0"),
        postgresql_where=sa.text("closed = false"),
    )
    op.create_index(
        "instance_open_key",
        "instance",
        ["scope", "workflow", "key"],
        unique=True,
        sqlite_where=sa.text("closed = 0"),
        postgresql_where=sa.text("closed = false"),
    )
    op.create_table(
        "history",
        sa.Column("scope", NAME, nullable=False),
        sa.Column("instance", NAME, nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("actor", NAME, nullable=False),
        sa.Column("kind", NAME, nullable=False),
        sa.Column("trigger", NAME, nullable=False),
        sa.Column("transitions", sa.JSON(), nullable=False),
        sa.Column("states", sa.JSON(), nullable=False),
        sa.Column("changed", sa.JSON(), nullable=False),
        sa.Column("definition", NAME, nullable=False),
        sa.Column("decision", NAME, nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("scope", "instance", "version"),
    )


def effects() -> None:
    """What follows from a step: calls and timers."""
    op.create_table(
        "effect",
        sa.Column("scope", NAME, nullable=False),
        sa.Column("id", NAME, nullable=False),
        sa.Column("instance", NAME, nullable=True),
        sa.Column("state", NAME, nullable=False),
        sa.Column("entry", sa.BigInteger(), nullable=False),
        sa.Column("name", NAME, nullable=False),
        sa.Column("action", NAME, nullable=False),
        sa.Column("params", sa.JSON(), nullable=False),
        sa.Column("actor", NAME, nullable=False),
        sa.Column("awaited", sa.Boolean(), nullable=False),
        sa.Column("retry", sa.Integer(), nullable=False),
        sa.Column("timeout_s", sa.Float(), nullable=True),
        sa.Column("key", NAME, nullable=False),
        sa.Column("status", NAME, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("result", sa.JSON(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("scope", "id"),
    )
    op.create_index("effect_instance", "effect", ["scope", "instance", "created_at"])
    op.create_table(
        "timer",
        sa.Column("scope", NAME, nullable=False),
        sa.Column("instance", NAME, nullable=False),
        sa.Column("state", NAME, nullable=False),
        sa.Column("entry", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", NAME, nullable=False),
        sa.Column("due_at", MOMENT, nullable=False),
        sa.Column("status", NAME, nullable=False),
        sa.PrimaryKeyConstraint("scope", "instance", "state", "entry", "name"),
    )
    op.create_index(
        "timer_due",
        "timer",
        ["due_at"],
        sqlite_where=sa.text("status = 'waiting'"),
        postgresql_where=sa.text("status = 'waiting'"),
    )


def records() -> None:
    """Shared records, and answers by idempotency key."""
    op.create_table(
        "context",
        sa.Column("scope", NAME, nullable=False),
        sa.Column("key", NAME, nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("updated_by", NAME, nullable=False),
        sa.PrimaryKeyConstraint("scope", "key"),
    )
    op.create_table(
        "answer",
        sa.Column("scope", NAME, nullable=False),
        sa.Column("actor", NAME, nullable=False),
        sa.Column("key", NAME, nullable=False),
        sa.Column("call", NAME, nullable=False),
        sa.Column("answer", sa.JSON(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("scope", "actor", "key"),
    )
    op.create_index("answer_created", "answer", ["created_at"])


def audit() -> None:
    """The audit and its seals."""
    op.create_table(
        "audit",
        sa.Column("seq", SERIAL, nullable=False),
        sa.Column("scope", NAME, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("kind", NAME, nullable=False),
        sa.Column("id", NAME, nullable=False),
        sa.Column("actor", NAME, nullable=False),
        sa.Column("action", NAME, nullable=False),
        sa.Column("instance", NAME, nullable=True),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
        sqlite_autoincrement=True,
    )
    op.create_index("audit_id", "audit", ["scope", "id"])
    op.create_index("audit_instance", "audit", ["scope", "instance", "seq"])
    op.create_table(
        "seal",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("first", sa.BigInteger(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("previous", NAME, nullable=False),
        sa.Column("digest", NAME, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )


def jobs() -> None:
    """The jobs of SQLite."""
    op.create_table(
        "job",
        sa.Column("id", SERIAL, nullable=False),
        sa.Column("name", NAME, nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("key", NAME, nullable=True),
        sa.Column("due_at", MOMENT, nullable=True),
        sa.Column("status", NAME, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("picks", sa.Integer(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "job_due",
        "job",
        ["due_at"],
        sqlite_where=sa.text("status = 'ready'"),
        postgresql_where=sa.text("status = 'ready'"),
    )
    op.create_index(
        "job_key",
        "job",
        ["key"],
        unique=True,
        sqlite_where=sa.text("status = 'ready'"),
        postgresql_where=sa.text("status = 'ready'"),
    )
