"""Options of run(): names, units, defaults, and the signatures of all releases."""

from __future__ import annotations

import warnings

import pytest
from qiskit import QuantumCircuit, assemble, execute, schedule, transpile
from qiskit.circuit import Parameter
from qiskit.providers.options import Options
from qiskit_aer.noise import NoiseModel, depolarizing_error

from ibmq_backend.exceptions import IBMQBackendValueError, IBMQJobFailureError


@pytest.fixture
def armonk(provider):
    return provider.get_backend("ibmq_armonk")


@pytest.fixture
def flip():
    circuit = QuantumCircuit(1, 1)
    circuit.x(0)
    circuit.measure(0, 0)
    return circuit


def test_documented_defaults(backend, simulator):
    assert isinstance(backend.options, Options)
    expected = {
        "shots": 4000,
        "memory": False,
        "meas_level": 2,
        "meas_return": "avg",
        "memory_slot_size": 100,
        "init_qubits": True,
    }
    others = {
        "qubit_lo_freq", "meas_lo_freq", "schedule_los", "memory_slots", "rep_time", "rep_delay",
        "use_measure_esp", "live_data_enabled",
    }  # fmt: skip
    found = backend.options.__dict__
    assert {name: found[name] for name in expected} == expected
    assert {name for name, value in found.items() if value is None} == others
    assert set(simulator.options.__dict__) - set(found) == {"noise_model", "seed_simulator"}


def test_set_options_stay_until_changed(backend, device_bell):
    backend.set_options(memory=True, shots=11)
    try:
        assert len(backend.run(device_bell).result().get_memory()) == 11
        with pytest.raises(IBMQJobFailureError, match="meas_level 0"):
            backend.run(device_bell, meas_level=0).result()
    finally:
        backend.set_options(memory=False, shots=4000)


def test_default_shots_are_limited_by_the_device(provider, bell):
    small = min(provider.backends(simulator=False), key=lambda each: each.configuration().max_shots)
    most = small.configuration().max_shots
    circuit = QuantumCircuit(1, 1)
    circuit.measure(0, 0)
    assert small.run(circuit).backend_options()["shots"] == min(4000, most)
    with pytest.raises(IBMQBackendValueError, match=f"1 to {most}"):
        small.run(circuit, shots=most + 1)


def test_frequencies_in_hertz_and_pauses_in_seconds(backend, armonk, device_bell, flip):
    placed = transpile(flip, armonk)
    frequency = armonk.defaults().qubit_freq_est[0]
    readout = armonk.defaults().meas_freq_est[0]
    qobj = armonk.run(placed, qubit_lo_freq=[frequency], meas_lo_freq=[readout], shots=5).qobj()
    assert qobj.config.qubit_lo_freq == [pytest.approx(frequency / 1e9)]
    assert qobj.config.meas_lo_freq == [pytest.approx(readout / 1e9)]
    assert backend.run(device_bell, rep_delay=120e-6, shots=5).qobj().config.rep_delay == (
        pytest.approx(120.0)
    )
    with pytest.warns(RuntimeWarning, match="cannot use rep_delay"):
        job = armonk.run(placed, rep_delay=120e-6, shots=5)
    assert not hasattr(job.qobj().config, "rep_delay")
    with pytest.raises(IBMQBackendValueError, match="rep delay 5 not in"):
        backend.run(device_bell, rep_delay=5)


def test_repetition_time_of_a_schedule_in_seconds(armonk, flip):
    pulses = schedule(transpile(flip, armonk), armonk)
    qobj = armonk.run(pulses, rep_time=1e-3, shots=5, meas_level=2).qobj()
    assert qobj.config.rep_time == pytest.approx(1000.0)
    with pytest.raises(IBMQBackendValueError, match=r"rep_time=2.0 s .*Use one of: 0.001 s"):
        armonk.run(pulses, rep_time=2.0)


@pytest.mark.parametrize("level", [0, 1])
def test_measurement_levels_reach_the_service(armonk, flip, level):
    job = armonk.run(transpile(flip, armonk), meas_level=level, meas_return="single", shots=5)
    config = job.qobj().config
    assert config.meas_level == level
    assert getattr(config, "meas_return", "single") == "single"


def test_parameters_are_bound_by_the_list(backend):
    angle = Parameter("angle")
    circuit = QuantumCircuit(1, 1)
    circuit.rz(angle, 0)
    circuit.measure(0, 0)
    job = backend.run(circuit, parameter_binds=[{angle: 0.5}, {angle: 1.5}], shots=5)
    angles = [each.instructions[0].params[0] for each in job.qobj().experiments]
    assert angles == [0.5, 1.5]


def test_an_unknown_option_is_sent_with_one_notice(backend, simulator, device_bell, bell):
    with pytest.warns(UserWarning, match="'wiggle' is not a known run option"):
        job = backend.run(device_bell, wiggle=3, shots=5)
    assert job.backend_options()["wiggle"] == 3
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        backend.run(device_bell, wiggle=3, shots=5)
        assert simulator.run(bell, wobble=3, shots=5).backend_options()["wobble"] == 3


def test_positional_arguments_of_all_releases(backend, device_bell):
    qobj = assemble(device_bell, backend=backend, shots=9)
    first = backend.run(qobj, "first", None, ["p"], True)  # to 0.11: validate_qobj
    second = backend.run(device_bell, "second", "none", ["p"], "experiment 2", False)  # 0.12
    third = backend.run(device_bell, "third", "hub", ["p"], "experiment 3", {"note": 1}, 8, True)
    assert [job.name() for job in (first, second, third)] == ["first", "second", "third"]
    assert [job.experiment_id for job in (first, second, third)] == [
        None,
        "experiment 2",
        "experiment 3",
    ]
    assert third.header()["note"] == 1
    assert third.backend_options()["shots"] == 8
    assert backend.run(qobj, validate_qobj=True).qobj().config.shots == 9
    assert backend.run(device_bell, validate_qobj=False, shots=3)


@pytest.mark.parametrize("level", ["global", "hub", "group", "project", "none"])
def test_share_levels_are_accepted(backend, device_bell, level):
    assert backend.run(device_bell, job_share_level=level, shots=5).share_level() == "none"


def test_header_and_its_other_name(backend, device_bell):
    for options in ({"header": {"who": "me"}}, {"qobj_header": {"who": "me"}}):
        job = backend.run(device_bell, shots=5, **options)
        assert job.header()["who"] == "me"
        assert job.header()["backend_version"] == backend.configuration().backend_version
        assert job.result().header.who == "me"


def test_live_data_is_requested(backend, device_bell):
    job = backend.run(device_bell, shots=5, live_data_enabled=True)
    assert job.live_data_enabled_ is True
    assert backend.run(device_bell, shots=5).live_data_enabled_ is False


def test_noise_and_schedule_of_an_emulated_device(backend, device_bell):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        quiet = backend.run(device_bell, shots=400, noise="none").result()
        soon = backend.run(device_bell, shots=4, scheduling_method="as_soon_as_possible").result()
    assert set(quiet.get_counts()) == {"00", "11"}
    metadata = quiet.results[0].metadata
    assert (metadata["noise"], metadata["noise_model"]) == (False, "none")
    assert soon.results[0].metadata["scheduling_method"] == "asap"
    for options in ({"noise": "ideal"}, {"scheduling_method": "late"}):
        with pytest.raises(IBMQJobFailureError, match=f"option {next(iter(options))} is"):
            backend.run(device_bell, shots=4, **options).result()


def test_simulator_options_methods_and_noise(provider, simulator, bell):
    job = simulator.run(
        bell, backend_options={"seed_simulator": 3, "wobble": 1}, seed_simulator=4, shots=50
    )
    assert job.backend_options()["seed_simulator"] == 4
    assert job.backend_options()["wobble"] == 1
    stabilizer = provider.get_backend("simulator_stabilizer")
    assert stabilizer.run(bell, shots=5).backend_options()["method"] == "stabilizer"
    noise = NoiseModel()
    noise.add_all_qubit_quantum_error(depolarizing_error(0.5, 2), "cx")
    for given in (noise, noise.to_dict(serializable=True)):
        counts = simulator.run(bell, noise_model=given, shots=400).result().get_counts()
        assert set(counts) == {"00", "01", "10", "11"}
    assert set(simulator.run(bell, shots=400).result().get_counts()) == {"00", "11"}


@pytest.mark.filterwarnings("ignore:The function ``qiskit.execute_function:DeprecationWarning")
def test_execute_passes_its_options(backend, simulator, bell):
    assert sum(execute(bell, backend, shots=21).result().get_counts().values()) == 21
    job = execute(bell, simulator, shots=21, seed_simulator=7, memory=True)
    assert len(job.result().get_memory()) == 21
    assert job.backend_options()["seed_simulator"] == 7


def test_slots_and_frequencies_of_single_schedules(armonk, flip):
    placed = transpile(flip, armonk)
    drive = armonk.configuration().drive(0)
    moved = armonk.defaults().qubit_freq_est[0] + 1e6
    job = armonk.run(
        [schedule(placed, armonk)] * 2,
        schedule_los=[{drive: moved}, {drive: moved + 1e6}],
        memory_slot_size=50,
        shots=5,
    )
    qobj = job.qobj()
    frequencies = [each.config.qubit_lo_freq[0] * 1e9 for each in qobj.experiments]
    assert frequencies == [pytest.approx(moved), pytest.approx(moved + 1e6)]
    assert qobj.config.memory_slot_size == 50
