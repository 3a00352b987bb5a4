# 2020, textbook style.
# initialization
import numpy as np

# importing Qiskit
from qiskit import IBMQ, Aer
from qiskit.providers.ibmq import least_busy
from qiskit import QuantumCircuit, assemble, transpile

# import basic plot tools
from qiskit.visualization import plot_histogram


def dj_oracle(case, n):
    oracle_qc = QuantumCircuit(n + 1)
    if case == "balanced":
        b = np.random.randint(1, 2**n)
        b_str = format(b, "0" + str(n) + "b")
        for qubit in range(len(b_str)):
            if b_str[qubit] == "1":
                oracle_qc.x(qubit)
        for qubit in range(n):
            oracle_qc.cx(qubit, n)
        for qubit in range(len(b_str)):
            if b_str[qubit] == "1":
                oracle_qc.x(qubit)
    gate = oracle_qc.to_gate()
    gate.name = "Oracle"
    return gate


def dj_algorithm(oracle, n):
    dj_circuit = QuantumCircuit(n + 1, n)
    dj_circuit.x(n)
    dj_circuit.h(n)
    for qubit in range(n):
        dj_circuit.h(qubit)
    dj_circuit.append(oracle, range(n + 1))
    for i in range(n):
        dj_circuit.h(i)
    for i in range(n):
        dj_circuit.measure(i, i)
    return dj_circuit


n = 4
dj_circuit = dj_algorithm(dj_oracle("balanced", n), n)
aer_sim = Aer.get_backend("aer_simulator")
print(aer_sim.run(assemble(transpile(dj_circuit, aer_sim))).result().get_counts())

IBMQ.load_account()
provider = IBMQ.get_provider(hub="ibm-q")
backend = least_busy(
    provider.backends(
        filters=lambda x: (
            x.configuration().n_qubits >= (n + 1)
            and not x.configuration().simulator
            and x.status().operational == True
        )
    )
)
print("least busy backend: ", backend)

from qiskit.tools.monitor import job_monitor

shots = 1024
transpiled_dj_circuit = transpile(dj_circuit, backend, optimization_level=3)
qobj = assemble(transpiled_dj_circuit, backend)
job = backend.run(qobj)
job_monitor(job, interval=2)
results = job.result()
answer = results.get_counts()
print(answer)
plot_histogram(answer)
print(answer.most_frequent() if hasattr(answer, "most_frequent") else max(answer, key=answer.get))
