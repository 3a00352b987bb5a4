# 2019: gate classes appended by hand, from where they were then.
import numpy as np
from qiskit import QuantumCircuit, QuantumRegister, ClassicalRegister, IBMQ, execute
from qiskit.extensions.standard import (
    XGate,
    HGate,
    CnotGate,
    ToffoliGate,
    SwapGate,
    U3Gate,
    Cu1Gate,
)
from qiskit.extensions.standard.ccx import ToffoliGate as CCX
from qiskit.extensions.standard.u1 import U1Gate
import qiskit.extensions.standard as standard
from qiskit.extensions.unitary import UnitaryGate
from qiskit.extensions import UnitaryGate as SameUnitaryGate

print(SameUnitaryGate is UnitaryGate, CCX is ToffoliGate, standard.XGate is XGate)
q = QuantumRegister(3, "q")
c = ClassicalRegister(3, "c")
qc = QuantumCircuit(q, c)
qc.append(XGate(), [q[0]])
qc.append(U3Gate(np.pi, 0, np.pi), [q[1]])
qc.append(ToffoliGate(), [q[0], q[1], q[2]])
qc.append(CnotGate(), [q[0], q[1]])
qc.append(U1Gate(0.3), [q[2]])
qc.append(Cu1Gate(0.2), [q[0], q[2]])
qc.append(SwapGate(), [q[0], q[1]])
qc.append(UnitaryGate(np.array([[0, 1], [1, 0]]), label="flip"), [q[2]])
qc.append(HGate(), [q[2]])
qc.append(standard.HGate(), [q[2]])
qc.measure(q, c)
print(qc.count_ops()["unitary"], qc.count_ops()["ccx"])
provider = IBMQ.load_account()
print(execute(qc, provider.get_backend("ibmq_qasm_simulator"), shots=300).result().get_counts())
print(execute(qc, provider.get_backend("ibmq_burlington"), shots=2000).result().get_counts())
