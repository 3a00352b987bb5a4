"""The documented face on the real local service; one service for all tests of this folder."""

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
from ibmq_backend.testing.local_place import SharedEngine

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
    """The simulator of all services without devices of their own: to start one takes seconds."""
    processes = ProcessEngine(1)
    yield SharedEngine(processes)
    processes.close()


@pytest.fixture
def asked(monkeypatch):
    """Names of the operations of today's service that are asked for; clear it to begin anew."""
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
    """Lets a device keep its jobs in the queue for as long as a test wants."""

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
