# 2020: every picture a lab report wanted.
import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
from qiskit import IBMQ, QuantumCircuit, execute, transpile
from qiskit.visualization import (
    plot_histogram,
    plot_gate_map,
    plot_error_map,
    plot_circuit_layout,
    circuit_drawer,
)
from qiskit.tools.visualization import plot_histogram as old_plot_histogram
from qiskit.visualization.gate_map import plot_coupling_map

provider = IBMQ.load_account()
backend = provider.get_backend("ibmq_16_melbourne")
qc = QuantumCircuit(3)
qc.h(0)
qc.cx(0, [1, 2])
qc.measure_all()
mapped = transpile(qc, backend, seed_transpiler=1)
result = execute(qc, backend, shots=512).result()
figures = [
    plot_histogram(result.get_counts()),
    old_plot_histogram(
        [result.get_counts(), {"000": 256, "111": 256}], legend=["device", "ideal"], title="GHZ"
    ),
    plot_gate_map(backend),
    plot_gate_map(backend, plot_directed=True, label_qubits=False),
    plot_error_map(backend),
    plot_error_map(provider.get_backend("ibmqx2"), figsize=(12, 9), show_title=False),
    plot_circuit_layout(mapped, backend),
    plot_circuit_layout(mapped, backend, view="physical"),
    circuit_drawer(qc, output="mpl"),
    mapped.draw(output="mpl", idle_wires=False),
    plot_coupling_map(
        5,
        [[0, 0], [0, 1], [0, 2], [1, 1], [2, 1]],
        provider.get_backend("ibmq_vigo").configuration().coupling_map,
    ),
]
for number, figure in enumerate(figures):
    print(number, type(figure).__name__)
    plt.close(figure)
print(qc.draw())
