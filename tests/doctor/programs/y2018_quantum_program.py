# 2018: the first tutorial, Python 2 prints included.
import sys, time
sys.path.append('../../')
from qiskit import QuantumProgram
import Qconfig
from qiskit.tools.visualization import plot_histogram, circuit_drawer
from qiskit.tools.qi.qi import concurrence, purity

qp = QuantumProgram()
qp.set_api(Qconfig.APItoken, Qconfig.config["url"])
qr = qp.create_quantum_register('qr', 2)
cr = qp.create_classical_register('cr', 2)
qc = qp.create_circuit('Bell', [qr], [cr])
qc.h(qr[0])
qc.cx(qr[0], qr[1])
qc.measure(qr, cr)
start = time.clock()
result = qp.execute('Bell', backend='ibmqx4', shots=1024)
print result
print "took", time.clock() - start
plot_histogram(result.get_counts('Bell'))
