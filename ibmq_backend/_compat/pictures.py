"""Terra's figures: maps of devices drawn by ``visualization``, and each figure shown once."""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable
from types import ModuleType
from typing import Any, Final

from ibmq_backend._compat.replacing import Replacement, replace_in_place

MODULES: Final = {
    "plot_coupling_map": "ibmq_backend.visualization.gate_map",
    "plot_error_map": "ibmq_backend.visualization.error_map",
    "plot_gate_map": "ibmq_backend.visualization.gate_map",
}
"""The module that is imported when the function is called, since it needs Matplotlib."""


def adapt_inline_backends(module: Any) -> None:
    """Add the names that Matplotlib 3.9 gave its notebook backends, else figures appear twice."""
    module.MATPLOTLIB_INLINE_BACKENDS |= {"inline", "nbagg"}


def adapt_gate_map(module: ModuleType) -> None:
    """Adapt ``qiskit.visualization.gate_map``."""
    for name, home in MODULES.items():
        replace_in_place(getattr(module, name), _function_of(home, name))
    replace_in_place(module.plot_circuit_layout, _with_one_qubit)


def _function_of(module: str, name: str) -> Replacement:
    def replacement(original: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(original)
        def draw(*args: Any, **kwargs: Any) -> Any:
            return getattr(importlib.import_module(module), name)(*args, **kwargs)

        return draw

    return replacement


def _with_one_qubit(original: Callable[..., Any]) -> Callable[..., Any]:
    """Draw layouts on devices without couplings, and refuse simulators."""

    @functools.wraps(original)
    def plot_circuit_layout(circuit: Any, backend: Any, *args: Any, **kwargs: Any) -> Any:
        from ibmq_backend.visualization.gate_map import describe, plot_gate_map

        if describe(backend)[1] == 1:
            return plot_gate_map(backend, qubit_color=["black"])
        return original(circuit, backend, *args, **kwargs)

    return plot_circuit_layout
