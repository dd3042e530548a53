"""Errors about the arguments of subcommands that pip does not have."""

from __future__ import annotations


def no_such_option(word: str) -> str:
    """Return the error for an option that a subcommand does not have."""
    return f"no such option: {word}"


def no_value(option: str) -> str:
    """Return the error for an option without the value that it needs."""
    return f"{option} option requires 1 argument"


def unexpected(words: str) -> str:
    """Return the error for words that a subcommand does not take."""
    return f"unexpected arguments: {words}"
