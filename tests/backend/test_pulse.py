"""Pulse schedules: built, run, assembled, retrieved and refused."""

from __future__ import annotations

import numpy as np
import pytest
from qiskit import QuantumCircuit, assemble, pulse, transpile
from qiskit.pulse import DriveChannel, Gaussian, MemorySlot, Play, Schedule
from qiskit.qobj import PulseQobj

from ibmq_backend.exceptions import IBMQBackendValueError, IBMQJobFailureError

PI_AMPLITUDE = 0.168  # of a Gaussian of 336 samples sigma and 2688 samples


@pytest.fixture
def armonk(provider):
    return provider.get_backend("ibmq_armonk")


def gaussian(amplitude, channel=DriveChannel(0)):  # noqa: B008
    return Play(Gaussian(2688, amplitude, 336), channel)


def schedule(backend, amplitude, name="swing"):
    whole = Schedule(gaussian(amplitude), name=name)
    measure = backend.defaults().instruction_schedule_map.get("measure", 0)
    return whole | (measure << whole.duration)


def test_a_built_schedule_flips_the_qubit(armonk):
    with pulse.build(armonk, name="flip", default_alignment="sequential") as flip:
        pulse.play(Gaussian(2688, PI_AMPLITUDE, 336), pulse.drive_channel(0))
        pulse.measure(0, MemorySlot(0))
    job = armonk.run(flip, shots=1000, meas_level=2, memory=True)
    result = job.result()
    assert result.get_counts()["1"] > 900
    assert len(result.get_memory("flip")) == 1000
    assert result.results[0].metadata["emulated"] is True


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # Terra's own, of its gate commands
def test_pulses_of_the_builder_s_gates(armonk):
    with pulse.build(armonk, name="x") as schedule:
        pulse.x(0)
        pulse.barrier(0)
        pulse.measure(0)
    assert armonk.run(schedule, shots=1000, meas_level=2).result().get_counts()["1"] > 900


def test_a_rabi_sweep_of_fifty_points(armonk):
    amplitudes = np.linspace(0, 0.3, 50)
    schedules = [schedule(armonk, amplitude, f"a{n}") for n, amplitude in enumerate(amplitudes)]
    job = armonk.run(schedules, meas_level=1, meas_return="avg", shots=1024)
    result = job.result()
    assert [entry.header.name for entry in result.results] == [f"a{n}" for n in range(50)]
    signal = np.array([result.get_memory(n)[0].real for n in range(50)])
    excited = np.abs(signal - signal[0])
    assert amplitudes[excited.argmax()] == pytest.approx(PI_AMPLITUDE, rel=0.1)
    assert "synthetic" in result.results[0].metadata["iq"]


def test_single_points_have_the_shape_of_shots_and_slots(armonk):
    job = armonk.run(schedule(armonk, 0.1), meas_level=1, meas_return="single", shots=64)
    assert job.result().get_memory(0).shape == (64, 1)


def test_the_default_measurement_of_a_schedule(armonk):
    """Without ``meas_level`` the service classifies the measurements."""
    assert sum(armonk.run(schedule(armonk, 0.0), shots=100).result().get_counts().values()) == 100


def test_a_frequency_sweep_of_an_assembled_job(armonk):
    centre = armonk.defaults().qubit_freq_est[0]
    frequencies = centre + np.linspace(-10e6, 10e6, 21)
    qobj = assemble(
        schedule(armonk, PI_AMPLITUDE / 2),
        backend=armonk,
        meas_level=1,
        meas_return="avg",
        shots=1024,
        schedule_los=[{DriveChannel(0): frequency} for frequency in frequencies],
    )
    assert isinstance(qobj, PulseQobj)
    job = armonk.run(qobj)
    result = armonk.retrieve_job(job.job_id()).result()
    signal = np.array([result.get_memory(n)[0].real for n in range(21)])
    assert np.abs(signal - signal[0]).argmax() == 10


def test_the_job_keeps_its_schedules(armonk):
    job = armonk.run(schedule(armonk, 0.1), shots=10, job_name="a swing", job_tags=["pulse"])
    job.result()
    stored = armonk.retrieve_job(job.job_id())
    assert (stored.name(), stored.tags()) == ("a swing", ["pulse"])
    assert stored.backend_options()["shots"] == 10


def test_circuits_with_own_pulses(armonk):
    circuit = QuantumCircuit(1, 1)
    circuit.x(0)
    circuit.measure(0, 0)
    circuit.add_calibration("x", [0], Schedule(gaussian(PI_AMPLITUDE / 2)))
    counts = armonk.run(transpile(circuit, armonk), shots=4000).result().get_counts()
    assert counts["1"] / 4000 == pytest.approx(0.5, abs=0.05)


def test_circuits_as_points(armonk):
    circuit = QuantumCircuit(1, 1)
    circuit.x(0)
    circuit.measure(0, 0)
    job = armonk.run(transpile(circuit, armonk), meas_level=1, meas_return="single", shots=32)
    assert job.result().get_memory(0).shape == (32, 1)


def test_raw_traces_are_refused_before_and_after_sending(armonk):
    with pytest.raises(IBMQBackendValueError, match="meas_level = 0 not supported"):
        armonk.run(schedule(armonk, 0.1), shots=10, meas_level=0)
    qobj = assemble(schedule(armonk, 0.1), backend=armonk, shots=10)
    qobj.config.meas_level = 0
    job = armonk.run(qobj)
    with pytest.raises(IBMQJobFailureError, match="raw signal of the readout"):
        job.result()
    assert "8009" in job.error_message()


@pytest.mark.filterwarnings("ignore:Dynamic rep rates:RuntimeWarning")
def test_coupled_pulses_fail_with_the_reason(provider):
    backend = provider.get_backend("ibmq_belem")
    both = schedule(backend, 0.01) | gaussian(0.01, DriveChannel(1))
    job = backend.run(both, shots=10)
    with pytest.raises(IBMQJobFailureError, match="couplings, which its snapshot describes"):
        job.result()
    alone = backend.run(schedule(backend, 0.0), shots=10)
    assert sum(alone.result().get_counts().values()) == 10


def test_devices_without_pulses(provider, armonk):
    job_of = schedule(armonk, 0.1)
    vigo = provider.get_backend("ibmq_vigo")
    with pytest.raises((IBMQBackendValueError, IBMQJobFailureError)):
        vigo.run(job_of, shots=10).result()
