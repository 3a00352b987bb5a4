"""``qiskit.compile``, which transpiled and assembled circuits, and its relatives."""

from __future__ import annotations

from typing import Any

from qiskit.compiler import assemble, transpile
from qiskit.converters import circuit_to_dag, dag_to_circuit
from qiskit.dagcircuit import DAGCircuit
from qiskit.qobj import PulseQobj, QasmQobj


def compile(
    circuits: Any,
    backend: Any,
    config: dict[str, Any] | None = None,
    basis_gates: list[str] | None = None,
    coupling_map: Any = None,
    initial_layout: Any = None,
    shots: int = 1024,
    max_credits: int = 10,
    seed: int | None = None,
    qobj_id: str | None = None,
    seed_mapper: int | None = None,
    pass_manager: Any = None,
    memory: bool = False,
) -> QasmQobj | PulseQobj:
    """Transpile circuits for a backend and return their Qobj, which ``backend.run`` accepts.

    Args:
        circuits: a circuit or several.
        backend: the backend.
        config: further entries of the configuration of the Qobj.
        basis_gates: names of the gates to use.
        coupling_map: pairs of coupled qubits.
        initial_layout: qubits of the device.
        shots: number of shots.
        max_credits: ignored.
        seed: seed of a simulator.
        qobj_id: identifier of the Qobj.
        seed_mapper: seed of the transpiler.
        pass_manager: the passes to run instead of the usual ones.
        memory: whether the result of each shot is wanted.
    """
    del max_credits
    if pass_manager is not None:
        transpiled = pass_manager.run(circuits)
    else:
        transpiled = transpile(
            circuits,
            backend,
            basis_gates=basis_gates,
            coupling_map=coupling_map,
            initial_layout=initial_layout,
            seed_transpiler=seed_mapper,
        )
    return assemble(
        transpiled,
        backend,
        qobj_id=qobj_id,
        shots=shots,
        seed_simulator=seed,
        memory=memory,
        **(config or {}),
    )


def transpile_dag(
    dag: DAGCircuit,
    basis_gates: list[str] | None = None,
    coupling_map: Any = None,
    initial_layout: Any = None,
    seed_mapper: int | None = None,
    pass_manager: Any = None,
) -> DAGCircuit:
    """Return the transpiled circuit of a graph, as a graph.

    Args:
        dag: the graph.
        basis_gates: names of the gates to use.
        coupling_map: pairs of coupled qubits.
        initial_layout: qubits of the device.
        seed_mapper: seed of the transpiler.
        pass_manager: the passes to run instead of the usual ones.
    """
    circuit = dag_to_circuit(dag)
    if pass_manager is not None:
        return circuit_to_dag(pass_manager.run(circuit))
    transpiled = transpile(
        circuit,
        basis_gates=basis_gates,
        coupling_map=coupling_map,
        initial_layout=initial_layout,
        seed_transpiler=seed_mapper,
    )
    return circuit_to_dag(transpiled)
