# 2020: many circuits at once, on several cores, without a main guard.
import os

os.environ["QISKIT_PARALLEL"] = "TRUE"
import multiprocessing
from qiskit import IBMQ, transpile
from qiskit.circuit.random import random_circuit
from qiskit.tools.parallel import parallel_map

provider = IBMQ.load_account()
backend = provider.get_backend("ibmq_bogota")
circuits = [random_circuit(n_qubits=3, depth=4, seed=k) for k in range(6)]
mapped = transpile(circuits, backend=backend, seed_transpiler=4)
allowed = set(backend.configuration().basis_gates) | {"barrier", "measure"}
print(len(mapped), all(set(c.count_ops()) <= allowed for c in mapped))


def depth(circuit, backend):
    return str(backend), transpile(circuit, backend).depth() > 0


print(parallel_map(depth, circuits[:3], task_args=(backend,)))
