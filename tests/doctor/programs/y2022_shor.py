# 2022: period finding with the names of three eras.
from fractions import Fraction, gcd
from collections import Mapping
import numpy as np
from scipy.misc import factorial
from qiskit import IBMQ, QuantumCircuit, Aer, transpile, assemble
from qiskit.algorithms import Shor, Grover, AmplificationProblem
from qiskit.quantum_info.random.utils import random_state
from qiskit.quantum_info import random_unitary, state_fidelity
from qiskit.validation.base import BaseModel
from qiskit.transpiler import PassManager, transpile_dag
from qiskit.transpiler.passes import Unroller, Optimize1qGates, CXDirection
from qiskit.result import Counts
from sklearn_extra_quantum import nothing
import mycircuits_of_class

qc = QuantumCircuit(4)
qc.mct([0, 1, 2], 3)
qc.number_atomic_gates()
qc.cnot(0, 1)
qc.diag_gate([1, 1], [0])
aer_sim = Aer.get_backend('aer_simulator')
job = aer_sim.run(assemble(transpile(qc, aer_sim), shots=10))
job.result().get_snapshots()
x = np.float(1.0) + np.bool_(True) + np.sum([1])
