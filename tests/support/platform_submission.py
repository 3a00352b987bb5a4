"""Submissions to the platform."""

from __future__ import annotations

from qiskit import QuantumCircuit, assemble

from ibmq_backend.records import Submission
from tests.support.platform_replies import DEVICE

TAG = "ibmq_run_0123"


def qobj(shots=4, **options):
    circuit = QuantumCircuit(2, 2, name="bell", metadata={"k": 1})
    circuit.sx(0)
    circuit.cz(0, 1)
    circuit.measure([0, 1], [0, 1])
    return assemble(circuit, shots=shots, qobj_id="qobj-1", **options).to_dict()


def submission(**changes):
    values = {"backend_name": DEVICE, "qobj": qobj(), "submission_id": TAG, **changes}
    return Submission(**values)
