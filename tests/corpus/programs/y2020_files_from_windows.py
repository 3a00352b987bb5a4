# 2020: an account file and a circuit that were edited with Notepad.
import os
from qiskit import IBMQ, QuantumCircuit, execute

folder = os.path.join(os.path.expanduser("~"), ".qiskit")
os.makedirs(folder, exist_ok=True)
with open(os.path.join(folder, "qiskitrc"), "w", encoding="utf-8-sig", newline="\r\n") as file:
    file.write("[ibmq]\ntoken = 0123456789abcdef0123456789abcdef\n")
    file.write("url = https://auth.quantum-computing.ibm.com/api\nverify = True\n")
with open("bell.qasm", "w", encoding="utf-8-sig", newline="\r\n") as file:
    file.write('OPENQASM 2.0;\ninclude "qelib1.inc";\nqreg q[2];\ncreg c[2];\n')
    file.write("u2(0,pi) q[0];\ncx q[0],q[1];\nmeasure q -> c;\n")
print(IBMQ.stored_account()["token"][:4])
provider = IBMQ.load_account()
qc = QuantumCircuit.from_qasm_file("bell.qasm")
print(execute(qc, provider.get_backend("ibmq_vigo"), shots=1000).result().get_counts())
