# 2020: the token was deleted before the program was put online.
from qiskit import IBMQ, QuantumCircuit, execute

APItoken = ""
IBMQ.save_account(APItoken, overwrite=True)
provider = IBMQ.load_account()
qc = QuantumCircuit(1, 1)
qc.x(0)
qc.measure(0, 0)
print(execute(qc, provider.get_backend("ibmq_vigo"), shots=100).result().get_counts())
IBMQ.disable_account()
for blank in ("", " ", "XXXXXXXX", "***", "YOUR_API_TOKEN_HERE", "<token>"):
    provider = IBMQ.enable_account(blank)
    print(repr(blank), provider.get_backend("ibmq_vigo").name())
    IBMQ.disable_account()
