"""Fixtures with the documented classes connected to a local service."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
from qiskit import QuantumCircuit, transpile

from ibmq_backend import IBMQ
from ibmq_backend.account import local
from ibmq_backend.api.platform.calls import CLOUD_OPERATIONS, PLATFORM_OPERATIONS
from ibmq_backend.emulator.classic.state.state import ClassicState
from ibmq_backend.emulator.engine.engine import ProcessEngine
from ibmq_backend.emulator.service_state import DeviceState, ServiceState
from ibmq_backend.testing.local_ibmq import SharedEngine

SEED = 20210504


@pytest.fixture
def provider():
    return IBMQ.enable_local(seed=SEED)


@pytest.fixture
def backend(provider):
    return provider.get_backend("ibmq_vigo")


@pytest.fixture
def simulator(provider):
    return provider.get_backend("ibmq_qasm_simulator")


@pytest.fixture
def service_state(provider) -> ServiceState:
    return local.start(seed=SEED).service_state


@pytest.fixture
def classic_state(provider) -> ClassicState:
    return local.start(seed=SEED).dialects.classic.state


@pytest.fixture(scope="session")
def engine():
    """Yield the engine of all services with the default devices; starting one takes seconds."""
    processes = ProcessEngine(1)
    yield SharedEngine(processes)
    processes.close()


@pytest.fixture
def asked(monkeypatch):
    """Return the operations that were requested of the platform; may be cleared."""
    names = []
    send = httpx.HTTPTransport.handle_request

    def noting(transport, request):
        found = PLATFORM_OPERATIONS.find(request) or CLOUD_OPERATIONS.find(request)
        names.append(found.id)
        return send(transport, request)

    monkeypatch.setattr(httpx.HTTPTransport, "handle_request", noting)
    return names


@pytest.fixture
def held(service_state: ServiceState):
    """Return a context manager that keeps the jobs of a device in its queue."""

    @contextmanager
    def hold(name: str) -> Iterator[None]:
        before = service_state.device_state(name)
        service_state.set_device_state(name, DeviceState(status="internal"))
        try:
            yield
        finally:
            service_state.set_device_state(name, before)

    return hold


@pytest.fixture(scope="session")
def bell() -> QuantumCircuit:
    circuit = QuantumCircuit(2, 2, name="bell", metadata={"why": "test"})
    circuit.h(0)
    circuit.cx(0, 1)
    circuit.measure([0, 1], [0, 1])
    return circuit


@pytest.fixture
def device_bell(bell, backend) -> QuantumCircuit:
    return transpile(bell, backend=backend, seed_transpiler=1)
