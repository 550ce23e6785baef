"""Settings, wiring and lifespan of one process."""
