"""Terra transpiles around the gates that a device reports as out of order."""

from __future__ import annotations

import copy

import pytest
from qiskit import QuantumCircuit, transpile
from qiskit.providers import BackendV1
from qiskit.providers.models import BackendProperties, QasmBackendConfiguration
from qiskit.transpiler import CouplingMap

from ibmq_backend._compat.faulty_gates import working_couplings
from ibmq_backend.emulator.devices.catalog import Catalog, Device

pytestmark = pytest.mark.slow


class Described(BackendV1):
    """A backend with the documents of an emulated device."""

    def __init__(self, device: Device, properties: dict) -> None:
        super().__init__(QasmBackendConfiguration.from_dict(device.configuration()))
        self._calibration = BackendProperties.from_dict(properties)

    def properties(self) -> BackendProperties:
        return self._calibration

    @classmethod
    def _default_options(cls) -> None:
        return None

    def run(self, run_input, **options):
        raise NotImplementedError


def ghz(size: int) -> QuantumCircuit:
    circuit = QuantumCircuit(size)
    circuit.h(0)
    for qubit in range(size - 1):
        circuit.cx(qubit, qubit + 1)
    circuit.measure_all()
    return circuit


def used_gates(circuit: QuantumCircuit) -> set[tuple[str, tuple[int, ...]]]:
    return {
        (each.operation.name, tuple(circuit.find_bit(qubit).index for qubit in each.qubits))
        for each in circuit.data
    }


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return Catalog()


@pytest.fixture(scope="module")
def broken(catalog: Catalog) -> list[Device]:
    found = [device for device in catalog if device.broken_gates]
    assert len(found) == 7
    return found


@pytest.mark.parametrize("level", range(4))
def test_no_level_uses_a_broken_gate(broken: list[Device], level: int) -> None:
    for device in broken:
        backend = Described(device, device.properties())
        for size in (2, 5):
            used = used_gates(
                transpile(ghz(size), backend, optimization_level=level, seed_transpiler=1)
            )
            assert used.isdisjoint(device.broken_gates), device.name
            pairs = {qubits for name, qubits in used if name == "cx"}
            assert pairs <= device.coupling, device.name


def test_couplings_of_faulty_qubits_and_single_qubit_gates_are_left_out(catalog: Catalog) -> None:
    device = catalog.get("ibmq_lima")
    date = "2021-01-01T00:00:00+00:00"
    mark = {"name": "operational", "unit": "", "value": 0, "date": date}
    couplings = CouplingMap(device.configuration()["coupling_map"])

    def left(change) -> set[tuple[int, int]]:
        document = copy.deepcopy(device.properties())
        change(document)
        found = working_couplings(Described(device, document), couplings)
        assert found.size() == 5
        return set(found.get_edges())

    def break_x(document) -> None:
        gates = [gate for gate in document["gates"] if gate["gate"] == "x"]
        gates[0]["parameters"].append(mark)

    everything = left(lambda document: None)
    assert everything == set(device.coupling)
    assert left(lambda document: document["qubits"][4].append(mark)) == everything - {
        (3, 4), (4, 3),
    }  # fmt: skip
    assert left(break_x) == everything - {(0, 1), (1, 0)}


def test_a_given_coupling_map_is_not_changed(catalog: Catalog) -> None:
    device = catalog.get("ibmq_manhattan")
    backend = Described(device, device.properties())
    given = transpile(
        ghz(5), backend, coupling_map=[[0, 1], [1, 2], [2, 3], [3, 4]], optimization_level=0
    )
    assert ("cx", (3, 4)) in used_gates(given) & device.broken_gates
