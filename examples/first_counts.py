"""Run a Bell circuit on ibmq_vigo and print the counts: an old program, without an account."""

from qiskit import IBMQ, QuantumCircuit, execute

provider = IBMQ.load_account()
backend = provider.backends.ibmq_vigo

bell = QuantumCircuit(2)
bell.h(0)
bell.cx(0, 1)
bell.measure_all()

job = execute(bell, backend, shots=1024)
print(job.result().get_counts())
