"""Adapts Aer to build noise models from calibrations, with and without frequencies."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

from qiskit.providers.exceptions import BackendPropertyError
from qiskit.providers.models import BackendProperties

from ibmq_backend._compat.replacing import replace_in_place
from ibmq_backend.exceptions import IBMQBackendError


class _PartlyMeasured:
    """A calibration that returns ``None`` for missing values, like Aer's own models."""

    def __init__(self, properties: BackendProperties) -> None:
        self._properties = properties

    def __getattr__(self, name: str) -> Any:
        return getattr(self._properties, name)

    def _or_none(self, name: str, qubit: int) -> float | None:
        try:
            return float(getattr(self._properties, name)(qubit))
        except BackendPropertyError:
            return None

    def t1(self, qubit: int) -> float | None:
        return self._or_none("t1", qubit)

    def t2(self, qubit: int) -> float | None:
        return self._or_none("t2", qubit)

    def frequency(self, qubit: int) -> float | None:
        return self._or_none("frequency", qubit)

    def is_whole(self) -> bool:
        """Return whether all values that Aer reads are present."""
        return all(
            self._or_none(name, qubit) is not None
            for qubit in range(len(self._properties.qubits))
            for name in ("t1", "t2", "frequency")
        )


class _WithPartialCalibration:
    """A backend with another calibration."""

    def __init__(self, backend: Any, calibration: _PartlyMeasured) -> None:
        self._backend = backend
        self._calibration = calibration

    def __getattr__(self, name: str) -> Any:
        return getattr(self._backend, name)

    def properties(self) -> _PartlyMeasured:
        return self._calibration


def _accept_properties(original: Callable[..., Any]) -> Callable[..., Any]:
    def from_backend(cls: Any, backend: Any, *args: Any, **kwargs: Any) -> Any:
        if not isinstance(backend, BackendProperties):
            return original(cls, _readable(backend), *args, **kwargs)
        kwargs.pop("warnings", None)
        return cls.from_backend_properties(backend, *args, **kwargs)

    return from_backend


def _readable(backend: Any) -> Any:
    """Return a backend that Aer can read, even if its calibration lacks frequencies.

    Without a frequency, thermal excitation is not modelled; at the temperature that Aer assumes,
    0 K, there is none.

    Raises:
        IBMQBackendError: the backend has no calibration, for example a simulator.
    """
    if getattr(backend, "version", None) != 1:
        return backend
    properties = backend.properties()
    if properties is None:
        raise IBMQBackendError(
            f"{backend.name()} has no calibration for a noise model. Use a device, or the "
            "calibration of one (device.properties(datetime=...))."
        )
    if not isinstance(properties, BackendProperties):
        return backend
    calibration = _PartlyMeasured(properties)
    return backend if calibration.is_whole() else _WithPartialCalibration(backend, calibration)


def adapt_noise_model(module: ModuleType) -> None:
    """Adapt ``qiskit_aer.noise.noise_model``."""
    replace_in_place(module.NoiseModel.from_backend.__func__, _accept_properties)
