"""Running the migrations with Alembic, in the transaction of a given connection."""

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection

from bylaw.base.errors import ConfigurationError


def upgrade(connection: Connection) -> None:
    """Run the migrations that are missing.

    Raises:
        ConfigurationError: the tables are of a newer Bylaw.
    """
    try:
        command.upgrade(alembic_config(connection), "head")
    except CommandError as error:
        raise ConfigurationError(
            "the store was written by a newer Bylaw; install that version, or use another store"
        ) from error


def alembic_config(connection: Connection) -> Config:
    """Return the configuration that finds the migrations beside this module."""
    config = Config()
    config.set_main_option("script_location", "bylaw.store:migrations")
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
