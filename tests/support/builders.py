"""Small Qobj documents, written by hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

Document = dict[str, Any]


def qobj(
    backend_name: str,
    experiments: Sequence[Document],
    *,
    shots: int = 1024,
    qobj_id: str = "00000000-0000-4000-8000-000000000001",
) -> Document:
    """Return a Qobj of circuits.

    Args:
        backend_name: the name in the header, which the result repeats.
        experiments: circuits from :func:`experiment`.
        shots: repetitions of each circuit.
        qobj_id: the id, which the result repeats.
    """
    slots = max((one["config"]["memory_slots"] for one in experiments), default=0)
    qubits = max((one["config"]["n_qubits"] for one in experiments), default=0)
    return {
        "qobj_id": qobj_id,
        "type": "QASM",
        "schema_version": "1.3.0",
        "header": {"backend_name": backend_name, "backend_version": "1.3.5"},
        "config": {"shots": shots, "memory": False, "memory_slots": slots, "n_qubits": qubits},
        "experiments": list(experiments),
    }


def experiment(name: str, qubits: int, instructions: Sequence[Document]) -> Document:
    """Return a circuit that measures each qubit into the memory slot of the same index."""
    measure = {"name": "measure", "qubits": list(range(qubits)), "memory": list(range(qubits))}
    return {
        "header": {
            "name": name,
            "n_qubits": qubits,
            "memory_slots": qubits,
            "qreg_sizes": [["q", qubits]],
            "creg_sizes": [["c", qubits]],
        },
        "config": {"n_qubits": qubits, "memory_slots": qubits},
        "instructions": [*instructions, measure],
    }


def _superposed(qubit: int) -> list[Document]:
    quarter = {"name": "rz", "params": [1.5707963267948966], "qubits": [qubit]}
    return [quarter, {"name": "sx", "qubits": [qubit]}, quarter]


def bell(
    backend_name: str,
    *,
    shots: int = 1024,
    entangler: str = "cx",
    pair: tuple[int, int] = (0, 1),
) -> Document:
    """Return a Qobj that measures a Bell pair, in gates that every device has.

    Args:
        backend_name: the name in the header.
        shots: repetitions.
        entangler: ``cx`` or ``cz``.
        pair: two coupled qubits, in the direction of the device.
    """
    one, other = pair
    joined = [{"name": entangler, "qubits": [one, other]}]
    if entangler == "cz":
        joined = [*_superposed(other), *joined, *_superposed(other)]
    circuit = experiment("bell", 2, [*_superposed(one), *joined])
    circuit["instructions"][-1]["qubits"] = [one, other]
    width = max(pair) + 1
    circuit["config"]["n_qubits"] = circuit["header"]["n_qubits"] = width
    circuit["header"]["qreg_sizes"] = [["q", width]]
    return qobj(backend_name, [circuit], shots=shots)


def flipped(backend_name: str, *, shots: int = 1024) -> Document:
    """Return a Qobj that measures qubit 0 after an X gate."""
    return qobj(
        backend_name, [experiment("flipped", 1, [{"name": "x", "qubits": [0]}])], shots=shots
    )


def impossible(backend_name: str) -> Document:
    """Return a Qobj with a gate that no device has."""
    return qobj(backend_name, [experiment("impossible", 1, [{"name": "teleport", "qubits": [0]}])])
