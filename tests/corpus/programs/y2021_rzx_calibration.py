# 2021: scaled cross-resonance pulses for small angles.
import numpy as np
from qiskit import IBMQ, QiskitError, QuantumCircuit, schedule
from qiskit.transpiler import PassManager
from qiskit.transpiler.passes import RZXCalibrationBuilder, RZXCalibrationBuilderNoEcho

IBMQ.load_account()
provider = IBMQ.get_provider(hub="ibm-q")
backend = provider.get_backend("ibmq_montreal")
cx = [g for g in backend.properties().gates if g.gate == "cx"][0]
edge = cx.qubits
durations = []
for theta in (np.pi / 8, np.pi / 2):
    circuit = QuantumCircuit(backend.configuration().n_qubits)
    circuit.rzx(theta, *edge)
    calibrated = None
    for control, target in (edge, edge[::-1]):
        circuit = QuantumCircuit(backend.configuration().n_qubits)
        circuit.rzx(theta, control, target)
        try:
            calibrated = PassManager([RZXCalibrationBuilderNoEcho(backend)]).run(circuit)
            break
        except QiskitError:  # the wrong direction
            print("turned")
    durations.append(schedule(calibrated, backend).duration)
    print("rzx" in calibrated.calibrations, RZXCalibrationBuilder(backend).name())
print(0 < durations[0] < durations[1])
