"""Everything outside but the database: jobs, HTTP calls, the log."""
