"""Devices without a configuration file, and the cloud simulators.

Facts only: sizes, coupling directions, gate names and limits as the service stated them.
qiskit-terra has no configuration files of the retired devices ``ibmqx4``, ``ibmqx5`` and
``ibmq_20_tokyo``; their documents are composed here in the form of the service. Clients need an
``online_date``; those given here are accurate to about a month.
"""

from __future__ import annotations

from typing import Any, Final

from ibmq_backend.emulator.devices.gates import (
    EXTENDED,
    MPS,
    QASM,
    STABILIZER,
    STATEVECTOR,
    simulator_gates,
)

__all__ = [
    "GATE_DEFINITIONS",
    "OMITTED_STEMS",
    "bare_devices",
    "simulators",
]

Document = dict[str, Any]

OMITTED_STEMS = frozenset({"cambridge_alt"})
"""Second snapshots of a device: the same day in another gate basis."""

GATE_DEFINITIONS: Final[dict[str, tuple[list[str], str]]] = {
    "id": ([], "gate id q { U(0,0,0) q; }"),
    "u1": (["lambda"], "gate u1(lambda) q { U(0,0,lambda) q; }"),
    "u2": (["phi", "lambda"], "gate u2(phi,lambda) q { U(pi/2,phi,lambda) q; }"),
    "u3": (["theta", "phi", "lambda"], "gate u3(theta,phi,lambda) q { U(theta,phi,lambda) q; }"),
    "rz": (["theta"], "gate rz(theta) q { U(0,0,theta) q; }"),
    "sx": ([], "gate sx q { U(pi/2,3*pi/2,pi/2) q; }"),
    "x": ([], "gate x q { U(pi,0,pi) q; }"),
    "cx": ([], "gate cx q1,q2 { CX q1,q2; }"),
}
"""Parameters and OpenQASM definition of gates, as configurations state them."""

_U_BASIS: Final = ("u1", "u2", "u3", "cx", "id")

_TENERIFE = ((1, 0), (2, 0), (2, 1), (3, 2), (3, 4), (4, 2))
_RUESCHLIKON = (
    (1, 0), (1, 2), (2, 3), (3, 4), (3, 14), (5, 4), (6, 5), (6, 7), (6, 11), (7, 10), (8, 7),
    (9, 8), (9, 10), (11, 10), (12, 5), (12, 11), (12, 13), (13, 4), (13, 14), (15, 0), (15, 2),
    (15, 14),
)  # fmt: skip
_TOKYO_EDGES = (
    (0, 1), (0, 5), (1, 2), (1, 6), (1, 7), (2, 6), (3, 8), (4, 8), (4, 9), (5, 6), (5, 10),
    (5, 11), (6, 7), (6, 10), (6, 11), (7, 8), (7, 12), (8, 9), (8, 12), (8, 13), (10, 11),
    (10, 15), (11, 12), (11, 16), (11, 17), (12, 13), (12, 16), (13, 14), (13, 18), (13, 19),
    (14, 18), (14, 19), (15, 16), (16, 17), (17, 18),
)  # fmt: skip


def bare_devices() -> dict[str, Document]:
    """Return configuration documents of the devices that have none on disk, by snapshot stem.

    The key is the ``X`` of the matching ``props_X.json``; ``rueschlikon`` has no calibration at
    all. Versions come from the calibration files, "0.0.0" if unknown.
    """
    tokyo = sorted(pair for a, b in _TOKYO_EDGES for pair in ((a, b), (b, a)))
    return {
        "tenerife": _u_device("ibmqx4", "1.0.0", 5, _TENERIFE, 75, "2017-09-01T04:00:00+00:00",
                              "5 qubit device Tenerife"),
        "rueschlikon": _u_device("ibmqx5", "0.0.0", 16, _RUESCHLIKON, 75,
                                 "2017-09-01T04:00:00+00:00",
                                 "16 qubit device Rueschlikon. No calibration data of it was "
                                 "published: the emulator runs it WITHOUT NOISE"),
        "tokyo": _u_device("ibmq_20_tokyo", "1.3.1", 20, tuple(tokyo), 900,
                           "2018-05-01T04:00:00+00:00", "20 qubit device Tokyo"),
    }  # fmt: skip


def simulators() -> list[Document]:
    """Return the configuration documents of the five cloud simulators, as of the end of 2021."""
    return [
        _simulator(QASM, 32, None, "2019-05-02T08:15:00+00:00",
                   "A general purpose simulator of quantum programs in gate form"),
        _simulator(STATEVECTOR, 32, "statevector", "2020-12-01T05:00:00+00:00",
                   "Schroedinger wave function simulator"),
        _simulator(MPS, 100, "matrix_product_state", "2020-12-01T05:00:00+00:00",
                   "Matrix product state simulator"),
        _simulator(STABILIZER, 5000, "stabilizer", "2020-12-01T05:00:00+00:00",
                   "Clifford simulator"),
        _simulator(EXTENDED, 63, "extended_stabilizer", "2020-12-01T05:00:00+00:00",
                   "Clifford + T simulator by low-rank decomposition"),
    ]  # fmt: skip


def _u_device(
    name: str,
    version: str,
    num_qubits: int,
    coupling: tuple[tuple[int, int], ...],
    max_circuits: int,
    online_date: str,
    description: str,
) -> Document:
    pairs = [list(pair) for pair in coupling]
    singles = [[qubit] for qubit in range(num_qubits)]
    return {
        "backend_name": name,
        "backend_version": version,
        "n_qubits": num_qubits,
        "basis_gates": list(_U_BASIS),
        "gates": [
            {
                "name": gate,
                "parameters": GATE_DEFINITIONS[gate][0],
                "qasm_def": GATE_DEFINITIONS[gate][1],
                "coupling_map": pairs if gate == "cx" else singles,
            }
            for gate in ("id", "u1", "u2", "u3", "cx")
        ],
        "local": False,
        "simulator": False,
        "conditional": False,
        "open_pulse": False,
        "memory": False,
        "max_shots": 8192,
        "max_experiments": max_circuits,
        "coupling_map": pairs,
        "credits_required": True,
        "online_date": online_date,
        "description": description,
        "n_registers": 1,
        "allow_q_object": True,
        "allow_object_storage": True,
    }


def _simulator(
    name: str,
    num_qubits: int,
    method: str | None,
    online_date: str,
    description: str,
) -> Document:
    gates = simulator_gates(name)
    document: Document = {
        "backend_name": name,
        "backend_version": "0.1.547",
        "n_qubits": num_qubits,
        "basis_gates": list(gates),
        "gates": [
            {
                "name": gate,
                "parameters": GATE_DEFINITIONS[gate][0],
                "qasm_def": GATE_DEFINITIONS[gate][1],
                "conditional": True,
            }
            for gate in ("id", "u1", "u2", "u3", "cx")
            if gate in gates
        ],
        "local": False,
        "simulator": True,
        "conditional": True,
        "open_pulse": False,
        "memory": True,
        "max_shots": 100_000,
        "max_experiments": 300,
        "coupling_map": None,
        "credits_required": False,
        "online_date": online_date,
        "description": description,
        "n_registers": 1,
        "allow_q_object": True,
        "allow_object_storage": True,
        "input_allowed": ["job", "runtime"],
    }
    if method is not None:
        document["simulation_method"] = method
    return document
