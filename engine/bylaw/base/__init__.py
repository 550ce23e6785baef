"""Positions, problems, names and plain values; knows nothing of workflows or rules."""
