"""The condition language: parsed, checked and compiled; no I/O, no clock."""
