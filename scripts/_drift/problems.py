"""The one way in which a step stops the command."""


class DriftError(Exception):
    """The comparison cannot be made; the text says why, where, and what to do."""
