"""The error of the command itself."""

from __future__ import annotations


class CommandError(Exception):
    """A command failed; the text is shown to the user without a traceback."""
