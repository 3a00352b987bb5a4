"""Lets Aer make a noise model of a calibration alone, as it did until 2021."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

from qiskit.providers.models import BackendProperties

from ibmq_backend._compat.replacing import replace_in_place


def _takes_properties(original: Callable[..., Any]) -> Callable[..., Any]:
    def from_backend(cls: Any, backend: Any, *args: Any, **kwargs: Any) -> Any:
        if not isinstance(backend, BackendProperties):
            return original(cls, backend, *args, **kwargs)
        kwargs.pop("warnings", None)
        return cls.from_backend_properties(backend, *args, **kwargs)

    return from_backend


def adapt_noise_model(module: ModuleType) -> None:
    """Adapt ``qiskit_aer.noise.noise_model``."""
    replace_in_place(module.NoiseModel.from_backend.__func__, _takes_properties)
