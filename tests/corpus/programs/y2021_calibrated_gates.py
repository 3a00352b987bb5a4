# 2021: gates with pulses of their own, on two qubits, one of them left plain.
import numpy as np
from qiskit import IBMQ, QuantumCircuit, pulse, transpile
from qiskit.circuit import Gate

IBMQ.load_account()
provider = IBMQ.get_provider(hub="ibm-q")
backend = provider.get_backend("ibmq_montreal")
inst_map = backend.defaults().instruction_schedule_map


def own_x(qubit):
    with pulse.build(backend, name="own x") as schedule:
        pulse.call(inst_map.get("x", qubit))
    return schedule


def nothing(qubit):
    with pulse.build(backend, name="nothing") as schedule:
        pulse.play(pulse.Constant(160, 0.0), pulse.drive_channel(qubit))
    return schedule


both = QuantumCircuit(2, 2, name="both")
both.x([0, 1])
both.measure([0, 1], [0, 1])
for qubit in (0, 1):
    both.add_calibration("x", [qubit], own_x(qubit))
beside = QuantumCircuit(2, 2, name="beside")
beside.append(Gate("wait", 1, []), [0])
beside.x(0)
beside.cx(0, 1)
beside.measure([0, 1], [0, 1])
beside.add_calibration("wait", [0], nothing(0))
off = QuantumCircuit(2, 2, name="off")
off.x([0, 1])
off.measure([0, 1], [0, 1])
off.add_calibration("x", [1], nothing(1))
circuits = transpile([both, beside, off], backend, initial_layout=[0, 1], optimization_level=0)
result = backend.run(circuits, shots=500).result()
for name in ("both", "beside", "off"):
    print(name, result.get_counts(name))
