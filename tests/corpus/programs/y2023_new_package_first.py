# 2023: half migrated.
import warnings

warnings.filterwarnings("ignore")
try:
    from qiskit_ibm_provider import IBMProvider

    provider = IBMProvider()
except ImportError:
    from qiskit import IBMQ

    provider = IBMQ.load_account()
from qiskit import QuantumCircuit, execute
from qiskit_aer import AerSimulator
from qiskit_aer.noise import NoiseModel

backend = provider.get_backend("ibm_perth")
qc = QuantumCircuit.from_qasm_str("""OPENQASM 2.0;
include "qelib1.inc";
qreg q[2];
creg c[2];
u3(pi/2,0,pi) q[0];
cx q[0],q[1];
measure q -> c;
""")
print(execute(qc, backend, shots=1024).result().get_counts())
local = AerSimulator(
    noise_model=NoiseModel.from_backend(backend), coupling_map=backend.configuration().coupling_map
)
print(sum(local.run(qc, shots=10).result().get_counts().values()))
