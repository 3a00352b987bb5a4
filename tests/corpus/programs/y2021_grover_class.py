# 2021: algorithm classes take the backend itself.
from qiskit import IBMQ, QuantumCircuit
from qiskit.algorithms import AmplificationProblem, Grover

provider = IBMQ.load_account()
simulator = provider.get_backend("ibmq_qasm_simulator")
oracle = QuantumCircuit(2)
oracle.cz(0, 1)
problem = AmplificationProblem(oracle, is_good_state=["11"])
grover = Grover(iterations=1, quantum_instance=simulator)
result = grover.amplify(problem)
print(result.top_measurement, result.oracle_evaluation)
