"""Lets Aer make a noise model of a calibration alone, and of one that lacks frequencies."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

from qiskit.providers.exceptions import BackendPropertyError
from qiskit.providers.models import BackendProperties

from ibmq_backend._compat.replacing import replace_in_place
from ibmq_backend.exceptions import IBMQBackendError


class _PartlyMeasured:
    """A calibration that says None for what was not measured, as Aer's own models do."""

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
        """Whether nothing that Aer asks for is missing."""
        return all(
            self._or_none(name, qubit) is not None
            for qubit in range(len(self._properties.qubits))
            for name in ("t1", "t2", "frequency")
        )


class _WithPartialCalibration:
    """A backend, its calibration exchanged."""

    def __init__(self, backend: Any, calibration: _PartlyMeasured) -> None:
        self._backend = backend
        self._calibration = calibration

    def __getattr__(self, name: str) -> Any:
        return getattr(self._backend, name)

    def properties(self) -> _PartlyMeasured:
        return self._calibration


def _takes_properties(original: Callable[..., Any]) -> Callable[..., Any]:
    def from_backend(cls: Any, backend: Any, *args: Any, **kwargs: Any) -> Any:
        if not isinstance(backend, BackendProperties):
            return original(cls, _readable(backend), *args, **kwargs)
        kwargs.pop("warnings", None)
        return cls.from_backend_properties(backend, *args, **kwargs)

    return from_backend


def _readable(backend: Any) -> Any:
    """Return a backend that Aer can read: devices of today have no frequencies to tell.

    Without a frequency no thermal excitation is modelled; at the temperature that Aer assumes, 0 K,
    there is none anyway.

    Raises:
        IBMQBackendError: it has no calibration at all, as simulators have none.
    """
    if getattr(backend, "version", None) != 1:
        return backend
    properties = backend.properties()
    if properties is None:
        raise IBMQBackendError(
            f"{backend.name()} has no calibration, so there is no noise to model: take a device, "
            "or a calibration of one (device.properties(datetime=...))."
        )
    if not isinstance(properties, BackendProperties):
        return backend
    calibration = _PartlyMeasured(properties)
    return backend if calibration.is_whole() else _WithPartialCalibration(backend, calibration)


def adapt_noise_model(module: ModuleType) -> None:
    """Adapt ``qiskit_aer.noise.noise_model``."""
    replace_in_place(module.NoiseModel.from_backend.__func__, _takes_properties)
