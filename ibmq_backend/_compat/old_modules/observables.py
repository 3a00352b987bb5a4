"""``qiskit.quantum_info.analyzation``: mean values of diagonal observables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np


def make_dict_observable(matrix_observable: Any) -> dict[str, Any]:
    """Return the diagonal of an observable by the bits of the basis state.

    Args:
        matrix_observable: a matrix of shape (2**n, 2**n) or its diagonal.
    """
    observable = np.asarray(matrix_observable)
    if observable.ndim == 2:
        observable = observable.diagonal()
    n_bits = int(np.ceil(np.log2(len(observable))))
    return {format(i, f"0{n_bits}b"): value for i, value in enumerate(observable)}


def average_data(counts: Mapping[str, float], observable: Any) -> Any:
    """Return the mean value of a diagonal observable.

    Args:
        counts: counts by bits.
        observable: its values by bits, its matrix, or the diagonal.
    """
    values = observable if isinstance(observable, dict) else make_dict_observable(observable)
    total = sum(counts.values())
    return sum(count * values[key] / total for key, count in counts.items() if key in values)
