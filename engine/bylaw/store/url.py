"""Where the store is: the URL that an operator writes, and what the drivers need of it."""

from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from bylaw.base.errors import ConfigurationError

POSTGRES = frozenset({"postgres", "postgresql"})


def store_url(text: str) -> URL:
    """Read `sqlite:///path` or `postgresql://…`.

    Raises:
        ConfigurationError: the text is neither; a password in it is not repeated.
    """
    try:
        url = make_url(text)
    except ArgumentError as error:
        raise ConfigurationError("the store's URL cannot be read") from error
    if url.drivername == "sqlite":
        return sqlite_url(url)
    if url.drivername in POSTGRES:
        return postgres_url(url)
    raise ConfigurationError(
        f"the store's URL begins with `{url.drivername}:`;"
        " write `sqlite:///path/to/file` or `postgresql://user@host/name`"
    )


def sqlite_url(url: URL) -> URL:
    """Name the driver; the path may be relative to the current folder."""
    if not url.database or url.database == ":memory:":
        raise ConfigurationError("the store's URL names no file; write `sqlite:///path/to/file`")
    path = Path(url.database).absolute()
    return URL.create("sqlite+aiosqlite", database=str(path))


def counted_from(folder: Path, text: str) -> str:
    """Return a URL in which the path of a file is counted from a folder."""
    scheme, mark, path = text.partition(":///")
    here = scheme == "sqlite" and path and not path.startswith((":memory:", "?"))
    return f"{scheme}{mark}{folder.absolute() / path}" if here else text


def postgres_url(url: URL) -> URL:
    """Name the driver; `sslmode` has another name there."""
    query = {("ssl" if key == "sslmode" else key): value for key, value in url.query.items()}
    return url.set(drivername="postgresql+asyncpg", query=query)


def may_be_there(text: str) -> bool:
    """Say whether a store may be there: a file must be, a server is not asked.

    Opening a SQLite store makes its folder and its file.

    Raises:
        ConfigurationError: the text is no URL of a store.
    """
    url = store_url(text)
    return url.get_backend_name() != "sqlite" or Path(str(url.database)).is_file()
