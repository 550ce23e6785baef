"""Workers that run background jobs: PgQueuer on PostgreSQL, one process per file on SQLite."""
