"""Methods of circuits that old programs call and Terra has removed.

Terra 0.46 still has the gates (``U3Gate``, ``CU1Gate``, ...) but no methods that append them, and
no ``+`` for circuits. Only missing methods are added. They import the gates when they are called,
since they are added while Qiskit is imported.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final

from ibmq_backend._compat.old_aer.circuit_snapshots import SNAPSHOTS

if TYPE_CHECKING:
    from qiskit.circuit import QuantumCircuit


def u1(self: QuantumCircuit, theta: Any, qubit: Any) -> Any:
    """Append a ``U1Gate``: a phase of ``theta`` radians."""
    from qiskit.circuit.library import U1Gate

    return self.append(U1Gate(theta), [qubit], [])


def u2(self: QuantumCircuit, phi: Any, lam: Any, qubit: Any) -> Any:
    """Append a ``U2Gate`` with angles in radians."""
    from qiskit.circuit.library import U2Gate

    return self.append(U2Gate(phi, lam), [qubit], [])


def u3(self: QuantumCircuit, theta: Any, phi: Any, lam: Any, qubit: Any) -> Any:
    """Append a ``U3Gate`` with angles in radians."""
    from qiskit.circuit.library import U3Gate

    return self.append(U3Gate(theta, phi, lam), [qubit], [])


def u0(self: QuantumCircuit, m: Any, qubit: Any) -> Any:
    """Append an identity gate, which replaces the former wait for ``m`` cycles."""
    del m
    return self.id(qubit)


def cu1(self: QuantumCircuit, theta: Any, control_qubit: Any, target_qubit: Any) -> Any:
    """Append a ``CU1Gate``: a controlled phase of ``theta`` radians."""
    from qiskit.circuit.library import CU1Gate

    return self.append(CU1Gate(theta), [control_qubit, target_qubit], [])


def cu3(
    self: QuantumCircuit, theta: Any, phi: Any, lam: Any, control_qubit: Any, target_qubit: Any
) -> Any:
    """Append a ``CU3Gate`` with angles in radians."""
    from qiskit.circuit.library import CU3Gate

    return self.append(CU3Gate(theta, phi, lam), [control_qubit, target_qubit], [])


def mcu1(self: QuantumCircuit, lam: Any, control_qubits: Sequence[Any], target_qubit: Any) -> Any:
    """Append an ``MCU1Gate``: a phase of ``lam`` radians with several controls."""
    from qiskit.circuit.library import MCU1Gate

    gate = MCU1Gate(lam, len(control_qubits))
    return self.append(gate, [*control_qubits, target_qubit], [])


def mcmt(
    self: QuantumCircuit,
    gate: Any,
    control_qubits: Any,
    target_qubits: Any,
    ancilla_qubits: Any = None,
    mode: str = "no-ancilla",
) -> Any:
    """Append a gate with several controls and several targets.

    The order of Terra 0.12 is accepted too: controls, ancillas, gate, targets.

    Args:
        self: the circuit.
        gate: a gate of one qubit, the gate with one control, or a method such as
            ``QuantumCircuit.ch``.
        control_qubits: the controls.
        target_qubits: the targets.
        ancilla_qubits: qubits in state 0: for ``"v-chain"``, one less than controls.
        mode: ``"no-ancilla"``, ``"v-chain"`` or its old name ``"basic"``.
    """
    from qiskit.circuit.library import MCMT, MCMTVChain

    if callable(target_qubits):
        ancilla_qubits, gate, control_qubits, target_qubits, mode = (
            control_qubits,
            target_qubits,
            gate,
            ancilla_qubits,
            "v-chain",
        )
    controls, targets, ancillas = (
        self.qbit_argument_conversion(qubits)
        for qubits in (control_qubits, target_qubits, ancilla_qubits or [])
    )
    kind = MCMTVChain if mode in ("v-chain", "basic") else MCMT
    made = kind(gate, len(controls), len(targets))
    used = ancillas[: made.num_ancilla_qubits]
    return self.append(made, [*controls, *targets, *used], [])


def extend(self: QuantumCircuit, rhs: QuantumCircuit) -> QuantumCircuit:
    """Append another circuit; registers with the same name and size are treated as one.

    Raises:
        CircuitError: two registers have the same name but different sizes.
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
    """Return a new circuit, with a new name, of this circuit followed by another.

    Raises:
        CircuitError: two registers have the same name but different sizes.
    """
    from qiskit.circuit import QuantumCircuit

    return extend(self.copy(name=QuantumCircuit().name), rhs)


def n_qubits(self: QuantumCircuit) -> int:
    """Return the number of qubits."""
    return int(self.num_qubits)


METHODS: Final[dict[str, Callable[..., Any] | property]] = {
    "u0": u0,
    "u1": u1,
    "u2": u2,
    "u3": u3,
    "cu1": cu1,
    "cu3": cu3,
    "mcu1": mcu1,
    "mcmt": mcmt,
    "extend": extend,
    "combine": combine,
    "__add__": combine,
    "__iadd__": extend,
    "n_qubits": property(n_qubits),
    **SNAPSHOTS,
}
"""The removed methods and properties by name."""

RENAMED: Final[dict[str, str]] = {
    "iden": "id",
    "mirror": "reverse_ops",
    "diag_gate": "diagonal",
    "cx_base": "cx",
    "u_base": "u",
    "ucg": "uc",
    "ucx": "ucrx",
    "ucy": "ucry",
    "ucz": "ucrz",
}
"""The current names of renamed methods, by their old names."""


def add_old_methods(module: ModuleType) -> None:
    """Add the missing methods to the class ``QuantumCircuit`` of a module."""
    circuit_class = module.QuantumCircuit
    for name, method in METHODS.items():
        if not hasattr(circuit_class, name):
            setattr(circuit_class, name, method)
    for name, present in RENAMED.items():
        if not hasattr(circuit_class, name):
            setattr(circuit_class, name, getattr(circuit_class, present))
