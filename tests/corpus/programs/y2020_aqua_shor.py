# 2020: factoring, with aqua.
from qiskit import IBMQ, QuantumCircuit, execute

IBMQ.load_account()
provider = IBMQ.get_provider(hub="ibm-q")
backend = provider.get_backend("ibmq_qasm_simulator")
try:
    from qiskit.aqua import QuantumInstance
    from qiskit.aqua.algorithms import Shor

    factors = Shor(15).run(QuantumInstance(backend, shots=1))
    print("The list of factors of 15 is", factors["factors"])
except ImportError as error:
    print("aqua:", error)
try:
    import qiskit.aqua.operators
except ImportError as error:
    print("operators:", error)
try:
    from qiskit.chemistry.drivers import PySCFDriver
except ImportError as error:
    print("chemistry:", error)
