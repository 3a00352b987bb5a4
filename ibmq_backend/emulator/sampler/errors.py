"""Why the sampler refuses a job: its error numbers, and the error of a malformed input.

The numbers go with a `JobRefused`. What the service advises for each is wording of its dialect.
"""

from __future__ import annotations

from typing import Final

__all__ = [
    "CANNOT_LOAD_QASM",
    "CANNOT_LOAD_QPY",
    "NOT_ISA",
    "OPTIONS_DO_NOT_FIT",
    "OVER_SYSTEM_LIMITS",
    "PROGRAM_FAILED",
    "InvalidInput",
]

PROGRAM_FAILED: Final = 1500
CANNOT_LOAD_QASM: Final = 1506
NOT_ISA: Final = 1517
OVER_SYSTEM_LIMITS: Final = 1520
OPTIONS_DO_NOT_FIT: Final = 1521
CANNOT_LOAD_QPY: Final = 1603


class InvalidInput(ValueError):
    """The input of a program does not have its documented form.

    Attributes:
        message: what is wrong, as a sentence.
    """

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message
