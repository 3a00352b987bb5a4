"""The error of all steps of ``scripts/drift``."""


class DriftError(Exception):
    """The descriptions cannot be compared; the text says why, where, and what to do."""
