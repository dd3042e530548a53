"""Fuzzing of every parser: ``python -m compat.fuzz TARGET --seconds N``."""
