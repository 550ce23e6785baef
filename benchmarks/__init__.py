"""Figures, each beside its peer or floor, measured in one run on one machine."""
