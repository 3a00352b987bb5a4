# 2019: nothing but `import qiskit`; everything is reached from there.
import qiskit as q

assert q.__version__ and q.__qiskit_version__
circuit = q.QuantumCircuit(2, 2)
circuit.h(0)
circuit.cx(0, 1)
circuit.measure([0, 1], [0, 1])
ideal = q.execute(circuit, q.Aer.get_backend("qasm_simulator"), shots=1000).result()
q.IBMQ.load_account()
backend = q.providers.ibmq.least_busy(
    q.IBMQ.get_provider("ibm-q").backends(simulator=False, operational=True)
)
job = q.execute(circuit, backend=backend, shots=1000)
q.tools.monitor.job_monitor(job)
figure = q.visualization.plot_histogram(
    [ideal.get_counts(circuit), job.result().get_counts(circuit)], legend=["ideal", "device"]
)
print(type(figure).__name__)
print(type(q.visualization.plot_gate_map(backend)).__name__)
print(type(q.tools.visualization.circuit_drawer(circuit, output="mpl")).__name__)
print(ideal.get_counts(circuit))
print(job.result().get_counts(circuit))
