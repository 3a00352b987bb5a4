"""Functions and methods of noise models with the arguments and names of earlier releases."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from types import ModuleType
from typing import Any

from ibmq_backend._compat.replacing import replace_in_place


def _without_standard_gates(original: Callable[..., Any]) -> Callable[..., Any]:
    """Accept ``standard_gates``: it chose how a channel was written, not which it is."""

    def call(*args: Any, **kwargs: Any) -> Any:
        kwargs.pop("standard_gates", None)
        if args and isinstance(args[-1], bool):
            args = args[:-1]
        return original(*args, **kwargs)

    return call


def adapt_errors(module: ModuleType) -> None:
    """Let the functions that make errors accept ``standard_gates``, also by position."""
    for name in ("mixed_unitary_error", "pauli_error", "depolarizing_error"):
        replace_in_place(getattr(module, name), _without_standard_gates)
    replace_in_place(module.kraus_error, _kraus_without_standard_gates)


def _kraus_without_standard_gates(original: Callable[..., Any]) -> Callable[..., Any]:
    def kraus_error(noise_ops: Any, *flags: bool, **kwargs: Any) -> Any:
        kwargs.pop("standard_gates", None)
        return original(noise_ops, *flags[-1:], **kwargs)

    return kraus_error


def _without_representation(original: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(original)
    def __init__(
        self: Any,
        noise_ops: Any,
        number_of_qubits: int | None = None,
        standard_gates: bool = True,
        atol: float | None = None,
    ) -> None:
        del number_of_qubits, standard_gates, atol
        if isinstance(noise_ops, list | tuple):
            noise_ops = [
                (_circuit_of(each[0]), each[1]) if _is_assembled(each) else each
                for each in noise_ops
            ]
        original(self, noise_ops)

    return __init__


def _is_assembled(noise_op: Any) -> bool:
    """Return whether this is a list of instructions as dictionaries, with a probability."""
    instructions = noise_op[0] if isinstance(noise_op, list | tuple) and noise_op else None
    return (
        isinstance(instructions, list)
        and bool(instructions)
        and all(isinstance(each, dict) for each in instructions)
    )


def _circuit_of(instructions: list[dict[str, Any]]) -> Any:
    from qiskit.circuit import QuantumCircuit
    from qiskit.circuit.library import UnitaryGate, get_standard_gate_name_mapping
    from qiskit.exceptions import QiskitError
    from qiskit.quantum_info import Kraus

    gates = get_standard_gate_name_mapping()
    circuit = QuantumCircuit(1 + max(max(each["qubits"]) for each in instructions))
    for each in instructions:
        name, parameters = each["name"], each.get("params", [])
        if name == "kraus":
            operation: Any = Kraus(parameters).to_instruction()
        elif name == "unitary":
            operation = UnitaryGate(parameters[0])
        elif name in gates:
            operation = gates[name].base_class(*parameters)
        else:
            raise QiskitError(
                f"{name!r} is no instruction of an error. "
                "Use a gate, 'reset', 'unitary' or 'kraus'."
            )
        circuit.append(operation, each["qubits"])
    return circuit


def adapt_quantum_error(module: ModuleType) -> None:
    """Accept arguments about how errors are written, and add the old name of ``num_qubits``."""
    module.QuantumError.__init__ = _without_representation(module.QuantumError.__init__)
    if not hasattr(module.QuantumError, "number_of_qubits"):
        module.QuantumError.number_of_qubits = property(lambda self: self.num_qubits)
