"""A service in this process with a few devices and no simulation."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from qiskit import QuantumCircuit

from ibmq_backend.emulator.devices.catalog import Catalog
from ibmq_backend.emulator.http.embedded import LocalService
from ibmq_backend.emulator.service_state import Settings
from tests.support.engines import FakeEngine


class FewDevices(Catalog):
    """A catalog of some of the shipped devices."""

    def __init__(self, names: Collection[str]) -> None:
        super().__init__()
        self._devices = {name: self._devices[name] for name in names}
        self._names = tuple(sorted(self._devices))
        self._aliases = {
            alias: name for alias, name in self._aliases.items() if name in self._devices
        }


def make_service(
    catalog: Catalog | None = None, engine: FakeEngine | None = None, **options: Any
) -> LocalService:
    """Return a service that is not started, without job limit and simulation."""
    return LocalService(
        settings=Settings(device_job_limit=-1, any_instance=True),
        catalog=catalog,
        engine=engine or FakeEngine(),
        prewarm=False,
        **options,
    )


def placed_bell() -> QuantumCircuit:
    """Return a Bell circuit in the basis gates of ibmq_vigo; it needs no transpilation."""
    circuit = QuantumCircuit(2, 2, name="bell")
    circuit.sx(0)
    circuit.cx(0, 1)
    circuit.measure([0, 1], [0, 1])
    return circuit
