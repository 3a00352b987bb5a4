"""The error of a malformed input of a program."""

from __future__ import annotations

__all__ = ["InvalidInput"]


class InvalidInput(ValueError):
    """The input of a program does not have its documented form.

    Attributes:
        message: the problem, as a sentence.
    """

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message
