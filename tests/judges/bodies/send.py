"""Prints the bodies that our client sends to create jobs; runs in the environment of the project.

The output is JSON: ``devices``, name to configuration, and ``bodies``, kind of job to body. The
jobs wait on devices that are not available, so that no circuit is simulated.
"""

from __future__ import annotations

import json
import math
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from qiskit import ClassicalRegister, QuantumCircuit, QuantumRegister, transpile
from qiskit.circuit import Clbit, Gate, Qubit

from ibmq_backend import IBMQ
from ibmq_backend.emulator.devices.options import DeviceOptions
from ibmq_backend.emulator.http.embedded import LocalService
from ibmq_backend.emulator.service_state import DeviceState
from tests.support import heron

SEED = 7
QUBITS = 8
DEVICES = {f"ibm_{gate}": gate for gate in ("cz", "ecr", "cx")}


@dataclass(frozen=True)
class Kind:
    """A kind of job.

    Attributes:
        circuits: returns the circuits.
        gate: the gate of the device with two qubits.
        native: whether the circuits run as they are, for example since ``transpile`` does not use
            their gates.
        options: options of ``run()``.
    """

    circuits: Callable[[], Any]
    gate: str = "cz"
    native: bool = False
    options: Mapping[str, Any] = field(default_factory=dict)

    def submit(self, backend: Any) -> None:
        """Submit a job of this kind."""
        circuits = self.circuits()
        if not self.native:
            circuits = transpile(circuits, backend, seed_transpiler=SEED)
        backend.run(circuits, **{"shots": 100, **self.options})


CIRCUITS: dict[str, Kind] = {}


def job(**more: Any) -> Callable[[Callable[[], Any]], Callable[[], Any]]:
    """Add the kind of job whose circuits a function returns."""

    def add(circuits: Callable[[], Any]) -> Callable[[], Any]:
        CIRCUITS[circuits.__name__] = Kind(circuits, **more)
        return circuits

    return add


@job()
def bell(*registers: ClassicalRegister, name: str = "bell", metadata: Any = None) -> Any:
    registers = registers or (ClassicalRegister(2, "c"),)
    circuit = QuantumCircuit(QuantumRegister(2, "q"), *registers, name=name, metadata=metadata)
    circuit.h(0)
    circuit.cx(0, 1)
    circuit.measure([0, 1], [0, 1])
    return circuit


def single(name: str, *qubits: int, angle: float | None = None) -> Any:
    """Return a circuit with one gate."""
    circuit = QuantumCircuit(QUBITS, 1)
    circuit.append(Gate(name, len(qubits), [] if angle is None else [angle]), qubits)
    circuit.measure(qubits[0], 0)
    return circuit


@job(native=True)
def rzz() -> Any:
    return single("rzz", 0, 1, angle=math.pi / 2)


@job(native=True)
def rx() -> Any:
    return single("rx", 3, angle=-0.1)


@job(native=True)
def a_gate_of_the_device_only() -> Any:
    return single("xslow", 2)


@job(native=True)
def angles_and_a_global_phase() -> Any:
    circuit = QuantumCircuit(1, 1, global_phase=0.3)
    for angle in (1e-17, -math.pi, 12345.678):
        circuit.rz(angle, 0)
    circuit.measure(0, 0)
    return circuit


@job()
def barriers_and_a_reset() -> Any:
    circuit = QuantumCircuit(2, 2)
    circuit.x(0)
    circuit.measure(0, 0)
    circuit.barrier()
    circuit.reset(0)
    circuit.barrier(1)
    circuit.measure(0, 1)
    return circuit


@job()
def identities() -> Any:
    circuit = QuantumCircuit(2, 1)
    circuit.id([0, 1])
    circuit.measure(1, 0)
    return circuit


@job()
def delays() -> Any:
    circuit = QuantumCircuit(2, 1)
    circuit.delay(160, 0)
    circuit.delay(1.5, 1, unit="us")
    circuit.delay(100, 0, unit="ns")
    circuit.measure(0, 0)
    return circuit


@job()
def many_circuits() -> Any:
    return [bell(name=f"bell {number}") for number in range(100)]


@job()
def texts_in_comments() -> Any:
    metadata = {"note": 'a "quote", a\nline, // and */', "π": [1, None, True]}
    return bell(name="bell\n//ü", metadata=metadata)


@job()
def two_registers() -> Any:
    return bell(ClassicalRegister(1, "left"), ClassicalRegister(3, "right"))


@job()
def register_names() -> Any:
    names = ("if", "lambda", "measure", "cx", "_x", "Alice", "m0")
    return bell(*(ClassicalRegister(1, name) for name in names))


@job()
def bits_without_a_register() -> Any:
    circuit = QuantumCircuit([Qubit(), Qubit(), Clbit()], ClassicalRegister(1, "a"))
    circuit.measure([0, 1], [0, 1])
    return circuit


@job()
def no_measurement() -> Any:
    circuit = QuantumCircuit(1)
    circuit.x(0)
    return circuit


@job()
def a_condition_on_a_register() -> Any:
    circuit = bell()
    circuit.x(0).c_if(circuit.cregs[0], 2)
    return circuit


@job()
def a_condition_on_a_register_of_32_bits() -> Any:
    circuit = bell(ClassicalRegister(32, "c"))
    circuit.x(0).c_if(circuit.cregs[0], 2**31 + 1)
    return circuit


@job()
def a_condition_on_a_bit_of_many() -> Any:
    circuit = bell(ClassicalRegister(50, "c"))
    circuit.x(0).c_if(circuit.clbits[1], 0)
    return circuit


@job(native=True)
def if_test_with_else() -> Any:
    circuit = QuantumCircuit(2, 2)
    circuit.sx(0)
    circuit.measure(0, 0)
    with circuit.if_test((circuit.clbits[0], 1)) as otherwise:
        circuit.x(1)
    with otherwise:
        circuit.sx(1)
    circuit.measure(1, 1)
    return circuit


OPTIONS: dict[str, dict[str, Any]] = {
    "kerneled": {"meas_level": 1, "meas_return": "single"},
    "averaged": {"meas_level": 1, "meas_return": "avg"},
    "execution": {"init_qubits": False, "rep_delay": 100e-6, "memory": True},
    "many shots": {"shots": 100_000},
    "decoupling": {"dynamical_decoupling": True},
    "decoupling in detail": {
        "dynamical_decoupling": {
            "sequence_type": "XY4",
            "extra_slack_distribution": "edges",
            "scheduling_method": "asap",
            "skip_reset_qubits": True,
        }
    },
    "twirling": {"twirling": True},
    "twirling in detail": {
        "twirling": {
            "enable_measure": True,
            "num_randomizations": 10,
            "shots_per_randomization": "auto",
            "strategy": "active-circuit",
        }
    },
    "header": {"header": {"OPENQASM 2.0;": "x"}},
    "longest time": {"max_execution_time": 10_800},
    "private": {"private": True, "job_name": "own"},
    "name and tags": {"job_name": "n" * 76, "job_tags": ["t" * 86, *"abcde"]},
    "everything": {
        "job_name": "all",
        "job_tags": ["a"],
        "max_execution_time": 30,
        "private": True,
        "init_qubits": True,
        "rep_delay": 250e-6,
        "dynamical_decoupling": True,
        "twirling": True,
    },
}
KINDS = {
    **CIRCUITS,
    **{f"bell on {gate}": Kind(bell, gate) for gate in ("ecr", "cx")},
    **{f"bell with {name}": Kind(bell, options=options) for name, options in OPTIONS.items()},
}
MODES = ("open_session", "open_batch")


@contextmanager
def recorded(bodies: list[Any]) -> Iterator[None]:
    """Append the body of each request that creates a job."""
    handle = httpx.HTTPTransport.handle_request

    def handle_request(self: httpx.HTTPTransport, request: httpx.Request) -> httpx.Response:
        if (request.method, request.url.path) == ("POST", "/api/v1/jobs"):
            bodies.append(json.loads(request.read()))
        return handle(self, request)

    httpx.HTTPTransport.handle_request = handle_request  # type: ignore[method-assign]
    try:
        yield
    finally:
        httpx.HTTPTransport.handle_request = handle  # type: ignore[method-assign]


def main() -> None:
    """Submit a job of each kind and print the bodies."""
    sent: list[Any] = []
    bodies = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, gate in DEVICES.items():
            heron.write_device(Path(folder, gate), name, gate, qubits=QUBITS)
        options = DeviceOptions((Path(folder),))
        with LocalService(options=options, prewarm=False) as service, recorded(sent):
            for name in DEVICES:
                service.service_state.set_device_state(name, DeviceState(status="internal"))
            provider = IBMQ.enable_account(
                service.api_key, service.platform_url, instance=service.crn
            )
            on = {gate: provider.get_backend(name) for name, gate in DEVICES.items()}
            for name, kind in KINDS.items():
                kind.submit(on[kind.gate])
                bodies[name] = sent.pop()
            for mode in MODES:
                with getattr(on["cz"], mode)():
                    KINDS["bell"].submit(on["cz"])
                bodies[f"bell in {mode}"] = sent.pop()
            assert not sent
            IBMQ.disable_account()
    devices = {name: heron.configuration(name, gate, QUBITS) for name, gate in DEVICES.items()}
    json.dump({"devices": devices, "bodies": bodies}, sys.stdout)


if __name__ == "__main__":
    main()
