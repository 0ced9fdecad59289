"""A command that could not do what it was asked to."""

from __future__ import annotations


class CommandError(Exception):
    """Ends a command with exit code 1, one line on stderr and a hint."""

    def __init__(self, message: str, hint: str = "") -> None:
        self.hint = hint
        super().__init__(message)


class UsageError(CommandError):
    """The command was not given what it needs; ends it with exit code 2."""
