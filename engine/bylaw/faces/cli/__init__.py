"""The command line: a client of the running server, and tools that need none."""
