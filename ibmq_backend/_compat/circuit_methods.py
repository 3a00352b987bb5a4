"""Gives Terra's circuits the methods back that programs of the years of ``IBMQ`` call.

Terra 0.46 still has the gates (``U3Gate``, ``CU1Gate``, ...) but no methods that append them, and
no ``+`` between circuits. A method is added where it is missing, so a Terra that has it is left
alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any, Final

from qiskit.circuit import QuantumCircuit
from qiskit.circuit.library import CU1Gate, CU3Gate, MCU1Gate, U1Gate, U2Gate, U3Gate


def u1(self: QuantumCircuit, theta: Any, qubit: Any) -> Any:
    """Append a ``U1Gate``: a phase of ``theta`` radians."""
    return self.append(U1Gate(theta), [qubit], [])


def u2(self: QuantumCircuit, phi: Any, lam: Any, qubit: Any) -> Any:
    """Append a ``U2Gate``; angles in radians."""
    return self.append(U2Gate(phi, lam), [qubit], [])


def u3(self: QuantumCircuit, theta: Any, phi: Any, lam: Any, qubit: Any) -> Any:
    """Append a ``U3Gate``; angles in radians."""
    return self.append(U3Gate(theta, phi, lam), [qubit], [])


def u0(self: QuantumCircuit, m: Any, qubit: Any) -> Any:
    """Append an identity gate: what is left of the gate that waited for ``m`` cycles."""
    del m
    return self.id(qubit)


def cu1(self: QuantumCircuit, theta: Any, control_qubit: Any, target_qubit: Any) -> Any:
    """Append a ``CU1Gate``: a controlled phase of ``theta`` radians."""
    return self.append(CU1Gate(theta), [control_qubit, target_qubit], [])


def cu3(
    self: QuantumCircuit, theta: Any, phi: Any, lam: Any, control_qubit: Any, target_qubit: Any
) -> Any:
    """Append a ``CU3Gate``; angles in radians."""
    return self.append(CU3Gate(theta, phi, lam), [control_qubit, target_qubit], [])


def mcu1(self: QuantumCircuit, lam: Any, control_qubits: Sequence[Any], target_qubit: Any) -> Any:
    """Append an ``MCU1Gate``: a phase of ``lam`` radians with many controls."""
    gate = MCU1Gate(lam, len(control_qubits))
    return self.append(gate, [*control_qubits, target_qubit], [])


def extend(self: QuantumCircuit, rhs: QuantumCircuit) -> QuantumCircuit:
    """Append another circuit; registers of equal name and size are the same ones.

    Raises:
        CircuitError: two registers have the same name and different sizes.
    """
    own = [*self.qregs, *self.cregs]
    for register in (*rhs.qregs, *rhs.cregs):
        if register not in own:
            self.add_register(register)
    for instruction in list(rhs.data):
        self.append(instruction.operation, instruction.qubits, instruction.clbits)
    self.global_phase += rhs.global_phase
    return self


def combine(self: QuantumCircuit, rhs: QuantumCircuit) -> QuantumCircuit:
    """Return a new circuit, with a name of its own, of this one followed by another.

    Raises:
        CircuitError: two registers have the same name and different sizes.
    """
    return extend(self.copy(name=QuantumCircuit().name), rhs)


def n_qubits(self: QuantumCircuit) -> int:
    """Number of qubits."""
    return int(self.num_qubits)


METHODS: Final[dict[str, Callable[..., Any] | property]] = {
    "u0": u0,
    "u1": u1,
    "u2": u2,
    "u3": u3,
    "cu1": cu1,
    "cu3": cu3,
    "mcu1": mcu1,
    "extend": extend,
    "combine": combine,
    "__add__": combine,
    "__iadd__": extend,
    "n_qubits": property(n_qubits),
}
"""Old name to what it was."""

RENAMED: Final[dict[str, str]] = {
    "iden": "id",
    "mirror": "reverse_ops",
    "diag_gate": "diagonal",
}
"""Old name of a method to its present one."""


def add_old_methods(module: ModuleType) -> None:
    """Add what is missing to the class ``QuantumCircuit`` of its module."""
    circuit_class = module.QuantumCircuit
    for name, method in METHODS.items():
        if not hasattr(circuit_class, name):
            setattr(circuit_class, name, method)
    for name, present in RENAMED.items():
        if not hasattr(circuit_class, name):
            setattr(circuit_class, name, getattr(circuit_class, present))
