"""The program of the documentation, word for word."""

from __future__ import annotations

from typing import Final

DOCUMENTED_PROGRAM: Final = """\
from qiskit import IBMQ, assemble, transpile
from qiskit.circuit.random import random_circuit

provider = IBMQ.load_account()
backend = provider.backends.ibmq_vigo
qx = random_circuit(n_qubits=5, depth=4)
qobj = assemble(transpile(qx, backend=backend), backend=backend)
job = backend.run(qobj)
retrieved_job = backend.retrieve_job(job.job_id())
"""
"""Worked until the classic service was switched off. Its circuit measures nothing."""
