"""What Alembic runs: the migrations over the connection that it was given."""

from alembic import context

from bylaw.store.table import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table="bylaw_version",
)
context.run_migrations()
