# 2020, textbook style: schedules for the one-qubit device, built but not sent.
import numpy as np
from qiskit import IBMQ, pulse, assemble, schedule, transpile, QuantumCircuit
from qiskit.pulse import Play, Schedule, DriveChannel, Gaussian, Acquire, MemorySlot
from qiskit.pulse import library as pulse_lib

IBMQ.load_account()
provider = IBMQ.get_provider(hub="ibm-q", group="open", project="main")
backend = provider.get_backend("ibmq_armonk")
backend_config = backend.configuration()
assert backend_config.open_pulse, "Backend doesn't support Pulse"
dt = backend_config.dt
print(f"Sampling time: {dt * 1e9} ns")
backend_defaults = backend.defaults()
GHz, MHz, us, ns = 1.0e9, 1.0e6, 1.0e-6, 1.0e-9
qubit = 0
center_frequency_Hz = backend_defaults.qubit_freq_est[qubit]
print(f"Qubit {qubit} has an estimated frequency of {center_frequency_Hz / GHz:.2f} GHz.")
for i, measure_group in enumerate(backend_config.meas_map):
    if qubit in measure_group:
        meas_map_idx = i
        break
inst_sched_map = backend_defaults.instruction_schedule_map
measure = inst_sched_map.get("measure", qubits=backend_config.meas_map[meas_map_idx])
drive_chan = pulse.DriveChannel(qubit)
meas_chan = pulse.MeasureChannel(qubit)
acq_chan = pulse.AcquireChannel(qubit)


def get_closest_multiple_of_16(num):
    return int(num + 8) - (int(num + 8) % 16)


sigma = get_closest_multiple_of_16(0.075 * us / dt)
samples = get_closest_multiple_of_16(8 * sigma)
drive_pulse = pulse_lib.gaussian(duration=samples, sigma=sigma, amp=0.3, name="freq_sweep")
sweep = Schedule(name="Frequency sweep")
sweep += Play(drive_pulse, drive_chan)
sweep += measure << sweep.duration
frequencies = center_frequency_Hz + np.linspace(-20e6, 20e6, 5)
program = assemble(
    sweep,
    backend=backend,
    meas_level=1,
    meas_return="avg",
    shots=1024,
    schedule_los=[{drive_chan: f} for f in frequencies],
)
print(len(program.experiments), program.type)
with pulse.build(backend=backend, default_alignment="sequential", name="builder") as rabi:
    d0 = pulse.drive_channel(0)
    pulse.play(Gaussian(duration=320, amp=0.2, sigma=80), d0)
    pulse.shift_phase(np.pi / 2, d0)
    pulse.delay(160, d0)
    pulse.measure(0)
print(rabi.duration > 320, rabi.name)
qc = QuantumCircuit(1, 1)
qc.x(0)
qc.measure(0, 0)
sched = schedule(transpile(qc, backend), backend)
print(sched.duration > 0, drive_chan in sched.channels)
print(
    backend_defaults.meas_freq_est[0] > GHz,
    inst_sched_map.has("u3", 0) or inst_sched_map.has("x", 0),
)
