# 2019: what is known of the devices, in text.
from qiskit import IBMQ
from qiskit.tools.monitor import backend_overview, backend_monitor

IBMQ.load_account()
provider = IBMQ.get_provider(group="open")
backend_overview()
backend = provider.get_backend("ibmqx2")
backend_monitor(backend)

properties = backend.properties()
us, ns, GHz = 1e6, 1e9, 1e-9
for n, qubit in enumerate(properties.qubits):
    for item in qubit:
        if item.name in ("T1", "frequency"):
            print("qubit", n, item.name, "=", item.value, item.unit, item.date.year)
print("T1 of qubit 0: %.1f us" % (properties.t1(0) * us))
print("T2 of qubit 0: %.1f us" % (properties.t2(0) * us))
print("u2 error:", 0 < properties.gate_error("cx", [0, 1]) < 0.2)
print("cx length: %.0f ns" % (properties.gate_length("cx", [0, 1]) * ns))
print("readout: ", 0 < properties.readout_error(0) < 0.5)
print("frequency: %.3f GHz" % (properties.frequency(0) * GHz))
print(backend.status().to_dict())
print(backend.status().pending_jobs, "pending jobs")
print(sorted(backend.configuration().to_dict())[:3])
print(backend.configuration().coupling_map)
simulator = provider.get_backend("ibmq_qasm_simulator")
backend_monitor(simulator)
print(simulator.properties())
