# 2020: two account cells, one from the template and one from the tutorial.
from qiskit import IBMQ, QuantumCircuit, execute

provider = IBMQ.load_account()
IBMQ.enable_account("put your own token here")
IBMQ.load_account()
provider = IBMQ.get_provider(hub="ibm-q")
qc = QuantumCircuit(1, 1)
qc.x(0)
qc.measure(0, 0)
print(execute(qc, provider.get_backend("ibmq_athens"), shots=100).result().get_counts())
provider = IBMQ.enable_account("put your own token here", hub="ibm-q", group="open", project="main")
print(provider.get_backend("ibmq_athens").name(), len(provider.backends()) > 5)
