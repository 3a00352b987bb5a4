"""The error of the command itself."""

from __future__ import annotations


class CommandError(Exception):
    """The command cannot do what was asked; the text is all that the user needs."""
