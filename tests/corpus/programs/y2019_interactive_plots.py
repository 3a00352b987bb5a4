# 2019: interactive plots in a lab notebook that was saved as a script.
from qiskit import *
from qiskit.tools.visualization import plot_histogram, iplot_histogram
from qiskit.visualization import iplot_bloch_multivector, iplot_state_city, iplot_state_hinton
from qiskit.visualization import iplot_state_paulivec, iplot_state_qsphere, plot_bloch_multivector

q = QuantumRegister(2)
c = ClassicalRegister(2)
circuit = QuantumCircuit(q, c)
circuit.u2(0, 3.14159265, q[0])
circuit.cx(q[0], q[1])
state = execute(circuit, Aer.get_backend("statevector_simulator")).result().get_statevector(circuit)
for draw in (
    iplot_bloch_multivector,
    iplot_state_city,
    iplot_state_hinton,
    iplot_state_paulivec,
    iplot_state_qsphere,
):
    draw(state)
    print(draw.__name__, "drawn")
circuit.measure(q, c)
IBMQ.load_account()
provider = IBMQ.get_provider()
counts = execute(circuit, provider.get_backend("ibmq_london"), shots=1024).result().get_counts()
iplot_histogram(counts)
iplot_histogram([counts, {"00": 512, "11": 512}], options={"legend": ["London", "ideal"]})
print(type(plot_histogram(counts, color="midnightblue", title="Bell")).__name__)
print(counts)
