"""Gate set tomography of Ignis finds the gates of a simulator."""

import numpy as np
from qiskit import Aer, execute
from qiskit.ignis.verification.tomography import (
    GatesetTomographyFitter,
    gateset_tomography_circuits,
)
from qiskit.ignis.verification.tomography.basis import default_gateset_basis
from qiskit.quantum_info import PTM, Operator, process_fidelity


def test_gates_are_fitted():
    basis = default_gateset_basis()
    circuits = gateset_tomography_circuits(gateset_basis=basis)
    backend = Aer.get_backend("qasm_simulator")
    result = execute(circuits, backend, shots=2000, seed_simulator=1).result()
    fitted = GatesetTomographyFitter(result, circuits, basis).fit()
    identity = PTM(np.real(fitted["Id"].data))
    fidelity = process_fidelity(identity, Operator(np.eye(2)), require_cp=False, require_tp=False)
    assert 0.95 < fidelity < 1.05
