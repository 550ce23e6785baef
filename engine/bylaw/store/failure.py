"""What the databases' failures mean to the rest of Bylaw; no SQL and no values get out."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy.exc import DataError, IntegrityError, SQLAlchemyError, StatementError

from bylaw.base.errors import BylawError, Conflict, StoreUnavailable, Unstorable

# PostgreSQL's classes: a row or a transaction that others stood against; data, or its limits.
LOST_RACE = ("23", "40")
BAD_VALUE = ("22", "54")
SAID = {
    "locked": "the store is locked by another process",
    "readonly": "the store is read-only",
    "read-only": "the store is read-only",
    "full": "the store's disk is full",
    "no space": "the store's disk is full",
    "not a database": "the store's file is damaged, or no database",
    "malformed": "the store's file is damaged, or no database",
    "disk i/o error": "the store's disk does not take what is written",
    "no such table": "the store has not been set up",
    "does not exist": "the store has not been set up",
}


def meaning(error: Exception) -> BylawError:
    """Return what a failure of the database means."""
    match error:
        case IntegrityError() | sqlite3.IntegrityError():
            return Conflict("somebody else wrote this first")
        case DataError() | sqlite3.DataError():
            return Unstorable()
        case _ if sqlstate(error).startswith(LOST_RACE):
            return Conflict("somebody else wrote this at the same moment")
        case _ if sqlstate(error).startswith(BAD_VALUE):
            return Unstorable()
        case StatementError(orig=BylawError() as own):
            return own
        case _:
            return StoreUnavailable(sentence(str(error).lower()))


def sqlstate(error: Exception) -> str:
    """Return PostgreSQL's code of a failure, its own or inside; SQLite has none."""
    return getattr(getattr(error, "orig", error), "sqlstate", None) or ""


def sentence(text: str) -> str:
    """Return what to tell of a failure that the database describes in this text."""
    return next((said for word, said in SAID.items() if word in text), "the store does not answer")


@asynccontextmanager
async def translated() -> AsyncIterator[None]:
    """Turn failures of the database into the exceptions of Bylaw.

    Raises:
        StoreUnavailable: the database did not do it; nothing was written.
        Conflict: somebody else was first; nothing was written.
        Unstorable: a value has a character that cannot be stored.
    """
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error, OSError) as error:
        raise meaning(error) from error
