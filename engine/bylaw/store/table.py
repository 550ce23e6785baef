"""The tables. `scope` stands first in every key of what belongs to a team or repository.

`audit`, `seal` and `job` count over the whole store: a seal has no holes of other scopes,
and one worker serves them all. The migrations make the same tables; a test compares.
"""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    false,
)
from sqlalchemy.types import TypeDecorator, TypeEngine

metadata = MetaData()

# Bytewise order on both databases, so that pages and prefixes are the same on both.
Name = Text().with_variant(Text(collation="C"), "postgresql")
# SQLite counts by itself only in a column of exactly this type.
Serial = BigInteger().with_variant(Integer(), "sqlite")
# JSON, not JSONB: the text comes back as it was written, key order and numbers included.
Json = JSON()


class Moment(TypeDecorator[datetime]):
    """An aware moment in UTC; SQLite keeps it as text that sorts by time."""

    impl: TypeEngine[Any] | type[TypeEngine[Any]] = DateTime(timezone=True)
    cache_ok: bool | None = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn the moment to UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without its zone cannot be stored")
        in_utc = value.astimezone(UTC)
        return in_utc.replace(tzinfo=None) if dialect.name == "sqlite" else in_utc

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """Give the zone back."""
        return value if value is None else value.replace(tzinfo=UTC)


document = Table(
    "document",
    metadata,
    Column("scope", Name, primary_key=True),
    Column("digest", Name, primary_key=True),
    Column("kind", Name, nullable=False),
    Column("name", Name, nullable=False),
    Column("content", Json, nullable=False),
)

snapshot = Table(
    "snapshot",
    metadata,
    Column("scope", Name, primary_key=True),
    Column("digest", Name, primary_key=True),
    Column("documents", Json, nullable=False),
    Column("git_commit", Name),
    Column("at", Moment, nullable=False),
    # Nothing, not JSON's null, where no source is kept.
    Column("files", JSON(none_as_null=True)),
)

source = Table(
    "source",
    metadata,
    Column("scope", Name, primary_key=True),
    Column("digest", Name, primary_key=True),
    Column("content", LargeBinary, nullable=False),
)

pin = Table(
    "pin",
    metadata,
    Column("scope", Name, primary_key=True),
    Column("digest", Name, nullable=False),
    Column("at", Moment, nullable=False),
    Column("by", Name, nullable=False),
    Column("reason", Text, nullable=False),
)

instance = Table(
    "instance",
    metadata,
    Column("scope", Name, primary_key=True),
    Column("id", Name, primary_key=True),
    Column("workflow", Name, nullable=False),
    Column("key", Name, nullable=False),
    Column("definition", Name, nullable=False),
    Column("states", Json, nullable=False),
    Column("entries", Json, nullable=False),
    Column("entered", BigInteger, nullable=False),
    Column("finished", Json, nullable=False),
    Column("data", Json, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("closed", Boolean, nullable=False),
    Column("started_by", Name, nullable=False),
    Column("started_at", Moment, nullable=False),
    Column("moved_at", Moment, nullable=False),
)
is_open = instance.c.closed == false()
Index("instance_key", instance.c.scope, instance.c.workflow, instance.c.key)
Index(
    "instance_open_key",
    instance.c.scope,
    instance.c.workflow,
    instance.c.key,
    unique=True,
    sqlite_where=is_open,
    postgresql_where=is_open,
)
Index(
    "instance_open",
    instance.c.scope,
    instance.c.started_at,
    sqlite_where=is_open,
    postgresql_where=is_open,
)

history = Table(
    "history",
    metadata,
    Column("scope", Name, primary_key=True),
    Column("instance", Name, primary_key=True),
    Column("version", BigInteger, primary_key=True, autoincrement=False),
    Column("at", Moment, nullable=False),
    Column("actor", Name, nullable=False),
    Column("kind", Name, nullable=False),
    Column("trigger", Name, nullable=False),
    Column("transitions", Json, nullable=False),
    Column("states", Json, nullable=False),
    Column("changed", Json, nullable=False),
    Column("definition", Name, nullable=False),
    Column("decision", Name),
    Column("reason", Text, nullable=False),
)

effect = Table(
    "effect",
    metadata,
    Column("scope", Name, primary_key=True),
    Column("id", Name, primary_key=True),
    Column("instance", Name),
    Column("state", Name, nullable=False),
    Column("entry", BigInteger, nullable=False),
    Column("name", Name, nullable=False),
    Column("action", Name, nullable=False),
    Column("params", Json, nullable=False),
    Column("actor", Name, nullable=False),
    Column("awaited", Boolean, nullable=False),
    Column("retry", Integer, nullable=False),
    Column("timeout_s", Float),
    Column("key", Name, nullable=False),
    Column("status", Name, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("message", Text, nullable=False),
    Column("result", Json, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("ended_at", Moment),
)
Index("effect_instance", effect.c.scope, effect.c.instance, effect.c.created_at)

timer = Table(
    "timer",
    metadata,
    Column("scope", Name, primary_key=True),
    Column("instance", Name, primary_key=True),
    Column("state", Name, primary_key=True),
    Column("entry", BigInteger, primary_key=True, autoincrement=False),
    Column("name", Name, primary_key=True),
    Column("due_at", Moment, nullable=False),
    Column("status", Name, nullable=False),
)
is_waiting = timer.c.status == "waiting"
Index("timer_due", timer.c.due_at, sqlite_where=is_waiting, postgresql_where=is_waiting)

context = Table(
    "context",
    metadata,
    Column("scope", Name, primary_key=True),
    Column("key", Name, primary_key=True),
    Column("value", Json, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("updated_at", Moment, nullable=False),
    Column("updated_by", Name, nullable=False),
)

answer = Table(
    "answer",
    metadata,
    Column("scope", Name, primary_key=True),
    Column("actor", Name, primary_key=True),
    Column("key", Name, primary_key=True),
    Column("call", Name, nullable=False),
    Column("answer", Json, nullable=False),
    Column("created_at", Moment, nullable=False),
)
Index("answer_created", answer.c.created_at)

audit = Table(
    "audit",
    metadata,
    Column("seq", Serial, primary_key=True),
    Column("scope", Name, nullable=False),
    Column("at", Moment, nullable=False),
    Column("kind", Name, nullable=False),
    Column("id", Name, nullable=False),
    Column("actor", Name, nullable=False),
    Column("action", Name, nullable=False),
    Column("instance", Name),
    Column("body", Json, nullable=False),
    sqlite_autoincrement=True,
)
Index("audit_id", audit.c.scope, audit.c.id)
Index("audit_instance", audit.c.scope, audit.c.instance, audit.c.seq)

seal = Table(
    "seal",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("first", BigInteger, nullable=False),
    Column("last", BigInteger, nullable=False),
    Column("count", BigInteger, nullable=False),
    Column("at", Moment, nullable=False),
    Column("previous", Name, nullable=False),
    Column("digest", Name, nullable=False),
)

job = Table(
    "job",
    metadata,
    # Never reused: an acknowledgement that comes late must not hit another job.
    Column("id", Serial, primary_key=True),
    Column("name", Name, nullable=False),
    Column("payload", Json, nullable=False),
    Column("key", Name),
    Column("due_at", Moment),
    Column("status", Name, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("picks", Integer, nullable=False),
    Column("message", Text, nullable=False),
    sqlite_autoincrement=True,
)
is_ready = job.c.status == "ready"
Index("job_due", job.c.due_at, sqlite_where=is_ready, postgresql_where=is_ready)
Index("job_key", job.c.key, unique=True, sqlite_where=is_ready, postgresql_where=is_ready)
