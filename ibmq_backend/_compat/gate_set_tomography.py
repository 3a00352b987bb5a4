"""Ignis' gate set tomography, with the SciPy of today."""

from __future__ import annotations

from types import ModuleType, SimpleNamespace
from typing import Any


def adapt_gateset_fitter(module: ModuleType) -> None:
    """Adapt ``qiskit.ignis.verification.tomography.fitters.gateset_fitter``.

    It starts from a matrix, which ``scipy.optimize.minimize`` flattened until SciPy 1.11.
    """
    optimize = vars(module)["opt"]

    def minimize(function: Any, start: Any, *args: Any, **kwargs: Any) -> Any:
        return optimize.minimize(function, start.ravel(), *args, **kwargs)

    vars(module)["opt"] = SimpleNamespace(minimize=minimize)
