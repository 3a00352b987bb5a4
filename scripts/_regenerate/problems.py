"""The one way in which a step stops the command."""


class RegenerateError(Exception):
    """Something must be put right by a person; the text says where and what."""
