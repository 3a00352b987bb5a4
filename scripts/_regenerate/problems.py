"""The error of all steps of ``scripts/regenerate``."""


class RegenerateError(Exception):
    """Files cannot be made; the text says why, where, and what to do."""
