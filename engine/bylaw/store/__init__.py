"""Bylaw's own database; the only place with SQL."""
