# 2018: Terra 0.5 and 0.6.
import numpy as np
from qiskit import ClassicalRegister, QuantumRegister, QuantumCircuit
from qiskit import available_backends, execute, get_backend, register, compile
from qiskit.backends.ibmq import least_busy
from qiskit.wrapper.jupyter import *

register('API_TOKEN_HERE', 'https://quantumexperience.ng.bluemix.net/api')
q = QuantumRegister(3)
c = ClassicalRegister(3)
ghz = QuantumCircuit(q, c)
ghz.h(q[0])
ghz.cx(q[0], q[1])
ghz.iden(q[2])
ghz.u2(0, np.pi, q[2])
ghz.barrier()
ghz.measure(q, c)
backend = least_busy(available_backends({'simulator': False, 'local': False}))
job = execute(ghz, 'local_qasm_simulator', shots=100)
phase = np.complex(0, 1)
print(job.result().get_counts(ghz), phase)
