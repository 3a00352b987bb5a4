# 2021: factoring again; the class had moved to Terra.
from qiskit import IBMQ
from qiskit.utils import QuantumInstance

IBMQ.load_account()
backend = IBMQ.get_provider(hub="ibm-q").get_backend("ibmq_qasm_simulator")
try:
    from qiskit.algorithms import Shor

    print(Shor(quantum_instance=QuantumInstance(backend)).factor(15).factors)
except ImportError as error:
    print("Shor:", error)
try:
    from qiskit.algorithms.factorizers import Shor
except ImportError as error:
    print("factorizers:", error)
try:
    from qiskit.algorithms import HHL
except ImportError as error:
    print("HHL:", error)
from qiskit.algorithms import Grover, VQE

print(Grover.__name__, VQE.__name__)
