"""Options of the simulator that a job may set, their types and ranges.

Options that are not listed are ignored. That includes all settings of the machine (devices,
threads, memory, precision), which the service chooses.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from reprlib import Repr
from typing import Any, Final

from ibmq_backend.emulator.checks.document import is_integer, is_number
from ibmq_backend.emulator.checks.instructions import JobRefused
from ibmq_backend.emulator.core.error_codes import ErrorCode

__all__ = ["checked_options"]


_SHORT: Final = Repr()
_SHORT.maxstring = _SHORT.maxother = 60


@dataclass(frozen=True)
class _Range:
    """Numbers between two bounds, inclusive.

    Attributes:
        low: smallest value.
        high: largest value.
        whole: True for integers, False for any finite number.
    """

    low: float
    high: float
    whole: bool = True

    def __contains__(self, value: object) -> bool:
        if not is_number(value) or (self.whole and not is_integer(value)):
            return False
        return self.low <= value <= self.high

    def __str__(self) -> str:
        kind = "an integer" if self.whole else "a number"
        return f"{kind} from {self.low} to {self.high}"


@dataclass(frozen=True)
class _Words:
    """One of several words."""

    words: tuple[str, ...]

    def __contains__(self, value: object) -> bool:
        return isinstance(value, str) and value in self.words

    def __str__(self) -> str:
        return f"one of {', '.join(self.words)}"


class _Boolean:
    """True or false."""

    def __contains__(self, value: object) -> bool:
        return isinstance(value, bool)

    def __str__(self) -> str:
        return "true or false"


_METHODS: Final = (
    "automatic", "density_matrix", "extended_stabilizer", "matrix_product_state", "stabilizer",
    "statevector",
)  # fmt: skip
_KNOWN: Final[Mapping[str, _Range | _Words | _Boolean]] = {
    "method": _Words(_METHODS),
    "fusion_enable": _Boolean(),
    "fusion_max_qubit": _Range(1, 10),  # a fused gate is a matrix of 4^n numbers
    "fusion_threshold": _Range(1, 64),
    "zero_threshold": _Range(0, 1, whole=False),
    "validation_threshold": _Range(0, 1, whole=False),
    "extended_stabilizer_sampling_method": _Words(
        ("metropolis", "norm_estimation", "resampled_metropolis")
    ),
    # Time grows with mixing_time; time and memory grow with 1 / approximation_error ** 2.
    "extended_stabilizer_metropolis_mixing_time": _Range(1, 1_000_000),
    "extended_stabilizer_approximation_error": _Range(0.001, 1, whole=False),
    "matrix_product_state_max_bond_dimension": _Range(1, 1_000_000),
    "matrix_product_state_truncation_threshold": _Range(0, 1, whole=False),
}


def checked_options(given: Mapping[str, Any]) -> dict[str, Any]:
    """Check the options of a job and return the known ones; null means the default.

    Args:
        given: options by name, of any JSON values.

    Raises:
        JobRefused: 1002, if an option has the wrong type or is out of range.
    """
    options: dict[str, Any] = {}
    for name, allowed in _KNOWN.items():
        value = given.get(name)
        if value is None:
            continue
        if name == "method" and isinstance(value, str):
            value = value.removesuffix("_gpu")
        if value not in allowed:
            raise JobRefused(
                f"The simulator option {name!r} is {_SHORT.repr(value)}; it must be {allowed}",
                ErrorCode.NOT_VALID,
            )
        options[name] = value
    return options
