"""Lets ``Unroller`` unroll to ``u1``, ``u2`` and ``u3``, as until Terra 0.15.

Today's definitions end at ``u``, which has none.
"""

from __future__ import annotations

import functools
from math import isclose, pi
from types import ModuleType
from typing import Any


def adapt_unroller(module: ModuleType) -> None:
    """Adapt ``Unroller`` of ``qiskit.transpiler.passes.basis.unroller``."""
    unroll = module.Unroller.run

    @functools.wraps(unroll)
    def run(self: Any, dag: Any) -> Any:
        basis = set(self.basis or ())
        if "u3" in basis and "u" not in basis and self.target is None:
            _replace_gates(dag, basis)
        return unroll(self, dag)

    module.Unroller.run = run


def _replace_gates(dag: Any, basis: set[str]) -> None:
    """Replace the gates of one qubit that are ``u`` by definition, in place."""
    for node in dag.op_nodes():
        gate, phase = node.op, 0
        while gate.name not in basis and gate.name != "u":
            definition = getattr(gate, "definition", None)
            if gate.num_qubits != 1 or definition is None or len(definition.data) != 1:
                break
            phase += definition.global_phase
            gate = definition.data[0].operation
        if gate.name == "u" and node.op.num_qubits == 1:
            dag.substitute_node(node, _old_gate(gate.params, basis), inplace=True)
            dag.global_phase += phase


def _old_gate(params: list[Any], basis: set[str]) -> Any:
    from qiskit.circuit.library import U1Gate, U2Gate, U3Gate

    theta, phi, lam = params
    if isinstance(theta, int | float):
        if theta == 0 and "u1" in basis:
            return U1Gate(phi + lam)
        if isclose(theta, pi / 2) and "u2" in basis:
            return U2Gate(phi, lam)
    return U3Gate(theta, phi, lam)
