"""What is in the store at one moment, read with plain SQL and nothing of Bylaw."""

import asyncio
import json
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeVar

import asyncpg

Row = dict[str, Any]
K = TypeVar("K", bound=Hashable)

LAST_PREFIX = "~"
QUERIES = {
    "instances": "SELECT id, version, states, data, closed FROM instance"
    " WHERE scope = 'main' AND id >= 'parcel:' || $1 AND id < 'parcel:' || $1 || '~'",
    "history": "SELECT instance, version, kind, trigger, states, changed, decision, reason"
    " FROM history WHERE scope = 'main'"
    " AND instance >= 'parcel:' || $1 AND instance < 'parcel:' || $1 || '~'"
    " ORDER BY instance, version",
    "timers": "SELECT instance, state, entry, name, status FROM timer WHERE scope = 'main'"
    " AND instance >= 'parcel:' || $1 AND instance < 'parcel:' || $1 || '~'",
    "context": "SELECT key, value, version FROM context WHERE scope = 'main'"
    " AND (key LIKE 'logs/' || $1 || '%' OR key LIKE 'boards/' || $1 || '%')",
    "effects": "SELECT id, instance, action, params, status, attempts, key, result FROM effect"
    " WHERE created_at >= $2",
    "answers": "SELECT actor, key, answer FROM answer WHERE created_at >= $2",
    "audit": "SELECT seq, kind, id, action, instance, body FROM audit WHERE at >= $2",
    "jobs": {
        "sqlite": "SELECT payload, status FROM job",
        "postgres": "SELECT convert_from(payload, 'UTF8') AS payload, CAST(status AS text)"
        " FROM bylaw_jobs.pgqueuer",
    },
}
JSON = ("states", "data", "changed", "value", "params", "answer", "body", "payload", "result")


@dataclass(slots=True, kw_only=True)
class Seen:
    """The rows of a round, or of all of them, found by what a call has in them."""

    instances: list[Row]
    history: list[Row]
    timers: list[Row]
    context: list[Row]
    effects: list[Row]
    answers: list[Row]
    audit: list[Row]
    jobs: list[Row]
    history_of: dict[str, list[Row]] = field(init=False)
    effects_of: dict[str, list[Row]] = field(init=False)
    audit_of: dict[str, list[Row]] = field(init=False)
    answer_of: dict[tuple[str, str], list[Row]] = field(init=False)
    written: dict[str, int] = field(init=False)

    def __post_init__(self) -> None:
        """Sort the rows by the tokens of the calls that they are of."""
        self.history_of = grouped(self.history, told_in)
        self.effects_of = grouped(self.effects, lambda row: str(row["params"]["word"]))
        decisions = (row for row in self.audit if row["kind"] == "decision")
        self.audit_of = grouped(decisions, decided_in)
        self.answer_of = grouped(self.answers, lambda row: (row["actor"], row["key"]))
        self.written = defaultdict(int)
        for row in self.context:
            for token in row["value"]:
                self.written[token] += 1


def grouped(rows: Iterable[Row], by: Callable[[Row], K]) -> dict[K, list[Row]]:
    """Return rows by what they have in common."""
    found: dict[K, list[Row]] = defaultdict(list)
    for row in rows:
        found[by(row)].append(row)
    return found


def told_in(row: Row) -> str:
    """Return the token of the call that made a step; a timer or a call's end has none."""
    if row["kind"] == "event":
        return str(row["changed"]["told"][-1])
    return str(row["reason"])


def decided_in(row: Row) -> str:
    """Return the token of the call that a decision is about."""
    body = row["body"]
    value = body.get("params", {}).get("value", "")
    token = value if isinstance(value, str) else next(iter(value), "")
    return str(body.get("reason") or token or body.get("params", {}).get("word", ""))


async def seen(url: str, prefix: str, since: datetime) -> Seen:
    """Read what the store has of the calls whose tokens begin so, all at one moment."""
    reader = from_postgres if url.startswith("postgres") else from_sqlite
    found = await reader(url, prefix, since)
    return Seen(**{name: [parsed(row) for row in rows] for name, rows in found.items()})


async def from_sqlite(url: str, prefix: str, since: datetime) -> dict[str, list[Row]]:
    """Read a file."""
    values = {"1": prefix, "2": since.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")}

    def read() -> dict[str, list[Row]]:
        connection = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
        connection.row_factory = sqlite3.Row
        try:
            connection.execute("BEGIN")
            queries = {name: of("sqlite", query) for name, query in QUERIES.items()}
            return {
                name: [dict(row) for row in connection.execute(query, values)]
                for name, query in queries.items()
            }
        finally:
            connection.close()

    return await asyncio.to_thread(read)


async def from_postgres(url: str, prefix: str, since: datetime) -> dict[str, list[Row]]:
    """Read a database."""
    connection = await asyncpg.connect(url)
    try:
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            found = {}
            for name, query in QUERIES.items():
                text = of("postgres", query)
                values = [one for mark, one in (("$1", prefix), ("$2", since)) if mark in text]
                text = text if "$1" in text else text.replace("$2", "$1")
                found[name] = [dict(row) for row in await connection.fetch(text, *values)]
            return found
    finally:
        await connection.close()


def of(kind: str, query: Any) -> str:
    """Return the query for a database."""
    return str(query if isinstance(query, str) else query[kind])


def parsed(row: Row) -> Row:
    """Return a row with its JSON read."""
    read = {name: json.loads(row[name]) for name in JSON if isinstance(row.get(name), str)}
    return row | read
