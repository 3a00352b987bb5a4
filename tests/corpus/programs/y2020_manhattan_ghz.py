# 2020: 65 qubits, and execute() finds its way.
from qiskit import IBMQ, QuantumCircuit, execute

provider = IBMQ.load_account()
for name in ("ibmq_manhattan", "ibmq_rochester"):
    backend = provider.get_backend(name)
    n = 4
    ghz = QuantumCircuit(n, n)
    ghz.h(0)
    for k in range(n - 1):
        ghz.cx(k, k + 1)
    ghz.measure(range(n), range(n))
    job = execute(ghz, backend, shots=1000)
    counts = job.result().get_counts()
    print(name, job.status().name, counts)
